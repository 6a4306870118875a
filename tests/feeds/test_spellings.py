"""Places, texts and part numbers as other systems write them: taken, or refused with what to do.

The expected values are those of ISO 3166-1, Unicode's CLDR (windowsZones), docs/feeds.md, and the
exports of Excel, LibreOffice, SAP, Salesforce, Exchange and Partner Center.
"""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cpor.feeds.columns import SubscriptionColumns, TenantColumns
from cpor.feeds.csv_reading import csv_lines
from tests.feeds.feed_files import FABRIKAM, a_subscription, a_tenant


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *(("DEU", "DE"), ("che", "CH"), ("NLD", "NL"), ("JPN", "JP"), ("Germany (DE)", "DE")),
        *(("DE - Deutschland", "DE"), ("Bundesrepublik Deutschland", "DE"), ("España", "ES")),
        *(("Polska", "PL"), ("Sverige", "SE"), ("Brasil", "BR"), ("Россия", "RU"), ("한국", "KR")),
        *(("United States of America", "US"), ("U.S.", "US"), ("The Netherlands", "NL")),
        *(("Czech Republic", "CZ"), ("Korea, Republic of", "KR"), ("Russian Federation", "RU")),
        *(("Turkey", "TR"), ("Hong Kong", "HK"), ("Taiwan, Province of China", "TW")),
        *(("Ivory Coast", "CI"), ("Swaziland", "SZ"), ("DR Congo", "CD"), ("NA", "NA")),
    ],
)
def test_a_country_is_known_by_the_names_of_other_systems(cell: str, code: str) -> None:
    assert TenantColumns(**a_tenant(country=cell)).country == code


@pytest.mark.parametrize("cell", ["D", "276", "XYZ", "Germany (FR)", "Atlantis", "NULL", "n/a"])
def test_what_names_no_country_is_refused(cell: str) -> None:
    assert "is not a country" in refuse_tenant(country=cell)


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("AMERICA/NEW YORK", "America/New_York"),
        ("America/Argentina/Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Romance Standard Time", "Europe/Paris"),
        ("GMT Standard Time", "Europe/London"),
        ("Eastern Standard Time", "America/New_York"),
        ("Tokyo Standard Time", "Asia/Tokyo"),
        ("India Standard Time", "Asia/Kolkata"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("Etc/GMT+1", "Etc/GMT+1"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_known_by_windows_name_and_in_any_spelling(cell: str, zone: str) -> None:
    known = TenantColumns(**a_tenant(time_zone=cell)).time_zone

    assert known in {zone, zone.replace("Kolkata", "Calcutta")}  # one zone with two names


@pytest.mark.parametrize(
    "cell", ["UTC+1", "+01:00", "etc/gmt+1", "MEZ", "Berlin", "(UTC+01:00) Wien"]
)
def test_what_names_no_zone_is_refused(cell: str) -> None:
    assert "is not a time zone such as Europe/Berlin" in refuse_tenant(time_zone=cell)


@pytest.mark.parametrize(
    "cell",
    [
        *("#REF!", "#NAME?", "#DIV/0!", "#N/A", "#NV", "#BEZUG!", "#WERT!", "#NOM ?", "#VALEUR!"),
        *("#ÉRTÉK!", "#HIÁNYZIK", "#NÉV?", "########", "Err:508"),
    ],
)
def test_an_error_of_a_spreadsheet_is_no_text(cell: str) -> None:
    assert "is an error of a spreadsheet" in refuse_tenant(name=cell)


@pytest.mark.parametrize("cell", ["MÃ¼ller GmbH", "SociÃ©tÃ©", "M\ufffdller GmbH"])
def test_a_text_in_a_wrong_encoding_is_refused(cell: str) -> None:
    assert "was read in another encoding: export it as UTF-8" in refuse_tenant(name=cell)


@pytest.mark.parametrize("cell", ["\u00ad\u200b", "\u200d", "\u0301"])
def test_a_name_without_a_visible_character_is_refused(cell: str) -> None:
    assert "none of them a line end or invisible" in refuse_tenant(name=cell)


@pytest.mark.parametrize(
    "cell", ["Müller & Söhne", "#1 Pizza", "Ærø Ã", "株式会社ファブリカム", "Hello!", "Ü"]
)
def test_an_unusual_name_is_a_name(cell: str) -> None:
    assert TenantColumns(**a_tenant(name=cell)).name == cell


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("CFQ7TTC0LH3N:0001", "is the id of an offer or a SKU: write the part number, such as"),
        ("CFQ7TTC0LH3N:0001:CFQ7TTC0K971", "is the id of an offer or a SKU"),
        ("031C9E47-4802-4248-838E-778FB1D2CC05", "is the id of an offer or a SKU"),
        ("Dynamics 365 Sales Enterprise", "is the name of a product: write the part number"),
        ("#N/A", "is an error of a spreadsheet"),
    ],
)
def test_what_is_no_part_number_says_so(cell: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SubscriptionColumns(**a_subscription(sku_part_number=cell))


@pytest.mark.parametrize("cell", ["DESKLESSPACK", "SPE_E5", "contoso:DESKLESSPACK"])
def test_a_part_number_is_taken(cell: str) -> None:
    row = SubscriptionColumns(**a_subscription(sku_part_number=cell))

    assert row.sku_part_number == cell.removeprefix("contoso:")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Cloud Solution Provider (CSP)", "csp"),
        ("Enterprise Agreement", "volume_licensing"),
        ("MPSA", "volume_licensing"),
    ],
)
def test_a_channel_is_known_by_the_name_of_its_programme(cell: str, code: str) -> None:
    assert SubscriptionColumns(**a_subscription(channel=cell)).channel == code


def test_a_date_of_zeros_is_no_end() -> None:
    assert SubscriptionColumns(**a_subscription(ends_on="0000-00-00")).ends_on is None


@pytest.mark.parametrize("separator", ["、", "，", "；"])
def test_a_list_may_have_japanese_separators(separator: str, tmp_path: Path) -> None:
    (row,) = read(tmp_path, f"tenant_id;domains\n{FABRIKAM};a.example{separator}b.example\n")

    assert row.columns["domains"] == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"tenant_id;name\n{FABRIKAM},Fabrikam\n", "has 1 cell for 2 columns: separate its cells"),
        (
            f'tenant_id,name\n"{FABRIKAM},Fabrikam"\n',
            "without quotation marks around the whole row",
        ),
        ("tenant_id;domains\n1;['a.example']\n", "write the values with ; between them"),
    ],
)
def test_a_row_of_another_shape_says_what_to_do(text: str, words: str, tmp_path: Path) -> None:
    (row,) = read(tmp_path, text)

    assert words in row.error


def read(folder: Path, text: str) -> list[Any]:
    path = folder / "tenants.csv"
    path.write_text(text, encoding="utf-8")
    return list(csv_lines(path, TenantColumns.model_fields))


def refuse_tenant(**cells: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        TenantColumns(**a_tenant(**cells))
    return str(refused.value)
