"""`cpor insights rebuild` and `cpor export events`."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cpor.cli import app
from cpor.event_export import list_all_events, write_days
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.http_server import serve
from tests.support.in_process import in_process
from tests.support.service import Service
from tests.support.tables import NAME


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with in_process(moto=True) as made:
        monkeypatch.setenv("STAGE", "local")
        yield made


def run(*words: str) -> Any:
    environment = {**ENVIRONMENT, "TABLE_NAME": NAME, "STAGE": "local"}
    return CliRunner().invoke(app, words, env=environment)


def test_totals_are_rebuilt_and_then_hold_against_a_recount(service):
    customer = service.customer()
    customer.file()
    service.advance("PT1H")

    rebuilt = run("insights", "rebuild", "--json")
    checked = run("insights", "rebuild", "--check", "--json")
    owner = customer.partner()
    months = service.services.store.insights.list_totals(owner, "2000-01", "2100-01", "")
    wrong = {one.period: {"": {"": {"submitted": 9}}} for one in months}
    service.services.store.insights.replace_totals(owner, wrong)
    differing = run("insights", "rebuild", "--check", "--json")

    assert (rebuilt.exit_code, json.loads(rebuilt.stdout)["ok"]) == (0, True)
    assert (checked.exit_code, json.loads(checked.stdout)["differences"]) == (0, [])
    assert months[0].splits[""][""]["submitted"] == 1
    assert differing.exit_code == 1
    found = json.loads(differing.stdout)["differences"]
    assert {(one["partner"], one["period"]) for one in found} == {(owner, months[0].period)}
    found = service.get("/v1/insights", by=service.token(None, "operator"))
    assert found["totals"]["counts"]["submitted"] == 1


def read_days(folder: Path) -> list[dict[str, Any]]:
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.jsonl"))]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def test_a_partners_events_are_written_a_file_a_day(tmp_path):
    with serve() as (service, base):
        customer = service.customer()
        customer.active()
        token = customer.by(1)
        events = service.get("/v1/events?limit=100", by=token)["data"]
        options = ["--since", "2020-01-01", "--to", str(tmp_path), "--url", base, "--token", token]

        first = run("export", "events", *options)
        again = run("export", "events", *options, "--json")
        early = run("export", "events", *options, "--until", "2020-02-01", "--json")

    assert first.exit_code == 0, first.output
    assert read_days(tmp_path) == events
    assert {one.name[:10] for one in tmp_path.iterdir()} == {one["at"][:10] for one in events}
    assert sum(json.loads(again.stdout.splitlines()[-1])["days"].values()) == len(events)
    assert json.loads(early.stdout.splitlines()[-1])["days"] == {}


def test_all_partners_events_are_written_without_a_token(service, tmp_path):
    customers = [service.customer() for _ in range(2)]
    for customer in customers:
        customer.file()

    written = run("export", "events", "--since", "2020-01-01", "--to", str(tmp_path))

    assert written.exit_code == 0, written.output
    partners = {one["data"]["organisation_id"] for one in read_days(tmp_path)}
    assert partners == {one.partner() for one in customers}


def test_a_run_that_was_interrupted_leaves_whole_files_and_can_be_repeated(service, tmp_path):
    customer = service.customer()
    customer.file()
    since = datetime(2020, 1, 1, tzinfo=UTC)
    events = list(list_all_events(service.services, since))

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_days(events, tmp_path, date(2100, 1, 1), interrupt)
    before = list(tmp_path.glob("*.jsonl"))
    write_days(events, tmp_path, date(2100, 1, 1), lambda: None)

    assert before == []
    assert read_days(tmp_path) == events
    assert list(tmp_path.glob("*.part")) == []


def test_a_day_that_is_none_is_refused(tmp_path):
    ended = run("export", "events", "--since", "yesterday", "--to", str(tmp_path))

    assert ended.exit_code == 2
    assert "2026-10-01" in ended.output
