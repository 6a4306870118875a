"""The guide to the event feed runs as it is printed, and what it promises is what is answered."""

import json

import pytest

from tests.support import feed
from tests.support.guides import SHELLS, read_scripts, run_script
from tests.support.http_server import serve

TENANT = "35b53e48-c4b6-474d-bcc2-9fdb4a3e281a"


@pytest.mark.parametrize("shell", SHELLS)
def test_the_second_page_has_only_what_happened_since(shell):
    (script,) = read_scripts("events")
    with serve() as (service, base):
        subscription = feed.a_subscription(tenant_id=TENANT)
        partners, tenants = [feed.a_partner("org_northlight")], [feed.a_tenant(tenant_id=TENANT)]
        feed.write(service.rows, partners, tenants, [subscription])

        printed = run_script(script, shell=shell, BASE=base)

    page = json.loads(printed)
    assert [event["type"] for event in page["data"]] == ["comment.added"]
    assert page["next"] and page["more"] is False
