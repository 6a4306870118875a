"""What a partner, or a customer, may do with a claim now, read from the tables that decide whether
it may.
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.amendments import list_editable_fields
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.state_machines import ANSWER, CLAIM
from chalicelib.domain.steps.partner import may_dispute

CLAIM_EVENTS = ("respond", "withdraw")  # events of a claim that are called as they are named
ADMINISTRATORS = frozenset({"incentives_admin"})
ACTING = frozenset({"incentives_admin", "incentives_user"})


def list_next_actions(
    claim: Claim, roles: Iterable[str], ctx: StepContext, taken: bool = False
) -> list[str]:
    """The names of the calls that would not be refused for the claim's state or the caller's role.
    `taken`: the partner has another claim on the item in this role, so this one cannot come back.
    """
    mine = frozenset(roles)
    may_submit = CLAIM.allows(claim.status, "submit") and not mine.isdisjoint(ctx.submitters)
    if not mine & ACTING:
        return ["submit"] if may_submit else []
    found = [
        "comment",
        *(["submit"] if may_submit else ()),
        *(name for name in CLAIM_EVENTS if CLAIM.allows(claim.status, name)),
    ]
    if claim.status == "approved" and (
        not mine & ADMINISTRATORS
        or claim.association is None
        or claim.association.state != "pending"
    ):
        found.remove("withdraw")
    if list_editable_fields(claim):
        found.insert(1, "amend")
    if mine & ADMINISTRATORS and claim.association and claim.association.state != "ended":
        found.append("end_association")
    if mine & ADMINISTRATORS and may_dispute(claim, ctx) and not taken:
        found.append("dispute")
    return found


def choose_status_label(claim: Claim) -> str:
    """Which label the claim's status has: `approved` has three (domain.md, "Labels")."""
    if claim.status != "approved":
        return claim.status
    if claim.has_association_in_force or (
        claim.association and claim.association.state == "paused"
    ):
        return "approved_active"
    return "approved_pending" if claim.has_consent() else "approved_objection"


def list_customer_actions(claim: Claim, of_tenant: bool, now: datetime) -> tuple[str, ...]:
    """What the holder of a link may answer now.

    A claim link may undo only what came by a claim link.
    """
    alive = claim.is_open or claim.status == "approved"
    found = [
        event
        for event in ("opt_out", "agree")
        if alive and ANSWER.allows(claim.answer.state, event)
    ]
    undoable = (
        CLAIM.allows(claim.status, "undo")
        if claim.answer.state == "opted_out"
        else claim.answer.state == "agreed" and alive
    )
    in_time = claim.answer.undo_until is not None and now <= claim.answer.undo_until
    if undoable and in_time and (of_tenant or claim.answer.by == "claim link"):
        found.append("undo")
    return tuple(found)
