"""What is counted of a claim: counted entry by entry, in pages, in any order, or all at once."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.events import ACTS
from chalicelib.domain.histogram import estimate_quantile, find_bucket
from chalicelib.domain.history import Entry, Subject
from chalicelib.domain.insight_counts import COUNT_OF_ACT, measure
from chalicelib.domain.insight_totals import (
    PeriodTotals,
    add_counts,
    add_splits,
    count_entries,
    list_periods,
    sum_partners,
)
from chalicelib.domain.item import Item
from chalicelib.domain.state_machines import ASSOCIATION, CLAIM

START = datetime(2026, 10, 30, 22, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Los_Angeles")
STATES = sorted(CLAIM.states)
SEATS = sorted(ASSOCIATION.states)


FEW = settings(max_examples=40, deadline=None)  # each builds up to 48 rows of history


def an_entry(claim="clm_1", seq=1, act="claim.submitted", at=START, **changes):
    """Return an entry of a claim of one German customer."""
    subject = Subject(
        filing_id="fil_1",
        organisation_id="ORG-1",
        tenant_id="t",
        item=Item(product=changes.pop("product", "dynamics_365_sales_enterprise")),
        solution_area="business_applications",
        partner_role=changes.pop("role", "reseller"),
        version=seq,
        country=changes.pop("country", "DE"),
    )
    whole = {"actor": "reviewer", "private_hash": "", "previous_hash": "", "hash": "", **changes}
    return Entry(
        id=f"evt_{claim}{seq:04d}",
        claim_id=claim,
        seq=seq,
        at=at,
        act=act,
        subject=subject,
        **whole,
    )


@st.composite
def histories(draw):
    """Draw the histories of a few claims: any acts with any moves, at growing moments."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        at, history = START, []
        for seq in range(1, draw(st.integers(1, 12)) + 1):
            at += timedelta(minutes=draw(st.integers(0, 20_000)))
            moves = draw(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "claim": st.tuples(st.sampled_from(STATES), st.sampled_from(STATES)),
                        "association": st.tuples(st.sampled_from(SEATS), st.sampled_from(SEATS)),
                        "customer_answer": st.just(("not_asked", "notice_queued")),
                    },
                )
            )
            history.append(
                an_entry(
                    f"clm_{number}",
                    seq,
                    draw(st.sampled_from(sorted(ACTS))),
                    at,
                    moves=moves,
                    actor=draw(st.sampled_from(["reviewer", "time", "customer"])),
                    reasons=tuple(draw(st.lists(st.sampled_from(["fraud", "review"]), max_size=2))),
                    country=draw(st.sampled_from(["DE", "FR", None])),
                )
            )
        found.append(tuple(history))
    return found


@FEW
@given(histories(), st.integers(1, 9), st.randoms(use_true_random=False))
def test_pages_in_order_add_up_to_a_recount_in_any_order(claims, size, rng):
    entries = sorted((one for some in claims for one in some), key=lambda one: (one.at, one.id))
    splits, now = {}, {}
    for start in range(0, len(entries), size):
        page = entries[start : start + size]
        touched = [some for some in claims if {one.id for one in some} & {one.id for one in page}]
        counted = count_entries(touched, frozenset(one.id for one in page), ZONE)
        now = add_counts(now, counted.now)
        for period, added in counted.periods.items():
            splits[period] = add_splits(splits.get(period, {}), added)

    shuffled = rng.sample(claims, len(claims))
    whole = count_entries(shuffled, None, ZONE)

    assert splits == whole.periods
    assert now == whole.now


@FEW
@given(histories())
def test_what_an_entry_counts_for_does_not_depend_on_what_follows(claims):
    history = claims[0]

    for length in range(len(history)):
        assert list(measure(history[:length])) == list(measure(history))[:length]


@FEW
@given(histories())
def test_a_split_adds_up_to_the_whole_and_days_to_their_month(claims):
    counted = count_entries(claims, None, ZONE)

    for splits in counted.periods.values():
        for values in splits.values():
            assert add_counts(*values.values()) == splits[""][""]
    for month in [one for one in counted.periods if len(one) == len("2026-10")]:
        days = [s for one, s in counted.periods.items() if one.startswith(f"{month}-")]
        assert add_splits(*days) == counted.periods[month]


def test_a_claims_life_by_hand():
    """Given the life of one claim, written down here, each count is known without the code."""
    review, hours = ("submitted", "under_review"), iter(range(0, 1000, 10))
    acts = [
        ("claim.created", {"claim": ("none", "draft")}, "partner", ()),
        ("claim.submitted", {"claim": ("draft", "submitted")}, "partner", ()),
        ("notice.queued", {"customer_answer": ("not_asked", "notice_queued")}, "partner", ()),
        ("notice.delivered", {"customer_answer": ("notice_queued", "open")}, "system", ()),
        ("claim.review_started", {"claim": review}, "reviewer", ()),
        ("claim.info_requested", {"claim": ("under_review", "action_required")}, "reviewer",
         ("poe_date_missing",)),
        ("claim.responded", {"claim": ("action_required", "under_review")}, "partner", ()),
        ("clock.escalated", {}, "time", ("review",)),
        ("claim.rejected", {"claim": ("under_review", "rejected")}, "reviewer", ("fraud",)),
        ("claim.disputed", {"claim": ("rejected", "disputed")}, "partner", ()),
        ("claim.approved", {"claim": ("disputed", "approved")}, "reviewer", ()),
        ("customer.agreed", {"customer_answer": ("open", "agreed")}, "customer", ()),
        ("association.pending", {"association": ("none", "pending")}, "customer", ()),
        ("association.activated", {"association": ("pending", "active")}, "time", ()),
    ]  # fmt: skip
    history = [
        an_entry(
            seq=seq, act=act, at=START + timedelta(hours=next(hours)), moves=moves, actor=actor,
            reasons=reasons,
        )
        for seq, (act, moves, actor, reasons) in enumerate(acts, start=1)
    ]  # fmt: skip

    counted = count_entries([history], None, ZONE)

    totals = add_counts(*(s[""][""] for one, s in counted.periods.items() if len(one) == 7))
    hour = 3600
    assert totals == add_counts(
        dict.fromkeys(
            ("submitted", "asked", "reached", "questions", "questions:poe_date_missing",
             "escalated", "review_late", "rejected", "rejected:fraud", "disputes_filed",
             "disputes_upheld", "review_in_time", "approved", "agreed", "activated",
             f"partner_answer~{find_bucket(10 * hour)}", f"dispute~{find_bucket(10 * hour)}",
             f"submission_to_decision~{find_bucket(70 * hour)}",
             f"customer_answer~{find_bucket(80 * hour)}",
             f"submission_to_association~{find_bucket(120 * hour)}"), 1
        )
    )  # fmt: skip
    assert counted.now == {"claims:approved": 1, "associations:active": 1}


def test_a_day_begins_in_the_programmes_zone():
    late = an_entry(at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC))

    counted = count_entries([[late]], None, ZONE)

    assert set(counted.periods) == {"2026-10-31", "2026-10"}
    assert set(count_entries([[late]], None, ZoneInfo("UTC")).periods) == {"2026-11-01", "2026-11"}


def test_the_programme_is_the_sum_of_its_partners():
    rows = [
        PeriodTotals(owner=owner, period="2026-10", splits={"": {"": {"approved": number}}})
        for owner, number in (("A", 2), ("B", 3))
    ]

    assert sum_partners(rows) == {
        "": {"": {"approved": 5}},
        "organisation": {"A": {"approved": 2}, "B": {"approved": 3}},
    }


def test_every_act_that_is_counted_exists():
    assert set(COUNT_OF_ACT) <= set(ACTS)


def test_periods_are_a_day_and_its_month():
    assert list_periods(START.date()) == ("2026-10-30", "2026-10")


@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.95])
@given(st.lists(st.integers(1, 40_000_000), min_size=1, max_size=300))
def test_a_quantile_is_at_most_five_percent_off(quantile, seconds):
    buckets = add_counts(*({str(find_bucket(one)): 1} for one in seconds))

    found = estimate_quantile({int(k): n for k, n in buckets.items()}, quantile)

    exact = sorted(seconds)[int(quantile * (len(seconds) - 1))]
    assert abs(found - exact) <= 0.05 * exact + 0.5  # it is rounded to a second


def test_there_is_no_quantile_of_nothing():
    assert estimate_quantile({}, 0.5) is None


def test_quantiles_of_two_histograms_together_are_those_of_all_values():
    rng = random.Random(1)
    values = [rng.lognormvariate(11, 1) for _ in range(10_000)]
    halves = [add_counts(*({str(find_bucket(v)): 1} for v in values[i::2])) for i in range(2)]

    together = {int(k): n for k, n in add_counts(*halves).items()}

    exact = sorted(values)[int(0.9 * (len(values) - 1))]
    assert abs(estimate_quantile(together, 0.9) - exact) <= 0.05 * exact
