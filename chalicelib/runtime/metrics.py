"""Write the functions' log lines: one JSON line per act, mail, batch and sweep.

A line carries its figures in CloudWatch's embedded metric format, so that no call is made to count
anything. The only dimension is the stage: ids are fields of the line, where they cost nothing. Only
ids and codes are written; never what people wrote, an address or a token.
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html)
"""

import json
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Entry
from chalicelib.ports import Change, Mail, MailSender
from chalicelib.ports.mail import MailPostponed, OutcomeUnknown, RecipientRefused
from chalicelib.runtime.settings import settings
from chalicelib.text.holiday_table import find_last_year

NAMESPACE = "cpor"
# Unit of each figure. infra/alarms.yaml and infra/dashboard.yaml name no others.
METRIC_UNITS = {
    "ClaimsFiled": "Count",
    "ClaimsDecided": "Count",
    "CustomersOptedOut": "Count",
    "MailsSent": "Count",
    "MailsDelivered": "Count",
    "MailsBounced": "Count",
    "MailsComplained": "Count",
    "MailsConfirmed": "Count",
    "MailsNotAccepted": "Count",
    "MailEventsIgnored": "Count",
    "WorkDone": "Count",
    "WorkRetried": "Count",
    "WorkFailed": "Count",
    "DueFound": "Count",
    "OldestDueSeconds": "Seconds",
    "CalendarDaysLeft": "Count",
    "InsightsWrong": "Count",
}
# The figure that an act in the history counts towards.
METRIC_OF_ACT = {
    "claim.submitted": "ClaimsFiled",
    "claim.approved": "ClaimsDecided",
    "claim.rejected": "ClaimsDecided",
    "customer.opted_out": "CustomersOptedOut",
}
FRAMES = 12  # innermost frames of a traceback that are logged
CALENDAR_NOTICE = 366  # days: the alarm is raised a year ahead (domain.md, "Calendars")

# The request or message that is being processed.
request_id: ContextVar[str] = ContextVar("request_id", default="")


def write_line(
    figures: Mapping[str, float] | None = None, level: str = "info", **fields: Any
) -> None:
    """Write one line with these figures, by name, and fields. Fields that are None or empty are
    left out.
    """
    line: dict[str, Any] = {
        name: value
        for name, value in {"level": level, "request_id": request_id.get(), **fields}.items()
        if value not in (None, "", {}, [])
    }
    if figures:
        line |= {"stage": settings().stage, **figures, "_aws": _directive(figures)}
    print_json(line)


def print_json(line: Mapping[str, Any]) -> None:
    """Write a line of JSON to standard output, which the platform logs and charges by the byte."""
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()  # the platform may freeze the process as soon as it has the answer


def log_acts(change: Change) -> None:
    """Write a line for every act of a change that was committed: claim, act, from which state to
    which.
    """
    last_year = _find_last_year(change.claims)
    for entries in change.entries:
        for entry in entries:
            figures: dict[str, float] = dict(Counter(filter(None, [METRIC_OF_ACT.get(entry.act)])))
            left = (date(last_year, 12, 31) - entry.at.date()).days if last_year else None
            if left is not None and left <= CALENDAR_NOTICE:
                figures["CalendarDaysLeft"] = left
            write_line(figures, **_describe_act(entry))


def log_sweep(found: int, oldest: datetime | None, now: datetime) -> None:
    """Write a line for a sweep: how much was due, and the seconds since when (0: nothing)."""
    waited = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    write_line({"DueFound": found, "OldestDueSeconds": waited})


def describe_error(error: BaseException) -> list[str]:
    """Return what kind of error it is, and where it was raised.

    Its message stays out, because it may quote what people wrote. An error answered by AWS has a
    code, which says more than its type.
    """
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = [
        f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
        for frame in frames
    ]
    return [f"{type(error).__module__}.{type(error).__qualname__} {code}".rstrip(), *places]


class LoggedMailSender:
    """A `MailSender` that logs the kind and the claims of every mail that it handed over."""

    def __init__(self, sender: MailSender) -> None:
        self._sender = sender

    def send(self, mail: Mail, now: datetime) -> str:
        try:
            provider_id = self._sender.send(mail, now)
        except (MailPostponed, OutcomeUnknown, RecipientRefused) as fault:
            reason = describe_error(fault.__cause__ or fault)
            write_line({"MailsNotAccepted": 1}, "error", mail=mail.kind, error=reason)
            raise
        write_line({"MailsSent": 1}, mail=mail.kind, claims=list(mail.claim_ids))
        return provider_id


def _find_last_year(claims: Iterable[Claim]) -> int | None:
    """Return when the first of the calendars ends in which the claims' deadlines were counted."""
    calendars = {clock.calendar for claim in claims for clock in claim.clocks if clock.calendar}
    return min(map(find_last_year, calendars), default=None)


def _describe_act(entry: Entry) -> dict[str, Any]:
    return {
        "claim": entry.claim_id,
        "act": entry.act,
        "by": entry.actor,
        "reasons": list(entry.reasons),
        "from": {machine: move[0] for machine, move in entry.moves.items()},
        "to": {machine: move[1] for machine, move in entry.moves.items()},
    }


def _directive(figures: Mapping[str, float]) -> dict[str, Any]:
    """Return the part of a line that names its metrics for CloudWatch."""
    metrics = [{"Name": name, "Unit": METRIC_UNITS[name]} for name in figures]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["stage"]], "Metrics": metrics}
    return {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
