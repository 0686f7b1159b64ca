curl -sS https://YOUR_PORTAL_OR_ENTERPRISE_DOMAIN/scim/v2/ServiceProviderConfig \
-H 'Accept: application/scim+json'
