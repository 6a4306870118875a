"""Where the holidays of a country are not known any more, no deadline is guessed and no call fails
unexpectedly.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.deadlines import NEVER_REFUSED
from chalicelib.domain.refusals import CalendarEnded
from chalicelib.domain.slot import CaseSchedule, Slot, Window
from chalicelib.domain.steps import customer, deadlines, mail, partner
from chalicelib.domain.visible_clocks import list_visible_clocks
from chalicelib.text.holiday_table import (
    find_calendar,
    list_countries,
    list_subdivisions,
    read_head,
)
from tests.domain.claim_states import ADMIN, CUSTOMER, PARTNER, a_claim, step_context
from tests.support.in_process import in_process

SRI_LANKA = CalendarRegion(country="LK", zone="Asia/Colombo")  # its Poya days are listed up to 2026
LATE = datetime(2026, 12, 28, 9, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = {"undo_minimum": 2, "undo": 5, "undeliverable": 10}


def test_the_objection_period_is_refused_and_not_guessed() -> None:
    context = step_context(LATE)

    with pytest.raises(CalendarEnded) as refused:
        context.compute_end("customer_opt_out", SRI_LANKA)

    assert refused.value.values == {"calendar": "LK", "until": "2026"}
    assert (refused.value.code, refused.value.status) == ("calendar_ended", 503)


def test_a_claim_is_not_submitted_when_its_objection_period_could_not_be_counted() -> None:
    draft = a_claim("draft", "not_asked", customer=SRI_LANKA)

    with pytest.raises(CalendarEnded):
        partner.submit(draft, PARTNER, step_context(LATE), contested=False)
    early = step_context(datetime(2026, 12, 1, tzinfo=UTC))
    assert partner.submit(draft, PARTNER, early, contested=False).claim.status == "submitted"


def test_an_opt_out_never_fails_because_a_calendar_has_ended() -> None:
    claim = a_claim("under_review", "open", customer=SRI_LANKA)

    after = customer.opt_out(claim, CUSTOMER, step_context(LATE)).claim

    assert after.answer.state == "opted_out"
    assert after.answer.undo_until is not None
    assert after.answer.undo_until > datetime(2027, 1, 12, tzinfo=UTC)


def test_a_bounce_voids_the_last_delivery_although_the_calendar_has_ended() -> None:
    due = LATE + DAY / 2
    claim = a_claim("under_review", "open", customer=SRI_LANKA)
    claim = claim.evolve(answer=claim.answer.evolve(due_at=due))

    after = mail.strike_out_address(claim, ADMIN, "bounce", step_context(LATE)).claim

    assert after.answer.state == "undeliverable"
    assert after.find_clock("customer_opt_out") is None


def test_a_notice_that_never_arrives_becomes_undeliverable_all_the_same() -> None:
    waiting = a_claim("submitted", "notice_queued", customer=SRI_LANKA)
    context = step_context(LATE - timedelta(hours=48))
    waiting = waiting.with_clock(
        context.build_clock("notice_delivery", context.programme, "claim.submitted")
    )

    after = deadlines.apply_due_clocks(waiting, step_context(LATE)).claim

    assert after.answer.state == "undeliverable"


@pytest.mark.parametrize("kind", NEVER_REFUSED)
def test_what_is_never_refused_ends_later_than_in_any_calendar(kind: str) -> None:
    days = DAYS[kind]
    after_the_end = datetime(2027, 2, 1, tzinfo=UTC)
    instead = step_context(after_the_end).compute_end(kind, SRI_LANKA) - after_the_end

    longest = max(
        longest_period(country, part, days)
        for country in list_countries()
        for part in ("", *list_subdivisions(country))
    )

    assert longest + timedelta(days=3) < instead  # the end of the day, and the zones of the world


def longest_period(country: str, part: str, days: int) -> timedelta:
    """Return the longest time from one business day to the end of so many after it."""
    business = list_business_days(country, part)
    return max(last - first for first, last in zip(business, business[days:], strict=False))


@cache
def list_business_days(country: str, part: str) -> list[date]:
    calendar = find_calendar(country, part, "US")
    first = date(read_head().first_year, 1, 1)
    days = (first + DAY * n for n in range((date(calendar.until + 1, 1, 1) - first).days))
    return [day for day in days if not calendar.is_free(day)]


def test_reading_a_claim_counts_no_business_days() -> None:
    claim = a_claim("in_arbitration", partner=SRI_LANKA)
    window = Window(organisation_id=claim.organisation_id, since=LATE, until=LATE + DAY)
    schedule = CaseSchedule(opened_at=LATE, decision_due_at=LATE + 2 * DAY, windows=(window,))
    slot = Slot(tenant_id=claim.tenant_id, item=claim.item, case_schedule=schedule)

    shown = list_visible_clocks(claim, slot, step_context(LATE))

    assert {c.kind for c in shown} >= {"arbitration_statement", "arbitration_decision"}


def test_a_filing_at_the_end_of_a_calendar_is_refused_in_words() -> None:
    with in_process() as service:
        service.start("2026-12-28T09:00:00Z")
        customer_of_sri_lanka = service.customer(country="LK", time_zone="Asia/Colombo")

        refused = service.call(
            "POST",
            "/v1/claims",
            customer_of_sri_lanka.filing(),
            by=customer_of_sri_lanka.by(1),
        )

        assert refused.status == 503, refused.text
        assert refused.json["code"] == "calendar_ended"
        assert "LK" in refused.json["detail"]
        assert "2026" in refused.json["detail"]


def test_a_pre_flight_tells_that_filing_would_be_refused() -> None:
    with in_process() as service:
        service.start("2026-12-28T09:00:00Z")
        sri_lanka = service.customer(country="LK", time_zone="Asia/Colombo")
        germany = service.customer()
        rival = service.customer(country="LK", time_zone="Asia/Colombo")

        refused, fine = (
            service.post("/v1/claims/check", one.filing(), by=one.by(1))
            for one in (sri_lanka, germany)
        )
        invalid = service.post("/v1/claims/check", rival.filing(location_id="0"), by=rival.by(1))

        assert (refused["ok"], refused["would_become"]) == (False, None)
        assert [(e["code"], e["pointer"]) for e in refused["errors"]] == [
            ("calendar_ended", "/tenant_id")
        ]
        assert "LK" in refused["errors"][0]["detail"]
        assert [item["would_become"] for item in refused["items"]] == [None]
        assert fine["ok"]
        assert [e["code"] for e in invalid["errors"]] == ["location_not_yours"]
