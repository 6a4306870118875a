"""Files as public reports describe them: taken, or refused with the reason.

`tests/data/feeds` holds the files as spreadsheets save them, with the name of the case before the
name of the file. The sources of the cases:

    semicolon           oroinc/crm#96, Dokuly#149, ImportPagesCSV#9, centreon#32
    utf16               matomo#20211 (Excel's "Unicode text")
    scientific-id       archimatetool/archi#141 and #192, code42/code42cli#284
    country-uk          MicrosoftDocs/partner-center-docs-powershell#147
    subdivision-name    bruxy70/Holidays#44
    contact-nonascii    egulias/EmailValidator#414, aws-cdk#38340, zend-validator#224
"""

import shutil
from pathlib import Path

import pytest

from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows
from chalicelib.domain.ids import tenant_key
from cpor.feeds.report import Report
from tests.feeds.feed_files import FABRIKAM, import_folder

FILES = Path(__file__).resolve().parent.parent / "data" / "feeds"


def import_case(name: str, folder: Path, rows: Rows) -> Report:
    for file in FILES.glob(f"{name}__*.csv"):
        shutil.copy(file, folder / file.name.partition("__")[2])
    return import_folder(folder, rows)


@pytest.mark.parametrize("name", ["semicolon", "sep-line", "trailing-columns"])
def test_a_file_as_excel_saves_it_is_imported(name: str, tmp_path: Path, rows: Rows) -> None:
    report = import_case(name, tmp_path, rows)

    tenant = Feed(rows).tenant(tenant_key(FABRIKAM))
    assert report.bad_rows == []
    assert report.files["tenants.csv"].unknown_columns == ()
    assert tenant and (tenant.name, tenant.subdivision) == ("Fabrikam", "BY")


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("utf16", 1, "is UTF-16 and not UTF-8"),
        ("scientific-id", 2, "location_ids.0.id: 4516000.0 is a number and no id"),
        ("contact-nonascii", 2, "contacts.0: 'jörg@fabrikam.example' is not a mail address"),
        ("usage-workload", 2, "workload: 'exchange_onlin' is unknown; did you mean exchange_onl"),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_cell(
    name: str, line: int, words: str, tmp_path: Path, rows: Rows
) -> None:
    report = import_case(name, tmp_path, rows)

    (bad,) = report.bad_rows
    assert bad.line == line
    assert words in bad.reason


@pytest.mark.parametrize(
    ("name", "country", "subdivision"),
    [("country-uk", "GB", "ENG"), ("subdivision-name", "DE", "BY")],
)
def test_an_alias_becomes_the_code(
    name: str, country: str, subdivision: str, tmp_path: Path, rows: Rows
) -> None:
    assert import_case(name, tmp_path, rows).ok

    tenant = Feed(rows).tenant(tenant_key(FABRIKAM))
    assert tenant and (tenant.country, tenant.subdivision) == (country, subdivision)


def test_an_id_that_is_kept_as_text_by_a_formula_is_taken(tmp_path: Path, rows: Rows) -> None:
    assert import_case("formula-id", tmp_path, rows).ok

    assert Feed(rows).partner("org_a")


@pytest.mark.parametrize("name", ["channel-spelling", "provisioning-case"])
def test_names_are_taken_in_any_spelling(name: str, tmp_path: Path, rows: Rows) -> None:
    assert import_case(name, tmp_path, rows).ok

    (subscription,) = Feed(rows).snapshot(tenant_key(FABRIKAM))[1] or ()
    assert subscription.channel == "volume_licensing"
    assert subscription.provisioning == {"DYN365_ENTERPRISE_SALES": "Success"}


HEADER = "tenant_id,name,country\n"


@pytest.mark.parametrize(
    "text",
    [
        HEADER.replace(",", "\t") + f"{FABRIKAM}\tFabrikam\tDE\n",
        HEADER.replace(",", "|") + f"{FABRIKAM}|Fabrikam|DE\n",
        "sep=;\n" + HEADER.replace(",", ";") + f"{FABRIKAM};Fabrikam;DE\n",
        '"sep=\t"\r\n' + HEADER.replace(",", "\t") + f"{FABRIKAM}\tFabrikam\tDE\r\n",
        "tenant_id,,name,country,,\n" + f"{FABRIKAM},,Fabrikam,DE\n,,,,,\n",
        HEADER + f'"=""{FABRIKAM}""",Fabrikam,DE\n',
    ],
)
def test_the_separator_and_empty_columns_do_not_matter(
    text: str, tmp_path: Path, rows: Rows
) -> None:
    tmp_path.joinpath("tenants.csv").write_text(text, newline="")

    assert import_folder(tmp_path, rows).bad_rows == []
    assert Feed(rows).tenant(tenant_key(FABRIKAM))


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (("\ufeff" + HEADER).encode("utf-16-be"), 1, "UTF-16"),
        (HEADER.encode("utf-16-le"), 1, "UTF-16 without a byte order mark"),
        (("\ufeff" + HEADER).encode("utf-32-le"), 1, "UTF-32"),
        (f"{HEADER}{FABRIKAM},Fürth,DE\n".encode("cp1252"), 2, "Windows-1252"),
        (f"{HEADER}{FABRIKAM},東京,JP\n".encode("cp932"), 2, "legacy encoding"),
        (f"{HEADER}{FABRIKAM},Fabrikam,DE,x\n".encode(), 2, "has 4 cells for 3 columns"),
        (b"sep=,\ntenant_id,name,name\n", 1, "names a column twice: name"),
        (b"sep=,\ntenant_id,name\nx,y,z\n", 3, "has 3 cells for 2 columns"),
        (b"tenant_id,,name\nx,y,z\n", 2, "in a column without a name"),
        (b"tenant_id,name,domains\n" + b"x,y," + b"[" * 99_999, 2, "domains is not JSON: nested"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    raw: bytes, line: int, words: str, tmp_path: Path, rows: Rows
) -> None:
    tmp_path.joinpath("tenants.csv").write_bytes(raw)

    (bad,) = import_folder(tmp_path, rows).bad_rows

    assert bad.line == line
    assert words in bad.reason
    assert bad.reason.isprintable()
