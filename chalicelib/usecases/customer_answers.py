"""Answer one claim as the customer, and check whether the answer is possible."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain.base import rfc3339
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.next_actions import list_customer_actions
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import customer as steps
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.ports import Services
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.decision_request import DecisionRequest, Preloaded
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.shared_mails import without_shared_mails
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.unit_of_work import decide_and_respond

FORM_DIGITS = 16  # hexadecimal digits of the hash that identifies a form


@dataclass(frozen=True)
class Answer:
    """The customer's answer to a claim.

    Attributes:
        decision: whether the customer opts out, agrees, or undoes an earlier answer.
        reason: of an opt-out.
        comment: in the customer's own words.
    """

    decision: Literal["opt_out", "agree", "undo"]
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True)
class GivenAnswer:
    """An answer, who gave it, and which page they had read.

    Attributes:
        guest: who answers.
        answer: the answer.
        read_at: when what they answer was shown to them; None: just now. An agreement does not
            cover what has changed since; an opt-out does.
        requested_at: when a confirmed answer was asked for; it decides whether an undo is in time.
        recorded_at: when the answer was recorded that is finished now; a claim that the customer
            has answered since then is skipped.
        has_shared_mails: whether the customer's mails about it name several claims, and are sent
            for all of them (`shared_answer_mails`).
    """

    guest: Guest
    answer: Answer
    read_at: datetime | None = None
    requested_at: datetime | None = None
    recorded_at: datetime | None = None
    has_shared_mails: bool = False

    @property
    def form(self) -> str:
        """What identifies the form that was sent, with its words; '' where none was."""
        if self.read_at is None:
            return ""
        answer = self.answer
        words = (answer.decision, answer.reason, answer.comment)
        parts = "\0".join((self.guest.mail.id, rfc3339(self.read_at), *words))
        return hashlib.sha256(parts.encode()).hexdigest()[:FORM_DIGITS]

    def repeats(self, claim: Claim) -> bool:
        """Return whether the same form has been sent before, as after the browser's "back"."""
        return claim.answer.is_answered_by(self.form, self.answer.decision)

    def needs_confirmation(self, claim: Claim) -> bool:
        """Whether the answer opens something: an agreement with effect, an objection undone."""
        if self.repeats(claim):
            return False
        if self.answer.decision == "agree":
            return self.guest.may_judge(claim)
        return self.answer.decision == "undo" and claim.answer.state == "opted_out"


def answer_claim(
    services: Services,
    claim_id: str,
    given: GivenAnswer,
    conditions: Conditions,
    preloaded: Preloaded | None = None,
) -> WrongState | None:
    """Answer one claim. Return the refusal when it cannot be answered in this way any more."""

    blocked: tuple[str, ...] = ()
    if given.answer.decision == "undo":
        blocked = services.store.tenants.get_settings(given.guest.mail.tenant_id).blocked

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if given.repeats(claim):
            return Outcome(claim=claim)
        _check_answer(claim, given, ctx, claim.organisation_id in blocked)
        outcome = _note_form(_apply_answer(claim, slot, given, ctx), given)
        return without_shared_mails(claim, outcome) if given.has_shared_mails else outcome

    decision = DecisionRequest(
        claim_id,
        step,
        conditions,
        looks_up_item=given.answer.decision == "agree",
        preloaded=preloaded,
    )
    try:
        decide_and_respond(services, decision, _acknowledge)
    except WrongState as refusal:
        return refusal
    return None


def check_answer(
    services: Services, tenant_file: TenantFile, claim: Claim, given: GivenAnswer, now: datetime
) -> None:
    """Raise WrongState when a claim, as it was read, cannot be answered in this way."""
    ctx = make_step_context(services, now, claim.catalogue_edition)
    is_blocked = claim.organisation_id in tenant_file.tenant_settings.blocked
    _check_answer(claim, given, ctx, is_blocked)


def is_accepted(
    services: Services, tenant_file: TenantFile, claim: Claim, given: GivenAnswer, now: datetime
) -> bool:
    """Return whether a claim, as it was read, can be answered in this way."""
    try:
        check_answer(services, tenant_file, claim, given, now)
    except WrongState:
        return False
    return True


def _check_answer(
    claim: Claim, given: GivenAnswer, ctx: StepContext, is_blocked: bool = False
) -> None:
    """Raise WrongState when the customer may not answer in this way, or agreed to an old page."""
    decision, state = given.answer.decision, claim.answer.state
    asked_at, undo_until = claim.answer.asked_at, claim.answer.undo_until
    requested_at = given.requested_at
    if requested_at and claim.answer.was_changed_after(requested_at):
        raise WrongState("already_answered", status=state, event=decision)
    if given.recorded_at and claim.answer.was_changed_since(given.recorded_at):
        raise WrongState("already_answered", status=state, event=decision)
    now = requested_at or ctx.now
    if decision == "agree" and given.read_at and asked_at and given.read_at < asked_at:
        raise WrongState("asked_anew", status=state, event=decision)
    if decision == "undo" and state == "opted_out" and is_blocked:
        raise WrongState("partner_blocked", status=state, event=decision)
    if decision not in list_customer_actions(
        claim, given.guest.may_judge(claim), ctx._replace(now=now)
    ):
        is_late = decision == "undo" and undo_until is not None and now > undo_until
        raise WrongState("too_late" if is_late else None, status=state, event=decision)


def _apply_answer(claim: Claim, slot: Slot, given: GivenAnswer, ctx: StepContext) -> Outcome:
    guest, answer = given.guest, given.answer
    others = slot.list_competitors(claim.organisation_id)
    if answer.decision == "opt_out":
        return steps.opt_out(claim, guest.actor, ctx, answer.reason, answer.comment, others)
    if answer.decision == "undo":
        return steps.undo_answer(claim, guest.actor, ctx, others, given.requested_at)
    if guest.may_judge(claim):
        return steps.agree(claim, guest.actor, ctx, answer.comment)
    return steps.record_agreement_comment(claim, guest.actor, answer.comment)


def _note_form(outcome: Outcome, given: GivenAnswer) -> Outcome:
    after = outcome.claim
    return outcome.evolve(claim=after.evolve(answer=after.answer.evolve(form=given.form)))


def _acknowledge(claim: Claim, slot: Slot, ctx: StepContext) -> StoredResponse:
    return StoredResponse(200, "")
