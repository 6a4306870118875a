"""The review of a claim: its progress, other tasks for a person, and the decision."""

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant


class Review(Frozen):
    """The review of a claim.

    due_at: when it is due. The claim stays in the queue until it is decided, overdue or not; None:
        there is nothing to review.
    assignee, assignee_name: sub and name of the reviewer who has the case.
    questions: how many questions the partner was asked.
    escalated: whether the seniors, or the operator, were notified.
    deciders: the `sub` of each person who made a decision on the claim.
    finders: the `sub` of each person who found an address of the customer; they may not decide.
    handlers: the `sub` of each other person who took part up to a dispute: was assigned to it or
        started it, commented, confirmed an address, asked a party of its case, proposed another
        decision of its case, or acted on its association.
    """

    due_at: Instant | None = None
    assignee: str | None = None
    assignee_name: str | None = None
    questions: int = 0
    escalated: bool = False
    deciders: tuple[str, ...] = Field(default=(), alias="took_part")
    handlers: tuple[str, ...] = Field(default=(), alias="handled")
    finders: tuple[str, ...] = ()

    @property
    def all_deciders(self) -> tuple[str, ...]:
        """The `sub` of each person who may not decide on a dispute of the claim."""
        return (*self.deciders, *self.finders)


class ProposedAddress(Frozen):
    """An address outside the tenant's domains that a reviewer found; a senior must confirm it.

    by: sub of the reviewer who found it.
    """

    email: str
    source: str
    by: str


class Task(Frozen):
    """A task for a person other than the review (`review_tasks.find_task`), with its due time."""

    kind: str
    due_at: Instant


class Decision(Frozen):
    """How a claim ended: outcome, reason codes and the reviewer's words."""

    outcome: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    at: Instant
