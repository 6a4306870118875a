"""Texts with values, the choice of a language, and moments in words."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.text import i18n
from chalicelib.text.i18n import (
    LANGUAGES,
    choose_language,
    format_day,
    format_moment,
    translate,
)
from tests.text.texts import TEXTS


def test_a_value_that_is_missing_raises() -> None:
    with pytest.raises(KeyError, match="until"):
        translate("de", "finding.cooling_off.hint")


def test_a_key_that_does_not_exist_raises() -> None:
    with pytest.raises(KeyError, match="finding.nonsense.detail"):
        translate("de", "finding.nonsense.detail")


@pytest.mark.parametrize(
    "value", ["{x}", "{until.__class__}", "%s", "{{7*7}}", "<script>", "\r\nBcc: x", "2026-99-99"]
)
def test_values_are_put_in_as_they_are(value: str) -> None:
    assert value in translate("fr", "finding.cooling_off.hint", until=value)


def test_iso_dates_among_the_values_are_written_in_words() -> None:
    assert "29. Dezember 2026, 23:00 Uhr (UTC)" in translate(
        "de", "finding.cooling_off.hint", until="2026-12-29T23:00:00Z"
    )
    assert "mardi 29 décembre 2026" in translate(
        "fr", "refusal.no_edition_in_force.detail", on="2026-12-29"
    )


def test_a_language_that_lacks_a_sentence_says_it_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code, texts in {"en": TEXTS["en"], "it": {"status.draft": "Bozza"}}.items():
        (tmp_path / f"{code}.json").write_text(json.dumps(texts), encoding="utf-8")
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    monkeypatch.setattr(i18n, "LANGUAGES", ("en", "it"))
    i18n._load_texts.cache_clear()

    said = [
        translate("it", "status.draft"),
        translate("it", "status.rejected"),
        translate("tlh", "status.rejected"),
    ]

    i18n._load_texts.cache_clear()
    assert said == ["Bozza", "Rejected", "Rejected"]


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("de_AT", "de"),
        ("hu-HU, de;q=0.9", "hu"),
        ("en;q=0.3, ja;q=0.8", "ja"),
        ("fr;q=0", "en"),
        ("xx, fr;q=0.1", "fr"),
        ("*", "en"),
        ("xx", "en"),
        ("de;q=2, fr;q=0.1", "fr"),
        ("de;q=abc, hu", "hu"),
        (",,;;q=,ja", "ja"),
        ("DE-de", "de"),
        ("de;q=0.0001,fr;q=0.001", "fr"),
        ("en" * 5000, "en"),
        ("\x00\r\n", "en"),
    ],
)
def test_the_language_wanted_most_is_chosen(header: str | None, chosen: str) -> None:
    assert choose_language(header) == chosen


def test_without_a_wish_the_default_is_chosen_unless_it_is_refused() -> None:
    assert choose_language(None, "ja-JP") == "ja"
    assert choose_language("*", "hu") == "hu"
    assert choose_language("hu;q=0", "hu") == "en"
    assert choose_language(None, "klingon") == "en"


@given(st.text(max_size=60))
def test_any_text_for_a_header_chooses_one_of_ours(header: str) -> None:
    assert choose_language(header, header) in LANGUAGES


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "Tuesday, 29 December 2026, 24:00 (Berlin time)"),
        ("de", "Dienstag, 29. Dezember 2026, 24:00 Uhr (Ortszeit Berlin)"),
        ("fr", "mardi 29 décembre 2026 à minuit (heure de Berlin)"),
        ("hu", "2026. december 29., kedd, 24:00 (helyi idő: Berlin)"),
        ("ja", "2026年12月29日（火）24:00（ベルリン時間）"),
    ],
)
def test_local_midnight_is_written_as_24_00_of_the_day_before(code: str, said: str) -> None:
    midnight = datetime(2026, 12, 29, 23, tzinfo=UTC)

    assert format_moment(code, midnight, "Europe/Berlin") == said


def test_another_hour_is_written_as_it_is() -> None:
    assert (
        format_moment("de", datetime(2026, 12, 30, 8, 5, tzinfo=UTC), "Europe/Berlin")
        == "Mittwoch, 30. Dezember 2026, 09:05 Uhr (Ortszeit Berlin)"
    )


def test_a_day_that_begins_at_one_o_clock_still_ends_the_one_before_at_24_00() -> None:
    first_of_the_day = datetime(
        2026, 4, 23, 22, tzinfo=UTC
    )  # Cairo skips 00:00 to 01:00 on 24 April 2026

    assert (
        format_moment("en", first_of_the_day, "Africa/Cairo")
        == "Thursday, 23 April 2026, 24:00 (Cairo time)"
    )


def test_a_zone_is_named_as_people_understand_it() -> None:
    noon = datetime(2026, 12, 29, 12, tzinfo=UTC)

    assert format_moment("en", noon, "Etc/GMT+12").endswith("(UTC−12)")
    assert format_moment("en", noon, "no/such zone").endswith("12:00 (UTC)")


def test_the_first_of_a_month_is_said_as_the_language_does() -> None:
    assert format_day("fr", date(2026, 5, 1)) == "vendredi 1er mai 2026"
    assert format_day("hu", date(2026, 5, 1)) == "2026. május 1., péntek"
