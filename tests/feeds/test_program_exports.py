"""What programs write besides values, and values that a program has spoilt.

The sources: learn.microsoft.com/powershell/…/export-csv ("#TYPE" is the first line in Windows
PowerShell 5.1; a list is written as the name of its type), sqlcmd and SAP's list output (lines of
dashes), openpyxl (`_x000D_`), and Excel, which reads a CSV file without a byte order mark in the
encoding of its system: Windows-1252, Windows-1250 (Hungarian), Mac OS Roman.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows
from chalicelib.domain.ids import tenant_key
from cpor.errors import CommandError
from cpor.feeds.columns import PartnerColumns, SubscriptionColumns, TenantColumns
from cpor.feeds.importing import find_sources
from cpor.feeds.report import BadRow
from cpor.feeds.row_errors import describe_errors
from tests.feeds.feed_files import (
    CONTOSO,
    FABRIKAM,
    a_partner,
    a_subscription,
    a_tenant,
    import_folder,
    json_lines,
)
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.tables import NAME

HEADER = "tenant_id,name,domains"
ROW = f"{FABRIKAM},Fabrikam,fabrikam.example"
OTHER = f"{CONTOSO},Contoso,contoso.example"


@pytest.fixture
def rows() -> Rows:
    """The rows of an empty table in memory."""
    return Rows(MemoryDynamoDB(), NAME, pause=lambda seconds: None)


@pytest.mark.parametrize(
    "lines",
    [
        ["#TYPE System.Management.Automation.PSCustomObject", HEADER, ROW],
        ['"#TYPE Selected.System.Object",,', HEADER, ROW],
        ["\ufeff#TYPE System.Data.DataRow", HEADER, ROW],
        [HEADER, ROW, HEADER, OTHER],
        [HEADER, ROW, f"\ufeff{HEADER}", OTHER],  # two files joined to one
        [f'"{HEADER}"'.replace(",", '","'), ROW, f'\ufeff"{HEADER}"'.replace(",", '","'), OTHER],
        [HEADER, ROW, HEADER.replace(",", " , "), OTHER],
        [HEADER, "---------,----,-------", ROW],
        ["-" * 40, HEADER, "-" * 40, ROW, "-" * 40],
        [f"|{HEADER}|".replace(",", "|"), "|:---|---|---|", f"|{ROW}|".replace(",", "|")],
        [HEADER.replace("domains", "Domain"), ROW],
    ],
)
def test_what_a_program_adds_is_no_row(lines: list[str], tmp_path: Path, rows: Rows) -> None:
    tmp_path.joinpath("tenants.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    report = import_folder(tmp_path, rows)

    tenant = Feed(rows).tenant(tenant_key(FABRIKAM))
    assert report.bad_rows == []
    assert report.files["tenants.csv"].unknown_columns == ()
    assert tenant and (tenant.name, tenant.domains) == ("Fabrikam", ("fabrikam.example",))


@pytest.mark.parametrize(
    "cell",
    [
        "System.Object[]",
        "System.String[]",
        "System.Collections.Hashtable",
        "System.Collections.Generic.List`1[System.String]",
    ],
)
def test_the_name_of_a_type_is_no_list(cell: str, tmp_path: Path, rows: Rows) -> None:
    tmp_path.joinpath("tenants.csv").write_text(f"{HEADER}\n{FABRIKAM},Fabrikam,{cell}\n")

    (bad,) = import_folder(tmp_path, rows).bad_rows

    assert bad.line == 2
    assert bad.reason.startswith(f"domains: {cell!r} is what PowerShell writes for a list: write")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("=A2", "'=A2' is a formula: write its result"),
        ('=CONCATENATE("Fab","rikam")', "is a formula: write its result"),
        ("NULL", "'NULL' is what a program writes for no value: write the value"),
        ("\\N", "is what a program writes for no value"),
        ("#GETTING_DATA", "is an error of a spreadsheet: write the value"),
        ("Loading...", "is an error of a spreadsheet: write the value"),
        ("#YOK", "is an error of a spreadsheet: write the value"),
        ("#Н/Д", "is an error of a spreadsheet: write the value"),
        ("nan", "is what a program writes for no value"),
        ("N/A", "is what a program writes for no value"),
        ("M&uuml;ller", "'M&uuml;ller' has '&uuml;': write the character itself"),
        ("Smith &amp; Sons", "has '&amp;': write the character itself"),
        ("O&#39;Neill", "has '&#39;': write the character itself"),
        ("Fabrikam_x000D_", "has '_x000D_': write the character itself"),
        ("Müller GmbH".encode().decode("cp1250"), "was read in another encoding"),
        ("Első Kft".encode().decode("cp1250"), "was read in another encoding"),
        ("Müller GmbH".encode().decode("mac_roman"), "was read in another encoding"),
        ("Société".encode().decode("cp850"), "was read in another encoding"),
    ],
)
def test_a_name_that_a_program_has_spoilt_is_refused(name: str, words: str) -> None:
    assert words in refuse(TenantColumns, a_tenant(name=name))


@pytest.mark.parametrize(
    "name",
    [
        *("AT&T", "R&D; Labs", "1&1", "+49 Telefon", "'s-Hertogenbosch BV", "None of the Above"),
        *(
            "PĂŞUNE SRL",
            "SPÓŁKA KSIĘŻYC z o.o.",
            "Úžice",
            "Рівне",
            "Łódź",
            "ﾎｼ",
            "√2 GmbH",
            "Ä & Ö",
        ),
    ],
)
def test_an_unusual_name_is_taken(name: str) -> None:
    assert TenantColumns(**a_tenant(name=name)).name == name


@pytest.mark.parametrize("cell", ["dyn365_enterprise_sales", "DYN365-ENTERPRISE-SALES"])
def test_a_known_part_number_has_one_spelling(cell: str) -> None:
    row = SubscriptionColumns(**a_subscription(sku_part_number=cell))

    assert row.sku_part_number == "DYN365_ENTERPRISE_SALES"


def test_a_part_number_that_has_spaces_itself_is_taken() -> None:
    spaced = "DYN365_ ENTERPRISE _RELATIONSHIP_SALES"  # so in Microsoft's own list

    row = SubscriptionColumns(**a_subscription(sku_part_number=spaced))

    assert row.sku_part_number == spaced


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"sku_part_number": "Microsoft 365 E5"}, "is the name of a product: write the part"),
        ({"sku_part_number": "SPE_E5;SPE_E3"}, "'SPE_E5;SPE_E3' is a list: write the part number"),
        ({"sku_part_number": "=A1"}, "is a formula"),
        ({"subscription_id": FABRIKAM}, "is the tenant's id: write the subscription's own"),
        # The id of the SKU DYN365_ENTERPRISE_SALES in Microsoft's list.
        (
            {"subscription_id": "1e1a282c-9c54-43a2-9310-98ef728faace"},
            "is the id of a SKU: write the subscription's own",
        ),
        ({"ends_on": "0202-06-30"}, "'0202-06-30' cannot be right: write another, or leave"),
        ({"ends_on": "2207-06-30"}, "cannot be right"),
        ({"ends_on": "2999-12-31"}, "cannot be right"),
    ],
)
def test_a_subscription_that_cannot_be_right_is_refused(cells: dict[str, str], words: str) -> None:
    assert words in refuse(SubscriptionColumns, a_subscription(**cells))


# The first days of Windows, of SQL Server, which are Business Central's empty date, and of Unix.
@pytest.mark.parametrize("day", ["1601-01-01T00:00:00Z", "1753-01-01", "1970-01-01"])
def test_the_first_day_of_a_calendar_is_no_end(day: str) -> None:
    assert SubscriptionColumns(**a_subscription(ends_on=day)).ends_on is None


@pytest.mark.parametrize("locations", [4516001, {"id": "4516001", "name": "Berlin"}, ["4516001"]])
def test_locations_of_another_shape_say_what_to_write(locations: Any) -> None:
    reason = refuse(PartnerColumns, a_partner(location_ids=locations))

    assert 'is no list of objects: write [{"id": "4516001", "name": "Berlin"}]' in reason


def test_null_in_a_location_is_not_given() -> None:
    location = {"id": "4516001", "name": "Berlin", "enrolled": None}

    (found,) = PartnerColumns(**a_partner(location_ids=[location])).partner().location_ids

    assert found.enrolled == ()


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("tenant_id,Firmenname,domains", "has no column name, which each row needs; Firmenname is"),
        ("Mandant,name,domains", "has no column tenant_id, which each row needs; Mandant is none"),
        ("domains", "has no column tenant_id, name, which each row needs"),
    ],
)
def test_a_column_that_each_row_needs_is_missed_once(
    header: str, reason: str, tmp_path: Path, rows: Rows
) -> None:
    rest = ROW if "," in header else "fabrikam.example"
    tmp_path.joinpath("tenants.csv").write_text(f"{header}\n{rest}\n{rest}\n")

    (bad,) = import_folder(tmp_path, rows).bad_rows

    assert bad.line == 1
    assert bad.reason.startswith(reason)


@pytest.mark.parametrize("empty", ["", " ", "\u3000"])
def test_an_empty_text_is_not_given_in_json_either(empty: str, tmp_path: Path, rows: Rows) -> None:
    tenant = a_tenant(country=empty, time_zone=empty, subdivision=empty, locale=empty)
    sold = a_subscription(channel=empty, seats=empty, ends_on=empty, owner_tenant_id=empty)
    location = {"id": "4516001", "name": "Berlin", "partner_type": empty}
    json_lines(
        tmp_path,
        partners=[a_partner(location_ids=[location])],
        tenants=[tenant],
        subscriptions=[sold],
    )

    report = import_folder(tmp_path, rows)

    found, subscriptions = Feed(rows).snapshot(tenant_key(FABRIKAM))
    assert report.bad_rows == []
    assert found and (found.country, found.time_zone, found.locale) == (None, None, "en")
    assert subscriptions and (subscriptions[0].channel, subscriptions[0].seats) == (None, None)


def test_a_formula_without_text_is_an_empty_cell(tmp_path: Path, rows: Rows) -> None:
    text = f'{HEADER},country\n{ROW},"="""""\n'
    tmp_path.joinpath("tenants.csv").write_text(text)

    assert import_folder(tmp_path, rows).bad_rows == []


def test_the_end_mark_of_dos_is_no_object(tmp_path: Path, rows: Rows) -> None:
    tmp_path.joinpath("tenants.jsonl").write_text(json.dumps(a_tenant()) + "\n\x1a")

    assert import_folder(tmp_path, rows).bad_rows == []


def test_a_country_code_may_be_of_full_width() -> None:
    assert TenantColumns(**a_tenant(country="ＤＥ")).country == "DE"


def test_an_unknown_member_of_a_location_is_named(tmp_path: Path, rows: Rows) -> None:
    location = {"id": "4516001", "name": "Berlin", "enroled": ["bizapps_usage_recognition"]}
    json_lines(tmp_path, partners=[a_partner(location_ids=[location])])

    report = import_folder(tmp_path, rows)

    assert report.ok
    assert report.notes == [
        BadRow("partners.jsonl", 1, "location_ids.0.enroled: is unknown and left out")
    ]


def test_a_relation_to_an_unknown_partner_is_named(tmp_path: Path, rows: Rows) -> None:
    reviewer = {"sub": "Mara Keller", "related_partners": ["org_aperture", "org_apertrue"]}
    json_lines(tmp_path, partners=[a_partner()], reviewers=[reviewer])

    report = import_folder(tmp_path, rows)

    assert Feed(rows).find_related_partners("Mara Keller") == {"org_aperture", "org_apertrue"}
    (note,) = report.notes
    assert (note.file, note.line) == ("reviewers.jsonl", 1)
    assert note.reason.startswith("partner org_apertrue is unknown: the relation has no effect")


@pytest.mark.parametrize(
    "name",
    [
        *("tenants - Copy.csv", "Copy of tenants.csv", "Kopie von tenants.xlsx", "tenant.csv"),
        *("feed-tenants.csv", "tenants_final.csv", "tenants export.json"),
    ],
)
def test_a_copy_under_another_name_is_not_left_out_in_silence(name: str, tmp_path: Path) -> None:
    json_lines(tmp_path, partners=[])
    tmp_path.joinpath(name).write_text(f"{HEADER}\n{ROW}\n")

    with pytest.raises(CommandError, match=r"is not read: save it as tenants\.csv"):
        find_sources(tmp_path)


@pytest.mark.parametrize("name", ["notes on tenants.txt", "tenants.log", "tenantships.csv"])
def test_a_file_about_something_else_stays_where_it_is(name: str, tmp_path: Path) -> None:
    json_lines(tmp_path, partners=[])
    tmp_path.joinpath(name).write_text("x")

    assert [source.path.name for source in find_sources(tmp_path)] == ["partners.jsonl"]


def refuse(columns: type[Any], row: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        columns.model_validate(row)
    return describe_errors(refused.value)
