curl -sS https://YOUR_PORTAL_OR_ENTERPRISE_DOMAIN/scim/v2/Users \
-H 'Authorization: Bearer scim_your_token_here' \
-H 'Accept: application/scim+json'
