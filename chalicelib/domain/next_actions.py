"""What a partner, or a customer, may do with a claim now, by the tables that decide it."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.amendments import list_editable_fields
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.state_machines import ANSWER, CLAIM
from chalicelib.domain.steps.partner import may_dispute

CLAIM_EVENTS = ("respond", "withdraw")  # events of the claim whose calls have the same name
ADMINISTRATORS = frozenset({"incentives_admin"})
ACTING = frozenset({"incentives_admin", "incentives_user"})


def list_next_actions(
    claim: Claim, roles: Iterable[str], ctx: StepContext, taken: bool = False
) -> list[str]:
    """Return the names of the calls that neither the claim's state nor the caller's role forbids.

    taken: the partner has another claim on the item in this role, so this one cannot come back.
    """
    mine = frozenset(roles)
    may_submit = CLAIM.allows(claim.status, "submit") and not mine.isdisjoint(ctx.submitters)
    submit = ["submit"] if may_submit else []
    if not mine & ACTING:
        return submit
    is_administrator = bool(mine & ADMINISTRATORS)
    amend = ["amend"] if list_editable_fields(claim) else []
    events = [name for name in CLAIM_EVENTS if CLAIM.allows(claim.status, name)]
    if claim.status == "approved" and not (is_administrator and _is_pending(claim)):
        events.remove("withdraw")
    found = ["comment", *amend, *submit, *events]
    if is_administrator and claim.association and claim.association.state != "ended":
        found.append("end_association")
    if is_administrator and not taken and may_dispute(claim, ctx):
        found.append("dispute")
    return found


def choose_status_label(claim: Claim) -> str:
    """Return which label the claim's status has; `approved` has three (domain.md, "Labels")."""
    if claim.status != "approved":
        return claim.status
    if claim.association and claim.association.state in ("active", "grace", "paused"):
        return "approved_active"
    return "approved_pending" if claim.has_consent() else "approved_objection"


def list_customer_actions(claim: Claim, of_tenant: bool, now: datetime) -> tuple[str, ...]:
    """Return what the holder of a link may answer now.

    of_tenant: it is a tenant link. A claim link may undo only what came by a claim link.
    """
    is_live = claim.is_open or claim.status == "approved"
    found = [
        event
        for event in ("opt_out", "agree")
        if is_live and ANSWER.allows(claim.answer.state, event)
    ]
    answer = claim.answer
    if answer.state == "opted_out":
        may_undo = CLAIM.allows(claim.status, "undo")
    else:
        may_undo = answer.state == "agreed" and is_live
    is_in_time = answer.undo_until is not None and now <= answer.undo_until
    if may_undo and is_in_time and (of_tenant or answer.by == "claim link"):
        found.append("undo")
    return tuple(found)


def _is_pending(claim: Claim) -> bool:
    return claim.association is not None and claim.association.state == "pending"
