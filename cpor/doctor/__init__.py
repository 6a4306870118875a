"""Checks every part of a deployed stage; changes nothing and prints no secret."""

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.refusals import Unavailable
from cpor.doctor import (
    bucket,
    calendars,
    certificates,
    functions,
    limits,
    mail,
    queues,
    schedule,
    secrets,
    stack,
    table,
    web,
)
from cpor.doctor.finding import Check, Finding, deploy
from cpor.errors import CommandError
from cpor.stage import Stage

CHECKS: dict[str, Check] = {
    "stack": stack.check,
    "table": table.check,
    "queues": queues.check,
    "dead letters": queues.check_dead_letters,
    "event sources": queues.check_sources,
    "functions": functions.check,
    "environment": functions.check_environment,
    "certificates": certificates.check,
    "schedule": schedule.check,
    "deadlines": table.check_deadlines,
    "calendars": calendars.check,
    "secrets": secrets.check,
    "bucket": bucket.check,
    "mail": mail.check,
    "suppressed addresses": mail.check_suppressed,
    "alarms": mail.check_alarms,
    "limits": limits.check,
    "public address": web.check_health,
    "issuer": web.check_issuer,
}


def examine(stage: Stage) -> tuple[Finding, ...]:
    """Return everything that is wrong with a stage, or could not be checked.

    Raises the error that keeps every part from being checked.
    """
    if not stage.description:
        return (stack.missing_stack(stage),)
    return tuple(finding for name in CHECKS for finding in run_check(name, stage))


def run_check(name: str, stage: Stage) -> Iterator[Finding]:
    """Run one of the checks; an error of it becomes a finding."""
    try:
        yield from CHECKS[name](stage)
    except ClientError as error:
        yield _explain_refusal(name, error, stage)
    except (BotoCoreError, OSError, Unavailable, CommandError) as error:
        wrong = f"It could not be checked: {error.__cause__ or error}"
        yield Finding(name, wrong, "Try again; check that it can be reached.", blind=True)


def _explain_refusal(name: str, error: ClientError, stage: Stage) -> Finding:
    code = error.response.get("Error", {}).get("Code", "")
    if any(part in code for part in ("NotFound", "NoSuch", "NonExistent")):
        return Finding(name, f"What the stack names does not exist: {error}", deploy(stage))
    wrong = f"It could not be checked: {error}"
    return Finding(name, wrong, "Ask for the permission to read it.", blind=True)
