"""Explains a dead letter: what it asks for, about which claims, since when, and why it failed."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from chalicelib.domain.base import rfc3339
from chalicelib.domain.ids import Kind, claim_of_outbox, kind_of
from chalicelib.usecases.mail_reports import parse_report
from cpor.dead_letters import Message, QueueSpec
from cpor.stage import Stage

# What the worker does for each kind of id.
TASKS: dict[Kind | None, str] = {
    Kind.CLAIM: "what is due of a claim (deadlines, notifications)",
    Kind.OUTBOX: "what a claim has to send",
    Kind.SLOT: "who claims and who holds an item",
    Kind.ARBITRATION: "an arbitration case",
    Kind.BOXED_MAIL: "the delivery of a mail in the sandbox",
    Kind.TENANT_SETTINGS: "telling a customer's contacts about changed tenant settings",
}
UNKNOWN_TASK = "something with an id of an unknown kind"
UNREADABLE = (
    "Its body is not what this queue carries. Retrying cannot help: fix the sender, then remove "
    "the message with `cpor tasks drop`."
)
UNKNOWN = "The log has nothing about it (any more). Retry one and read the log of the function."
MAX_PAGES = 5  # pages of a log that are searched
MAX_LINES = 200  # lines of a log that are read after the line that was found

ClaimsOf = Callable[[str], tuple[str, ...]]


class Explanation(NamedTuple):
    """A dead letter in words.

    `about`: ids, as the worker knows them; `claims`: the claims among or behind them.
    """

    queue: str
    id: str
    since: str
    asks: str
    about: tuple[str, ...]
    claims: tuple[str, ...]
    why: str


class Request(NamedTuple):
    """What a message asks for; `asks` is empty when it cannot be read."""

    asks: str = ""
    about: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


def explain(queue: QueueSpec, message: Message, claims_of: ClaimsOf, log: "Log") -> Explanation:
    """Explain a dead letter. `claims_of`: the claims that a mail is about, by the mail's id."""
    request = _parse_request(queue, message, claims_of)
    reason = message.reason or (log.find_reason(queue, message) if request.asks else UNREADABLE)
    return Explanation(
        queue.name,
        message.id,
        rfc3339(message.sent_at),
        request.asks or "nothing readable",
        request.about,
        request.claims,
        reason or UNKNOWN,
    )


class Log:
    """The logs of the stage's functions."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._groups: dict[str, str] = {}

    def find_reason(self, queue: QueueSpec, message: Message) -> str:
        """Return what the function logged when it last failed with a message, or an empty text."""
        if queue.function not in self._stage.resources:
            return ""
        try:
            group = self._group(queue.function)
            event = self._last_event(group, message.id, message.sent_at)
            return find_error(self._lines_from(group, event), message.id) if event else ""
        except ClientError:  # no such log, or no permission: the message is explained without it
            return ""

    def _group(self, function: str) -> str:
        if function not in self._groups:
            configuration = self._stage.configuration(function)
            default = f"/aws/lambda/{self._stage.physical_id(function)}"
            self._groups[function] = (
                configuration.get("LoggingConfig", {}).get("LogGroup") or default
            )
        return self._groups[function]

    def _last_event(self, group: str, message_id: str, since: datetime) -> dict[str, Any]:
        """Return the last event about a message: an error if there is one, else any."""
        query: dict[str, Any] = {
            "logGroupName": group,
            "filterPattern": f'"{message_id}"',
            "startTime": int(since.timestamp() * 1000),
        }
        events: list[dict[str, Any]] = []
        for _ in range(MAX_PAGES):
            page = self._stage.client("logs").filter_log_events(**query)
            events += page["events"]
            if not page.get("nextToken"):
                break
            query["nextToken"] = page["nextToken"]
        errors = [event for event in events if '"error"' in event["message"]]
        return max(errors or events, key=lambda event: int(event["timestamp"]), default={})

    def _lines_from(self, group: str, event: dict[str, Any]) -> list[str]:
        """Return the lines of an event, and those after it if each line is an event of its own."""
        lines = str(event["message"]).splitlines()
        if len(lines) > 1 or "logStreamName" not in event:
            return lines
        page = self._stage.client("logs").get_log_events(
            logGroupName=group,
            logStreamName=event["logStreamName"],
            startTime=event["timestamp"],
            startFromHead=True,
            limit=MAX_LINES,
        )
        return [str(event["message"]) for event in page["events"]]


def find_error(lines: list[str], message_id: str) -> str:
    """Return the error that the lines name for a message.

    That is a structured error line of the message, else the last line of the traceback that
    follows (older versions logged those), else the line about the message itself.
    """
    about = [line for line in lines if message_id in line]
    if errors := list(filter(None, map(_parse_error, about))):
        return errors[-1]
    first = next((index for index, line in enumerate(lines) if message_id in line), 0)
    return _traceback_error(lines[first:]) or lines[first].strip()


def _traceback_error(lines: list[str]) -> str:
    """Return the last line of the first traceback: the first one that is not indented."""
    tracebacks = (index for index, line in enumerate(lines) if line.startswith("Traceback"))
    start = next(tracebacks, len(lines))
    return next((line.strip() for line in lines[start + 1 :] if line[:1].strip()), "")


def _parse_error(line: str) -> str:
    """Return the error in a line of level error (chalicelib/runtime/metrics.py), or ''."""
    try:
        kind, *places = json.loads(line)["error"]
    except (KeyError, TypeError, ValueError):
        return ""
    return f"{kind}, {places[-1]}" if places else str(kind)


def _parse_request(queue: QueueSpec, message: Message, claims_of: ClaimsOf) -> Request:
    body = message.json
    if not isinstance(body, dict):
        return Request()
    if queue.name == "work":
        return _parse_work(body)
    if queue.name == "sweep":
        return Request("finding what is due; the next minute asks for the same")
    return _parse_mail_event(message, claims_of)


def _parse_work(body: dict[str, Any]) -> Request:
    ids = body.get("ids")
    if not isinstance(ids, list) or not all(isinstance(some_id, str) for some_id in ids):
        return Request()
    tasks = dict.fromkeys(TASKS.get(kind_of(some_id), UNKNOWN_TASK) for some_id in ids)
    claims = tuple(
        claim_of_outbox(some_id) if kind_of(some_id) is Kind.OUTBOX else some_id
        for some_id in ids
        if kind_of(some_id) in (Kind.CLAIM, Kind.OUTBOX)
    )
    return Request(", ".join(tasks), tuple(ids), claims)


def _parse_mail_event(message: Message, claims_of: ClaimsOf) -> Request:
    found = parse_report(message.body, message.sent_at)
    if found is None:
        return Request("an event that says nothing about an address")
    mail_id, event = found
    return Request(f"the {event.type} of a mail", (mail_id,), claims_of(mail_id))
