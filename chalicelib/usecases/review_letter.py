"""Preview the mail that a reviewer's decision would send, without deciding anything."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import reviewer as steps
from chalicelib.ports import Services
from chalicelib.text.mail_renderer import RenderedMail, render_mail
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.notification_facts import (
    MailLink,
    Topic,
    choose_layout,
    collect_claim_facts,
)
from chalicelib.usecases.recipients import find_recipients
from chalicelib.usecases.review_case import require_readable
from chalicelib.usecases.step_context import make_step_context

Act = Literal["request_info", "approve", "reject"]


@dataclass(frozen=True)
class PreviewLetter:
    """The decision whose mail is wanted; `reading_language` is the reviewer's."""

    claim_id: str
    act: Act
    codes: tuple[str, ...]
    message: str
    reading_language: str


@dataclass(frozen=True)
class Letter:
    """The mail as the partner would get it, and in the reviewer's language."""

    language: str
    mail: RenderedMail
    reading_language: str
    for_reviewer: RenderedMail


def preview_letter(
    services: Services, caller: Caller, command: PreviewLetter, now: datetime
) -> Letter:
    """Write the mail to the partner from the decision's own step; nothing is stored or sent.

    Raises NotFound, Forbidden and WrongState as the decision would. Raises WrongState for a
    decision that sends the partner no mail, such as approving a contested claim.
    """
    found, related = services.run_parallel(
        lambda: services.store.claims.get(command.claim_id),
        lambda: services.partners.find_related_partners(caller.sub),
    )
    claim, slot = require_readable(found, related)
    ctx = make_step_context(services, now, claim.catalogue_edition)
    decided = _decide(claim, slot, caller, command, ctx).claim
    sent = [one for one in decided.outbox[len(claim.outbox) :] if one.to == "partner"]
    if not sent:
        raise WrongState(status=claim.status, event=command.act)
    notification = sent[0]
    partner, tenant, settings = services.run_parallel(
        lambda: services.partners.partner(claim.organisation_id),
        lambda: services.directory.tenant(tenant_key(claim.tenant_id)),
        lambda: services.store.tenants.get_settings(claim.tenant_id),
    )
    topic = Topic(
        claim.id, claim.tenant_id, notification, (decided,), partner, tenant, settings, slot
    )
    recipient = find_recipients(decided, notification, tenant, "")[0]
    facts = collect_claim_facts(services, topic, recipient, MailLink("", ""), ctx)
    layout = choose_layout(notification)
    return Letter(
        recipient.language,
        render_mail(layout, recipient.language, facts),
        command.reading_language,
        render_mail(layout, command.reading_language, facts),
    )


def _decide(
    claim: Claim, slot: Slot, caller: Caller, command: PreviewLetter, ctx: StepContext
) -> Outcome:
    by, codes, message = caller.as_reviewer, command.codes, command.message
    if command.act == "request_info":
        return steps.request_info(claim, by, ctx, codes, message, caller.is_senior)
    if command.act == "reject":
        return steps.reject(claim, by, ctx, codes, message)
    contested = slot.is_contested_for(claim.organisation_id)
    return steps.approve(claim, by, ctx, contested, message)
