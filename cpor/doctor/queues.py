"""The queues: their dead letters, and the functions that read them."""

import json
from collections.abc import Iterator
from typing import Any

from cpor.dead_letters import QUEUES, count
from cpor.doctor.finding import SOURCES, Finding, deploy
from cpor.stage import Stage

# A message stays hidden for at least so many times the function's time-out (AWS's recommendation).
VISIBILITY_FACTOR = 6
MAX_RECEIVES = 100
READING = frozenset({"Enabled", "Enabling", "Creating", "Updating"})


def check(stage: Stage) -> Iterator[Finding]:
    """Check that each queue has its dead letters, and hides a message long enough."""
    for function, (queue, dead) in SOURCES.items():
        attributes, where = _attributes(stage, queue), f"queue {queue}"
        policy = json.loads(attributes.get("RedrivePolicy") or "{}")
        receives = int(policy.get("maxReceiveCount", 0))
        if policy.get("deadLetterTargetArn") != _attributes(stage, dead)["QueueArn"]:
            wrong = "A message that always fails is tried forever: it has no dead-letter queue."
            yield Finding(where, wrong, deploy(stage))
        elif not 1 < receives <= MAX_RECEIVES:
            yield Finding(
                where, f"A message is tried {receives} times instead of 5.", deploy(stage)
            )
        hidden = int(attributes["VisibilityTimeout"])
        timeout = stage.configuration(function)["Timeout"]
        if hidden < VISIBILITY_FACTOR * timeout:
            wrong = (
                f"A message is hidden for {hidden} s, but {function} may take {timeout} s: "
                "it could be processed twice at once."
            )
            yield Finding(where, wrong, deploy(stage))


def check_dead_letters(stage: Stage) -> Iterator[Finding]:
    """Check that there are no dead letters."""
    for queue in QUEUES.values():
        if number := count(stage, queue):
            advice = f"cpor tasks list {queue.name} --stage {stage.name}"
            yield Finding(f"dead letters of {queue.name}", f"{number} tasks failed.", advice)


def check_sources(stage: Stage) -> Iterator[Finding]:
    """Check that each queue is read by its function, which reports partial failures."""
    for function, (queue, _) in SOURCES.items():
        arn = _attributes(stage, queue)["QueueArn"]
        answer = stage.client("lambda").list_event_source_mappings(
            FunctionName=stage.physical_id(function)
        )
        mappings = [one for one in answer["EventSourceMappings"] if one["EventSourceArn"] == arn]
        yield from _check_mappings(function, queue, mappings, stage)


def _check_mappings(
    function: str, queue: str, mappings: list[dict[str, Any]], stage: Stage
) -> Iterator[Finding]:
    where = f"event source of {function}"
    if not mappings:
        yield Finding(where, f"No function reads {queue}.", deploy(stage))
    for mapping in mappings:
        if mapping["State"] not in READING:
            yield Finding(
                where,
                f"{queue} is not read: the event source is {mapping['State']}.",
                f"aws lambda update-event-source-mapping --uuid {mapping['UUID']} --enabled",
            )
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            wrong = (
                "One failed message makes the other nine of its batch fail too: "
                "ReportBatchItemFailures is off."
            )
            yield Finding(where, wrong, deploy(stage))


def _attributes(stage: Stage, queue: str) -> dict[str, str]:
    answer = stage.client("sqs").get_queue_attributes(
        QueueUrl=stage.physical_id(queue), AttributeNames=["All"]
    )
    return dict(answer["Attributes"])
