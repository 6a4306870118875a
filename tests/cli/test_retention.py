"""`cpor retention run`: what is due is deleted, what is not stays, and no table is scanned."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.domain.history import find_faults
from chalicelib.domain.refusals import LostRace
from cpor import retention_run
from cpor.cli import app
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.in_process import in_process
from tests.support.round_trips import count_calls
from tests.support.service import Service
from tests.support.tables import NAME

MONTH = timedelta(days=31)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    from chalicelib.runtime.settings import Settings
    from cpor.commands import retention

    monkeypatch.setattr(
        retention,
        "settings",
        lambda: Settings(stage="local", table_name=NAME, evidence_bucket="cpor-evidence"),
    )
    with in_process(moto=True) as made:
        yield made


def retention(*words: str) -> Any:
    return CliRunner().invoke(app, ["retention", "run", *words], env=ENVIRONMENT)


def withdraw_claim(service: Service) -> dict[str, Any]:
    customer = service.customer()
    claim = customer.file(name="Secret project", comment="between us")
    customer.act(claim, "withdraw", {"reason": "x"})
    service.settle()
    return claim


def pass_over(service: Service, months: int) -> datetime:
    """Moves the clock without anything happening on the way, as when no sweep runs."""
    clock: Any = service.services.clock
    clock.move(clock.now() + months * MONTH)
    return clock.now()


def test_what_is_over_its_time_goes_and_the_chain_stays_whole(service):
    claim = withdraw_claim(service)
    early = json.loads(retention("--json").stdout)["claims"]
    pass_over(service, 16)

    tried = json.loads(retention("--dry-run", "--json").stdout)
    kept = service.services.store.claims.get_many([claim["id"]])[0].name
    ended = retention()
    again = json.loads(retention("--json").stdout)

    after = service.services.store.claims.get_many([claim["id"]])[0]
    history = [row.to_public() for row in service.services.store.history.list_entries(claim["id"])]
    assert (early, [one["claim_id"] for one in tried["claims"]], kept) == (
        [],
        [claim["id"]],
        "Secret project",
    )
    assert (ended.exit_code, after.name, after.redacted) == (0, None, ("notices_and_history",))
    assert "deleted notices_and_history" in ended.stdout
    assert (history[-1]["act"], find_faults(history), again["claims"]) == (
        "retention.deleted",
        [],
        [],
    )


def test_it_asks_the_index_and_never_goes_through_the_table(service):
    withdraw_claim(service)
    now = pass_over(service, 16)

    with count_calls() as calls:
        done = retention_run.run(service.services, now, dry_run=True)

    assert len(done.done) == 1
    assert set(calls.names) == {"Query", "BatchGetItem"}


def test_a_claim_that_fails_keeps_no_other_from_being_forgotten(service, monkeypatch):
    first, second = withdraw_claim(service), withdraw_claim(service)
    pass_over(service, 16)
    real = retention_run.retain

    def overtaken(services: Any, claim: Any, now: Any) -> Any:
        if claim.id == first["id"]:
            raise LostRace()
        return real(services, claim, now)

    monkeypatch.setattr(retention_run, "retain", overtaken)

    ended = retention("--json")

    answer = json.loads(ended.stdout)
    assert (ended.exit_code, [one["claim_id"] for one in answer["claims"]]) == (1, [second["id"]])
    assert [one["claim_id"] for one in answer["failed"]] == [first["id"]]


def test_a_run_that_was_cut_short_says_so(service):
    withdraw_claim(service)
    now = pass_over(service, 16)

    assert retention_run.run(service.services, now, dry_run=True, limit=1).more


def test_a_stage_that_is_not_there_ends_with_two(service):
    assert retention("--stage", "prod").exit_code == 2
