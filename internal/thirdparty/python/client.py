"""Drives the server with scim2-client: client.py BASE_URL TOKEN.

The client holds every answer against the models that the server publishes:
status codes, content types, characteristics of every attribute. What the
server may leave out is used where it is announced, and has to be refused or
left aside otherwise.
"""

import sys

from connect import connect
from report import Report
from report import equal
from scim2_models import BulkOperation
from scim2_models import BulkRequest
from scim2_models import PatchOp
from scim2_models import PatchOperation
from scim2_models import Path
from scim2_models import SCIMException
from scim2_models import SearchRequest

CROWD = 7
scim = connect(*sys.argv[1:3])
config = scim.provider.config
User = scim.get_resource_model("User")
Group = scim.get_resource_model("Group")
Members = Group.get_field_root_type("members")
crowd = 'displayName eq "Crowd"'


def refused(status, scim_type, call):
    try:
        call()
    except SCIMException as e:
        equal((status, scim_type), (e.status, e.scim_type or None), f"refused with {e}")
    else:
        raise AssertionError("the server accepted it")


def names(filter=None, **query):
    found = scim.query(User, query_parameters=SearchRequest(filter=filter, **query))
    return [user.user_name for user in found.resources or []]


def patched(*operations):
    patch = PatchOp[User](operations=[PatchOperation(op=op, path=path, value=value) for op, path, value in operations])
    return scim.modify(User, eve.id, patch) or scim.query(User, eve.id)


def create_crowd():
    for i in range(CROWD):
        scim.create(User(user_name=f"folk-{i}", display_name="Crowd", title=f"T{CROWD - i}"))


def page():
    found = scim.query(User, query_parameters=SearchRequest(filter=crowd, start_index=3, count=2))
    equal((CROWD, 3, 2), (found.total_results, found.start_index, found.items_per_page), "totalResults, startIndex, itemsPerPage")


def cursor():
    first = SearchRequest(filter=crowd, count=3, cursor="")
    found = scim.query(User, query_parameters=first)
    if not config.pagination.cursor:
        equal(CROWD, found.total_results, "totalResults, the cursor left aside")
        return
    seen = [user.id for user in found.resources]
    while found.next_cursor:
        found = scim.query(User, query_parameters=SearchRequest(filter=crowd, count=3, cursor=found.next_cursor))
        seen += [user.id for user in found.resources]
    equal((CROWD, CROWD), (len(seen), len(set(seen))), "users, different users")


def sort():
    found = names(crowd, sort_by=Path("title"), sort_order=SearchRequest.SortOrder.ascending)
    equal(CROWD, len(found), "users")
    if config.sort.supported:
        equal([f"folk-{i}" for i in reversed(range(CROWD))], found, "the order")


def search():
    found = scim.search(User, search_request=SearchRequest(filter=crowd, count=2))
    equal((CROWD, 2), (found.total_results, len(found.resources)), "totalResults and users")


def search_all():
    found = scim.search(search_request=SearchRequest(filter=f'id eq "{eve.id}" or displayName eq "Folks"'))
    equal({"User", "Group"}, {resource.meta.resource_type for resource in found.resources}, "types")


def bulk():
    operations = [
        BulkOperation[User](method="POST", path="/Users", bulk_id="one", data=User(user_name="bulky")),
        BulkOperation[Group](method="POST", path="/Groups", bulk_id="two", data=Group(display_name="Bulk", members=[Members(value="bulkId:one", type="User")])),
        BulkOperation[User](method="DELETE", path=f"/Users/{eve.id}x"),
    ]
    answer = scim.bulk(BulkRequest[User | Group](operations=operations))
    equal(["201", "201", "404"], [str(operation.status) for operation in answer.operations], "statuses")
    group = scim.query(Group, answer.operations[1].location.rsplit("/", 1)[1])
    equal(answer.operations[0].location.rsplit("/", 1)[1], group.members[0].value, "the member")
    scim.delete(Group, group.id)


def not_announced_bulk():
    answer = scim.request("POST", "/Bulk", json={"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": []})
    equal(501, answer.status_code, "status")


def stale():
    global eve
    before = scim.query(User, eve.id)
    eve = scim.query(User, eve.id)
    eve.title = "Changed"
    eve = scim.replace(eve)
    before.title = "Lost"
    refused(412, None, lambda: scim.replace(before))


def members():
    group = scim.create(Group(display_name="Folks", members=[Members(value=eve.id, type="User")]))
    equal([eve.id], [member.value for member in group.members], "members")
    equal([group.id], [of.value for of in scim.query(User, eve.id).groups], "groups")


def delete_all():
    for model in (User, Group):
        for resource in scim.query(model).resources or []:
            scim.delete(model, resource.id)
        equal(0, scim.query(model).total_results, f"{model.__name__} left")


report = Report()
eve = scim.create(User(user_name="eve", display_name="Eve", active=True, emails=[{"value": "eve@acme.example", "type": "work", "primary": True}]))
report.check("create a crowd", create_crowd)
report.check("error 409 for a name in use", lambda: refused(409, "uniqueness", lambda: scim.create(User(user_name="EVE"))))
report.check("error 404 for an unknown id", lambda: refused(404, None, lambda: scim.query(User, "nobody")))
for filter, want in {
    'userName eq "EVE"': ["eve"],
    'emails[type eq "work" and value ew "acme.example"]': ["eve"],
    'displayName eq "Crowd" and (title eq "T1" or title eq "T2") and not (userName co "5")': ["folk-6"],
    'userName sw "eve" and title pr': [],
    'emails.primary eq true and meta.created gt "2011-05-13T04:42:34Z"': ["eve"],
}.items():
    report.check(f"filter {filter}", lambda: equal(want, names(filter), "users"))
report.check("list a page in the middle", page)
report.check("list by cursor", cursor)
report.check("sort", sort)
report.check("group and its member", members)
report.check("search by POST", search)
report.check("search by POST of all types", search_all)
report.check("bulk", bulk if config.bulk.supported else not_announced_bulk)
report.check("patch add", lambda: equal("Evie", patched(("add", "nickName", "Evie")).nick_name, "nickName"))
report.check("patch replace by value path", lambda: equal("evie@acme.example", patched(("replace", 'emails[type eq "work"].value', "evie@acme.example")).emails[0].value, "emails"))
report.check("patch remove", lambda: equal(None, patched(("remove", "nickName", None)).nick_name, "nickName"))
report.check("etag replace of a stale version", stale)
report.check("delete everything", delete_all)
report.done()
