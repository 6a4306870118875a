"""What the functions say of their work on their logs: one JSON line per step, mail, batch and
sweep.

A line carries its figures in CloudWatch's embedded metric format, so that no call is made to count
anything. The only dimension is the stage: ids stand beside the figures, where they cost nothing.
Ids and codes alone are written; never a person's words, an address or a token.
"""

import json
import sys
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from chalicelib.domain.history import Entry
from chalicelib.ports import Change, Mail, MailSender
from chalicelib.runtime.settings import settings

NAMESPACE = "cpor"
# Figure → unit. infra/alarms.yaml and infra/dashboard.yaml name no other.
FIGURES = {
    "ClaimsFiled": "Count", "ClaimsDecided": "Count", "CustomersOptedOut": "Count", "MailsSent": "Count",
    "MailsDelivered": "Count", "MailsBounced": "Count", "MailsComplained": "Count", "WorkDone": "Count",
    "WorkRetried": "Count", "WorkFailed": "Count", "DueFound": "Count", "OldestDueSeconds": "Seconds",
}  # fmt: skip
COUNTED = {
    "claim.submitted": "ClaimsFiled", "claim.approved": "ClaimsDecided", "claim.rejected": "ClaimsDecided",
    "customer.opted_out": "CustomersOptedOut",
}  # fmt: skip
FRAMES = 12  # of a defect's traceback: the innermost

about: ContextVar[str] = ContextVar(
    "about", default=""
)  # the request or message that is being worked on


def line(figures: Mapping[str, float] | None = None, level: str = "info", **said: Any) -> None:
    """Writes one line; `figures` by name. What is None or empty is left out."""
    told = {"level": level, "request_id": about.get(), **said}
    kept: dict[str, Any] = {
        name: value for name, value in told.items() if value not in (None, "", {}, [])
    }
    if figures:
        kept |= {"stage": settings().stage, **figures, "_aws": _directive(figures)}
    sys.stdout.write(json.dumps(kept) + "\n")
    sys.stdout.flush()  # the platform may freeze the process as soon as it has the answer


def steps(change: Change) -> None:
    """A line for every step that has just been written: which claim, what happened, from where to
    where.
    """
    for entries in change.entries:
        for entry in entries:
            line(Counter(filter(None, [COUNTED.get(entry.act)])), **_step(entry))


def swept(found: int, oldest: datetime | None, now: datetime) -> None:
    """A line for a sweep: how much was due, and for how long the oldest of it has been (0: nothing
    was).
    """
    waited = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    line({"DueFound": found, "OldestDueSeconds": waited})


def defect(bug: BaseException) -> list[str]:
    """What went wrong and where. The message of an exception stays out: it may quote what people
    wrote.

    An error that AWS answered has a `response` with a code, which says more than its type.
    """
    answered = getattr(bug, "response", None)
    code = answered.get("Error", {}).get("Code", "") if isinstance(answered, dict) else ""
    frames = traceback.extract_tb(bug.__traceback__)[-FRAMES:]
    slots = [
        f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
        for frame in frames
    ]
    return [f"{type(bug).__module__}.{type(bug).__qualname__} {code}".rstrip(), *slots]


class Counted:
    """`ports.Post` that says on the log which kind of mail was handed over, and for which claims."""

    def __init__(self, post: MailSender) -> None:
        self._post = post

    def send(self, mail: Mail, now: datetime) -> str:
        provider = self._post.send(mail, now)
        line({"MailsSent": 1}, mail=mail.kind, claims=list(mail.claim_ids))
        return provider


def _step(entry: Entry) -> dict[str, Any]:
    moves = entry.moves.items()
    return {
        "claim": entry.claim_id, "step": entry.act, "by": entry.actor, "reasons": list(entry.reasons),
        "from": {machine: move[0] for machine, move in moves}, "to": {machine: move[1] for machine, move in moves},
    }  # fmt: skip


def _directive(figures: Mapping[str, float]) -> dict[str, Any]:
    """What tells CloudWatch which fields of the line are figures."""
    named = [{"Name": name, "Unit": FIGURES[name]} for name in figures]
    return {
        "Timestamp": int(time.time() * 1000),
        "CloudWatchMetrics": [
            {"Namespace": NAMESPACE, "Dimensions": [["stage"]], "Metrics": named}
        ],
    }
