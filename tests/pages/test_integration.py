"""API keys and webhook endpoints on their pages: made, shown once, replaced, and looked after."""

import re

import pytest
from standardwebhooks import Webhook

from chalicelib.usecases.due_work import run_due_work
from tests.support import feed
from tests.support.html_checks import find_faults
from tests.support.pages import sign_in
from tests.support.receiver import CONTACT, URL, Receiver, respond_with, take

PAGE = "/portal/integration"


@pytest.fixture
def receiver(service, customer):
    """Return a receiver of everything that the first partner's endpoints are sent."""
    made = Receiver()
    service.exchange(webhooks=made.port)
    partner = feed.a_partner(customer.partner(1), f"45{1:05d}")
    feed.write(service.rows, [partner.evolve(domains=("partner.example",))])
    return made


@pytest.fixture
def endpoint(service, customer, receiver, browser):
    """Return the id of an endpoint that was made on the page, which stays open."""
    make_endpoint(browser)
    return service.get("/v1/webhook-endpoints", by=customer.by())["data"][0]["id"]


def make_endpoint(browser, expect=200, **changes):
    browser.open(f"{PAGE}/endpoints/new")
    browser.submit("Add it", expect=expect, **{"url": URL, "contact": CONTACT} | changes)


def make_key(browser, **changes):
    browser.open(f"{PAGE}/keys/new")
    browser.submit("Make the key", **{"name": "ERP", "role": "incentives_user"} | changes)
    (key,) = re.findall(r"cpk_local_\w+", browser.page.text)
    return key


def find_link(browser, text):
    return next(href for href, shown in browser.page.links if text in shown)


def test_a_key_is_shown_once_and_works(service, browser):
    key = make_key(browser, from_addresses="192.0.2.7, 198.51.100.0/24; 2001:db8::/32")

    assert "shown now and never again" in browser.page.text
    assert find_faults(browser.reply.text) == []
    browser.open(PAGE)
    assert key not in browser.reply.text
    assert "192.0.2.7/32, 198.51.100.0/24, 2001:db8::/32" in browser.page.text


def test_a_key_that_works_everywhere_reads_the_feed(service, customer, browser):
    key = make_key(browser)

    assert service.get("/v1/events", by=key)["data"] == []
    assert service.call("GET", "/v1/api-keys", by=key).status == 403


def test_a_form_that_is_sent_twice_makes_one_key_and_shows_it_once(service, customer, browser):
    browser.open(f"{PAGE}/keys/new")
    form = next(one for one in browser.page.forms if one.action.endswith("/keys"))
    fields = form.fields | {"name": ["ERP"]}
    browser.submit_fields(form, fields)
    assert "cpk_local_" in browser.page.text

    browser.submit_fields(form, fields)

    assert "cpk_local_" not in browser.page.text
    assert "shown already" in browser.page.text
    assert len(service.get("/v1/api-keys", by=customer.by())["data"]) == 1


def test_what_is_wrong_with_a_key_stands_at_its_field(browser):
    browser.open(f"{PAGE}/keys/new")
    browser.submit(
        "Make the key",
        name="ERP",
        expires_on="2099-01-01",
        from_addresses="192.0.2.0/24, home",
        expect=422,
    )

    controls = {a.get("id"): a for _, a in browser.page.elements if "id" in a}
    assert controls["from_addresses"]["aria-invalid"] == "true"
    assert controls["from_addresses"]["value"] == "192.0.2.0/24, home"
    assert find_faults(browser.reply.text) == []


def test_a_key_is_replaced_and_the_old_one_revoked(service, customer, browser):
    old = make_key(browser, from_addresses="203.0.113.9")
    browser.open(PAGE)

    browser.open(find_link(browser, "Replace: ERP"))
    assert "takes the place of “ERP”" in browser.page.text
    browser.submit("Make the key")
    browser.open(PAGE)
    before = service.get("/v1/api-keys", by=customer.by())["data"]
    browser.submit("Revoke this key: ERP")

    assert "The key is revoked." in browser.page.text
    assert [one["from_addresses"] for one in before] == [["203.0.113.9/32"]] * 2
    states = [one["state"] for one in service.get("/v1/api-keys", by=customer.by())["data"]]
    assert sorted(states) == ["active", "revoked"]
    assert old


def test_an_endpoint_shows_its_secret_once_and_what_became_of_the_test_event(receiver, browser):
    make_endpoint(browser, types=["claim.*", "notice.*"], description="ERP")

    (secret,) = re.findall(r"whsec_\S+", browser.page.text)
    request = receiver.requests[0]
    assert Webhook(secret).verify(request.body, dict(request.headers))["type"] == "webhook.test"
    assert "The endpoint receives events from now on." in browser.page.text
    assert find_faults(browser.reply.text) == []
    browser.open(find_link(browser, "I have stored it"))
    assert secret not in browser.reply.text
    assert "Receives events" in browser.page.text
    assert "Claims, Notices to the customer" in browser.page.text


def test_an_endpoint_that_takes_no_test_event_says_why_and_is_tested_again(receiver, browser):
    receiver.respond = respond_with(500)
    make_endpoint(browser)
    assert "answered with status 500" in browser.page.text
    browser.open(find_link(browser, "I have stored it"))
    assert "Not proven yet" in browser.page.text

    browser.submit("Send a test event")
    assert "Test event: Not taken Status 500" in browser.page.text
    receiver.respond = take
    browser.submit("Send a test event")

    assert "Test event: Taken Status 200" in browser.page.text
    assert "Receives events" in browser.page.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "http://erp.partner.example/"), ("contact", "ops@elsewhere.example")],
)
def test_what_is_wrong_with_an_endpoint_stands_at_its_field(receiver, browser, field, value):
    make_endpoint(browser, 422, **{field: value, "types": ["claim.*"]})

    controls = {a.get("id"): a for _, a in browser.page.elements if "id" in a}
    assert controls[field]["aria-invalid"] == "true"
    assert controls[field]["value"] == value
    assert any(a.get("value") == "claim.*" and "checked" in a for _, a in browser.page.elements)


def test_deliveries_are_listed_with_their_attempts_and_sent_again(
    service, customer, receiver, browser, endpoint
):
    fail = respond_with(503)
    receiver.respond = lambda event: (fail if event.get("seq") == 2 else take)(event)
    customer.file()
    run_due_work(service.services, endpoint, service.services.clock.now())
    receiver.respond = take
    browser.open(f"{PAGE}/endpoints/{endpoint}?state=retrying")

    assert "Claim submitted" in browser.page.text
    assert "Status 503" in browser.page.text
    browser.submit("Send again: Claim submitted")

    assert "Sent again, and taken." in browser.page.text
    assert len(receiver.requests) > 2
    assert find_faults(browser.reply.text) == []


def test_a_secret_is_changed_with_an_overlap(receiver, browser, endpoint):
    (first,) = re.findall(r"whsec_\S+", browser.page.text)
    browser.open(f"{PAGE}/endpoints/{endpoint}")
    browser.submit("Make a new secret", overlap="PT1H")
    (second,) = re.findall(r"whsec_\S+", browser.page.text)
    assert "The previous secret signs, too: until" in browser.page.text

    browser.open(f"{PAGE}/endpoints/{endpoint}")
    browser.submit("Send a test event")

    request = receiver.requests[-1]
    for secret in (first, second):
        Webhook(secret).verify(request.body, dict(request.headers))
    assert first != second


def test_an_endpoint_is_disabled_and_goes_on_where_it_stopped(
    service, customer, receiver, browser, endpoint
):
    browser.open(f"{PAGE}/endpoints/{endpoint}")
    browser.submit("Disable it")
    assert "Nothing more is posted to it." in browser.page.text
    customer.file()
    run_due_work(service.services, endpoint, service.services.clock.now())
    assert receiver.ids == []

    browser.submit("Send events again")
    run_due_work(service.services, endpoint, service.services.clock.now())

    assert "Events are sent again." in browser.page.text
    assert receiver.ids


def test_an_endpoint_that_was_disabled_skips_to_a_day(
    service, customer, receiver, browser, endpoint
):
    customer.file()
    browser.open(f"{PAGE}/endpoints/{endpoint}")
    browser.submit("Disable it")
    service.advance("P10D")

    browser.submit("Send events again", **{"from": "day", "day": service.now()[:10]})

    waiting = service.get(f"/v1/webhook-endpoints/{endpoint}", by=customer.by())["waiting"]
    assert waiting == 0


def test_events_of_some_days_are_posted_again(service, customer, receiver, browser, endpoint):
    customer.file()
    run_due_work(service.services, endpoint, service.services.clock.now())
    known = len(receiver.ids)
    browser.open(f"{PAGE}/endpoints/{endpoint}")

    browser.submit("Send these again", since="2020-01-01", types=["claim.*"])
    service.advance("PT1H")

    assert "These events are being posted again." in browser.page.text
    again = [one["type"] for one in receiver.taken[-len(receiver.ids) + known :]]
    assert again.count("claim.submitted") >= 1


def test_an_endpoint_is_changed_and_a_stale_form_is_not_lost(
    service, customer, receiver, browser, endpoint
):
    other = sign_in(service, customer.partner(1), "incentives_admin", name="another")
    other.open(f"{PAGE}/endpoints/{endpoint}")
    browser.open(f"{PAGE}/endpoints/{endpoint}")

    browser.submit("Save", description="ERP", types=["claim.*"])
    other.submit("Save", description="Another", expect=412)

    found = service.get(f"/v1/webhook-endpoints/{endpoint}", by=customer.by())
    assert (found["description"], found["types"]) == ("ERP", ["claim.*"])
    assert 'value="Another"' in other.reply.text


def test_an_emptied_address_is_refused_and_not_passed_over(receiver, browser, endpoint):
    browser.open(f"{PAGE}/endpoints/{endpoint}")

    browser.submit("Save", url="", expect=422)

    controls = {a.get("id"): a for _, a in browser.page.elements if "id" in a}
    assert controls["url"]["aria-invalid"] == "true"


def test_an_endpoint_is_deleted(service, customer, receiver, browser, endpoint):
    browser.open(f"{PAGE}/endpoints/{endpoint}")

    browser.submit("Delete")

    assert "The endpoint is deleted." in browser.page.text
    assert service.get("/v1/webhook-endpoints", by=customer.by())["data"] == []


def test_who_is_no_administrator_has_no_such_page(service, customer, receiver, endpoint):
    browser = sign_in(service, customer.partner(1), "incentives_user")
    browser.open("/portal")

    assert "Integration" not in {text for _, text in browser.page.links}
    browser.open(PAGE, expect=403)


def test_another_partner_s_endpoint_is_not_found(service, customer, receiver, endpoint):
    rival = sign_in(service, customer.partner(2), "incentives_admin")

    rival.open(f"{PAGE}/endpoints/{endpoint}", expect=404)
