"""List the actions that a partner, reviewer or customer may take on a claim now."""

from collections.abc import Iterable

from chalicelib.domain.amendments import list_editable_fields
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.state_machines import ANSWER, CLAIM
from chalicelib.domain.steps.partner import may_dispute
from chalicelib.domain.steps.reviewer import is_address_wanted

CLAIM_EVENTS = ("respond", "withdraw")  # events of the claim whose calls have the same name
ADMINISTRATORS = frozenset({"incentives_admin"})
ACTING = frozenset({"incentives_admin", "incentives_user"})


def list_next_actions(
    claim: Claim,
    roles: Iterable[str],
    ctx: StepContext,
    taken: bool = False,
    may_submit_statement: bool = False,
) -> list[str]:
    """Return the names of the calls that neither the claim's state nor the caller's role forbids.

    taken: whether the partner has another claim on the item in this role, so that this claim cannot
        be reopened.
    may_submit_statement: its party's window in a case is open.
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
    if is_administrator and may_submit_statement:
        found.append("statement")
    if is_administrator and not taken and may_dispute(claim, ctx):
        found.append("dispute")
    return found


def list_review_actions(claim: Claim, is_senior: bool) -> list[str]:
    """Return the names of the calls that the claim's states allow a reviewer."""
    found = ["comment"]
    if claim.is_open and claim.status != "awaiting_provisioning":
        found.append("assign")
    decisions = {"start": "start", "ask": "request_info", "approve": "approve", "reject": "reject"}
    if claim.status == "disputed":
        found += ["decide_dispute"] if is_senior else []
    else:
        found += [call for event, call in decisions.items() if CLAIM.allows(claim.status, event)]
    if claim.proposed_address is not None and is_senior:
        found.append("confirm_address")
    if is_address_wanted(claim):
        found.append("customer_address")
    return found + _list_association_actions(claim, is_senior)


def _list_association_actions(claim: Claim, is_senior: bool) -> list[str]:
    association = claim.association
    if association is None or association.state == "ended":
        return []
    found = ["resume"] if claim.is_paused_by_bounce else []
    if is_senior:
        is_proposed = any(revocation.outcome is None for revocation in association.revocations)
        found += ["confirm_revocation", "decline_revocation"] if is_proposed else ["revoke"]
    return found


def choose_status_label(claim: Claim) -> str:
    """Return which label the claim's status has; `approved` has three (domain.md, "Labels")."""
    if claim.status != "approved":
        return claim.status
    if claim.association and claim.association.state in ("active", "grace", "paused"):
        return "approved_active"
    return "approved_pending" if claim.has_consent() else "approved_objection"


def list_customer_actions(
    claim: Claim, of_tenant: bool, ctx: StepContext, is_blocked: bool = False
) -> tuple[str, ...]:
    """Return what the holder of a link may answer now.

    of_tenant: it is a tenant link. A claim link may undo only what came by a claim link.
    is_blocked: the customer has blocked the partner; no objection to its claims can be undone then.
    """
    answer = claim.answer
    found = ["opt_out"] if _may_object(claim, of_tenant, ctx) else []
    if claim.is_live and (ANSWER.allows(answer.state, "agree") or claim.is_paused_by_bounce):
        found.append("agree")
    if answer.state == "opted_out":
        may_undo = CLAIM.allows(claim.status, "undo") and not is_blocked
    else:
        may_undo = answer.state == "agreed" and claim.is_live
    if may_undo and _is_undo_in_time(claim, ctx) and (of_tenant or answer.by == "claim link"):
        found.append("undo")
    return tuple(found)


def _may_object(claim: Claim, of_tenant: bool, ctx: StepContext) -> bool:
    """Return whether an objection is possible: to all that lives or may be disputed.

    By tenant link also in place of one by claim link, while that one can be undone.
    """
    if claim.answer.state == "opted_out":
        return of_tenant and claim.answer.by == "claim link" and _is_undo_in_time(claim, ctx)
    is_possible = ANSWER.allows(claim.answer.state, "opt_out")
    return is_possible and (claim.is_live or may_dispute(claim, ctx))


def _is_undo_in_time(claim: Claim, ctx: StepContext) -> bool:
    return claim.answer.undo_until is not None and ctx.now <= claim.answer.undo_until


def _is_pending(claim: Claim) -> bool:
    return claim.association is not None and claim.association.state == "pending"
