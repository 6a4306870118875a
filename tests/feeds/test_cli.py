"""The import as a command: exit codes, what a person reads, what a machine reads."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cpor.cli import app
from tests.support.tables import NAME, fresh_table, rows_of

GOOD = (
    '{"organisation_id": "org_aperture", "name": "Aperture", '
    '"location_ids": [{"id": "4516001", "name": "Berlin"}]}'
)
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture
def client() -> Iterator[Any]:
    with fresh_table() as client:
        yield client


def cpor(*words: str, **environment: str) -> Any:
    return CliRunner().invoke(app, list(words), env=ENVIRONMENT | environment)


def a_feed(folder: Path, *lines: str) -> str:
    folder.joinpath("partners.jsonl").write_text("".join(line + "\n" for line in lines))
    return str(folder)


def test_all_in_ends_with_nought(tmp_path: Path, client: Any) -> None:
    ended = cpor("import", a_feed(tmp_path, GOOD), "--table", NAME, "--workers", "1")

    assert ended.exit_code == 0
    assert "partners.jsonl" in ended.stdout
    assert rows_of(client).query("O#org_aperture")


def test_bad_rows_end_with_one_and_are_listed(tmp_path: Path, client: Any) -> None:
    ended = cpor("import", a_feed(tmp_path, "[red]", GOOD), "--table", NAME, "--workers", "1")

    assert ended.exit_code == 1
    assert "partners.jsonl:1 is not a JSON object" in ended.stdout
    assert rows_of(client).query("O#org_aperture")


def test_a_large_row_goes_in_once_and_is_known_again(tmp_path: Path, client: Any) -> None:
    slots = [{"id": f"45{n:05d}", "name": f"Berlin {n}"} for n in range(30)]
    feed = a_feed(
        tmp_path,
        json.dumps({"organisation_id": "org_aperture", "name": "Aperture", "location_ids": slots}),
    )

    first, second = (
        cpor("import", feed, "--table", NAME, "--workers", "1", "--json") for _ in range(2)
    )

    reports = [json.loads(ended.stdout)["files"]["partners.jsonl"] for ended in (first, second)]
    assert [(one["written"], one["unchanged"]) for one in reports] == [(1, 0), (0, 1)]


def test_machines_read_one_object(tmp_path: Path, client: Any) -> None:
    ended = cpor("import", a_feed(tmp_path, "{", GOOD), "--table", NAME, "--workers", "1", "--json")

    answer = json.loads(ended.stdout)
    assert (ended.exit_code, answer["ok"]) == (1, False)
    assert answer["files"]["partners.jsonl"]["written"] == 1
    assert [(bad["file"], bad["line"]) for bad in answer["bad_rows"]] == [("partners.jsonl", 1)]


def test_a_folder_without_a_feed_ends_with_two(tmp_path: Path, client: Any) -> None:
    ended = cpor("import", str(tmp_path), "--json")

    assert ended.exit_code == 2
    assert "none of the feed's files" in json.loads(ended.stdout)["error"]


def test_a_missing_table_ends_with_two(tmp_path: Path, client: Any) -> None:
    ended = cpor("import", a_feed(tmp_path, GOOD), "--table", "nowhere", "--workers", "1")

    assert ended.exit_code == 2
    assert "The database refuses" in ended.stderr


def test_a_database_that_is_away_ends_with_two(tmp_path: Path) -> None:
    ended = cpor(
        "import",
        a_feed(tmp_path, GOOD),
        "--endpoint-url",
        "http://127.0.0.1:9",
        AWS_MAX_ATTEMPTS="1",
    )

    assert ended.exit_code == 2
    assert "Run it again to continue" in ended.stderr


def test_help_is_everywhere() -> None:
    assert cpor("--help").exit_code == 0
    assert "--json" in cpor("import", "--help").stdout
