"""`cpor tasks`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cpor.exit_codes import DONE, PARTLY, answer, refusals
from cpor.options import Endpoint, Machines, Stack, Stage

if TYPE_CHECKING:
    from cpor.dead_letters import Line, Retried
    from cpor.diagnosis import ClaimsOf, Explained
    from cpor.stage import Stage as Deployed

app = typer.Typer(
    no_args_is_help=True, help="Dead letters: what could not be done after five attempts."
)


class Queue(StrEnum):
    """The queues that have dead letters."""

    all = "all"
    work = "work"
    mail_events = "mail-events"
    sweep = "sweep"


Which = Annotated[Queue, typer.Argument(help="Which queue's dead letters.")]


@app.callback()
def tasks() -> None:
    """Dead letters: what could not be done after five attempts. They are kept for 14 days."""


@app.command("list")
def list_(
    queue: Which = Queue.all,
    stage: Stage = "prod",
    stack: Stack = "",
    endpoint_url: Endpoint = "",
    most: Annotated[
        int, typer.Option("--most", min=1, max=1000, help="At most so many of each queue.")
    ] = 100,
    as_json: Machines = False,
) -> None:
    """List dead letters: since when, about which claim, and what the log says why. Nothing is
    removed.

    What a deadline asked for is not lost with its message: it stays in the index of what is due,
    and the sweep asks again.
    """
    from cpor.dead_letters import snapshot, waiting
    from cpor.diagnosis import Log, explained
    from cpor.stage import Stage as Deployed

    with refusals(as_json):
        deployed = Deployed(stage, stack, endpoint_url)
        log, claims_of = Log(deployed), _claims_of(deployed)
        found = [
            explained(line, one, claims_of, log)
            for line in _lines(queue)
            for one in snapshot(deployed, line, most)
        ]
        counts = {line.name: waiting(deployed, line) for line in _lines(queue)}
        machines = {"ok": True, "waiting": counts, "tasks": [one._asdict() for one in found]}
        answer(as_json, machines, _listed(found, counts), DONE)


@app.command("retry")
def retry(
    queue: Which = Queue.all,
    stage: Stage = "prod",
    stack: Stack = "",
    endpoint_url: Endpoint = "",
    most: Annotated[
        int, typer.Option("--most", min=1, max=100_000, help="At most so many of each queue.")
    ] = 1000,
    as_json: Machines = False,
) -> None:
    """Send dead letters back to be done again, once what made them fail is mended.

    Each is removed when it has arrived where it came from; what is interrupted in between is done
    twice, which does no harm. For the sweep the function is run once instead, which is all that its
    dead letters asked for. 0: all of them, 1: some could not be sent back.
    """
    from cpor.dead_letters import retry as send_back
    from cpor.stage import Stage as Deployed

    with refusals(as_json):
        deployed = Deployed(stage, stack, endpoint_url)
        done = {line.name: send_back(deployed, line, most) for line in _lines(queue)}
        failed = any(one.failed for one in done.values())
        machines = {"ok": not failed, "queues": {name: vars(one) for name, one in done.items()}}
        answer(as_json, machines, _retried(done), PARTLY if failed else DONE)


def _lines(queue: Queue) -> "list[Line]":
    from cpor.dead_letters import LINES

    return [line for line in LINES.values() if queue in (Queue.all, line.name)]


def _claims_of(deployed: "Deployed") -> "ClaimsOf":
    """The claims a mail is about, as its record in the stage's table says."""
    from chalicelib.aws.store import DynamoStore
    from chalicelib.runtime.wiring import run_parallel
    from cpor.connection import rows

    def claims_of(mail_id: str) -> tuple[str, ...]:
        mail = DynamoStore(
            rows(deployed.output("TableName"), deployed.endpoint), run_parallel
        ).mails.get(mail_id)
        return mail.claim_ids if mail else ()

    return claims_of


def _listed(found: "list[Explained]", counts: dict[str, int]) -> Iterator[str]:
    for one in found:
        yield f"{one.queue}  {one.id}  since {one.since}"
        yield f"  asks for  {one.asks}" + (f": {' '.join(one.about)}" if one.about else "")
        if one.claims and one.claims != one.about:
            yield f"  claims    {' '.join(one.claims)}"
        yield f"  failed    {one.why}"
    yield "Dead letters: " + ", ".join(f"{name} {count}" for name, count in counts.items()) + "."
    if found:
        yield "Mend what made them fail, then: cpor tasks retry"


def _retried(done: "dict[str, Retried]") -> Iterator[str]:
    for name, one in done.items():
        yield f"{name}: {one.moved} sent back, {one.failed} could not be, {one.left} left." + (
            f" {one.why}" if one.why else ""
        )
