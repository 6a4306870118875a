"""The three machines of a claim as tables: the claim, the customer's answer, the association.

The tables are the rules (domain.md, "Life of a claim"): steps consult them, `next_actions` is
derived from them, docs/state-machines.md is drawn from them, and tests walk them as graphs. Events
are
names within this code: they are neither stored nor published.
"""

from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.domain.refusals import WrongState

# A placeholder for the state before a question, or before an opt-out that was undone.
PREVIOUS_STATE = "(the state it left)"
OPEN = (
    "awaiting_provisioning",
    "submitted",
    "under_review",
    "action_required",
    "in_arbitration",
    "disputed",
)
IN_REVIEW = ("under_review", "disputed")
CLOSED = ("rejected", "withdrawn", "expired", "ended")


class Row(NamedTuple):
    """One allowed transition: from where, what happens, who may make it happen, to where."""

    state: str
    event: str
    by: str
    to: str


@dataclass(frozen=True)
class Machine:
    """A name, the state that a new value has, and the rows. A state without a row is final."""

    name: str
    start: str
    rows: tuple[Row, ...]

    def find_target(self, state: str, event: str) -> str:
        """Return where an event leads from a state. Raise WrongState when there is no such row."""
        for row in self.rows:
            if row.state == state and row.event == event:
                return row.to
        raise WrongState(status=state, event=event)

    def allows(self, state: str, event: str) -> bool:
        """Return whether the table has a row for this event in this state."""
        return any(row.state == state and row.event == event for row in self.rows)

    @property
    def states(self) -> frozenset[str]:
        """Every state that the table names."""
        return frozenset(
            {self.start}
            | {r.state for r in self.rows}
            | {r.to for r in self.rows if r.to != PREVIOUS_STATE}
        )


def _rows(states: tuple[str, ...], event: str, by: str, to: str) -> tuple[Row, ...]:
    return tuple(Row(state, event, by, to) for state in states)


CLAIM = Machine(
    "claim",
    "draft",
    (
        Row("draft", "submit", "partner", "submitted"),
        Row("draft", "hold", "partner", "awaiting_provisioning"),
        Row("draft", "expire", "time", "expired"),
        Row("draft", "withdraw", "partner", "withdrawn"),
        Row("awaiting_provisioning", "provisioned", "time", "submitted"),
        Row("awaiting_provisioning", "recheck_failed", "time", "draft"),
        Row("awaiting_provisioning", "expire", "time", "expired"),
        Row("submitted", "start", "reviewer", "under_review"),
        *_rows(IN_REVIEW, "ask", "reviewer", "action_required"),
        Row("action_required", "respond", "partner", PREVIOUS_STATE),
        Row("action_required", "no_response", "time", "rejected"),
        *_rows(IN_REVIEW, "approve", "reviewer", "approved"),
        *_rows(IN_REVIEW, "contest", "reviewer", "in_arbitration"),
        *_rows(IN_REVIEW, "reject", "reviewer", "rejected"),
        Row("in_arbitration", "win", "two seniors", "approved"),
        Row("in_arbitration", "lose", "two seniors", "rejected"),
        Row("approved", "lose", "two seniors", "rejected"),
        *_rows(OPEN, "withdraw", "partner", "withdrawn"),
        Row("approved", "withdraw", "partner", "withdrawn"),
        *_rows((*OPEN, "approved"), "opt_out", "customer", "rejected"),
        *_rows((*OPEN, "approved"), "unreachable", "time", "rejected"),
        Row("rejected", "undo", "customer", PREVIOUS_STATE),
        Row("ended", "undo", "customer", "approved"),
        *_rows(("rejected", "ended"), "undo_contested", "customer", "under_review"),
        Row("approved", "end", "whoever ended the association", "ended"),
        *_rows(("rejected", "ended"), "dispute", "partner", "disputed"),
    ),
)

AWAITING_ANSWER = ("notice_queued", "open", "undeliverable")
ANSWER = Machine(
    "customer_answer",
    "not_asked",
    (
        Row("not_asked", "ask", "system", "notice_queued"),
        Row("notice_queued", "no_delivery", "time", "undeliverable"),
        *_rows(("notice_queued", "undeliverable"), "delivered", "mail", "open"),
        Row("open", "struck_out", "mail", "undeliverable"),
        Row("open", "due", "time", "not_objected"),
        *_rows(AWAITING_ANSWER, "agree", "customer", "agreed"),
        Row("not_objected", "agree_after_bounce", "customer", "agreed"),
        *_rows(
            (*AWAITING_ANSWER, "not_objected", "agreed", "void", "opted_out"),
            "opt_out",
            "customer",
            "opted_out",
        ),
        *_rows(("opted_out", "agreed"), "undo", "customer", "open"),
        *_rows(("opted_out", "agreed"), "undo_before_delivery", "customer", "notice_queued"),
        Row("opted_out", "undo_after_rejection", "customer", "void"),
        *_rows(AWAITING_ANSWER, "close", "system", "void"),
        Row("void", "dispute_upheld", "reviewer", "notice_queued"),
        *_rows(
            (*AWAITING_ANSWER, "not_objected", "agreed"),
            "notice_changed",
            "partner",
            "notice_queued",
        ),
    ),
)

IN_FORCE = ("active", "grace")
ASSOCIATION = Machine(
    "association",
    "pending",
    (
        Row("pending", "activate", "time", "active"),
        Row("pending", "activate_in_grace", "time", "grace"),
        Row("active", "grace_started", "time", "grace"),
        Row("grace", "grace_ended", "time", "active"),
        *_rows(IN_FORCE, "pause", "time", "paused"),
        Row("paused", "resume", "time", "active"),
        Row("paused", "resume_in_grace", "time", "grace"),
        *_rows(("pending", *IN_FORCE, "paused"), "end", "anyone", "ended"),
    ),
)

MACHINES = (CLAIM, ANSWER, ASSOCIATION)
