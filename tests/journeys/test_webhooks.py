"""Webhook endpoints: managed by administrators, and what is posted to them (integration.md, 3)."""

from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib.domain.webhook_endpoint import MAX_ENDPOINTS, MOST_ATTEMPTS
from chalicelib.usecases.due_work import run_due_work
from tests.support import feed
from tests.support.receiver import CONTACT, URL, Receiver, respond_with, take

IN_PROCESS_ONLY = True


class Setup:
    """A service with a receiver, and a customer whose first partner has an endpoint."""

    def __init__(self, service: Any) -> None:
        self.service, self.receiver = service, Receiver()
        service.exchange(webhooks=self.receiver.port)
        self.customer = service.customer()
        self.admin = self.customer.by(1)
        partner = feed.a_partner(self.customer.partner(1), f"45{1:05d}")
        feed.write(service.rows, [partner.evolve(domains=("partner.example",))])

    def create(self, **changes: Any) -> Any:
        body = {"url": URL, "contact": CONTACT} | changes
        return self.service.call("POST", "/v1/webhook-endpoints", body, by=self.admin)

    def deliver(self, endpoint_id: str) -> None:
        services = self.service.services
        run_due_work(services, endpoint_id, services.clock.now())

    def show(self, endpoint_id: str) -> Any:
        return self.service.get(f"/v1/webhook-endpoints/{endpoint_id}", by=self.admin)

    def feed_ids(self) -> list[str]:
        page = self.service.get("/v1/events?limit=100", by=self.admin)
        return [one["id"] for one in page["data"]]

    def act(self, endpoint_id: str, act: str, body: Any = None) -> Any:
        path = f"/v1/webhook-endpoints/{endpoint_id}/{act}"
        return self.service.call("POST", path, body, by=self.admin)


@pytest.fixture
def setup(local_service) -> Setup:
    return Setup(local_service)


def test_an_endpoint_is_proven_by_its_first_success_and_gets_every_event(setup):
    made = setup.create().json
    setup.customer.file()
    setup.service.settle()

    setup.deliver(made["id"])

    assert made["state"] == "enabled"
    assert made["secret"].startswith("whsec_")
    assert setup.receiver.taken[0]["type"] == "webhook.test"
    assert setup.receiver.ids == setup.feed_ids()
    assert setup.show(made["id"])["waiting"] == 0


def test_an_event_is_the_same_in_feed_and_webhook(setup):
    made = setup.create().json
    setup.customer.file()
    setup.service.settle()

    setup.deliver(made["id"])

    page = setup.service.get("/v1/events?limit=100", by=setup.admin)["data"]
    assert [one for one in setup.receiver.taken if one["type"] != "webhook.test"] == page


def test_an_unproven_endpoint_gets_tests_only_until_one_is_taken(setup):
    setup.receiver.respond = respond_with(500)
    made = setup.create().json
    setup.customer.file()
    setup.deliver(made["id"])
    failed = setup.act(made["id"], "test").json

    setup.receiver.respond = take
    passed = setup.act(made["id"], "test").json
    setup.deliver(made["id"])

    assert made["state"] == "unproven"
    assert (failed["delivered"], failed["reason"]) == (False, "status_500")
    assert passed["delivered"]
    assert setup.receiver.ids == setup.feed_ids()[-len(setup.receiver.ids) :]
    assert setup.receiver.ids


def test_a_repeat_derives_the_secret_again_and_no_receipt_holds_it(setup):
    body = {"url": URL, "contact": CONTACT}
    path = "/v1/webhook-endpoints"

    first = setup.service.call("POST", path, body, by=setup.admin, key="one")
    again = setup.service.call("POST", path, body, by=setup.admin, key="one")

    assert (first.status, again.status) == (201, 201)
    assert first.json["secret"] == again.json["secret"]
    assert again.headers["Idempotent-Replayed"] == "true"
    rows = setup.service.rows._client.scan(TableName="cpor", ConsistentRead=True)["Items"]
    assert first.json["secret"].removeprefix("whsec_") not in repr(rows)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"url": "http://erp.partner.example/"}, "/url", "url_not_allowed"),
        ({"contact": "ops@elsewhere.example"}, "/contact", "contact_not_own"),
        ({"types": ["claim.*", "claim.eaten"]}, "/types/1", "unknown_event_type"),
        ({"secret": "mine"}, "/secret", "unknown_field"),
        ({"start": "yesterday"}, "/start", "not_one_of"),
    ],
)
def test_an_endpoint_that_would_be_wrong_is_refused(setup, changes, pointer, code):
    refused = setup.create(**changes)

    assert refused.status == 422
    found = {(one["code"], one["pointer"].split("/literal")[0]) for one in refused.json["errors"]}
    assert (code, pointer) in found or pointer == "/start"
    assert setup.receiver.requests == []


def test_a_partner_has_five_endpoints(setup):
    for _ in range(MAX_ENDPOINTS):
        assert setup.create().status == 201

    full = setup.create()

    assert (full.status, full.json["code"]) == (409, "too_many_endpoints")


def test_types_choose_what_is_posted(setup):
    made = setup.create(types=["claim.*"]).json
    setup.customer.file()
    setup.service.settle()

    setup.deliver(made["id"])

    types = {one["type"] for one in setup.receiver.taken} - {"webhook.test"}
    assert types
    assert all(one.startswith("claim.") for one in types)


def test_a_dead_receiver_gets_one_request_a_step_and_is_disabled_with_mails(setup):
    made = setup.create().json
    setup.receiver.respond = respond_with(500)
    before = len(setup.receiver.requests)

    setup.customer.file()
    setup.deliver(made["id"])
    setup.service.advance("P4D")

    sent = len(setup.receiver.requests) - before
    assert MOST_ATTEMPTS <= sent <= 12
    assert setup.show(made["id"])["state"] == "disabled"
    kinds = [one["kind"] for one in setup.service.get("/sandbox/mail")["data"]]
    assert (kinds.count("webhook_failing"), kinds.count("webhook_disabled")) == (1, 1)


def test_a_receiver_that_returns_gets_everything_from_where_it_stopped(setup):
    made = setup.create().json
    setup.receiver.respond = respond_with(500)
    setup.customer.file()
    setup.service.settle()
    setup.deliver(made["id"])
    setup.service.advance("P4D")

    setup.receiver.respond = take
    enabled = setup.act(made["id"], "enable", {})
    setup.deliver(made["id"])

    assert enabled.json["state"] == "enabled"
    assert sorted(setup.receiver.ids) == setup.feed_ids()


def test_a_failing_receiver_that_returns_by_itself_gets_everything(setup):
    made = setup.create().json
    setup.receiver.respond = respond_with(503)
    setup.customer.file()
    setup.service.settle()
    setup.deliver(made["id"])
    setup.service.advance("PT2H")
    failing = setup.show(made["id"])

    setup.receiver.respond = take
    setup.service.advance("P1D")

    assert failing["state"] == "failing"
    assert failing["last_failure"]["reason"] == "status_503"
    assert failing["waiting"] > 0
    assert sorted(setup.receiver.ids) == setup.feed_ids()
    assert setup.show(made["id"])["state"] == "enabled"


def test_one_bad_event_is_set_aside_and_the_others_go_on(setup):
    made = setup.create().json
    fail = respond_with(500)
    setup.receiver.respond = lambda event: (fail if event.get("seq") == 2 else take)(event)

    setup.customer.file()
    setup.deliver(made["id"])
    setup.service.advance("PT10M")
    others = set(setup.receiver.ids)
    state = setup.show(made["id"])["state"]
    setup.receiver.respond = take
    setup.service.advance("PT1H")

    bad = setup.feed_ids()[1]
    assert others == set(setup.feed_ids()) - {bad}
    assert state == "enabled"
    assert bad in setup.receiver.ids


def test_a_receiver_that_is_gone_is_disabled_at_once(setup):
    made = setup.create().json
    setup.receiver.respond = respond_with(410)

    setup.customer.file()
    setup.deliver(made["id"])

    assert setup.show(made["id"])["state"] == "disabled"
    assert len(setup.receiver.requests) == 2


def test_nothing_is_sent_again_to_an_address_that_was_not_proven(setup):
    """Otherwise a partner posts what it likes, as often as it likes, to somebody else."""
    made = setup.create().json
    setup.customer.file()
    setup.service.settle()
    setup.deliver(made["id"])
    event_id, posted = setup.receiver.ids[-1], len(setup.receiver.requests)
    path = f"/v1/webhook-endpoints/{made['id']}"
    match = setup.service.call("GET", path, by=setup.admin).etag
    change = {"url": "https://victim.example/hooks"}
    setup.service.call("PATCH", path, change, by=setup.admin, match=match)

    again = setup.act(made["id"], f"deliveries/{event_id}/resend")

    assert again.status == 409
    assert len(setup.receiver.requests) == posted


def test_deliveries_are_listed_and_sent_again(setup):
    made = setup.create().json
    setup.customer.file()
    setup.service.settle()
    setup.deliver(made["id"])

    path = f"/v1/webhook-endpoints/{made['id']}/deliveries"
    first = setup.service.get(f"{path}?limit=2", by=setup.admin)
    rest = setup.service.get(f"{path}?limit=100&cursor={first['next']}", by=setup.admin)
    event_id = first["data"][0]["event_id"]
    again = setup.act(made["id"], f"deliveries/{event_id}/resend")

    ids = [one["event_id"] for one in (*first["data"], *rest["data"])]
    assert ids == sorted(setup.feed_ids(), reverse=True)
    assert again.json["delivered"]
    assert setup.receiver.ids.count(event_id) == 2
    shown = setup.service.get(path, by=setup.admin)["data"][0]
    assert [one["status"] for one in shown["attempts"]] == [200, 200]


@pytest.mark.parametrize("wanted", ["claim.*", "claim.created,claim.submitted"])
def test_deliveries_are_chosen_by_type_as_events_are(setup, wanted):
    made = setup.create().json
    setup.customer.file()
    setup.service.settle()
    setup.deliver(made["id"])
    path = f"/v1/webhook-endpoints/{made['id']}/deliveries?type="

    chosen = setup.service.get(path + wanted, by=setup.admin)["data"]
    unknown = setup.service.call("GET", f"{path}claim.bogus", by=setup.admin)

    events = setup.service.get(f"/v1/events?limit=100&type={wanted}", by=setup.admin)["data"]
    assert {one["event_id"] for one in chosen} == {one["id"] for one in events} != set()
    assert {one["type"] for one in chosen} == {"claim.created", "claim.submitted"}
    assert (unknown.status, unknown.json["errors"][0]["code"]) == (422, "unknown_event_type")


def test_a_replay_posts_the_events_of_a_time_again(setup):
    made = setup.create().json
    setup.customer.file()
    setup.service.settle()
    setup.deliver(made["id"])
    known = list(setup.receiver.ids)
    setup.service.advance("PT1H")
    other = setup.service.customer()
    assert other

    replayed = setup.act(made["id"], "replay", {"since": "2020-01-01T00:00:00Z"})
    setup.deliver(replayed.json["id"])

    assert replayed.status == 202
    assert setup.receiver.ids[: len(known)] == known
    assert sorted(setup.receiver.ids[len(known) :]) == sorted(setup.feed_ids())


def test_an_endpoint_is_changed_by_its_version_and_another_address_is_proven_again(setup):
    made = setup.create().json
    path = f"/v1/webhook-endpoints/{made['id']}"

    def change(body: Any, version: int) -> Any:
        headers = {"If-Match": f'"{version}"', "Content-Type": "application/merge-patch+json"}
        return setup.service.call("PATCH", path, body, by=setup.admin, headers=headers)

    described = change({"description": "ERP"}, 1)
    stale = change({"description": "x"}, 1)
    moved = change({"url": "https://other.partner.example/"}, 2)

    assert (described.json["description"], described.json["state"]) == ("ERP", "enabled")
    assert stale.status == 412
    assert moved.json["state"] == "unproven"


def test_a_deleted_endpoint_is_gone(setup):
    made = setup.create().json
    path = f"/v1/webhook-endpoints/{made['id']}"

    deleted = setup.service.call("DELETE", path, by=setup.admin)
    setup.deliver(made["id"])

    assert deleted.status == 204
    assert setup.service.call("GET", path, by=setup.admin).status == 404
    assert setup.service.get("/v1/webhook-endpoints", by=setup.admin)["data"] == []


def test_a_disabled_endpoint_gets_nothing_until_it_is_enabled(setup):
    made = setup.create().json
    disabled = setup.act(made["id"], "disable")
    setup.customer.file()
    setup.service.settle()
    setup.deliver(made["id"])
    nothing = list(setup.receiver.ids)

    setup.act(made["id"], "enable", {"from": "now"})
    setup.deliver(made["id"])

    assert disabled.json["state"] == "disabled"
    assert nothing == setup.receiver.ids == []


def test_a_secret_lives_until_its_own_end_also_after_another_rotation(setup):
    made = setup.create().json
    second = setup.act(made["id"], "rotate-secret", {"overlap": "P2D"}).json
    third = setup.act(made["id"], "rotate-secret", {"overlap": "PT0S"}).json

    setup.act(made["id"], "test")

    request = setup.receiver.requests[-1]
    for secret in (made["secret"], third["secret"]):
        Webhook(secret).verify(request.body, dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(second["secret"]).verify(request.body, dict(request.headers))


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("rotate-secret", {"overlap": "PT1H"}),
        ("replay", {"since": "2020-01-01T00:00:00Z"}),
        ("enable", {"from": "now"}),
    ],
)
def test_an_act_that_is_repeated_with_its_key_is_done_once(setup, act, body):
    made = setup.create().json
    path = f"/v1/webhook-endpoints/{made['id']}/{act}"

    first = setup.service.call("POST", path, body, by=setup.admin, key="twice")
    setup.service.advance("PT1M")
    again = setup.service.call("POST", path, body, by=setup.admin, key="twice")

    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
