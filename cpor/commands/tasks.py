"""`cpor tasks`."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated

import typer

from cpor.dead_letters import QUEUES, Message, QueueSpec, RetryResult, count, peek
from cpor.dead_letters import drop as remove
from cpor.dead_letters import retry as send_back
from cpor.diagnosis import Explanation, Log, explain
from cpor.exit_codes import DONE, PARTIAL, finish, report_errors
from cpor.options import AsJson, Endpoint, StackName, StageName
from cpor.stage import Stage

app = typer.Typer(no_args_is_help=True, help="Dead letters: tasks that failed five times.")


class QueueName(StrEnum):
    """The queues that have dead letters."""

    all = "all"
    work = "work"
    mail_events = "mail-events"
    webhooks = "webhooks"
    sweep = "sweep"


Queue = Annotated[QueueName, typer.Argument(help="Which queue's dead letters.")]
ListLimit = Annotated[
    int, typer.Option("--most", min=1, max=1000, help="At most so many of each queue.")
]
RetryLimit = Annotated[
    int, typer.Option("--most", min=1, max=100_000, help="At most so many of each queue.")
]


@app.callback()
def tasks() -> None:
    """Dead letters: tasks that failed five times. They are kept for 14 days."""


@app.command("list")
def list_(
    queue: Queue = QueueName.all,
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    limit: ListLimit = 100,
    as_json: AsJson = False,
) -> None:
    """List dead letters: since when, about which claim, and the error in the log.

    Nothing is removed. A deadline is not lost with its message: it stays in the index of what is
    due, and the sweep asks again.
    """
    with report_errors(as_json):
        deployed = Stage(stage, stack, endpoint_url)
        log, claims_of = Log(deployed), _claims_of(deployed)
        found = [
            explain(spec, message, claims_of, log)
            for spec in _specs(queue)
            for message in peek(deployed, spec, limit)
        ]
        counts = {spec.name: count(deployed, spec) for spec in _specs(queue)}
        data = {"ok": True, "waiting": counts, "tasks": [one._asdict() for one in found]}
        finish(as_json, data, _describe_list(found, counts), DONE)


@app.command("retry")
def retry(
    queue: Queue = QueueName.all,
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    limit: RetryLimit = 1000,
    as_json: AsJson = False,
) -> None:
    """Send dead letters back to be processed again, after the cause is fixed.

    Each is removed when it has arrived where it came from; an interruption in between means that
    it is processed twice, which is safe. For the sweep its function is run once instead, which is
    all that its dead letters asked for. Exit codes: 0 all sent back, 1 some could not be.
    """
    with report_errors(as_json):
        deployed = Stage(stage, stack, endpoint_url)
        results = {spec.name: send_back(deployed, spec, limit) for spec in _specs(queue)}
        failed = any(result.failed for result in results.values())
        data = {
            "ok": not failed,
            "queues": {name: vars(result) for name, result in results.items()},
        }
        finish(as_json, data, _describe_retry(results), PARTIAL if failed else DONE)


@app.command("drop")
def drop(
    queue: Annotated[QueueName, typer.Argument(help="The queue of the dead letters.")],
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Their ids, from `list`.")],
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Remove dead letters that can never succeed, and print them: they are kept nowhere else.

    A deadline is not lost with its message: it stays in the index of what is due. A mail event is
    lost. Exit codes: 0 all removed, 1 some were not there.
    """
    with report_errors(as_json):
        deployed = Stage(stage, stack, endpoint_url)
        removed = [one for spec in _specs(queue) for one in remove(deployed, spec, ids)]
        missing = sorted(set(ids) - {message.id for message in removed})
        data = {
            "ok": not missing,
            "dropped": [{"id": message.id, "body": message.body} for message in removed],
            "missing": missing,
        }
        finish(as_json, data, _describe_drop(removed, missing), PARTIAL if missing else DONE)


def _specs(queue: QueueName) -> list[QueueSpec]:
    return [spec for spec in QUEUES.values() if queue in (QueueName.all, spec.name)]


def _claims_of(deployed: Stage) -> Callable[[str], tuple[str, ...]]:
    """Return a function that returns the claims of a mail, by the record in the stage's table."""

    def claims_of(mail_id: str) -> tuple[str, ...]:
        mail = deployed.store().mails.get(mail_id)
        return mail.claim_ids if mail else ()

    return claims_of


def _describe_list(found: list[Explanation], counts: dict[str, int]) -> Iterator[str]:
    for task in found:
        yield f"{task.queue}  {task.id}  since {task.since}"
        yield f"  asks for  {task.asks}" + (f": {' '.join(task.about)}" if task.about else "")
        if task.claims and task.claims != task.about:
            yield f"  claims    {' '.join(task.claims)}"
        yield f"  failed    {task.why}"
    yield "Dead letters: " + ", ".join(f"{name} {count}" for name, count in counts.items()) + "."
    if found:
        yield "Fix what made them fail, then: cpor tasks retry. What can never succeed: tasks drop."


def _describe_drop(removed: list[Message], missing: list[str]) -> Iterator[str]:
    for message in removed:
        yield f"{message.id}  removed: {message.body!r}"
    for some_id in missing:
        yield f"{some_id}  is not there, or is being read by somebody else: try again in a minute."


def _describe_retry(results: dict[str, RetryResult]) -> Iterator[str]:
    for name, result in results.items():
        counts = f"{result.moved} sent back, {result.failed} failed, {result.left} left."
        yield f"{name}: {counts} {result.why}".rstrip()
