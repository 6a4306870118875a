"""Builders for claims in any state, and for the moment of a step."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.catalogue import read_catalogue
from chalicelib.domain.association import Association
from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.claim import Claim
from chalicelib.domain.customer_answer import Address, Answer
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Actor
from chalicelib.domain.item import Item, SubscriptionSnapshot, id_suffix
from chalicelib.domain.slot import Contender
from chalicelib.text.calendars import HolidayCalendars

NOW = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)  # a Wednesday, in a week without holidays in Berlin
TENANT = "11111111-1111-4111-8111-111111111111"
ITEM = Item(workload="exchange_online")
BERLIN = CalendarRegion(country="DE", zone="Europe/Berlin")
CUSTOMER = Actor(kind="customer", sub="mai_1", name="tenant link")
SENIOR = Actor(kind="reviewer", sub="sena")
RIVAL = Contender(
    claim_id="clm_rival", organisation_id="org_b", partner_role="use_or_consume", standing="rival"
)


def at(now: datetime = NOW, **more: Any) -> StepContext:
    """The moment of a step, under the newest edition."""
    programme = CalendarRegion(country="US", zone="America/Los_Angeles")
    catalogue = read_catalogue()
    edition = catalogue.find_edition("2024")
    return StepContext(now, HolidayCalendars("US"), programme, catalogue, edition, **more)


def a_claim(**changes: Any) -> Claim:
    """A claim under review, whose customer has been sent a notice."""
    whole: dict[str, Any] = {
        "id": f"clm_{'0' * 20}{id_suffix(TENANT, ITEM)}",
        "filing_id": "fil_1",
        "organisation_id": "org_a",
        "filed_by": "anna",
        "tenant_id": TENANT,
        "domain": "fabrikam.example",
        "solution_area": "modern_work_security",
        "partner_role": "use_or_consume",
        "engagement": "modern_work_security_usage",
        "item": ITEM,
        "catalogue_edition": "2024",
        "status": "under_review",
        "answer": an_answer(),
        "customer": BERLIN,
        "partner": BERLIN,
        "created_at": NOW,
        "updated_at": NOW,
        "submitted_at": NOW,
        "rev": 1,
    }
    return Claim(**(whole | changes))


def an_answer(state: str = "notice_queued", *addresses: Address, **more: Any) -> Answer:
    return Answer(state=state, round=1, addresses=addresses, **more)


def an_address(mail_id: str = "mai_1", **changes: Any) -> Address:
    """An address of the tenant's own that a notice went to."""
    return Address(**({"mail_id": mail_id, "qualifying": True} | changes))


def a_delivered_address(mail_id: str = "mai_1", when: datetime = NOW) -> Address:
    return an_address(mail_id, state="delivered", delivered_at=when)


def an_association(state: str = "active", **more: Any) -> Association:
    return Association(state=state, since=NOW, **more)


def a_look(state: str = "active", now: datetime = NOW) -> SubscriptionSnapshot:
    return SubscriptionSnapshot(at=now, state=state)
