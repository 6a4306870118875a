"""Is this stage deployed right? Looks at every part, changes nothing, prints no secret."""

from collections.abc import Iterator

from cpor.doctor import (
    bucket,
    certificates,
    functions,
    mail,
    queues,
    schedule,
    secrets,
    stack,
    table,
    web,
)
from cpor.doctor.finding import Finding, SubscriptionSnapshot
from cpor.stage import Stage

LOOKS: dict[str, SubscriptionSnapshot] = {
    "stack": stack.snapshot, "table": table.snapshot, "queues": queues.snapshot, "dead letters": queues.dead_letters,
    "event sources": queues.sources, "functions": functions.snapshot, "environment": functions.environment, "certificates": certificates.snapshot,
    "schedule": schedule.snapshot, "deadlines": table.deadlines, "secrets": secrets.snapshot, "bucket": bucket.snapshot,
    "mail": mail.snapshot, "alarms": mail.alarms, "public address": web.health, "issuer": web.issuer,
}  # fmt: skip


def examine(stage: Stage) -> tuple[Finding, ...]:
    """Everything that is wrong with a stage, or could not be looked at.

    Raises what keeps it from asking at all.
    """
    if not stage.described:
        return (stack.missing(stage),)
    return tuple(
        finding for name, snapshot in LOOKS.items() for finding in _seen(name, snapshot, stage)
    )


def _seen(name: str, snapshot: SubscriptionSnapshot, stage: Stage) -> Iterator[Finding]:
    from botocore.exceptions import BotoCoreError, ClientError

    from chalicelib.domain.refusals import Unavailable
    from cpor.exit_codes import Unusable

    try:
        yield from snapshot(stage)
    except ClientError as refused:
        code = refused.response.get("Error", {}).get("Code", "")
        if "NotFound" in code or "NoSuch" in code or "NonExistent" in code:
            yield Finding(
                name,
                f"What the stack names is not there: {refused}",
                f"Deploy again: make deploy STAGE={stage.name} BUCKET=…",
            )
        else:
            yield Finding(
                name,
                f"It could not be looked at: {refused}",
                "Ask for the permission to read it.",
                blind=True,
            )
    except (BotoCoreError, OSError, Unavailable, Unusable) as away:
        yield Finding(
            name,
            f"It could not be looked at: {away.__cause__ or away}",
            "Try again; see that it can be reached.",
            blind=True,
        )
