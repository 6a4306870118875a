"""The counts of a claim: a pure function of its history (integration.md, 4).

What an entry counts for depends on it and on the entries before it only, so that counting entry by
entry and counting everything again give the same totals. A count is a text: `rejected` is a number
of claims, `rejected:fraud` that for a reason, `dispute~41` a duration in a bucket of its histogram.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from chalicelib.domain.histogram import find_bucket
from chalicelib.domain.history import Entry
from chalicelib.domain.state_machines import CLOSED, IN_REVIEW

CODE, BUCKET = ":", "~"  # separators before a reason, and before the number of a bucket

# What each act counts as.
COUNT_OF_ACT = {
    "claim.submitted": "submitted",
    "claim.approved": "approved",
    "claim.rejected": "rejected",
    "claim.withdrawn": "withdrawn",
    "claim.expired": "expired",
    "claim.info_requested": "questions",
    "claim.contested": "contested",
    "claim.disputed": "disputes_filed",
    "notice.bounced": "bounced",
    "customer.agreed": "agreed",
    "customer.not_objected": "not_objected",
    "customer.opted_out": "opted_out",
    "customer.undone": "undone",
    "arbitration.opened": "cases_opened",
    "arbitration.decided": "cases_decided",
    "association.activated": "activated",
    "association.paused": "paused",
    "association.ended": "ended",
    "clock.escalated": "escalated",
}
# Counts that depend on more than the act.
DERIVED_COUNTS = ("asked", "reached", "disputes_upheld", "review_in_time", "review_late")
COUNTS = (*COUNT_OF_ACT.values(), *DERIVED_COUNTS)
# Counts that are split by the reasons of their acts.
WITH_CODES = frozenset({"rejected", "ended", "questions", "paused"})
DURATIONS = (
    "submission_to_decision",
    "partner_answer",
    "customer_answer",
    "submission_to_association",
    "arbitration",
    "dispute",
)
# The acts that start a duration. A second start before the end replaces the first.
_BEGINS = {
    "claim.submitted": ("submission_to_decision", "submission_to_association"),
    "claim.info_requested": ("partner_answer",),
    "notice.delivered": ("customer_answer",),
    "arbitration.opened": ("arbitration",),
    "claim.disputed": ("dispute",),
}
# The acts that end a duration.
_ENDS: dict[str, tuple[str, ...]] = {
    "claim.responded": ("partner_answer",),
    "customer.agreed": ("customer_answer",),
    "customer.opted_out": ("customer_answer",),
    "association.activated": ("submission_to_association",),
    "arbitration.decided": ("arbitration",),
    "arbitration.closed": ("arbitration",),
}
_DECISIONS = ("claim.approved", "claim.rejected", "claim.contested")
_NOT_YET = ("", "none")  # stands for the state before the first one


class Measured(NamedTuple):
    """The counts that one entry adds.

    counts: what happened.
    now: changes of how many claims and associations are in each state, and are overdue.
    """

    entry: Entry
    counts: tuple[str, ...]
    now: tuple[tuple[str, int], ...]


def measure(history: Iterable[Entry]) -> Iterator[Measured]:
    """Yield the counts of each entry of a claim's whole history, in order."""
    began: dict[str, datetime] = {}
    is_overdue = False
    for entry in history:
        is_escalation = entry.act == "clock.escalated" and "review" in entry.reasons
        counts = [*_list_counts(entry, is_overdue), *_end_durations(entry, began)]
        now = Counter(dict(_list_changes(entry)))
        becomes_overdue = is_escalation or (is_overdue and not _ends_review(entry))
        now["overdue"] += becomes_overdue - is_overdue
        is_overdue = becomes_overdue
        for name in _BEGINS.get(entry.act, ()):
            began[name] = entry.at
        yield Measured(entry, tuple(counts), tuple((k, v) for k, v in now.items() if v))


def _list_counts(entry: Entry, is_overdue: bool) -> Iterator[str]:
    if name := COUNT_OF_ACT.get(entry.act):
        yield name
        if name in WITH_CODES:
            yield from (f"{name}{CODE}{code}" for code in dict.fromkeys(entry.reasons))
    _, asked = entry.moves.get("customer_answer", ("", ""))
    if asked == "notice_queued":
        yield "asked"
    if asked == "open" and entry.act == "notice.delivered":
        yield "reached"
    before, after = entry.moves.get("claim", ("", ""))
    if before == "disputed" and after in ("approved", "in_arbitration"):
        yield "disputes_upheld"
    if _is_decision(entry) and before in IN_REVIEW:
        yield "review_late" if is_overdue else "review_in_time"


def _end_durations(entry: Entry, began: dict[str, datetime]) -> Iterator[str]:
    """Yield the durations that an entry ends, and remove their start times."""
    ended: tuple[str, ...] = _ENDS.get(entry.act, ())
    if _is_decision(entry):
        is_final = entry.act != "claim.contested"
        ended = ("dispute", "submission_to_decision") if is_final else ("dispute",)
    for name in ended:
        if since := began.pop(name, None):
            yield f"{name}{BUCKET}{find_bucket((entry.at - since).total_seconds())}"


def _list_changes(entry: Entry) -> Iterator[tuple[str, int]]:
    """Yield how many more claims and associations are in the states that an entry moves between."""
    for machine, kind in (("claim", "claims"), ("association", "associations")):
        before, after = entry.moves.get(machine, ("", ""))
        if before not in (*_NOT_YET, *CLOSED):
            yield f"{kind}:{before}", -1
        if after not in (*_NOT_YET, *CLOSED):
            yield f"{kind}:{after}", 1


def _is_decision(entry: Entry) -> bool:
    return entry.act in _DECISIONS and entry.actor == "reviewer"


def _ends_review(entry: Entry) -> bool:
    """Return whether an overdue review ends, or starts again."""
    return "claim" in entry.moves and entry.act != "claim.review_started"
