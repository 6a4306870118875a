"""Feeds as people in the field have them: what is taken and what is refused with its reason.

The expected values are those of docs/feeds.md and of the sources that each group names.
"""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows
from chalicelib.domain.directory import Subscription, Tenant
from chalicelib.domain.ids import tenant_key
from cpor.feeds.report import Report
from tests.feeds.feed_files import (
    FABRIKAM,
    SALES,
    a_month,
    a_partner,
    a_subscription,
    a_tenant,
    import_folder,
    json_lines,
)
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.tables import NAME

ROW = {
    "tenant_id": FABRIKAM,
    "name": "Fabrikam",
    "domains": "fabrikam.example",
    "country": "DE",
    "contacts": "it@fabrikam.example",
    "public_sector": "FALSE",
}


@pytest.fixture
def rows() -> Rows:
    """The rows of an empty table in memory."""
    return Rows(MemoryDynamoDB(), NAME, pause=lambda seconds: None)


def a_csv(separator: str = ",", **cells: str) -> str:
    text = io.StringIO()
    row = ROW | cells
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows([row, row.values()])
    return text.getvalue()


def import_text(folder: Path, rows: Rows, text: str, name: str = "tenants.csv") -> Report:
    folder.joinpath(name).write_text(text, newline="")
    return import_folder(folder, rows)


def import_row(folder: Path, rows: Rows, **file: dict[str, Any]) -> Report:
    """Import one row of a file, after the tenant that it is about."""
    others = {} if "tenants" in file else {"tenants": [a_tenant()]}
    return import_folder(
        json_lines(folder, **others, **{name: [row] for name, row in file.items()}), rows
    )


def find_tenant(rows: Rows) -> Tenant | None:
    return Feed(rows).tenant(tenant_key(FABRIKAM))


def find_subscription(rows: Rows) -> Subscription:
    (found,) = Feed(rows).snapshot(tenant_key(FABRIKAM))[1] or ()
    return found


HEADER = ",".join(ROW)


@pytest.mark.parametrize(
    "header",
    [
        HEADER.upper(),
        HEADER.title(),
        HEADER.replace("_", " "),
        HEADER.replace("_", "-").title(),
        "tenantId,name,domains,country,contacts,publicSector",  # as Microsoft Graph writes names
        ",".join(f'"{name}"' for name in ROW),
        ",".join(f"“{name}”" for name in ROW),
        HEADER.replace(",", ",\u00a0"),
        HEADER.replace(",", ",\u200b"),
        '"public\nsector"'.join(HEADER.rsplit("public_sector", 1)),
        "\ufeff\ufeff" + HEADER,
        "\n\r\n;;;;\n" + HEADER,
        "sep=,,,,,\n" + HEADER,
        '"sep=,",,,,,\n' + HEADER,
    ],
)
def test_a_column_is_known_by_its_letters(header: str, tmp_path: Path, rows: Rows) -> None:
    body = a_csv().partition("\n")[2]

    report = import_text(tmp_path, rows, f"{header}\n{body}")

    tenant = find_tenant(rows)
    assert report.bad_rows == []
    assert report.files["tenants.csv"].unknown_columns == ()
    assert tenant
    assert (tenant.domains, tenant.contacts) == (("fabrikam.example",), ("it@fabrikam.example",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tenants, exported on 20 November\n" + a_csv(), "names none of the columns tenant_id"),
        (a_csv("^"), "names none of the columns tenant_id"),
        (a_csv().replace("country", "Name", 1), "names a column twice: name"),
    ],
)
def test_a_header_that_cannot_be_right_is_one_error(
    text: str, words: str, tmp_path: Path, rows: Rows
) -> None:
    (bad,) = import_text(tmp_path, rows, text).bad_rows

    assert bad.line == 1
    assert words in bad.reason


@pytest.mark.parametrize("end", ["\u00a0,,,,,\n", " , , ,,,\n", "\x1a", "\0\0", "\n\n"])
def test_an_end_without_values_is_no_row(end: str, tmp_path: Path, rows: Rows) -> None:
    assert import_text(tmp_path, rows, a_csv() + end).bad_rows == []


@pytest.mark.parametrize("separator", [";", ",", " ", "\n", "|", " ; ", ", "])
def test_a_list_is_separated_by_what_no_value_contains(
    separator: str, tmp_path: Path, rows: Rows
) -> None:
    domains = f"fabrikam.example{separator}fabrikam.onmicrosoft.com{separator}"

    assert import_text(tmp_path, rows, a_csv(domains=domains)).bad_rows == []

    tenant = find_tenant(rows)
    assert tenant and tenant.domains == ("fabrikam.example", "fabrikam.onmicrosoft.com")


# What Excel writes for TRUE and FALSE in its languages, and what people write instead.
TRUE, FALSE = (
    "TRUE WAHR VRAI IGAZ VERDADERO ИСТИНА yes ja Oui igen はい 1",
    "FALSE FALSCH FAUX HAMIS FALSO ЛОЖЬ no Nein non nem いいえ 0",
)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *((cell, True) for cell in TRUE.split()),
        *((cell, False) for cell in FALSE.split()),
    ],
)
def test_true_and_false_are_read_in_every_language(
    cell: str, expected: bool, tmp_path: Path, rows: Rows
) -> None:
    assert import_text(tmp_path, rows, a_csv(public_sector=cell)).bad_rows == []

    tenant = find_tenant(rows)
    assert tenant and tenant.public_sector is expected


@pytest.mark.parametrize(
    "cell",
    [
        FABRIKAM.upper(),
        f"{{{FABRIKAM}}}",
        FABRIKAM.replace("-", ""),
        f"urn:uuid:{FABRIKAM}",
        f"“{FABRIKAM}”",
        f"'{FABRIKAM}",
        FABRIKAM.replace("-", "\u2011"),  # no-break hyphens, as Word sets them
        FABRIKAM.replace("-", "–"),
        f"\u200b{FABRIKAM}\u00a0",
        FABRIKAM.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ],
)
def test_a_guid_is_read_in_every_spelling(cell: str, tmp_path: Path, rows: Rows) -> None:
    assert import_text(tmp_path, rows, a_csv(tenant_id=cell)).bad_rows == []

    assert find_tenant(rows)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("ALLEMAGNE", "DE"),
        ("ドイツ", "DE"),
        ("magyarország", "HU"),
        ("Great Britain", "GB"),
        ("USA", "US"),
        ("Côte d’Ivoire", "CI"),
        ("Turkiye", "TR"),
    ],
)
def test_a_country_is_known_by_its_name(cell: str, code: str, tmp_path: Path, rows: Rows) -> None:
    assert import_text(tmp_path, rows, a_csv(country=cell)).bad_rows == []

    tenant = find_tenant(rows)
    assert tenant and tenant.country == code


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"tenants": a_tenant(public_sector="maybe")}, "'maybe' is neither TRUE nor FALSE"),
        ({"tenants": a_tenant(tenant_id="0" * 32)}, "is the GUID of nothing"),
        ({"tenants": a_tenant(domains="fabrikam.example")}, "domains: is no list"),
        ({"tenants": a_tenant(name=None)}, "name: is missing: the row needs a value"),
        ({"tenants": a_tenant(Name="Fabrikam 2")}, "names a column twice: name"),
        ({"subscriptions": a_subscription(seats=True)}, "seats: 'True' is not a whole number"),
        (
            {"subscriptions": a_subscription(seats="１２０")},
            "is not a whole number in digits alone",
        ),
        ({"subscriptions": a_subscription(seats="1’200")}, "is not a whole number in digits alone"),
        ({"subscriptions": a_subscription(seats=-1)}, "seats: is negative"),
        (
            {"subscriptions": a_subscription(ends_on="2027-12-31T23:59:59Z")},
            "is a moment: write the day alone, such as 2027-12-31",
        ),
        ({"subscriptions": a_subscription(ends_on="2027-02-29")}, "is no date that exists"),
        ({"subscriptions": a_subscription(ends_on="31-Dec-27")}, "is not a date such as"),
        ({"usage": a_month(month="9999-12")}, "is not a month such as 2026-10"),
        ({"usage": a_month(month="Okt 26")}, "is not a month such as 2026-10"),
    ],
)
def test_what_cannot_be_right_says_what_is_right(
    written: dict[str, Any], words: str, tmp_path: Path, rows: Rows
) -> None:
    (bad,) = import_row(tmp_path, rows, **written).bad_rows

    assert words in bad.reason


# What spreadsheets and data frames make of 4516001.
@pytest.mark.parametrize(
    "rewritten", ["4.516E+06", "4,516E+06", "4.516e6", "4516001.0", "4,516,001", "4.516.001"]
)
def test_a_location_that_a_program_has_rewritten_is_refused(
    rewritten: str, tmp_path: Path, rows: Rows
) -> None:
    partner = a_partner(location_ids=[{"id": rewritten, "name": "Berlin"}])

    (bad,) = import_row(tmp_path, rows, partners=partner).bad_rows

    assert "is an id that a spreadsheet has rewritten" in bad.reason


def test_the_names_in_a_location_are_known_by_their_letters(tmp_path: Path, rows: Rows) -> None:
    location = {"ID": "'4516001", "Name": "Berlin", "partnerType": "frp_fasttrack"}

    assert import_row(tmp_path, rows, partners=a_partner(location_ids=[location])).bad_rows == []

    partner = Feed(rows).partner("org_aperture")
    assert partner
    assert [(one.id, one.partner_type) for one in partner.location_ids] == [
        ("4516001", "frp_fasttrack")
    ]


def test_a_location_that_is_named_twice_is_refused(tmp_path: Path, rows: Rows) -> None:
    twice = [{"id": "4516001", "name": "Berlin"}, {"id": "4516001", "name": "Hamburg"}]

    (bad,) = import_row(tmp_path, rows, partners=a_partner(location_ids=twice)).bad_rows

    assert "location_ids: has an id twice: 4516001" in bad.reason


# .NET's DateTime.MinValue and MaxValue, which Microsoft's reports write for "no date".
@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-31T23:59:59", "0001-01-01T00:00:00Z"])
def test_a_subscription_without_an_end_has_none(day: str, tmp_path: Path, rows: Rows) -> None:
    assert import_row(tmp_path, rows, subscriptions=a_subscription(ends_on=day)).bad_rows == []

    assert find_subscription(rows).ends_on is None


def test_a_sku_may_carry_its_tenant(tmp_path: Path, rows: Rows) -> None:
    """PowerShell's AccountSkuId is `tenant:SKU`."""
    sold = a_subscription(subscription_id=SALES, sku_part_number="fabrikam:DYN365_ENTERPRISE_SALES")

    assert import_row(tmp_path, rows, subscriptions=sold).bad_rows == []

    assert find_subscription(rows).sku_part_number == "DYN365_ENTERPRISE_SALES"
