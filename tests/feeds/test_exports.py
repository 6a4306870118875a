"""Files as spreadsheets, databases and scripts export them: taken, or refused with what to do.

The spellings are those of Excel, LibreOffice, Numbers and Google Sheets in several languages, of
pandas, and of the JSON that other programs write.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows
from chalicelib.domain.ids import tenant_key
from cpor.errors import CommandError
from cpor.feeds.importing import find_sources
from cpor.feeds.report import Report
from tests.feeds.feed_files import (
    FABRIKAM,
    SALES,
    a_month,
    a_subscription,
    a_tenant,
    import_folder,
    json_lines,
)
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.tables import NAME

TENANTS = f"tenant_id,name,country\n{FABRIKAM},Fabrikam,DE\n"
WORKBOOK = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0"
OLD_WORKBOOK = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
TENANT = json.dumps(a_tenant())


@pytest.fixture
def rows() -> Rows:
    """The rows of an empty table in memory."""
    return Rows(MemoryDynamoDB(), NAME, pause=lambda seconds: None)


def import_file(folder: Path, rows: Rows, name: str, content: str | bytes) -> Report:
    """Import a file, after the tenant and the subscription that it may be about."""
    kind = name.partition(".")[0]
    if kind != "tenants":
        json_lines(folder, tenants=[a_tenant()])
    if kind == "usage":
        json_lines(folder, subscriptions=[a_subscription()])
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    folder.joinpath(name).write_bytes(raw)
    return import_folder(folder, rows)


def refuse(folder: Path, rows: Rows, name: str, content: str | bytes) -> tuple[int, str]:
    """Return the line and the reason of the only refusal."""
    (bad,) = import_file(folder, rows, name, content).bad_rows
    assert bad.file == name
    assert bad.reason.isprintable()
    return bad.line, bad.reason


@pytest.mark.parametrize(
    "cell",
    [
        *("1.200", "1\u00a0200", "1\u202f200", '"1,200"', "1’200", '"1,20,000"', "120.0", "120,00"),
        *(
            "85%",
            "85 %",
            "120 €",
            "¥120",
            "(120)",
            "１２０",
            "+120",
            "\u2212120",
            "1,2E+03",
            "'120",
        ),
        *("-", "n/a", "#N/A", "#NV", "#REF!", "########", "NULL", "None", "nan", "9" * 30),
    ],
)
def test_a_count_in_another_notation_is_refused_with_the_right_one(
    cell: str, tmp_path: Path, rows: Rows
) -> None:
    text = f"tenant_id;subscription_id;month;licenses_sold\n{FABRIKAM};{SALES};2026-10;{cell}\n"

    line, reason = refuse(tmp_path, rows, "usage.csv", text)

    assert line == 2
    assert reason.startswith("licenses_sold: ")
    assert (
        "is not a whole number in digits alone: write it as 1200, or leave the cell empty" in reason
    )


@pytest.mark.parametrize("cell", ['"=""120"""', "120\u00a0", " 120 ", "0120"])
def test_a_count_in_digits_is_taken(cell: str, tmp_path: Path, rows: Rows) -> None:
    text = f"tenant_id;subscription_id;month;licenses_sold\n{FABRIKAM};{SALES};2026-10;{cell}\n"

    assert import_file(tmp_path, rows, "usage.csv", text).bad_rows == []


@pytest.mark.parametrize(
    "cell",
    ["Okt 26", "10/2026", "2026. október", "2026年10月", "2026-10-01", "46296", "Oct-26", "202610"],
)
def test_a_month_in_another_notation_is_refused(cell: str, tmp_path: Path, rows: Rows) -> None:
    text = f"tenant_id;subscription_id;month\n{FABRIKAM};{SALES};{cell}\n"

    line, reason = refuse(tmp_path, rows, "usage.csv", text)

    assert line == 2
    assert reason.startswith(f"month: {cell!r} is not a month such as 2026-10: format the column")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("31.12.2027", "is not a date such as 2027-12-31"),
        ("12/31/2027", "is not a date such as 2027-12-31"),
        ("2027. 12. 31.", "is not a date such as 2027-12-31"),
        ("2027年12月31日", "is not a date such as 2027-12-31"),
        ("R9.12.31", "is not a date such as 2027-12-31"),
        ("31 déc. 2027", "is not a date such as 2027-12-31"),
        ("2027–12–31", "is not a date such as 2027-12-31"),
        ("46752", "is not a date such as 2027-12-31"),
        ("2027-12-31 0:00", "is more than a date: write the day alone, such as 2027-12-31"),
        ("2027-12-31 noon", "is more than a date: write the day alone, such as 2027-12-31"),
        ("2027-02-29", "is no date that exists: write another, or leave the cell empty"),
    ],
)
def test_a_date_in_another_notation_is_refused(
    cell: str, words: str, tmp_path: Path, rows: Rows
) -> None:
    text = (
        f"subscription_id;tenant_id;sku_part_number;status;ends_on\n{SALES};{FABRIKAM};SKU;Enabled;"
    )

    line, reason = refuse(tmp_path, rows, "subscriptions.csv", f"{text}{cell}\n")

    assert line == 2
    assert reason.startswith("ends_on: ")
    assert words in reason


@pytest.mark.parametrize("day", ["1899-12-30", "1899-12-31", "1900-01-00", "1900-01-01 00:00:00"])
def test_day_zero_of_a_spreadsheet_is_no_end(day: str, tmp_path: Path, rows: Rows) -> None:
    text = "subscription_id,tenant_id,sku_part_number,status,ends_on\n"

    report = import_file(
        tmp_path, rows, "subscriptions.csv", f"{text}{SALES},{FABRIKAM},SKU,Enabled,{day}\n"
    )

    (found,) = Feed(rows).snapshot(tenant_key(FABRIKAM))[1] or ()
    assert report.bad_rows == []
    assert found.ends_on is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("tenants.csv", WORKBOOK, "is a workbook (.xlsx, .ods) or a ZIP file: export its sheet"),
        ("tenants.jsonl", WORKBOOK, "is a workbook (.xlsx, .ods) or a ZIP file: export its sheet"),
        ("tenants.csv", OLD_WORKBOOK, "is an old workbook (.xls): export its sheet"),
        ("tenants.csv", gzip.compress(TENANTS.encode()), "is compressed with gzip: unpack it"),
        ("tenants.jsonl", gzip.compress(TENANT.encode()), "is compressed with gzip: unpack it"),
        ("tenants.csv", b"\x28\xb5\x2f\xfd\0", "is compressed with Zstandard: unpack it"),
        ("tenants.csv", b"PAR1\x15\0", "is a Parquet file: export it as CSV or JSON Lines"),
        ("tenants.csv", b"%PDF-1.7\n%\xe2\xe3", "is a PDF file: export the table"),
        ("tenants.csv", rb"{\rtf1\ansi tenant_id,name}", "is a rich text document: save it as"),
        ("tenants.csv", "<!DOCTYPE html><title>Sign in</title>", "is a web page or XML"),
        ("tenants.csv", "\ufeff<?xml version='1.0'?>\n<Workbook/>", "is a web page or XML"),
        ("tenants.csv", "Tenants of October,,\n" + TENANTS, "names none of the columns tenant_id"),
        ("tenants.csv", "# exported\n" + TENANTS, "names none of the columns tenant_id"),
        ("tenants.csv", TENANTS.replace(",", "，"), "separated by commas, semicolons or tabs"),
        ("tenants.csv", TENANTS.replace("\n", "\u0085"), "has line ends of another kind"),
        ("tenants.csv", TENANTS.replace("\n", "\u2028"), "has line ends of another kind"),
        ("tenants.jsonl", f"[{TENANT}]\n", "is one JSON document and not JSON Lines"),
        ("tenants.jsonl", json.dumps([a_tenant()], indent=2), "is one JSON document and not JSON"),
    ],
)
def test_a_file_of_another_kind_is_one_error(
    name: str, content: str | bytes, words: str, tmp_path: Path, rows: Rows
) -> None:
    line, reason = refuse(tmp_path, rows, name, content)

    assert line == 1
    assert words in reason


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("tenants.csv", TENANTS + '"x,y\nz,\n', 3, "close each quotation mark"),
        ("tenants.csv", TENANTS + 'x,"a \\"b\\" c",DE\n', 3, "write those inside a cell twice"),
        (
            "tenants.csv",
            TENANTS + "x,Fabrikam, Inc.,DE\n",
            3,
            "has the separator in quotation marks",
        ),
        ("tenants.csv", f",tenant_id,name\n0,{FABRIKAM},x\n", 2, "name it in the first line"),
        (
            "tenants.csv",
            TENANTS.replace(",DE", ",Germania"),
            2,
            "write its ISO 3166 code, such as DE",
        ),
        ("tenants.csv", TENANTS + "Summe,2,\n", 3, "tenant_id: 'Summe' is not a GUID"),
        ("tenants.jsonl", TENANT + ",\n", 1, "with no comma behind it"),
        ("tenants.jsonl", TENANT[:-1] + ",}\n", 1, "with no comma behind it"),
        ("tenants.jsonl", TENANT + TENANT, 1, "each line is one object"),
        ("tenants.jsonl", f"// tenants\n{TENANT}\n", 1, "each line is one object"),
        ("tenants.jsonl", f"{TENANT}\n[1]\n", 2, "is not a JSON object: an array"),
        ("tenants.jsonl", f"{TENANT}\nnull\n", 2, "is not a JSON object: null"),
        ("tenants.jsonl", f"{TENANT}\n{'9' * 5_000}\n", 2, "a number has more than 300 digits"),
    ],
)
def test_a_row_that_cannot_be_read_says_what_to_do(
    name: str, content: str, line: int, words: str, tmp_path: Path, rows: Rows
) -> None:
    assert refuse(tmp_path, rows, name, content)[0] == line
    assert words in refuse(tmp_path, rows, name, content)[1]


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("tenants", a_tenant(name=["x"]), "name: is no text: write it in quotation marks"),
        ("tenants", a_tenant(name="\ud800"), "name: has half a character"),
        ("tenants", a_tenant(public_sector=2), "public_sector: '2' is neither TRUE nor FALSE"),
        ("tenants", a_tenant(public_sector=[True]), "public_sector: '[True]' is neither TRUE nor"),
        ("usage", a_month(licenses_sold=120.5), "licenses_sold: '120.5' is not a whole number"),
        ("usage", a_month(licenses_sold=[1]), "licenses_sold: '[1]' is not a whole number"),
        ("usage", a_month(licenses_sold=True), "licenses_sold: 'True' is not a whole number"),
        ("usage", a_month(licenses_sold=10**25), "licenses_sold: is larger than 10000000000"),
        ("usage", a_month(licenses_sold=-1), "licenses_sold: is negative: write it as 1200"),
    ],
)
def test_a_json_value_of_another_type_is_refused_by_its_name(
    name: str, row: dict[str, Any], words: str, tmp_path: Path, rows: Rows
) -> None:
    line, reason = refuse(tmp_path, rows, f"{name}.jsonl", json.dumps(row))

    assert line == 1
    assert reason.startswith(words)


@pytest.mark.parametrize("flag", [1.0, 0, "1.0", "0.0", True])
def test_a_flag_as_data_frames_write_it_is_taken(flag: Any, tmp_path: Path, rows: Rows) -> None:
    content = json.dumps(a_tenant(public_sector=flag))

    assert import_file(tmp_path, rows, "tenants.jsonl", content).bad_rows == []
    tenant = Feed(rows).tenant(tenant_key(FABRIKAM))
    assert tenant and tenant.public_sector == (float(flag) == 1)


@pytest.mark.parametrize(
    "name",
    [
        *("tenants.xlsx", "tenants.tsv", "tenants.json", "tenants.txt", "tenants.csv.gz"),
        *("tenants (1).csv", "Customers - tenants.csv", "tenants.ndjson", "TENANTS.CSV"),
    ],
)
def test_a_file_under_another_name_is_not_left_out_in_silence(name: str, tmp_path: Path) -> None:
    json_lines(tmp_path, partners=[])
    tmp_path.joinpath(name).write_text(TENANTS)

    with pytest.raises(
        CommandError, match=r"is not read: save it as tenants\.csv, in UTF-8, or as"
    ):
        find_sources(tmp_path)


@pytest.mark.parametrize("name", ["tenants.xlsx", "notes.txt", "tenants.txt", ".tenants.csv.swp"])
def test_a_file_that_is_not_meant_stays_where_it_is(name: str, tmp_path: Path) -> None:
    json_lines(tmp_path, tenants=[])
    tmp_path.joinpath(name).write_text(TENANTS)

    assert [source.path.name for source in find_sources(tmp_path)] == ["tenants.jsonl"]
