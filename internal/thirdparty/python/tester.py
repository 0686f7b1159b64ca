"""Runs scim2-tester's whole checker: tester.py BASE_URL TOKEN.

It runs as it comes, and again for users with examples of real values. The checker
fills x509Certificates.value with random bytes and addresses.country with random
text, which RFC 7643 section 4.1.2 does not allow, and the checks of a fully
populated user end there; with examples they go on.
"""

import sys

from connect import connect
from report import Report
from scim2_tester import Status
from scim2_tester import check_server

CERTIFICATE = (
    "MIIBMjCB5aADAgECAhQz0tP+Rk9uxsn/fDP13jkU608nSzAFBgMrZXAwDjEMMAoGA1UEAwwDYWRh"
    "MCAXDTI2MTEyNjA0MzU1MloYDzIxMjYxMTAyMDQzNTUyWjAOMQwwCgYDVQQDDANhZGEwKjAFBgMr"
    "ZXADIQD2R0ZK4OMcW2zYke/vDK7Xz7KvIq4mziQ61jxBNj3d/6NTMFEwHQYDVR0OBBYEFOxFZ4iQ"
    "phhNLSiMRyoBv2G2UHsQMB8GA1UdIwQYMBaAFOxFZ4iQphhNLSiMRyoBv2G2UHsQMA8GA1UdEwEB"
    "/wQFMAMBAf8wBQYDK2VwA0EAgTXxxCBn80bQ8Z8I74wyM9RJw8mz3zm7PctTD0jz9qI/YgYRNqYh"
    "haq5jHpqQMO06XTb3tSMy3Nhv6v9awCTAA=="
)


def run(report, prefix, scim, **which):
    for result in check_server(scim, **which):
        of = result.data.get("urn", "") if isinstance(result.data, dict) else ""
        name = " ".join(filter(None, [prefix, result.resource_type, result.title, of]))
        report.add(name, result.status in (Status.SUCCESS, Status.COMPLIANT), f"{result.status.name}: {result.reason}")


def with_real_values(scim):
    user = scim.get_resource_model("User")
    user.get_field_root_type("x_509_certificates").model_fields["value"].examples = [CERTIFICATE]
    user.get_field_root_type("addresses").model_fields["country"].examples = ["GB"]
    return scim


report = Report()
run(report, "", connect(*sys.argv[1:3]))
run(report, "real values", with_real_values(connect(*sys.argv[1:3])), resource_types=["User"])
report.done()
