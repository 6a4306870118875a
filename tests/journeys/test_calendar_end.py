"""A notice past the end of the customer's calendar: no deadline is guessed, and the programme is
notified.
"""

import json
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.refusals import CalendarEnded
from chalicelib.runtime.queue_handlers import handle_mail_events
from chalicelib.usecases.due_work import run_due_work
from tests.support.in_process import in_process

BEFORE, AFTER = "2026-12-10T09:00:00Z", "2026-12-28T09:00:00Z"  # Sri Lanka's calendar ends in 2026


class LaterCalendars:
    """The calendars after an update, in which Sri Lanka's ends later and has other holidays."""

    def __init__(self, real):
        self.real = real

    def end_of_day(self, start, days, region):
        return self.real.end_of_day(start, days, CalendarRegion(country="US", zone=region.zone))

    def hour_of_day(self, start, days, hour, region):
        known = CalendarRegion(country="US", zone=region.zone)
        return self.real.hour_of_day(start, days, hour, known)

    def describe(self, region):
        return self.real.describe(region)


@pytest.fixture
def late():
    """Return a service, a customer of Sri Lanka, and a claim whose notice is sent again at the end
    of the year.
    """
    with in_process() as service:
        service.start(BEFORE)
        customer = service.customer(country="LK", time_zone="Asia/Colombo", locale="en")
        claim = customer.file()
        service.to(AFTER)
        yield service, customer, claim


def test_the_notice_goes_out_without_a_date_and_the_claim_records_why_no_period_runs(late):
    service, customer, claim = late

    amended = customer.amend(claim, partner_role="build_intent_advisor")
    service.settle()

    assert amended.status == 200, amended.text
    notice = service.mails(claim["id"], "notice", to=customer.admin)[0]["text"]
    assert "cannot be calculated yet" in notice
    after = customer.claim(claim)
    assert (after["customer_answer"], customer.clock(claim, "customer_opt_out")) == (
        "notice_queued",
        None,
    )
    reasons = [row["reasons"] for row in customer.history(claim)]
    assert reasons.count(["calendar_ended"]) == 1
    assert len(service.mails(claim["id"], "calendar_ended")) == 1
    assert service.call("GET", service.link(claim["id"], customer.admin)).status == 200


def test_the_customer_can_object_all_the_same(late):
    service, customer, claim = late
    customer.amend(claim, partner_role="build_intent_advisor")
    service.settle()

    assert customer.answer(claim, "opt_out").status == 303
    assert customer.claim(claim)["status"] == "rejected"


def test_the_event_of_a_delivery_comes_again_and_alarms_once(late):
    service, customer, claim = late
    service.kick = lambda: None
    services, now = service.services, service.services.clock.now()
    customer.amend(claim, partner_role="build_intent_advisor")
    run_due_work(services, claim["id"], now)
    addresses = services.store.claims.get(claim["id"]).claim.answer.addresses
    own = next(one for one in addresses if one.qualifying)
    record = services.store.mails.get(own.mail_id)
    delivery = {
        "eventType": "Delivery",
        "delivery": {"timestamp": now.isoformat()},
        "mail": {
            "timestamp": now.isoformat(),
            "messageId": record.provider_id,
            "tags": {"mail": [record.id]},
        },
    }

    results = [
        handle_mail_events(services, [{"messageId": "1", "body": json.dumps(delivery)}])
        for _ in range(2)
    ]

    assert results == [{"batchItemFailures": [{"itemIdentifier": "1"}]}] * 2
    rows = services.store.history.list_entries(claim["id"])
    alarms = [row.act for row in rows if row.reasons == ("calendar_ended",)]
    assert alarms == ["clock.escalated"]

    service.exchange(calendars=LaterCalendars(services.calendars))
    counted = handle_mail_events(
        service.services, [{"messageId": "1", "body": json.dumps(delivery)}]
    )
    page = service.call("GET", f"{service.link(claim['id'], customer.admin)}?lang=en").text
    due = customer.clock(claim, "customer_opt_out")
    assert counted == {"batchItemFailures": []}
    assert customer.claim(claim)["customer_answer"] == "open"
    assert due in page


def test_a_held_claim_goes_back_to_its_partner_with_the_reason():
    with in_process() as service:
        service.start("2026-12-26T09:00:00Z")
        customer = service.customer(country="LK", time_zone="Asia/Colombo")
        customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})
        held = customer.file()
        customer.subscription()
        service.advance("P1D")

        claim = customer.claim(held)
        mail = service.mails(held["id"], "held_wanting")[0]["text"]

    assert (held["status"], claim["status"]) == ("awaiting_provisioning", "draft")
    assert claim["findings"] == ["calendar_ended"]
    assert "holidays of the customer's calendar" in mail


class EndedCalendars:
    """Calendars of which none is known any further."""

    def __init__(self, real):
        self.real = real

    def end_of_day(self, start, days, region):
        raise CalendarEnded(region.country or "-", start.year)

    def hour_of_day(self, start, days, hour, region):
        raise CalendarEnded(region.country or "-", start.year)

    def describe(self, region):
        return self.real.describe(region)


def end_every_calendar(service):
    services = service.services
    service.exchange(calendars=EndedCalendars(services.calendars))


def work(service, until):
    """Do what is due, as the worker does; the test clock does not move past the calendars."""
    services = service.services
    for _ in range(3):
        for due, _ in services.store.queues.list_due(until, 100):
            run_due_work(services, due, until)


def moment(text):
    return datetime.fromisoformat(text)


@pytest.fixture
def known():
    """A service whose calendars are known, and a customer with a claim under review."""
    with in_process() as service:
        customer = service.customer()
        claim = customer.file()
        customer.review(claim, "start")
        yield service, customer, claim


# The real periods: five business days for customer, reviewer and partner. Nothing ends before.
SHORTEST = timedelta(days=5)


@pytest.mark.parametrize("decision", ["opt_out", "agree"])
def test_the_customer_answers_and_undoes_it_past_the_end_of_every_calendar(known, decision):
    service, customer, claim = known
    answered_before = customer.clock(claim, "customer_opt_out")
    end_every_calendar(service)

    answered = customer.answer(claim, decision)
    undone = customer.answer(claim, "undo")
    service.settle()

    assert (answered.status, undone.status) == (303, 303)
    after = customer.claim(claim)
    assert (after["status"], after["customer_answer"]) == ("under_review", "open")
    assert customer.clock(claim, "customer_opt_out") >= answered_before
    if decision == "opt_out":
        due = moment(customer.clock(claim, "review"))
        assert due - moment(service.now()) > SHORTEST


def test_an_undone_objection_asks_the_partner_again_past_the_end(known):
    service, customer, claim = known
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    customer.answer(claim, "opt_out")
    end_every_calendar(service)

    undone = customer.answer(claim, "undo")

    assert undone.status == 303
    assert customer.claim(claim)["status"] == "action_required"
    due = moment(customer.clock(claim, "partner_answer"))
    assert due - moment(service.now()) > SHORTEST


def test_silence_is_counted_and_an_association_begins_past_the_end(known):
    service, customer, claim = known
    customer.review(claim, "approve")
    due = customer.clock(claim, "customer_opt_out")
    end_every_calendar(service)

    work(service, moment(due))

    after = customer.claim(claim)
    assert (after["customer_answer"], after["association"]["state"]) == ("not_objected", "active")


def test_a_case_opens_and_ends_past_the_end_when_rivals_come_and_the_customer_objects(known):
    service, customer, claim = known
    rival = customer.file(2)
    customer.review(claim, "approve")
    customer.review(rival, "start", who="Rolf")
    service.kick = lambda: None
    customer.review(rival, "approve", who="Rolf")
    end_every_calendar(service)

    later = service.services.clock.now() + timedelta(minutes=5)
    work(service, later)
    case = service.get("/v1/arbitrations", by=customer.by(2))["data"][0]
    objected = customer.answer(rival, "opt_out")
    work(service, later)

    own = case["parties"][0]
    assert moment(own["statement_due_at"]) - moment(service.now()) > SHORTEST
    assert moment(case["decision_due_at"]) > moment(own["statement_due_at"])
    assert objected.status == 303
    assert customer.claim(claim)["status"] == "approved"


def test_a_bounce_past_the_end_leaves_time_for_another_address(known):
    service, customer, claim = known
    end_every_calendar(service)

    for mail in service.mails(claim["id"], "notice"):
        service.became(mail, "bounce")
    service.settle()

    assert customer.claim(claim)["customer_answer"] == "undeliverable"
    due = moment(customer.clock(claim, "undeliverable"))
    assert due - moment(service.now()) > 2 * SHORTEST


def test_deadlines_lapse_past_the_end(known):
    service, customer, claim = known
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    due = customer.clock(claim, "partner_answer")
    end_every_calendar(service)

    work(service, moment(due))

    assert customer.claim(claim)["decision"]["codes"] == ["no_partner_response"]


def test_a_partner_is_refused_past_the_end(known):
    service, customer, _ = known
    end_every_calendar(service)

    refused = service.call("POST", "/v1/claims", customer.filing(2), by=customer.by(2))

    assert (refused.status, refused.json["code"]) == (503, "calendar_ended")
    assert refused.headers["Retry-After"] == "86400"
