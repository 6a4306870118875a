"""What administrators send about webhook endpoints: addresses in any spelling, and times."""

import pytest

from chalicelib.net.webhook_sender import HttpWebhookSender
from tests.journeys.test_webhooks import Setup
from tests.support.receiver import URL

IN_PROCESS_ONLY = True


@pytest.fixture
def setup(local_service) -> Setup:
    return Setup(local_service)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("HTTPS://ERP.Partner.Example/Hooks?Key=A", "https://erp.partner.example/Hooks?Key=A"),
        ("Https://erp.partner.example:8443/", "https://erp.partner.example:8443/"),
        ("https://ERP.PARTNER.EXAMPLE/", "https://erp.partner.example/"),
        (
            "https://erp.partner.example/a?to=HTTPS://B",
            "https://erp.partner.example/a?to=HTTPS://B",
        ),
    ],
)
def test_scheme_and_host_may_have_any_case(setup, sent, stored):
    setup.receiver.find_fault = HttpWebhookSender().find_fault

    made = setup.create(url=sent)

    assert (made.status, made.json["url"]) == (201, stored)
    assert setup.receiver.requests[0].url == stored


def test_another_case_is_not_another_address(setup):
    made = setup.create().json
    headers = {"If-Match": '"1"', "Content-Type": "application/merge-patch+json"}

    changed = setup.service.call(
        "PATCH",
        f"/v1/webhook-endpoints/{made['id']}",
        {"url": URL.replace("https://erp", "HTTPS://Erp")},
        by=setup.admin,
        headers=headers,
    )

    assert (changed.json["url"], changed.json["state"]) == (URL, "enabled")


@pytest.mark.parametrize(
    "url",
    [
        "HTTP://erp.partner.example/",
        "HTTPS://127.0.0.1/",
        "HTTPS://0X7F000001/",
        "HTTPS://LOCALHOST/",
        "HTTPS://[::1]/",
        "HTTPS://ERP.PARTNER.EXAMPLE@127.0.0.1/",
        "HTTPS://ERP.PARTNER.EXAMPLE:PASS@erp.partner.example/",
        "HTTPS://ERP.PARTNER.EXAMPLE\\@127.0.0.1/",
        "HTTPS://ERP.PARTNER.EXAMPLE:22/",
        "HTTPS://\u212a.partner.example/",
        "HTTPS:/ERP.PARTNER.EXAMPLE/",
        "HTTPS://ERP.PARTNER.EXAMPLE",
        " HTTPS://erp.partner.example/",
    ],
)
def test_no_case_makes_a_refused_address_one_that_is_called(setup, url):
    setup.receiver.find_fault = HttpWebhookSender().find_fault

    refused = setup.create(url=url)

    found = [(one["code"], one["pointer"]) for one in refused.json["errors"]]
    assert (refused.status, found) == (422, [("url_not_allowed", "/url")])
    assert setup.receiver.requests == []


@pytest.mark.parametrize(
    "body",
    [
        {"since": "2020-01-02T00:00:00Z", "until": "2020-01-01T23:59:59Z"},
        {"since": "2020-01-01T01:00:00+02:00", "until": "2019-12-31T22:59:59Z"},
        {"since": "2099-01-01T00:00:00Z"},
        {"since": "2099-01-01T00:00:00Z", "until": "2099-02-01T00:00:00Z"},
    ],
)
def test_a_replay_of_no_time_is_refused(setup, body):
    made = setup.create().json

    refused = setup.act(made["id"], "replay", body)

    found = [(one["code"], one["pointer"]) for one in refused.json["errors"]]
    assert (refused.status, found) == (422, [("invalid_value", "/since")])


def test_a_replay_may_end_in_the_moment_in_which_it_begins(setup):
    made, moment = setup.create().json, "2020-01-01T00:00:00Z"

    replayed = setup.act(made["id"], "replay", {"since": moment, "until": moment})

    assert replayed.status == 202
