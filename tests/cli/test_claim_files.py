"""Lists of claims and their results as spreadsheets save them again, and files of other kinds."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_claims import a_list, file, results


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("list.xlsx", b"PK\x03\x04\x14\0", "is a workbook (.xlsx, .ods) or a ZIP file"),
        ("list.csv", b"PK\x03\x04\x14\0", "is a workbook (.xlsx, .ods) or a ZIP file"),
        ("list.xls", bytes.fromhex("d0cf11e0a1b11ae1"), "is an old workbook (.xls)"),
        ("list.csv.gz", b"\x1f\x8b\x08\0", "is compressed with gzip: unpack it"),
        ("list.csv", "\ufefflocation_id\n1\n".encode("utf-16-le"), "is UTF-16 and not UTF-8"),
        ("list.csv", b"<html>", "is a web page or XML"),
        ("list.jsonl", b'{"location_id": 1, "submit": true}\n', "is not CSV"),
        ("list.json", b'[{"location_id": "1"}]', "names none of the columns location_id"),
        ("list.csv", b"Claims of October,,\nlocation_id,domain\n", "names none of the columns"),
        ("list.csv", b"location_id,domain,Location ID\n", "names a column twice: location_id"),
        ("list.csv", "location_id,name\u2028".encode(), "has line ends of another kind"),
    ],
)
def test_a_file_that_is_no_list_is_one_error(
    name: str, content: bytes, words: str, tmp_path: Path, api: Any
) -> None:
    tmp_path.joinpath(name).write_bytes(content)

    ended = file(api, tmp_path / name)

    assert ended.exit_code == 2
    assert words in json.loads(ended.stdout)["error"]
    assert api.asked == []


@pytest.mark.parametrize("separator", [";", "\t"])
def test_results_that_a_spreadsheet_has_saved_are_known(
    separator: str, tmp_path: Path, api: Any
) -> None:
    source = a_list(tmp_path, "a", "b")
    file(api, source)
    saved = tmp_path / "list.results.csv"
    text = saved.read_text(encoding="utf-8-sig").replace(",", separator)
    saved.write_bytes(text.encode())
    before = len(api.asked)

    ended = file(api, source)

    assert ended.exit_code == 0
    assert len(api.asked) == before
    assert [row["result"] for row in results(tmp_path)] == ["clm_1", "clm_2"]


def test_results_that_cannot_be_read_are_kept(tmp_path: Path, api: Any) -> None:
    source = a_list(tmp_path, "a")
    file(api, source)
    saved = tmp_path / "list.results.csv"
    content = saved.read_text(encoding="utf-8-sig").encode("utf-16")
    saved.write_bytes(content)
    before = len(api.asked)

    ended = file(api, source)

    assert ended.exit_code == 2
    assert "list.results.csv is UTF-16 and not UTF-8" in json.loads(ended.stdout)["error"]
    assert (len(api.asked), saved.read_bytes()) == (before, content)
