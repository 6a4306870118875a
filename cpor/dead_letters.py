"""Dead letters: what could not be done after five attempts. Looked at without removing them, and
sent back to be done.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cpor.stage import Stage

BATCH = 10  # messages in one call (SQS)
# seconds that a message is ours while it is looked at or sent back; then it is there again by
# itself
HIDDEN = 60
WAIT = 1  # seconds; then all of SQS's servers are asked, not some
TICK = {
    "version": "0", "id": "cpor-tasks-retry", "detail-type": "Scheduled Event", "source": "aws.events", "account": "",
    "time": "", "region": "", "resources": [], "detail": {},
}  # fmt: skip
REASONS = (
    "ErrorMessage",
    "ERROR_MESSAGE",
    "ErrorCode",
    "ERROR_CODE",
)  # as Lambda and EventBridge attach them


class Line(NamedTuple):
    """A queue of dead letters: the outputs of the stack that say where it is and where its messages
    came from.
    """

    name: str
    dead: str
    back: str
    function: str


LINES = {
    "work": Line("work", "WorkDeadLettersUrl", "WorkQueueUrl", "Worker"),
    "mail-events": Line(
        "mail-events", "MailEventsDeadLettersUrl", "MailEventsQueueUrl", "MailEvents"
    ),
    "sweep": Line("sweep", "SweepDeadLettersUrl", "", "Sweep"),
}


@dataclass(frozen=True)
class Message:
    """One dead letter as SQS holds it."""

    id: str
    receipt: str
    body: str
    sent_at: datetime
    attributes: dict[str, Any]

    @property
    def value(self) -> Any:
        """The body as JSON; None for what is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def reason(self) -> str:
        """Why it lies here, where whoever put it here attached that."""
        found = (
            self.attributes[name].get("StringValue", "")
            for name in REASONS
            if name in self.attributes
        )
        return ": ".join(dict.fromkeys(text for text in found if text))


@dataclass
class Retried:
    """What became of one queue's dead letters."""

    moved: int = 0
    failed: int = 0
    left: int = 0
    why: str = ""


def waiting(stage: Stage, line: Line) -> int:
    """About how many there are, those just being looked at included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = stage.client("sqs").get_queue_attributes(
        QueueUrl=stage.output(line.dead), AttributeNames=names
    )["Attributes"]
    return sum(int(told[name]) for name in names)


def snapshot(stage: Stage, line: Line, most: int) -> list[Message]:
    """The dead letters, oldest first, at most so many.

    They stay, and are there for everybody again at once.
    """
    queue, url = stage.client("sqs"), stage.output(line.dead)
    found = list(_received(queue, url, most))
    for some in _batches(found):
        queue.change_message_visibility_batch(
            QueueUrl=url, Entries=[_entry(one, VisibilityTimeout=0) for one in some]
        )
    return sorted(found, key=lambda message: message.sent_at)


def retry(stage: Stage, line: Line, most: int) -> Retried:
    """Sends dead letters back to where they came from, at most so many, each removed once it has
    arrived there.
    """
    done, queue, url = Retried(), stage.client("sqs"), stage.output(line.dead)
    found = list(_received(queue, url, most))
    if found and not line.back:
        done.why = _run_once(stage, line)
    for some in _batches(found):
        arrived = (
            set()
            if done.why
            else _sent(queue, stage.output(line.back), some)
            if line.back
            else {one.id for one in some}
        )
        removed = _removed(queue, url, [one for one in some if one.id in arrived])
        done.moved += len(removed)
        if kept := [one for one in some if one.id not in removed]:
            queue.change_message_visibility_batch(
                QueueUrl=url, Entries=[_entry(one, VisibilityTimeout=0) for one in kept]
            )
    done.failed, done.left = len(found) - done.moved, waiting(stage, line)
    return done


def _run_once(stage: Stage, line: Line) -> str:
    """Runs the function once: all that its dead letters asked for. Answers why that failed; '' when
    it went well.
    """
    answer = stage.client("lambda").invoke(
        FunctionName=stage.physical(line.function), Payload=json.dumps(TICK).encode()
    )
    if "FunctionError" not in answer:
        return ""
    said = json.loads(answer["Payload"].read() or b"{}")
    return (
        str(said.get("errorMessage") or answer["FunctionError"])
        if isinstance(said, dict)
        else str(said)
    )


def _received(queue: Any, url: str, most: int) -> Iterator[Message]:
    """Different messages, each hidden from others for a while."""
    seen: set[str] = set()
    while len(seen) < most:
        told = queue.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(BATCH, most - len(seen)),
            VisibilityTimeout=HIDDEN,
            WaitTimeSeconds=WAIT,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        fresh = [one for one in told if one["MessageId"] not in seen]
        if not fresh:
            return
        seen |= {one["MessageId"] for one in fresh}
        yield from (_message(one) for one in fresh)


def _message(told: dict[str, Any]) -> Message:
    sent = datetime.fromtimestamp(int(told["Attributes"]["SentTimestamp"]) / 1000, UTC)
    return Message(
        told["MessageId"],
        told["ReceiptHandle"],
        told["Body"],
        sent,
        told.get("MessageAttributes", {}),
    )


def _sent(queue: Any, url: str, some: list[Message]) -> set[str]:
    """The ids of those that have arrived in the queue they came from."""
    entries = [
        {"Id": str(at), "MessageBody": one.body, **_kept(one)} for at, one in enumerate(some)
    ]
    told = queue.send_message_batch(QueueUrl=url, Entries=entries)
    return {some[int(one["Id"])].id for one in told.get("Successful", [])}


def _kept(message: Message) -> dict[str, Any]:
    return {"MessageAttributes": message.attributes} if message.attributes else {}


def _removed(queue: Any, url: str, some: list[Message]) -> set[str]:
    if not some:
        return set()
    told = queue.delete_message_batch(QueueUrl=url, Entries=[_entry(one) for one in some])
    gone = {one["Id"] for one in told.get("Successful", [])}
    return {one.id for one in some if _name(one) in gone}


def _entry(message: Message, **more: Any) -> dict[str, Any]:
    return {"Id": _name(message), "ReceiptHandle": message.receipt, **more}


def _name(message: Message) -> str:
    """What a message is called within a batch: letters, digits, hyphens."""
    return message.id[:80]


def _batches(some: Iterable[Message]) -> Iterator[list[Message]]:
    rest = list(some)
    yield from (rest[at : at + BATCH] for at in range(0, len(rest), BATCH))
