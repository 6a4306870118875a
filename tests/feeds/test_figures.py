"""What a partner may read about a month, and what is never shown."""

from datetime import date

import pytest
from pydantic import ValidationError

from chalicelib.domain.figures import Figures, clip_window, select_seats, select_usage

TODAY = date(2026, 11, 20)


def a_month(month: str = "2026-10", active: int | None = 60, qualified: int | None = 80) -> Figures:
    return Figures(
        month=month,
        licenses_sold=120,
        licenses_deployed=90,
        licenses_active=active,
        licenses_qualified=qualified,
    )


def test_seats_are_sold_and_deployed_and_nothing_else() -> None:
    (month,) = select_seats([a_month()], TODAY)

    assert month.model_dump() == {"month": "2026-10", "licenses_sold": 120, "licenses_deployed": 90}


def test_usage_is_active_of_qualified() -> None:
    (month,) = select_usage([a_month()], TODAY)

    assert month.model_dump() == {
        "month": "2026-10",
        "licenses_active": 60,
        "licenses_qualified": 80,
        "usage_percent": 75.0,
    }


@pytest.mark.parametrize("active", [1, 2, 3, 4])
def test_one_to_four_active_licences_are_shown_by_no_number(active: int) -> None:
    (month,) = select_usage([a_month(active=active)], TODAY)

    assert (month.licenses_active, month.usage_percent, month.licenses_qualified) == (
        None,
        None,
        80,
    )


@pytest.mark.parametrize(("active", "percent"), [(0, 0.0), (5, 6.3), (80, 100.0), (1_000, 1250.0)])
def test_none_and_five_or_more_are_shown_as_numbers(active: int, percent: float) -> None:
    (month,) = select_usage([a_month(active=active)], TODAY)

    assert (month.licenses_active, month.usage_percent) == (active, percent)


@pytest.mark.parametrize(("active", "qualified"), [(None, 80), (60, None), (60, 0), (0, 0)])
def test_a_percentage_that_cannot_be_known_is_left_out(
    active: int | None, qualified: int | None
) -> None:
    (month,) = select_usage([a_month(active=active, qualified=qualified)], TODAY)

    assert month.usage_percent is None


def test_half_a_tenth_is_rounded_up() -> None:
    (month,) = select_usage([a_month(active=5, qualified=400)], TODAY)

    assert month.usage_percent == 1.3


def test_thirteen_months_are_shown_oldest_first() -> None:
    rows = [
        a_month(f"{year}-{month:02d}") for year in (2027, 2026, 2025) for month in range(12, 0, -1)
    ]

    shown = [month.month for month in select_usage(rows, TODAY)]

    assert shown[0] == "2025-11"
    assert shown[-1] == "2026-11"
    assert shown == sorted(shown)
    assert len(shown) == len(select_seats(rows, TODAY)) == 13


@pytest.mark.parametrize(
    ("since", "until", "bounds"),
    [
        (None, None, ("2025-11", "2026-11")),
        ("2026-03", "2026-05", ("2026-03", "2026-05")),
        ("2019-01", "2030-01", ("2025-11", "2026-11")),
        (None, "2020-01", ("2025-11", "2020-01")),
    ],
)
def test_no_caller_gets_more_than_the_window(
    since: str | None, until: str | None, bounds: tuple[str, str]
) -> None:
    assert clip_window(TODAY, since, until) == bounds


def test_a_window_in_january_reaches_into_the_year_before_last() -> None:
    assert clip_window(date(2027, 1, 31)) == ("2026-01", "2027-01")
    assert clip_window(date(2026, 12, 1)) == ("2025-12", "2026-12")


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "2026-1", "26-01", "2026-01-01", "", "2026-01\n"]
)
def test_a_month_that_is_none_is_refused(month: str) -> None:
    with pytest.raises(ValidationError):
        Figures(month=month)


def test_negative_figures_are_refused() -> None:
    with pytest.raises(ValidationError):
        a_month(active=-1)
