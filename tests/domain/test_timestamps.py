"""Dates and moments are read as the contract writes them, and no other way."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from chalicelib.domain.timestamps import Day, Moment

DAY, MOMENT = TypeAdapter(Day), TypeAdapter(Moment)


def test_a_day_is_a_date():
    assert DAY.validate_json('"2026-01-31"', strict=True) == date(2026, 1, 31)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "20260131",
        "2026-1-31",
        "2026-02-30",
        "2026-01-31T00:00:00Z",
        " 2026-01-31",
        "",
        "٢٠٢٦-01-31",
    ],
)
def test_nothing_else_is_a_day(text):
    with pytest.raises(ValidationError) as refused:
        DAY.validate_python(text)

    assert refused.value.errors()[0]["type"] == "not_a_date"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31t12:00:00.000z",
        "2026-01-31T13:00:00+01:00",
        "2026-01-31T12:00:00.0000000Z",  # as .NET writes it
        "2026-01-31T12:00:00.000000999Z",  # as Go and Java write nanoseconds
    ],
)
def test_a_moment_says_its_offset(text):
    assert MOMENT.validate_json(f'"{text}"', strict=True) == datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "1767225600",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:60Z",  # a leap second, which Python's datetime does not have
    ],
)
def test_nothing_else_is_a_moment(text):
    with pytest.raises(ValidationError):
        MOMENT.validate_json(f'"{text}"', strict=True)


@pytest.mark.parametrize("value", ["1", "true", "null", "[]"])
def test_a_number_is_neither(value):
    with pytest.raises(ValidationError):
        DAY.validate_json(value, strict=True)
    with pytest.raises(ValidationError):
        MOMENT.validate_json(value, strict=True)
