"""What the customer does through a link: read the page, answer, and undo the answer. Reading
changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.directory import Subscription
from chalicelib.domain.ids import parse_token
from chalicelib.domain.links import mail_id_of, parse_form_token
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.next_actions import list_customer_actions
from chalicelib.domain.refusals import NotFound, Refusal, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import customer as steps
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.ports import Services
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.retention import NOTICES, past
from chalicelib.usecases.unit_of_work import Asked, Preloaded, decide

PLAIN = Asked()
DECISIONS = ("opt_out", "agree", "undo")


@dataclass(frozen=True)
class Visit:
    """What a link's page shows: the guest, and the claims within the link's scope. `read_at`: when
    the page was shown that a form was sent from.
    """

    guest: Guest
    tenant_file: TenantFile
    claims: tuple[Claim, ...]
    subscriptions: tuple[Subscription, ...] | None = None
    read_at: datetime | None = None

    def given(self, claim: Claim) -> Preloaded:
        """What a decision on one of the claims need not read again."""
        slot = next((p for p in self.tenant_file.slots if p.item.name == claim.item.name), None)
        return Preloaded(claim, slot, self.subscriptions)


def visit(services: Services, token: str, now: datetime, looking: bool = False) -> Visit:
    """The page behind a link, in one round trip; `looking`: with the tenant's subscriptions. Wrong,
    revoked, foreign and old links are all NotFound.
    """
    parts = parse_token(token)
    if parts is None:
        raise NotFound("link_unknown")
    tenant_file, subscriptions = services.run_parallel(
        lambda: services.store.tenants.get_file(parts.tenant),
        (lambda: services.directory.subscriptions(parts.tenant)) if looking else _nothing,
    )
    mail = next((m for m in tenant_file.mails if m.id == mail_id_of(token)), None)
    if mail is None or mail.revoked or mail.scope == "none":
        raise NotFound("link_unknown")
    seen = Visit(Guest(mail, token), tenant_file, in_scope(mail, tenant_file), subscriptions)
    if not _lives(services, seen, now):
        raise NotFound("link_unknown")
    return seen


def _lives(services: Services, seen: Visit, now: datetime) -> bool:
    """A link is valid while what it shows lives and as long after as that is kept. What the
    customer has set for the tenant lives until it is lifted, and a tenant link is the only way to
    lift it.
    """
    tenant_settings = seen.tenant_file.tenant_settings
    return (
        seen.guest.of_tenant and (tenant_settings.locked or bool(tenant_settings.blocked))
    ) or any(not past(services, c, NOTICES, now) for c in seen.claims)


def in_scope(mail: MailRecord, tenant_file: TenantFile) -> tuple[Claim, ...]:
    """The claims that a link shows: a claim link its filing, a tenant link every one the customer
    was asked about.
    """
    told = (
        c
        for c in tenant_file.claims
        if c.tenant_id == mail.tenant_id and c.answer.state != "not_asked"
    )
    return tuple(c for c in told if mail.scope == "tenant" or c.id in mail.claim_ids)


def answer(
    services: Services,
    token: str,
    form: str,
    decision: str,
    which: str,
    words: dict[str, str],
    now: datetime,
) -> int:
    """Answers one claim or all that the link shows; tells how many were answered. Raises NotFound,
    WrongState.
    """
    seen = checked(services, token, form, now, looking=decision == "agree")
    claims = [c for c in seen.claims if which in (c.id, "all")]
    if not claims:
        raise NotFound("link_unknown")
    done = [
        answered(
            services,
            seen.guest,
            claim,
            decision,
            words,
            now,
            seen.given(claim),
            read_at=seen.read_at,
        )
        for claim in claims
    ]
    if not any(refusal is None for refusal in done):
        raise next(refusal for refusal in done if refusal is not None)
    return done.count(None)


def checked(
    services: Services, token: str, form: str, now: datetime, looking: bool = False
) -> Visit:
    """The visit of somebody who sends a form of this very page.

    Raises NotFound for any other form.
    """
    seen = visit(services, token, now, looking)
    moments = (parse_form_token(key, token, form) for key in services.secrets.link_keys())
    if (read_at := next((at for at in moments if at), None)) is None:
        raise NotFound("link_unknown")
    return replace(seen, read_at=read_at)


def answered(
    services: Services,
    guest: Guest,
    claim: Claim,
    decision: str,
    words: dict[str, str],
    now: datetime,
    given: Preloaded | None = None,
    asked: Asked = PLAIN,
    read_at: datetime | None = None,
) -> Refusal | None:
    """One answer; what cannot be answered any more does not keep the others from being answered.
    `read_at`: when the customer read what they answer: nobody agrees to what has changed since,
    while a no is meant for all of it.
    """

    def step(c: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if decision == "agree" and read_at and c.answer.asked_at and read_at < c.answer.asked_at:
            raise WrongState("asked_anew", status=c.answer.state, event=decision)
        if decision not in list_customer_actions(c, guest.judges(c), now):
            late = (
                decision == "undo" and c.answer.undo_until is not None and now > c.answer.undo_until
            )
            raise WrongState("too_late" if late else None, status=c.answer.state, event=decision)
        if decision == "opt_out":
            return steps.opt_out(
                c, guest.actor, ctx, words.get("reason", ""), words.get("comment", "")
            )
        if decision == "undo":
            return steps.undo(c, guest.actor, ctx, slot.is_contested_for(c.organisation_id))
        if guest.judges(c):
            return steps.agree(c, guest.actor, ctx, words.get("comment", ""))
        return steps.record_agreement_comment(c, guest.actor, words.get("comment", ""))

    try:
        decide(
            services, claim.id, step, now, replace(asked, looking=decision == "agree", given=given)
        )
    except WrongState as refusal:
        return refusal
    return None


def _nothing() -> None:
    return None
