"""The guide to webhooks runs as it is printed, with few calls, and real signatures over HTTP."""

import json
import re

from tests.support import feed
from tests.support.guides import read_scripts, run_script
from tests.support.http_server import serve

NAME = "webhooks"
MOST_CALLS = 5  # from `make run` to a verified webhook (integration.md, 6)


def test_a_newcomer_has_a_verified_webhook_within_five_calls():
    (script,) = read_scripts(NAME)
    with serve() as (service, base):
        partner = feed.a_partner("org_northlight").evolve(domains=("northlight.example",))
        feed.write(service.rows, [partner])

        printed = run_script(script, BASE=base)

    shown = json.loads(printed)
    assert len(re.findall(r"\bcurl\b", script)) <= MOST_CALLS
    assert [message["verified"] for message in shown["data"]] == [True]
    assert json.loads(shown["data"][0]["body"])["type"] == "webhook.test"
