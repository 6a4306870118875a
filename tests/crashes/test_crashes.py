"""Handlers that are stopped after each of their calls: the final state is the same as without a
stop.

A new process starts, some minutes pass, the sweep and the worker do what is due, and every caller
who had no answer repeats the call.
"""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.aws.queue import run_in_order
from chalicelib.ports import Services
from chalicelib.runtime import wiring
from chalicelib.usecases.due_work import run_due_work
from tests.crashes import arbitration_scenarios, clock_scenarios, request_scenarios
from tests.crashes.scenarios import Scenario
from tests.crashes.snapshots import broken, final_state, list_due
from tests.crashes.stops import (
    TABLE,
    RecordingMailSender,
    Stop,
    restore_rows,
    save_rows,
    stop_after,
)
from tests.support.api_client import Reply
from tests.support.aws_calls import ObservedClient
from tests.support.in_process import InlineQueue, SwitchableDirectory, in_process
from tests.support.service import Service

SCENARIOS = {
    **request_scenarios.SCENARIOS,
    **clock_scenarios.SCENARIOS,
    **arbitration_scenarios.SCENARIOS,
}
ROUNDS = 3  # of some minutes each: longer than until a mail is tried again


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Make one service for all scenarios, each with its own table.

    Parallel calls are made one by one.
    """
    with in_process(TABLE, run_parallel=run_in_order) as made:
        yield made


@contextmanager
def alone(service: Service) -> Iterator[None]:
    """Drop the messages of the work queue: they were lost with their sender."""
    kick, service.kick = service.kick, lambda: None
    try:
        yield
    finally:
        service.kick = kick


def restart_services(service: Service) -> Services:
    """Return the services of a new process over the same table."""
    assert service.services
    old = service.services
    made = wiring.build_services(
        old.settings, ObservedClient("dynamodb", TABLE), run_in_order, service.s3
    )
    service.services = made.evolve(
        work_queue=InlineQueue(),
        directory=SwitchableDirectory(made.directory),
        mail_sender=RecordingMailSender(made.mail_sender),
    )
    return service.services


def recover(service: Service, patience: timedelta = timedelta()) -> None:
    """Let minutes pass, or as long as the scenario may take; the worker does what is due."""
    services: Any = service.services
    for wait in (patience, *[timedelta(minutes=3)] * ROUNDS):
        services.clock.move(services.clock.now() + wait)
        for some_id in list_due(services.clock.now()):
            run_due_work(services, some_id, services.clock.now())


def over(
    service: Service, scenario: Scenario, sent: list[Any]
) -> tuple[Reply | None, dict[str, Any]]:
    """Return the final state after a stop.

    The answer of the scenario is that to the repeated call.
    """
    services: Any = restart_services(service)
    reply = None
    recover(service, scenario.patience)
    if scenario.again:
        reply = scenario.call()
        recover(service)
    assert list_due(services.clock.now()) == []
    assert broken() == []
    sent += services.mail_sender.sent
    for mail in sent:
        assert {dataclasses.astuple(one) for one in sent if one.id == mail.id} == {
            dataclasses.astuple(mail)
        }, f"two mails of one name: {mail.kind}"
    return reply, final_state()


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_stop_after_any_call_changes_nothing_in_the_end(service: Service, name: str) -> None:
    restore_rows(())
    restart_services(service)
    service.tokens.clear()
    scenario = SCENARIOS[name](service, service.customer())
    start = save_rows()

    with alone(service):
        calls, reply, whole = _run(service, scenario, start, None)
        assert calls.made, "the handler called nothing"
        print(f"{name}: {len(calls.made)} calls, {len(points(calls.made))} stops")
        for k in points(calls.made):
            _, again, then = _run(service, scenario, start, k)
            assert then == whole, f"stopped after call {k} of {calls.made}"
            if scenario.keyed:
                assert again and reply and again.status == reply.status, (
                    f"stopped after call {k} of {calls.made}"
                )
                assert scenario.call().text == again.text  # type: ignore[union-attr]


def points(made: list[str]) -> list[int]:
    """Return after which calls to stop.

    What a process has only read is lost with it: a stop after reads leaves what the stop before
    them left, so one of those is enough.
    """
    reads = [name.startswith(("Get", "BatchGet", "Query", "Head", "List")) for name in made]
    return [k for k in range(1, len(made)) if k == 1 or not reads[k - 1]]


def _run(
    service: Service, scenario: Scenario, start: Any, after: int | None
) -> tuple[Stop, Reply | None, dict[str, Any]]:
    """Run the scenario from its beginning to its end, stopped or not."""
    restore_rows(start)
    services: Any = restart_services(service)
    with stop_after(after) as stop:
        scenario.call()
    reply, then = over(service, scenario, services.mail_sender.sent)
    return stop, reply, then
