"""`cpor claims file`: rows become filings, results are kept, and nothing is filed twice."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from cpor import bulk_filing, http
from cpor.errors import CommandError
from tests.cli.claims import claims
from tests.support.customer import SALES
from tests.support.files import JPEG, PDF
from tests.support.partner_api import PartnerApi

HEAD = [
    "location_id",
    "tenant_id",
    "domain",
    "product",
    "customer_contact.email",
    "external_reference",
]


def file(api: PartnerApi, source: Path, *words: str) -> Any:
    return claims(
        "file", str(source), "--url", api.url, "--token", "secret-token", "--json", *words
    )


def a_list(folder: Path, *references: str, head: list[str] = HEAD) -> Path:
    path = folder / "list.csv"
    with path.open("w", newline="") as opened:
        lines = csv.writer(opened)
        lines.writerow(head)
        lines.writerows(
            ["4516001", "t", "fabrikam.example", SALES, "a@fabrikam.example", one]
            for one in references
        )
    return path


def results(folder: Path) -> list[dict[str, str]]:
    with (folder / "list.results.csv").open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_each_row_comes_back_with_its_claim_or_its_codes(tmp_path, api):
    ended = file(api, a_list(tmp_path, "a", "bad", "c"))

    rows = results(tmp_path)
    assert ended.exit_code == 1
    assert [row["result"] for row in rows] == ["clm_1", "product_unknown domain_mismatch", "clm_2"]
    assert rows[1]["detail"] == "'=about product_unknown do domain: =about domain_mismatch do"
    assert [row["external_reference"] for row in rows] == ["a", "bad", "c"]
    assert json.loads(ended.stdout)["rows"][1]["codes"] == ["product_unknown", "domain_mismatch"]
    assert "secret-token" not in ended.output


def test_a_list_with_semicolons_is_filed(tmp_path, api):
    path = a_list(tmp_path, "a")
    path.write_text(path.read_text().replace(",", ";"))

    assert file(api, path).exit_code == 0
    assert results(tmp_path)[0]["customer_contact.email"] == "a@fabrikam.example"


def test_a_list_in_another_encoding_is_refused_by_its_name(tmp_path, api):
    path = a_list(tmp_path, "a")
    path.write_text(path.read_text(), encoding="utf-16")

    ended = file(api, path)

    assert ended.exit_code == 2
    assert "is UTF-16 and not UTF-8" in json.loads(ended.stdout)["error"]


def test_a_row_becomes_the_filing_it_says(tmp_path, api):
    head = [
        "location_id",
        "product",
        "customer_contact.name",
        "customer_contact.email",
        "revenue_details.isv_solution_name",
        "covers",
        "evidence",
        "evidence_kind",
        "acknowledged_on",
        "submit",
    ]
    path = tmp_path / "list.csv"
    path.write_text(
        ",".join(head) + "\n1,p,Anna,a@b.example,ISV,p; q,evd_1;evd_2,signed_sow,2026-09-30,false\n"
    )

    file(api, path)

    proof = {"kind": "signed_sow", "acknowledged_on": "2026-09-30", "covers": ["p", "q"]}
    assert api.asked[0].body == {
        "location_id": "1",
        "items": [{"product": "p"}],
        "customer_contact": {"name": "Anna", "email": "a@b.example"},
        "revenue_details": {"isv_solution_name": "ISV"},
        "submit": False,
        "evidence": [{"id": "evd_1", **proof}, {"id": "evd_2", **proof}],
    }


def test_running_it_again_sends_only_what_has_no_claim_yet(tmp_path, api, book):
    source = a_list(tmp_path, "a", "bad", "c")
    file(api, source)
    sent = len(api.asked)

    again = file(api, source)
    a_list(tmp_path, "a", "corrected", "c")
    third = file(api, source)

    assert len(api.asked) == sent + 2
    assert (again.exit_code, third.exit_code) == (1, 0)
    assert [row["result"] for row in results(tmp_path)] == ["clm_1", "clm_3", "clm_2"]


def test_a_run_whose_results_are_lost_files_nothing_twice(tmp_path, api, book):
    source = a_list(tmp_path, "a", "b", "a")
    file(api, source)
    first = results(tmp_path)
    (tmp_path / "list.results.csv").unlink()

    file(api, source)

    assert results(tmp_path) == first
    assert len(book.filed) == 2, "the same row twice is the same filing"


def test_a_run_that_is_stopped_keeps_its_results_and_goes_on(tmp_path, api, book):
    source, seen = a_list(tmp_path, "a", "b", "c"), []

    def stop_at_two() -> None:
        seen.append(1)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bulk_filing.file_all(
            http.Api(api.url, "t"), source, tmp_path / "list.results.csv", stop_at_two
        )
    kept = [row["result"] for row in results(tmp_path)]

    ended = file(api, source)

    assert kept == ["clm_1", "clm_2", "not_sent"]
    assert (ended.exit_code, len(book.filed)) == (0, 3)


def test_it_waits_as_long_as_retry_after_says_and_sends_the_same_again(tmp_path, api, book):
    waited: list[float] = []
    book.later = 2

    done = bulk_filing.file_all(
        http.Api(api.url, "t", waited.append),
        a_list(tmp_path, "a"),
        tmp_path / "r.csv",
        lambda: None,
    )

    assert (waited, done[0].claim_id) == ([7.0, 7.0], "clm_1")
    assert len({asked.key for asked in api.asked}) == 1


def test_files_next_to_the_list_are_uploaded_once_and_again_when_a_form_has_expired(
    tmp_path, api, monkeypatch
):
    (tmp_path / "sow.pdf").write_bytes(PDF)
    source = a_list(tmp_path, "sow.pdf", head=[*HEAD[:-1], "evidence"])
    put: list[bytes] = []

    def upload(self: Any, url: str, fields: Any, content: bytes) -> bool:
        put.append(content)
        return len(put) > 1

    monkeypatch.setattr(http.Api, "upload", upload)

    ended = file(api, source)

    announced = [asked for asked in api.asked if asked.path == "/v1/evidence"]
    assert (ended.exit_code, put) == (0, [PDF, PDF])
    assert announced[0].body == {
        "file_name": "sow.pdf",
        "content_type": "application/pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
    }
    assert announced[0].key != announced[1].key
    assert (
        api.asked[-1].body["evidence"][0]["id"]
        == f"evd_{hashlib.sha256(announced[1].key.encode()).hexdigest()[:8]}"
    )


@pytest.mark.parametrize(
    ("cells", "code"),
    [("missing.pdf", "evidence_unreadable"), ("macro.exe", "evidence_type_not_allowed")],
)
def test_a_file_that_cannot_be_taken_is_reported_for_its_row(tmp_path, api, cells, code):
    ended = file(api, a_list(tmp_path, cells, head=[*HEAD[:-1], "evidence"]))

    assert (ended.exit_code, results(tmp_path)[0]["result"], api.asked) == (1, code, [])


def test_only_files_in_the_folder_of_the_list_are_uploaded(tmp_path, api):
    folder, secret = tmp_path / "mine", tmp_path / "secret.pdf"
    folder.mkdir()
    secret.write_bytes(PDF)
    (folder / "link.pdf").symlink_to(secret)
    (folder / "sub").symlink_to(tmp_path)
    cells = [
        str(secret),
        "../secret.pdf",
        "link.pdf",
        "sub/secret.pdf",
        "./../mine/../secret.pdf",
        str(folder / "own.pdf"),
    ]
    (folder / "own.pdf").write_bytes(PDF)

    file(api, a_list(folder, *cells, head=[*HEAD[:-1], "evidence"]))

    assert {row["result"] for row in results(folder)} == {"evidence_outside_folder"}
    assert api.asked == []


def test_a_file_below_the_folder_of_the_list_is_uploaded(tmp_path, api, monkeypatch):
    (tmp_path / "proofs").mkdir()
    (tmp_path / "proofs" / "sow.pdf").write_bytes(PDF)
    monkeypatch.setattr(http.Api, "upload", lambda self, url, fields, content: True)

    file(api, a_list(tmp_path, "proofs/sow.pdf", head=[*HEAD[:-1], "evidence"]))

    assert results(tmp_path)[0]["result"] == "clm_1"


@pytest.mark.parametrize("name", ["photo.jfif", "photo.JPG", "photo.jpeg"])
def test_a_photo_is_uploaded_under_any_of_its_extensions(tmp_path, api, monkeypatch, name):
    """Windows saves pictures from browsers as .jfif (its registry's first for image/jpeg)."""
    (tmp_path / name).write_bytes(JPEG)
    monkeypatch.setattr(http.Api, "upload", lambda self, url, fields, content: True)

    file(api, a_list(tmp_path, name, head=[*HEAD[:-1], "evidence"]))

    assert results(tmp_path)[0]["result"] == "clm_1"
    assert api.asked[0].body["content_type"] == "image/jpeg"


@pytest.mark.parametrize("cell", ["4.516E+06", "4,516E+06", "4516001.0", "4,516,001", "4.516.001"])
def test_a_location_that_a_spreadsheet_has_rewritten_is_reported(tmp_path, api, cell):
    """archi#141 and #192: Excel shows and saves long numbers so."""
    path = tmp_path / "list.csv"
    path.write_text(f'location_id;tenant_id\n"{cell}";t\n')

    file(api, path)

    row = results(tmp_path)[0]
    assert (row["result"], api.asked) == ("location_id_rewritten", [])
    assert "as text" in row["detail"]


@pytest.mark.parametrize("cell", ["a\0.pdf", "x" * 300 + ".pdf", "folder.pdf"])
def test_a_cell_that_names_no_file_is_reported_for_its_row(tmp_path, api, cell):
    (tmp_path / "folder.pdf").mkdir()

    file(api, a_list(tmp_path, cell, head=[*HEAD[:-1], "evidence"]))

    assert results(tmp_path)[0]["result"] == "evidence_unreadable"


def test_a_row_that_is_none_keeps_no_other_out(tmp_path, api):
    path = a_list(tmp_path, "a")
    path.write_text(path.read_text() + "1,2,3,4,5,6,7,8\n4516001,t,x.example,p,a@b.example,z\n")

    file(api, path)

    assert [row["result"] for row in results(tmp_path)] == ["clm_1", "row_malformed", "clm_2"]


@pytest.mark.parametrize("text", ["location_id,nonsense\n1,2\n", "name,name\n1,2\n"])
def test_a_list_with_unknown_columns_is_refused(tmp_path, api, text):
    path = tmp_path / "list.csv"
    path.write_text(text)

    ended = file(api, path)

    assert (ended.exit_code, api.asked) == (2, [])


@pytest.mark.parametrize(
    "words",
    [
        ("--token", "t"),
        ("--url", "ftp://x", "--token", "t"),
        ("--url", "https://x"),
        ("--url", "https://x", "--token", "a\nb"),
    ],
)
def test_without_address_or_token_it_ends_with_two(tmp_path, words):
    assert claims("file", str(a_list(tmp_path, "a")), *words).exit_code == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://por.example",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example/",
        "http://10.0.0.1:8000",
        "HTTP://por.example",
        "http:///v1",
        "https://",
    ],
)
def test_a_token_is_not_sent_where_it_could_be_read_on_its_way(url):
    with pytest.raises(CommandError):
        http.Api(url, "t")


@pytest.mark.parametrize(
    "url",
    [
        "https://por.example/base",
        "http://localhost:8000",
        "http://127.0.0.1:8000/api",
        "http://[::1]:8000",
    ],
)
def test_a_token_is_sent_over_https_and_within_this_machine(url):
    http.Api(url, "t")


def test_a_token_that_is_not_accepted_and_a_service_that_is_away_end_with_two(
    tmp_path, api, monkeypatch
):
    monkeypatch.setattr(http, "ATTEMPTS", 2)  # each waits twice as long as the one before
    api.answer = lambda asked: (401, {"code": "token_expired"}, {})
    source = a_list(tmp_path, "a")

    refused, away = (
        file(api, source),
        claims("export", "--url", "http://127.0.0.1:9", "--token", "t"),
    )

    assert (refused.exit_code, away.exit_code) == (2, 2)
    assert "token_expired" in json.loads(refused.stdout)["error"]
