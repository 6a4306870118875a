"""The example files of `cpor feed template`."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.aws.rows import Rows
from cpor.cli import app
from tests.feeds.feed_files import everything, import_folder

NAMES = ["partners", "tenants", "subscriptions", "reviewers", "usage"]


def template(*words: str) -> Any:
    return CliRunner().invoke(app, ["feed", "template", *words])


@pytest.mark.parametrize(("option", "suffix"), [((), "jsonl"), (("--csv",), "csv")])
def test_the_examples_are_imported_whole(
    option: tuple[str, ...], suffix: str, tmp_path: Path, rows: Rows
) -> None:
    done = template(str(tmp_path / "feed"), *option, "--json")

    report = import_folder(tmp_path / "feed", rows)
    assert done.exit_code == 0
    assert [Path(file).name for file in json.loads(done.stdout)["files"]] == [
        f"{name}.{suffix}" for name in NAMES
    ]
    assert (report.bad_rows, report.notes) == ([], [])
    assert [counts.written for counts in report.files.values()] == [1] * 5


def test_both_formats_say_the_same(tmp_path: Path, client: Any, rows: Rows) -> None:
    template(str(tmp_path / "a"))
    template(str(tmp_path / "b"), "--csv")
    import_folder(tmp_path / "a", rows)
    before = everything(client)

    report = import_folder(tmp_path / "b", rows)

    assert [counts.unchanged for counts in report.files.values()] == [1] * 5
    assert everything(client) == before


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "usage.csv").write_text("mine")

    done = template(str(tmp_path))

    assert done.exit_code == 2
    assert [file.name for file in tmp_path.iterdir()] == ["usage.csv"]
