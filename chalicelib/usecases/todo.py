"""What waits for a partner organisation: questions, drafts, statements, decisions to dispute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.next_actions import ADMINISTRATORS, list_next_actions
from chalicelib.domain.slot import Slot
from chalicelib.domain.visible_clocks import list_visible_clocks
from chalicelib.ports import Services
from chalicelib.usecases import lists
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.step_context import make_step_context

MOST = 500  # of an organisation's newest claims that are looked at
PAGE = 100
Kind = Literal["question", "statement", "dispute", "draft"]
Action = Literal["respond", "dispute", "submit", "statement"]
# Which clock says until when, by the call that somebody waits for.
CLOCKS: dict[Action, tuple[Kind, str]] = {
    "respond": ("question", "partner_answer"),
    "dispute": ("dispute", "dispute"),
    "submit": ("draft", "draft"),
}
STATEMENT = "arbitration_statement"


@dataclass(frozen=True)
class Todo:
    """One thing that waits for the organisation.

    Attributes:
        claim: the claim that it is about.
        item_name: the name of its item in the edition that governs it.
        next_action: the call that settles it.
        due_at: until when; None: without a deadline.
    """

    kind: Kind
    claim: Claim
    item_name: str
    next_action: Action
    due_at: datetime | None


def list_todo(services: Services, caller: Caller, now: datetime) -> list[Todo]:
    """List what waits for the caller's organisation and the caller may settle, soonest first."""
    today, found, after = make_step_context(services, now), list[Todo](), None
    for _ in range(MOST // PAGE):
        page, after = lists.list_claims(services, caller, lists.ClaimFilter(), after, PAGE)
        for claim, slot in page:
            ctx = today.apply_edition(claim.catalogue_edition)
            found += _list_of_claim(claim, slot, caller, ctx)
        if after is None:
            break
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or now, one.claim.id))


def _list_of_claim(claim: Claim, slot: Slot, caller: Caller, ctx: StepContext) -> Iterator[Todo]:
    taken = slot.has_other_claim(claim.organisation_id, claim.partner_role, claim.id)
    actions = list_next_actions(claim, caller.roles, ctx, taken)
    due = {clock.kind: clock.due_at for clock in list_visible_clocks(claim, slot, ctx)}
    name = ctx.edition.find_name(claim.item.code)
    for action, (kind, clock) in CLOCKS.items():
        if action in actions:
            yield Todo(kind, claim, name, action, due.get(clock))
    if STATEMENT in due and caller.roles & ADMINISTRATORS:
        yield Todo("statement", claim, name, "statement", due[STATEMENT])
