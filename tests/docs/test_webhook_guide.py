"""The guide to webhooks runs as it is printed, with few calls, and real signatures over HTTP."""

import json
import re
import subprocess

from tests.support import feed
from tests.support.http_server import serve
from tests.support.source_tree import ROOT

NAME = "webhooks"
GUIDE = ROOT / "docs" / "guides" / f"{NAME}.md"
MOST_CALLS = 5  # from `make run` to a verified webhook (integration.md, 6)


def read_script() -> str:
    """Return the commands that the guide tells a newcomer to paste."""
    (script,) = re.findall(r"```sh\n(.+?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(script)


def test_a_newcomer_has_a_verified_webhook_within_five_calls():
    script = read_script()
    with serve() as (service, base):
        partner = feed.a_partner("org_northlight").evolve(domains=("northlight.example",))
        feed.write(service.rows, [partner])

        done = subprocess.run(
            ["bash", "-c", script],
            env={"BASE": base, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )

    shown = json.loads(done.stdout)
    assert len(re.findall(r"\bcurl\b", script)) <= MOST_CALLS
    assert [message["verified"] for message in shown["data"]] == [True]
    assert json.loads(shown["data"][0]["body"])["type"] == "webhook.test"
