"""Dead letters: messages that failed five times. Listed, sent back, and removed one by one."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from chalicelib.aws.row_requests import make_batches
from cpor.stage import Stage

BATCH = 10  # messages in one call (SQS)
HIDDEN = 60  # seconds for which messages are hidden from others while they are listed or sent back
WAIT = 1  # seconds of long polling: then all of SQS's servers are asked, not some
SCHEDULED_EVENT = {
    "version": "0",
    "id": "cpor-tasks-retry",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "",
    "time": "",
    "region": "",
    "resources": [],
    "detail": {},
}
# The attributes in which Lambda and EventBridge say why a message failed.
REASON_ATTRIBUTES = ("ErrorMessage", "ERROR_MESSAGE", "ErrorCode", "ERROR_CODE")


class QueueSpec(NamedTuple):
    """A queue of dead letters.

    `dead` and `source`: the outputs of the stack with its URL and that of the queue its messages
    came from, which is empty for the schedule. `function`: reads them.
    """

    name: str
    dead: str
    source: str
    function: str


QUEUES = {
    spec.name: spec
    for spec in (
        QueueSpec("work", "WorkDeadLettersUrl", "WorkQueueUrl", "Worker"),
        QueueSpec("webhooks", "WebhooksDeadLettersUrl", "WebhooksQueueUrl", "Webhooks"),
        QueueSpec("mail-events", "MailEventsDeadLettersUrl", "MailEventsQueueUrl", "MailEvents"),
        QueueSpec("sweep", "SweepDeadLettersUrl", "", "Sweep"),
    )
}


@dataclass(frozen=True)
class Message:
    """One dead letter as SQS stores it."""

    id: str
    receipt: str
    body: str
    sent_at: datetime
    attributes: dict[str, Any]

    @property
    def json(self) -> Any:
        """The body as JSON; None if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def reason(self) -> str:
        """Why it failed, if the service that moved it here attached that."""
        values = (
            self.attributes[name].get("StringValue", "")
            for name in REASON_ATTRIBUTES
            if name in self.attributes
        )
        return ": ".join(dict.fromkeys(value for value in values if value))


@dataclass
class RetryResult:
    """The result of sending one queue's dead letters back. `why`: the reason of a failure."""

    moved: int = 0
    failed: int = 0
    left: int = 0
    why: str = ""


def count(stage: Stage, queue: QueueSpec) -> int:
    """Return about how many dead letters there are, with those that are hidden now."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = stage.client("sqs").get_queue_attributes(
        QueueUrl=stage.output(queue.dead), AttributeNames=names
    )
    return sum(int(answer["Attributes"][name]) for name in names)


def peek(stage: Stage, queue: QueueSpec, limit: int) -> list[Message]:
    """Return the dead letters, oldest first, and make them visible to others again."""
    sqs, url = stage.client("sqs"), stage.output(queue.dead)
    messages = list(_receive(sqs, url, limit))
    for batch in make_batches(messages, BATCH):
        _make_visible(sqs, url, batch)
    return sorted(messages, key=lambda message: message.sent_at)


def retry(stage: Stage, queue: QueueSpec, limit: int) -> RetryResult:
    """Send dead letters back to where they came from.

    Each is removed once it has arrived there.
    """
    result = RetryResult()
    sqs, url = stage.client("sqs"), stage.output(queue.dead)
    messages = list(_receive(sqs, url, limit))
    if messages and not queue.source:
        result.why = _run_function(stage, queue)
    for batch in make_batches(messages, BATCH):
        arrived = set() if result.why else _send_back(stage, queue, batch)
        removed = _delete(sqs, url, [message for message in batch if message.id in arrived])
        result.moved += len(removed)
        _make_visible(sqs, url, [message for message in batch if message.id not in removed])
    result.failed = len(messages) - result.moved
    result.left = count(stage, queue)
    return result


def drop(stage: Stage, queue: QueueSpec, ids: Collection[str]) -> list[Message]:
    """Remove the dead letters with these ids, and return those that were removed."""
    sqs, url = stage.client("sqs"), stage.output(queue.dead)
    messages = list(_receive(sqs, url, count(stage, queue)))
    chosen = [message for message in messages if message.id in ids]
    for batch in make_batches([one for one in messages if one not in chosen], BATCH):
        _make_visible(sqs, url, batch)
    removed = [_delete(sqs, url, batch) for batch in make_batches(chosen, BATCH)]
    return [one for one in chosen if one.id in set[str]().union(*removed)]


def _send_back(stage: Stage, queue: QueueSpec, batch: list[Message]) -> set[str]:
    """Return the ids of the messages that have arrived in the queue they came from."""
    if not queue.source:  # the function has run: that is all they asked for
        return {message.id for message in batch}
    entries = [
        {"Id": str(index), "MessageBody": message.body, **_attributes(message)}
        for index, message in enumerate(batch)
    ]
    answer = stage.client("sqs").send_message_batch(
        QueueUrl=stage.output(queue.source), Entries=entries
    )
    return {batch[int(entry["Id"])].id for entry in answer.get("Successful", [])}


def _run_function(stage: Stage, queue: QueueSpec) -> str:
    """Run the function once. Return why that failed, or an empty text."""
    answer = stage.client("lambda").invoke(
        FunctionName=stage.physical_id(queue.function),
        Payload=json.dumps(SCHEDULED_EVENT).encode(),
    )
    if "FunctionError" not in answer:
        return ""
    error = json.loads(answer["Payload"].read() or b"{}")
    if not isinstance(error, dict):
        return str(error)
    return str(error.get("errorMessage") or answer["FunctionError"])


def _receive(sqs: Any, url: str, limit: int) -> Iterator[Message]:
    """Yield different messages; each is hidden from others for a while."""
    seen: set[str] = set()
    while len(seen) < limit:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(BATCH, limit - len(seen)),
            VisibilityTimeout=HIDDEN,
            WaitTimeSeconds=WAIT,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        new = [one for one in answer.get("Messages", []) if one["MessageId"] not in seen]
        if not new:
            return
        seen |= {one["MessageId"] for one in new}
        yield from map(_parse_message, new)


def _parse_message(message: dict[str, Any]) -> Message:
    return Message(
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
        attributes=message.get("MessageAttributes", {}),
    )


def _attributes(message: Message) -> dict[str, Any]:
    return {"MessageAttributes": message.attributes} if message.attributes else {}


def _make_visible(sqs: Any, url: str, batch: list[Message]) -> None:
    if batch:
        entries = [_entry(message) | {"VisibilityTimeout": 0} for message in batch]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)


def _delete(sqs: Any, url: str, batch: list[Message]) -> set[str]:
    """Return the ids of the messages that were deleted."""
    if not batch:
        return set()
    answer = sqs.delete_message_batch(QueueUrl=url, Entries=[_entry(one) for one in batch])
    deleted = {entry["Id"] for entry in answer.get("Successful", [])}
    return {message.id for message in batch if _batch_id(message) in deleted}


def _entry(message: Message) -> dict[str, Any]:
    return {"Id": _batch_id(message), "ReceiptHandle": message.receipt}


def _batch_id(message: Message) -> str:
    """Return the id of a message within a batch, at most 80 characters (SQS)."""
    return message.id[:80]
