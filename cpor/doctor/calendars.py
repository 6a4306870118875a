"""The calendars: the programme's country is known, and no calendar ends within a year."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chalicelib.text.holiday_table import (
    find_last_year,
    has_country,
    list_countries,
    normalize_country,
    read_head,
)
from cpor.doctor.finding import Finding, deploy
from cpor.stage import Stage

YEAR = timedelta(days=366)
UPDATE = "Update the calendars: docs/operations.md, calendars."


def check(stage: Stage) -> Iterator[Finding]:
    """Check the programme's country, and until when holidays are known."""
    country = stage.settings_of("APIHandler").programme_country
    yield from judge(country, datetime.now(UTC), deploy(stage, "ProgrammeCountry=…"))


def judge(country: str, now: datetime, advice: str) -> Iterator[Finding]:
    """Find what is wrong with the calendars at a moment.

    `country`: the programme's. `advice`: how to change it. A country that ends sooner than the
    others is a note: the programme may have no customers there.
    """
    code, last_year = normalize_country(country), (now + YEAR).year
    if not has_country(code):
        wrong = f"The programme's country {country!r} has no calendar: its holidays do not count."
        yield Finding("calendars", wrong, advice)
    if read_head().last_year < last_year:
        yield Finding("calendars", f"All end with {read_head().last_year}.", UPDATE)
        return
    for ending in (own for own in list_countries() if find_last_year(own) < last_year):
        wrong = f"That of {ending} ends with {find_last_year(ending)}; then claims are refused."
        yield Finding("calendars", wrong, UPDATE, note=ending != code)
