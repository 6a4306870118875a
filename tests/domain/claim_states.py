"""Claims in any state, for tests of the pure steps: each value is built as it would be in that
state.
"""

from datetime import UTC, datetime
from typing import Any

from chalicelib.catalogue import read_catalogue
from chalicelib.domain.association import Association
from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.claim import Claim
from chalicelib.domain.customer_answer import Address, Answer
from chalicelib.domain.deadlines import Clock, StepContext
from chalicelib.domain.filing import Contact
from chalicelib.domain.history import Actor
from chalicelib.domain.item import Item, SubscriptionSnapshot
from chalicelib.domain.review import Decision
from chalicelib.text.calendars import HolidayCalendars

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PARTNER, REVIEWER = Actor(kind="partner", sub="pia"), Actor(kind="reviewer", sub="rita")
CUSTOMER = Actor(kind="customer", sub="mai_1", name="tenant link")
CATALOGUE = read_catalogue()
EDITION = CATALOGUE.find_edition("2024")
CALENDARS = HolidayCalendars("US")
GERMANY = CalendarRegion(country="DE", zone="Europe/Berlin")
ADMIN, NAMED = "mai_admin", "mai_named"
ADDRESS_STATES = {
    "notice_queued": "sent",
    "undeliverable": "sent",
    "void": "sent",
    "not_asked": "sent",
}


def step_context(now: datetime = NOW, state: str | None = "active") -> StepContext:
    """Return the context of a step.

    `state`: what a look-up has just found, None without a look-up.
    """
    snapshot = SubscriptionSnapshot(at=now, state=state) if state else None
    return StepContext(
        now,
        CALENDARS,
        CalendarRegion(country="US", zone="America/Los_Angeles"),
        CATALOGUE,
        EDITION,
        snapshot,
    )


def an_answer(state: str, **changes: Any) -> Answer:
    """The customer's answer in a state, with an own and a named address."""
    reached = ADDRESS_STATES.get(state, "delivered")
    when = NOW if reached == "delivered" else None
    both = (
        Address(mail_id=ADMIN, qualifying=True, state=reached, delivered_at=when),
        Address(mail_id=NAMED, qualifying=False),
    )
    asked = {"round": 1, "addresses": both} if state != "not_asked" else {}
    return Answer(**{"state": state, **asked, **changes})


def a_claim(
    status: str = "submitted", answer: str = "open", association: str | None = None, **changes: Any
) -> Claim:
    """A claim in a state; `association`: the state of its association, if it has one."""
    anna = Contact(name="Anna Adler", email="anna@fabrikam.example")
    details = changes.pop("made", {})
    made = Association(state=association, since=NOW, **details) if association else None
    whole: dict[str, Any] = {
        "id": "clm_1",
        "filing_id": "fil_1",
        "organisation_id": "org_a",
        "partner_name": "Org A",
        "filed_by": "pia",
        "tenant_id": "11111111-1111-4111-8111-111111111111",
        "domain": "fabrikam.example",
        "location_id": "4516001",
        "solution_area": "business_applications",
        "partner_role": "usage_recognition",
        "engagement": "bizapps_usage_recognition",
        "item": Item(
            product="dynamics_365_sales_enterprise",
            subscription_id="33333333-3333-4333-8333-333333333333",
        ),
        "catalogue_edition": "2024",
        "customer_contact": anna,
        "partner_contact": anna,
        "status": status,
        "answer": an_answer(answer),
        "association": made,
        "snapshot": SubscriptionSnapshot(at=NOW, state="active"),
        "customer": GERMANY,
        "partner": GERMANY,
        "created_at": NOW,
        "updated_at": NOW,
        "submitted_at": None if status == "draft" else NOW,
    }
    return Claim(**{**whole, **changes})


def a_decision(outcome: str = "rejected", *codes: str) -> dict[str, Any]:
    """What a decision leaves in a claim."""
    return {"decision": Decision(outcome=outcome, codes=codes, at=NOW), "decided_at": NOW}


def run_out(kind: str) -> tuple[Clock, ...]:
    """Return one clock that has just run out."""
    return (Clock(kind=kind, started_at=NOW, because="test", due_at=NOW),)
