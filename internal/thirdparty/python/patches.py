"""Holds the server's PATCH against that of scim2-models: patches.py BASE_URL TOKEN.

Every case of patches.json is applied to the same user by both. They agree when
the results are equal, or when both refuse it and its name says so.
"""

import json
import sys
from pathlib import Path

from connect import connect
from report import Report
from report import equal
from scim2_models import Context
from scim2_models import PatchOp

PATCHES = json.loads((Path(__file__).parent.parent / "patches.json").read_text())
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SERVERS_OWN = ("id", "meta", "schemas")
scim = connect(*sys.argv[1:3])
User = scim.get_resource_model("User")


def plain(resource):
    """What a patch is about, in one form: nothing unassigned, values of many in one order."""
    if isinstance(resource, dict):
        parts = {name: plain(value) for name, value in resource.items() if name not in SERVERS_OWN}
        return {name: value for name, value in parts.items() if value not in (None, {}, [])}
    if isinstance(resource, list):
        return sorted((plain(value) for value in resource), key=lambda value: json.dumps(value, sort_keys=True))
    return resource


def theirs(before, patch):
    user = User.model_validate(before, scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    try:
        PatchOp[User].model_validate(patch, scim_ctx=Context.RESOURCE_PATCH_REQUEST).patch(user)
    except Exception as e:
        return f"refused: {' '.join(str(e).split())}"
    return plain(user.model_dump())


def ours(url, patch):
    answer = scim.request("PATCH", url, json=patch, headers={"Content-Type": "application/scim+json"})
    if answer.status_code >= 400:
        return f"refused: {answer.text}"
    return plain(scim.request("GET", url).json())


def agree(name, operations):
    user = scim.create(User.model_validate(PATCHES["user"], scim_ctx=Context.RESOURCE_CREATION_REQUEST))
    try:
        url = f"/Users/{user.id}"
        before = scim.request("GET", url).json()
        patch = {"schemas": [PATCH_SCHEMA], "Operations": operations}
        expected, got = theirs(before, patch), ours(url, patch)
        if isinstance(expected, str) and isinstance(got, str):
            expected, got = plain(before), plain(scim.request("GET", url).json())
            equal(True, name.startswith("refused: "), "both refuse it, it should be")
        equal(expected, got, "the library's result and the server's")
    finally:
        scim.delete(User, user.id)


report = Report()
for name, operations in PATCHES["cases"].items():
    report.check(name, lambda: agree(name, operations))
report.done()
