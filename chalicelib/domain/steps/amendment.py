"""Amend a claim, and notify its customer again when the content of the notice has changed."""

from collections.abc import Mapping
from typing import Any, Literal

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.evidence import Proof
from chalicelib.domain.history import Actor
from chalicelib.domain.mail_addresses import is_same_address
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.state_machines import ANSWER
from chalicelib.domain.steps.common import (
    is_customer_notified,
    notify,
    record_act,
    start_notice_clocks,
    take_files,
    transition_answer,
)

# Amendments of one claim that change the content of the notice (domain.md, "What a customer's links
# may do").
MAX_NOTICE_AMENDMENTS = 3
# Who is notified of an amendment: the customer by a new notice, only the new contact, or no one.
Audience = Literal["customer", "new_contact", "none"]


def amend(
    claim: Claim, by: Actor, ctx: StepContext, changes: dict[str, Any], reason: str
) -> Outcome:
    """Change what was filed; the claim keeps its place in the slot.

    A change of the notice's content causes a new notice and a new clock. A new contact is written
    to, and the clock stays as it is (domain.md, "Claim").
    """
    new_files: tuple[Proof, ...] = changes.get("evidence", ())
    after = _keep_replaced(claim, take_files(claim, new_files).evolve(**changes))
    if _has_new_contact(claim, after):
        after = after.evolve(answer=claim.answer.evolve(has_contact_agreement=False))
    if claim.answer.state != "not_asked" and _has_new_partner_contact(claim, after):
        after = after.evolve(answer=after.answer.evolve(has_newer_partner_contact=True))
    audience = _find_audience(claim, after)
    if claim.status == "draft":
        after = after.with_clock(ctx.build_clock("draft", ctx.programme, "claim.amended"))
    elif audience == "customer":
        after = renotify(_count_notice_amendment(after), ctx)
    elif audience == "new_contact" and _get_contact_address(after) and claim.answer.addresses:
        after = notify(after, "new_contact", "contact", claims=(claim.id,))
    return record_act(
        claim,
        after,
        "claim.amended",
        by,
        facts={"fields": " ".join(sorted(changes))},
        private={"reason": reason},
    )


def writes_to_customer(claim: Claim, changes: Mapping[str, Any]) -> bool:
    """Return whether an amendment sends the customer a new notice, or a mail to a new contact."""
    return _find_audience(claim, claim.evolve(**changes)) != "none"


def _keep_replaced(claim: Claim, after: Claim) -> Claim:
    """Keep the files that an amendment removes from a claim until their retention ends."""
    kept = {proof.id for proof in after.evidence}
    gone = {proof.id: proof for proof in (*claim.replaced_evidence, *claim.evidence)}
    replaced = tuple(proof for id_, proof in gone.items() if id_ not in kept)
    return (
        after.evolve(replaced_evidence=replaced) if replaced != claim.replaced_evidence else after
    )


def _find_audience(claim: Claim, after: Claim) -> Audience:
    if claim.status == "draft":
        return "none"
    if after.partner_role != claim.partner_role:
        return "customer"
    return "new_contact" if _has_new_contact(claim, after) else "none"


def _count_notice_amendment(claim: Claim) -> Claim:
    """Count an amendment that changes the notice's content. Raise WrongState for a fourth."""
    if claim.notice_amendments >= MAX_NOTICE_AMENDMENTS:
        raise WrongState("too_many_amendments", status=claim.status, event="amend")
    return claim.evolve(notice_amendments=claim.notice_amendments + 1)


def renotify(claim: Claim, ctx: StepContext, because: str = "claim.amended") -> Claim:
    """Start a new round: new notice and new clock; nothing of the old round counts."""
    if not ANSWER.allows(claim.answer.state, "notice_changed"):
        return claim
    next_round = claim.answer.round + 1
    was_notified = is_customer_notified(claim)
    after = transition_answer(
        claim,
        "notice_changed",
        round=next_round,
        has_earlier_notice=was_notified,
        asked_at=ctx.now,
        addresses=(),
        due_at=None,
        acted_at=None,
        undo_until=None,
        has_contact_agreement=False,
        filed_together=(),
    )
    after = after.without_clock("customer_opt_out", "reminder", "undeliverable", "contact_lookup")
    return notify(
        start_notice_clocks(after, ctx, because),
        "notice",
        "customer",
        claims=(claim.id,),
        round=next_round,
        changed=because == "claim.amended" and was_notified,
    )


def _has_new_contact(claim: Claim, after: Claim) -> bool:
    return _get_contact_address(after) != _get_contact_address(claim)


def _has_new_partner_contact(claim: Claim, after: Claim) -> bool:
    before, named = claim.partner_contact, after.partner_contact
    return named is not None and not (before and is_same_address(before.email, named.email))


def _get_contact_address(claim: Claim) -> str:
    """Return the named contact's address; a new address is a new contact, a new title is not."""
    return claim.customer_contact.email.lower() if claim.customer_contact else ""
