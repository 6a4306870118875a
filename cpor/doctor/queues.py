"""The queues: where failures end, what lies there, and whether the functions read them as they
must.
"""

import json
from collections.abc import Iterator
from typing import Any

from cpor.dead_letters import LINES, waiting
from cpor.doctor.finding import SOURCES, Finding, deploy
from cpor.stage import Stage

TIMES = 6  # as long as its function may take, a message stays hidden (AWS asks for that)


def snapshot(stage: Stage) -> Iterator[Finding]:
    """Each queue leads to its dead letters, and hides a message long enough."""
    for function, (queue, dead) in SOURCES.items():
        told, end = _told(stage, queue), _told(stage, dead)
        policy = json.loads(told.get("RedrivePolicy") or "{}")
        if policy.get("deadLetterTargetArn") != end["QueueArn"]:
            yield Finding(
                f"queue {queue}",
                "What fails again and again is tried forever: it has no way to its dead letters.",
                deploy(stage),
            )
        elif not 1 < int(policy.get("maxReceiveCount", 0)) <= 100:
            yield Finding(
                f"queue {queue}",
                f"A message is tried {policy.get('maxReceiveCount')} times; 5 are meant.",
                deploy(stage),
            )
        longest = stage.client("lambda").get_function_configuration(
            FunctionName=stage.physical(function)
        )["Timeout"]
        if int(told["VisibilityTimeout"]) < TIMES * longest:
            yield Finding(
                f"queue {queue}",
                f"A message is hidden for {told['VisibilityTimeout']} s, but {function} may take {longest} s: "
                "it could be done twice at once.",
                deploy(stage),
            )


def dead_letters(stage: Stage) -> Iterator[Finding]:
    """Nothing lies there."""
    for line in LINES.values():
        if count := waiting(stage, line):
            yield Finding(
                f"dead letters of {line.name}",
                f"{count} could not be done.",
                f"cpor tasks list {line.name} --stage {stage.name}",
            )


def sources(stage: Stage) -> Iterator[Finding]:
    """Each queue is read by its function, which says which messages failed."""
    for function, (queue, _) in SOURCES.items():
        arn = _told(stage, queue)["QueueArn"]
        mappings = stage.client("lambda").list_event_source_mappings(
            FunctionName=stage.physical(function)
        )["EventSourceMappings"]
        yield from _mapped(
            function, queue, [one for one in mappings if one["EventSourceArn"] == arn], stage
        )


def _mapped(
    function: str, queue: str, mappings: list[dict[str, Any]], stage: Stage
) -> Iterator[Finding]:
    where = f"event source of {function}"
    if not mappings:
        yield Finding(where, f"Nobody reads {queue}.", deploy(stage))
    for one in mappings:
        if one["State"] not in {"Enabled", "Enabling", "Creating", "Updating"}:
            yield Finding(
                where,
                f"{queue} is not read: the event source is {one['State']}.",
                f"aws lambda update-event-source-mapping --uuid {one['UUID']} --enabled",
            )
        if "ReportBatchItemFailures" not in one.get("FunctionResponseTypes", []):
            yield Finding(
                where,
                "One message that fails takes the other nine with it (ReportBatchItemFailures is off), and they count as failed.",
                deploy(stage),
            )


def _told(stage: Stage, queue: str) -> dict[str, str]:
    attributes: dict[str, str] = stage.client("sqs").get_queue_attributes(
        QueueUrl=stage.physical(queue), AttributeNames=["All"]
    )["Attributes"]
    return attributes
