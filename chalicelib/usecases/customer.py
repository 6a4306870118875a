"""What the customer does through a link: open the page, answer, and undo the answer.

Opening the page changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.domain.confirmations import Confirmation
from chalicelib.domain.directory import Subscription
from chalicelib.domain.links import mail_id_of, parse_form_token
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.refusals import NotFound, WrongState
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.ports import Services
from chalicelib.usecases.answers_to_all import MOST_AT_ONCE, record_answer
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.confirmation_requests import request_confirmation
from chalicelib.usecases.customer_answers import Answer, GivenAnswer, answer_claim, check_answer
from chalicelib.usecases.decision_request import Preloaded
from chalicelib.usecases.links import find_tenant_key
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.retention import NOTICES, is_past_retention


@dataclass(frozen=True)
class Visit:
    """What the page behind a link shows.

    Attributes:
        guest: the holder of the link.
        tenant_file: everything that is stored about the tenant.
        claims: the claims within the link's scope.
        subscriptions: the tenant's subscriptions, if they were looked up.
        read_at: when the page was shown that a form was sent from.
    """

    guest: Guest
    tenant_file: TenantFile
    claims: tuple[Claim, ...]
    subscriptions: tuple[Subscription, ...] | None = None
    read_at: datetime | None = None

    def preload(self, claim: Claim) -> Preloaded:
        """Return what a decision on one of the claims need not read again."""
        slots = (slot for slot in self.tenant_file.slots if slot.item.name == claim.item.name)
        return Preloaded(claim, next(slots, None), self.subscriptions)


@dataclass(frozen=True)
class Form:
    """A form of the customer's page: the token of the link, and the form's own token."""

    token: str
    form_token: str


def open_page(services: Services, token: str, now: datetime, with_lookup: bool = False) -> Visit:
    """Open the page behind a link, in one round trip.

    `with_lookup`: look the tenant's subscriptions up, too. Wrong, revoked, foreign and old links
    all raise NotFound.
    """
    tenant = find_tenant_key(services, token)
    tenant_file, subscriptions = services.run_parallel(
        lambda: services.store.tenants.get_file(tenant),
        (lambda: services.directory.subscriptions(tenant)) if with_lookup else _read_nothing,
    )
    mail = next((m for m in tenant_file.mails if m.id == mail_id_of(token)), None)
    if mail is None or mail.revoked or mail.scope == "none":
        raise NotFound("link_unknown")
    claims = select_claims(mail, tenant_file)
    visit = Visit(Guest(mail, token), tenant_file, claims, subscriptions)
    if not _is_valid(services, visit, now):
        raise NotFound("link_unknown")
    return visit


def open_form(services: Services, form: Form, now: datetime, with_lookup: bool = False) -> Visit:
    """Open the page that a form was sent from. Raises NotFound for a form of any other page."""
    visit = open_page(services, form.token, now, with_lookup)
    for key in services.secrets.link_keys():
        if read_at := parse_form_token(key, form.token, form.form_token):
            return replace(visit, read_at=read_at)
    raise NotFound("link_unknown")


def select_claims(mail: MailRecord, tenant_file: TenantFile) -> tuple[Claim, ...]:
    """Select the claims that a link shows.

    A claim link shows its filing, a tenant link every claim that the customer was asked about.
    """
    return tuple(
        claim
        for claim in tenant_file.claims
        if claim.tenant_id == mail.tenant_id
        and claim.answer.state != "not_asked"
        and (mail.scope == "tenant" or claim.id in mail.claim_ids)
    )


def answer_claims(
    services: Services, form: Form, claim_id: str, answer: Answer, now: datetime
) -> bool:
    """Answer one claim, or `all` that the link shows.

    Return whether something waits for its confirmation: what opens something takes effect then. A
    claim that cannot be answered any more does not keep the others from being answered. Raises
    NotFound, and WrongState when no claim could be answered.
    """
    visit = open_form(services, form, now, with_lookup=answer.decision == "agree")
    claims = [claim for claim in visit.claims if claim_id in (claim.id, "all")]
    if not claims:
        raise NotFound("link_unknown")
    given = GivenAnswer(visit.guest, answer, visit.read_at)
    conditions = Conditions(now=now)
    waiting, refusals = _select_confirmable(services, visit, claims, given, now)
    immediate = [claim for claim in claims if not given.needs_confirmation(claim)]
    if len(immediate) > 1 and answer.decision != "agree":
        accepted = [one for one in immediate if _is_accepted(services, visit, one, given, now)]
        record_answer(services, visit.guest, accepted, answer, now)
        immediate = immediate[:MOST_AT_ONCE]
    for claim in immediate:
        refusals.append(answer_claim(services, claim.id, given, conditions, visit.preload(claim)))
    refused = [refusal for refusal in refusals if refusal is not None]
    if len(refused) == len(claims):
        raise refused[0]
    if waiting:
        _request_confirmation(services, visit, waiting, answer, now)
    return bool(waiting)


def _select_confirmable(
    services: Services,
    visit: Visit,
    claims: list[Claim],
    given: GivenAnswer,
    now: datetime,
) -> tuple[list[Claim], list[WrongState | None]]:
    """Select the claims whose answer may be confirmed, and what the others are refused for."""
    waiting: list[Claim] = []
    refused: list[WrongState | None] = []
    for claim in filter(given.needs_confirmation, claims):
        try:
            check_answer(services, visit.tenant_file, claim, given, now)
            waiting.append(claim)
        except WrongState as refusal:
            refused.append(refusal)
    return waiting, refused


def _is_accepted(
    services: Services, visit: Visit, claim: Claim, given: GivenAnswer, now: datetime
) -> bool:
    """Whether a claim, as the page showed it, can be answered in this way."""
    try:
        check_answer(services, visit.tenant_file, claim, given, now)
    except WrongState:
        return False
    return True


def _request_confirmation(
    services: Services, visit: Visit, claims: list[Claim], answer: Answer, now: datetime
) -> None:
    wanted = Confirmation(
        act="agree" if answer.decision == "agree" else "undo",
        link=visit.guest.mail.id,
        claims=tuple(claim.id for claim in claims),
        comment=answer.comment,
        requested_at=now,
        read_at=visit.read_at,
    )
    request_confirmation(services, visit.tenant_file, wanted, now)


def _is_valid(services: Services, visit: Visit, now: datetime) -> bool:
    """Whether a link is still valid: while what it shows is open, and as long after as it is kept.

    What the customer has set for the tenant lasts until it is lifted, and only a tenant link can
    lift it.
    """
    settings = visit.tenant_file.tenant_settings
    if visit.guest.has_tenant_link and (settings.locked or settings.blocked):
        return True
    return any(not is_past_retention(services, claim, NOTICES, now) for claim in visit.claims)


def _read_nothing() -> None:
    return None
