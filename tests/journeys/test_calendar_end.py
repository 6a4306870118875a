"""A notice past the end of the customer's calendar: no deadline is guessed, and the programme is
notified.
"""

import json

import pytest

from chalicelib.domain.calendars import CalendarRegion
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
        service.to(BEFORE)
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
        service.to("2026-12-26T09:00:00Z")
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
