"""`cpor demo`: claims live for a while on the test clock, by the service's own rules."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.aws.errors import Cancelled, ConditionFailed
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import Rows, make_row
from chalicelib.domain.history import find_faults
from cpor.buffered_rows import BufferedRows
from cpor.cli import app
from cpor.demo_customers import make_customers
from cpor.demo_files import make_pdf
from cpor.demo_script import draw_scripts
from tests.support import feed
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.in_process import in_process
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.tables import NAME

START = datetime(2026, 11, 27, 9, tzinfo=UTC)


def demo(*words: str, stage: str = "local") -> Any:
    environment = {
        **ENVIRONMENT,
        "TABLE_NAME": NAME,
        "STAGE": stage,
        "EVIDENCE_BUCKET": "cpor-evidence",
    }
    return CliRunner().invoke(app, ["demo", "--json", *words], env=environment)


def test_claims_live_for_some_weeks_and_are_counted():
    with in_process(moto=True) as service:
        feed.write(service.rows, [feed.a_partner("org_demo", "4510001")], [], [])
        before = service.now()

        ended = demo("--claims", "12", "--days", "30")

        assert ended.exit_code == 0, ended.output
        done = json.loads(ended.stdout)
        operator = service.token(None, "operator")
        found = service.get(f"/v1/insights?by=country&from={before[:10]}", by=operator)
        counts = found["totals"]["counts"]
        assert done["filed"] == counts["submitted"] > 5
        assert counts["approved"] + counts["rejected"] > 3
        assert len(found["data"]) > 1
        assert service.now() > before
        claims = service.get("/v1/claims?limit=100", by=service.token("org_demo"))["data"]
        for claim in claims:
            history = service.services.store.history.list_entries(claim["id"])
            assert find_faults([one.to_public() for one in history]) == []


def test_a_stage_without_a_test_clock_has_no_demonstration(monkeypatch):
    monkeypatch.setenv("STAGE", "prod")

    ended = demo("--claims", "1", stage="prod")

    assert ended.exit_code == 2


def test_the_same_seed_draws_the_same_lives_and_all_kinds_of_them():
    scripts = draw_scripts(300, START, 90, 1)

    assert scripts == draw_scripts(300, START, 90, 1)
    assert len(Counter(one.decision for one in scripts)) == 3
    assert len(Counter(one.answer for one in scripts)) == 5
    assert all(START < one.filed_at < START + timedelta(days=92) for one in scripts)
    assert all(one.filed_at.weekday() < 5 for one in scripts)


def test_customers_of_different_numbers_differ():
    customers = make_customers(200, 5_000)

    assert len({one.tenant_id for one in customers}) == 200
    assert len({one.domain for one in customers}) == 200
    assert make_customers(1, 5_000)[0] == customers[0]


def test_a_file_of_the_demonstration_is_a_pdf():
    content = make_pdf("Statement of work 7")

    start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert content.startswith(b"%PDF-")
    assert content[start:].startswith(b"xref\n")
    assert b"(Statement of work 7) Tj" in content


@pytest.fixture
def rows():
    return Rows(MemoryDynamoDB(), "cpor")


def test_buffered_rows_are_written_when_they_are_flushed(rows):
    rows.put(make_row(Key("A", "1"), "old", rev=1))
    rows.put(make_row(Key("A", "3"), "gone"))
    buffer = BufferedRows(rows)
    buffer.put(
        make_row(Key("A", "1"), "new", rev=2),
        "rev = :before",
        ExpressionAttributeValues={":before": {"N": "1"}},
    )
    buffer.write([make_row(Key("A", "2"), "two")], [Key("A", "3")])
    buffered = [row["v"]["S"] for row in buffer.query("A")]
    before = [row["v"]["S"] for row in rows.query("A")]

    buffer.flush()

    assert before == ["old", "gone"]
    assert buffered == [row["v"]["S"] for row in rows.query("A")] == ["new", "two"]


def test_buffered_rows_keep_the_conditions_of_a_write(rows):
    buffer = BufferedRows(rows)
    row = make_row(Key("A", "1"), "one", rev=1)
    buffer.put(row, "attribute_not_exists(pk)")

    with pytest.raises(ConditionFailed):
        buffer.put(row, "attribute_not_exists(pk)")
    with pytest.raises(Cancelled):
        buffer.transact(
            [
                {"Put": {"Item": make_row(Key("A", "2"), "two")}},
                {"Put": {"Item": row, "ConditionExpression": "attribute_not_exists(pk)"}},
            ]
        )
    with pytest.raises(ValueError, match="contains"):
        buffer.put(row, "contains(v, :x)")
    assert [one["sk"]["S"] for one in buffer.query("A", backwards=True)] == ["1"]
    assert buffer.update_counter(Key("Q", "1"), 3) == 3
    assert buffer.update_counter(Key("Q", "1")) == 4
