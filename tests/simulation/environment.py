"""The services around ours: queues that repeat and reorder messages, and a mail service that loses
mails and reports late.
"""

import email
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
MOST_RECEIVED = 5  # then it goes to the dead letters (infra/queues.yaml)
AT_ONCE = 8  # ms: sometimes before the sender has put its mail on record
LINK = re.compile(r"/o/([0-9a-z]+)(/confirm)?")
# Weight, and events with their time after sending (ms). Without events: the mail is lost.
MAIL_OUTCOMES: tuple[tuple[int, tuple[tuple[str, int], ...]], ...] = (
    (40, (("Delivery", MINUTE),)),
    (16, (("Delivery", 0),)),
    (2, (("Bounce", 0),)),
    (8, (("Delivery", 30 * HOUR),)),
    (4, (("Delivery", 12 * DAY),)),
    (6, ()),
    (8, (("Bounce", 2 * MINUTE),)),
    (5, (("Delivery", MINUTE), ("Bounce", 20 * MINUTE))),
    (5, (("Delivery", MINUTE), ("Complaint", 2 * DAY))),
    (4, (("Delivery", MINUTE), ("Bounce", 9 * DAY))),
    (3, (("Transient", MINUTE), ("Delivery", 2 * HOUR))),
    (2, (("Bounce", MINUTE), ("Delivery", MINUTE))),
)


@dataclass
class Message:
    id: str
    body: str
    visible_at: int
    receives: int = 0


@dataclass
class Messages:
    """A queue with at-least-once delivery, unordered and late.

    `again`: the rate of repeats (0 to 1).
    """

    rng: random.Random
    ms: Callable[[], int]
    visibility: int
    again: float = 0.05
    waiting: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    numbers: int = 0

    def put(self, body: str, at: int | None = None) -> None:
        copies = 2 if self.rng.random() < self.again else 1
        for _ in range(copies):
            self.numbers += 1
            late = self.rng.choice((0, 0, 0, 200, 5000, 2 * MINUTE)) if self.again else 0
            self.waiting.append(
                Message(f"m{self.numbers}", body, (self.ms() if at is None else at) + late)
            )

    def receive(self, most: int) -> list[Message]:
        """Return some of the visible messages, and hide them for the visibility timeout."""
        there = [m for m in self.waiting if m.visible_at <= self.ms()]
        self.rng.shuffle(there)
        for one in there[:most]:
            one.receives += 1
            one.visible_at = self.ms() + self.visibility
        return there[:most]

    def delete(self, message: Message) -> None:
        """Delete a message; sometimes the deletion is lost, and the message comes again."""
        if self.rng.random() >= self.again / 2:
            self.waiting = [m for m in self.waiting if m is not message]

    def fail(self, message: Message) -> None:
        if message.receives >= MOST_RECEIVED and message in self.waiting:
            self.waiting.remove(message)
            self.dead.append(message)

    def redrive(self) -> None:
        for one in self.dead:
            one.receives, one.visible_at = 0, self.ms()
        self.waiting, self.dead = [*self.waiting, *self.dead], []


class Sqs:
    """An SQS client of one process."""

    def __init__(self, messages: Messages, connection: Any) -> None:
        self._messages, self._connection = messages, connection

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:
        def do() -> dict[str, Any]:
            for one in Entries:
                self._messages.put(one["MessageBody"])
            return {}

        return dict(
            self._connection.call(
                "send_message_batch", " ".join(e["MessageBody"] for e in Entries), do
            )
        )


@dataclass
class Sent:
    """A mail that was sent.

    token: of its link, '' for none.

    confirms: whether it asks for a confirmation.
    """

    mail_id: str
    to: str
    token: str
    at: int
    confirms: bool = False


@dataclass
class MailService:
    """Takes mails and reports what happened to them: sooner, later, twice, or never.

    events_at: by mail and type, when the event happened.

    processed_at: those that the service has processed.

    outcomes: by address, what happens to its mails; '' is any other address. None: chance decides.
    """

    rng: random.Random
    ms: Callable[[], int]
    events: Messages
    sent: dict[str, Sent] = field(default_factory=dict)
    events_at: dict[tuple[str, str], int] = field(default_factory=dict)
    processed_at: dict[tuple[str, str], int] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    taken: int = 0
    outcomes: dict[str, tuple[tuple[str, int], ...]] | None = None

    def take(self, mail_id: str, to: str, raw: bytes) -> str:
        """Send a mail. Return a new message id, also for a mail that is handed over twice."""
        self.taken += 1
        message_id = f"ses-{self.taken}"
        link = LINK.search(_text(raw))
        sent = Sent(mail_id, to, link[1] if link else "", self.ms(), bool(link and link[2]))
        known = self.sent.setdefault(mail_id, sent)
        if (known.to, known.token) != (sent.to, sent.token):
            self.differing.append(mail_id)
        for kind, after in self._choose_outcome(to):
            self.report_event(
                mail_id,
                message_id,
                kind,
                self.ms() + after + self.rng.randrange(MINUTE if after else AT_ONCE),
            )
        return message_id

    def _choose_outcome(self, to: str) -> tuple[tuple[str, int], ...]:
        if self.outcomes is not None:
            return self.outcomes.get(to, self.outcomes[""])
        return self.rng.choices([f for _, f in MAIL_OUTCOMES], [n for n, _ in MAIL_OUTCOMES])[0]

    def report_event(self, mail_id: str, message_id: str, kind: str, at: int) -> None:
        """Report, at a moment, what happened to a mail."""
        name, bounced = ("Bounce", "Transient") if kind == "Transient" else (kind, "Permanent")
        if kind != "Transient":
            self.events_at[mail_id, kind] = min(at, self.events_at.get((mail_id, kind), at))
        moment = datetime.fromtimestamp(at / 1000, UTC).isoformat()
        said = {
            "eventType": name,
            "mail": {"timestamp": moment, "messageId": message_id, "tags": {"mail": [mail_id]}},
            name.lower(): {"timestamp": moment, "bounceType": bounced},
        }
        self.events.put(json.dumps(said), at)


class SesClient:
    """A mail client of one process."""

    def __init__(self, mail_service: MailService, connection: Any) -> None:
        self._mail_service, self._connection = mail_service, connection

    def send_email(
        self, *, Destination: Any, Content: Any, EmailTags: Any, **_: Any
    ) -> dict[str, str]:
        mail_id, to = EmailTags[0]["Value"], Destination["ToAddresses"][0]

        def do() -> dict[str, str]:
            return {"MessageId": self._mail_service.take(mail_id, to, Content["Raw"]["Data"])}

        return dict(self._connection.call("send_email", f"{mail_id} to {to}", do))


def _text(raw: bytes) -> str:
    """Return the plain text of a mail. The policy that parses headers takes three times as long."""
    plain = (
        part
        for part in email.message_from_bytes(raw).walk()
        if part.get_content_type() == "text/plain"
    )
    return "".join(bytes(part.get_payload(decode=True)).decode() for part in plain)  # type: ignore[arg-type]
