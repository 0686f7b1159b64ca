"""A scim2-client that knows the server by what its discovery endpoints say."""

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient


def connect(base, token):
    scim = SyncSCIMClient(Client(base_url=base, headers={"Authorization": f"Bearer {token}"}))
    scim.discover()
    return scim
