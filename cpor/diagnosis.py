"""Explains a dead letter: what was asked, about which claims, since when, and what the function
said when it failed.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.domain.base import rfc3339
from chalicelib.domain.ids import Kind, kind_of
from chalicelib.runtime.queue_handlers import event_of
from cpor.dead_letters import Line, Message
from cpor.stage import Stage

KINDS: dict[Kind | None, str] = {
    Kind.CLAIM: "what is due of a claim (clocks, notifications)",
    Kind.SLOT: "who claims and who holds an item",
    Kind.ARBITRATION: "a case of arbitration",
    Kind.BOXED_MAIL: "the delivery of a mail in the sandbox",
    Kind.TENANT_SETTINGS: "telling a customer's contacts what was set for the tenant",
}
UNKNOWN_KIND = "something with an id of an unknown kind"
UNREADABLE = "Its body is not what this queue carries. Retrying cannot help: mend whoever sent it, or let it expire."
UNKNOWN = "The log says nothing of it (any more). Retry one and look at the log of the function."
PAGES = 5  # of a log that is searched
LINES = 200  # of a log that are read after the one that was found

ClaimsOf = Callable[[str], tuple[str, ...]]


class Explained(NamedTuple):
    """A dead letter in words.

    `about`: ids, as the worker knows them; `claims`: those of them, or behind them, that are
    claims.
    """

    queue: str
    id: str
    since: str
    asks: str
    about: tuple[str, ...]
    claims: tuple[str, ...]
    why: str


def explained(line: Line, message: Message, claims_of: ClaimsOf, log: "Log") -> Explained:
    """`claims_of`: the claims that a mail is about, by the mail's id."""
    asks, about, claims = _asked(line, message.value, claims_of)
    why = message.reason or (log.why(line, message) if asks else UNREADABLE) or UNKNOWN
    return Explained(
        line.name,
        message.id,
        rfc3339(message.sent_at),
        asks or "nothing that can be read",
        about,
        claims,
        why,
    )


class Log:
    """The logs of the stage's functions."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._groups: dict[str, str] = {}

    def why(self, line: Line, message: Message) -> str:
        """What the function said when it failed last with this message; '' when its log does not
        tell.
        """
        from botocore.exceptions import ClientError

        if line.function not in self._stage.resources:
            return ""
        try:
            group = self._group(line.function)
            found = self._last_event(group, message.id, message.sent_at)
            return _mistake(self._following(group, found), message.id) if found else ""
        except ClientError:  # no such log, or not ours to read: the message is explained without
            return ""

    def _group(self, function: str) -> str:
        if function not in self._groups:
            name = self._stage.physical(function)
            told = self._stage.client("lambda").get_function_configuration(FunctionName=name)
            self._groups[function] = (
                told.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
            )
        return self._groups[function]

    def _last_event(self, group: str, message_id: str, since: datetime) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "logGroupName": group,
            "filterPattern": f'"{message_id}"',
            "startTime": int(since.timestamp() * 1000),
        }
        found: list[dict[str, Any]] = []
        for _ in range(PAGES):
            told = self._stage.client("logs").filter_log_events(**asked)
            found += told["events"]
            if not told.get("nextToken"):
                break
            asked["nextToken"] = told["nextToken"]
        # A message is named on every line about it: the last that tells of a defect, if any does.
        failed = [event for event in found if '"error"' in event["message"]]
        return max(failed or found, key=lambda event: int(event["timestamp"])) if found else {}

    def _following(self, group: str, event: dict[str, Any]) -> list[str]:
        """The lines of an event, and of those after it where each line is an event of its own."""
        lines = str(event["message"]).splitlines()
        if len(lines) > 1 or "logStreamName" not in event:
            return lines
        told = self._stage.client("logs").get_log_events(
            logGroupName=group,
            logStreamName=event["logStreamName"],
            startTime=event["timestamp"],
            startFromHead=True,
            limit=LINES,
        )
        return [str(one["message"]) for one in told["events"]]


def _mistake(lines: list[str], message_id: str) -> str:
    """Which defect the line of this message names, and where it happened; of a version that wrote
    tracebacks, the last line of the one that follows; without either, the line itself.
    """
    if defects := [said for line in lines if message_id in line and (said := _defect(line))]:
        return defects[-1]
    at = next((n for n, line in enumerate(lines) if message_id in line), 0)
    traced = next(
        (n for n, line in enumerate(lines[at:], at) if line.startswith("Traceback")), None
    )
    if traced is None:
        return lines[at].strip()
    return next(
        (line.strip() for line in lines[traced + 1 :] if line[:1].strip()), lines[at].strip()
    )


def _defect(line: str) -> str:
    """What a line of level error says (chalicelib/runtime/metrics.py); '' for any other line."""
    try:
        said = json.loads(line)
        kind, *slots = said["error"]
    except (KeyError, TypeError, ValueError):
        return ""
    return f"{kind}, {slots[-1]}" if slots else str(kind)


def _asked(
    line: Line, body: Any, claims_of: ClaimsOf
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What a message asks for, which ids it names, and which claims these stand for; no words for
    what cannot be read.
    """
    if not isinstance(body, dict):
        return "", (), ()
    if line.name == "work":
        return _work(body)
    if line.name == "sweep":
        return "to look what is due; every minute asks for the same again", (), ()
    return _mail_event(body, claims_of)


def _work(body: dict[str, Any]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    ids = body.get("ids")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        return "", (), ()
    return (
        ", ".join(dict.fromkeys(_kinds(ids))),
        tuple(ids),
        tuple(one for one in ids if kind_of(one) is Kind.CLAIM),
    )


def _kinds(ids: list[str]) -> Iterator[str]:
    return (KINDS.get(kind_of(one), UNKNOWN_KIND) for one in ids)


def _mail_event(
    body: dict[str, Any], claims_of: ClaimsOf
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    try:
        found = event_of(json.loads(body["Message"]) if "Message" in body else body)
    except (AttributeError, KeyError, TypeError, ValueError):
        return "", (), ()
    if found is None:
        return "an event that says nothing of an address", (), ()
    return f"the {found[1].type} of a mail", (found[0],), claims_of(found[0])
