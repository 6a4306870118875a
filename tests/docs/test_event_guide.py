"""The guide to the event feed runs as it is printed, and what it promises is what is answered."""

import json
import re
import subprocess

from tests.docs.test_webhook_guide import GUIDE as WEBHOOKS
from tests.support import feed
from tests.support.http_server import serve

GUIDE = WEBHOOKS.with_name("events.md")
TENANT = "35b53e48-c4b6-474d-bcc2-9fdb4a3e281a"


def test_the_second_page_has_only_what_happened_since():
    (script,) = re.findall(r"```sh\n(.+?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    with serve() as (service, base):
        subscription = feed.a_subscription(tenant_id=TENANT)
        partners, tenants = [feed.a_partner("org_northlight")], [feed.a_tenant(tenant_id=TENANT)]
        feed.write(service.rows, partners, tenants, [subscription])

        done = subprocess.run(
            ["bash", "-c", script],
            env={"BASE": base, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )

    page = json.loads(done.stdout)
    assert [event["type"] for event in page["data"]] == ["comment.added"]
    assert page["next"] and page["more"] is False
