"""Open the page behind a customer's link, or a form of it.

What is read does not grow with what partners file. The page shows open and live claims first, then
those that have ended, 25 at a time. The first are found by the slots of the tenant's items; the
others are read newest first.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import TenantSubscriptions
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.links import mail_id_of, parse_form_token
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.ports import Services
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.decision_request import Preloaded
from chalicelib.usecases.links import find_tenant_key
from chalicelib.usecases.retention import NOTICES, is_past_retention

PAGE = 25  # claims on a page (domain.md, "What a customer's links may do")
ALL = "all"
# Prefixes of a page's start: the phase, followed by the id of a claim.
STANDING, ENDED = "1", "0"


@dataclass(frozen=True)
class Visit:
    """The data of the page behind a link.

    Attributes:
        guest: the holder of the link.
        tenant_file: the tenant with its slots and settings, and its newest claims.
        claims: those within the link's scope that are wanted.
        is_later: this is not the first page.
        older: where the next page begins; '' on the last one.
        subscriptions: the tenant's subscriptions, if they were looked up.
        read_at: when the page was shown that a form was sent from.
    """

    guest: Guest
    tenant_file: TenantFile
    claims: tuple[Claim, ...]
    subscriptions: TenantSubscriptions | None = None
    read_at: datetime | None = None
    is_later: bool = False
    older: str = ""

    def preload(self, claim: Claim) -> Preloaded:
        """Return the rows that a decision on a claim need not read again."""
        slots = (slot for slot in self.tenant_file.slots if slot.item.name == claim.item.name)
        return Preloaded(claim, next(slots, None), self.subscriptions)


@dataclass(frozen=True)
class Wanted:
    """Which claims a visitor wants to see or to answer.

    Attributes:
        claim_id: one claim; `all`: every open and live one, and the newest; '': a page.
        start: where the page begins: after this claim, by phase.
    """

    claim_id: str = ""
    start: str = ""

    @property
    def before(self) -> str:
        """The id before which claims that have ended are wanted."""
        return self.start[1:] if self.start[:1] == ENDED else ""


FIRST_PAGE = Wanted()


@dataclass(frozen=True)
class Form:
    """A form of the customer's page: the token of the link, and the form's own token."""

    token: str
    form_token: str


def open_page(
    services: Services,
    token: str,
    now: datetime,
    wanted: Wanted = FIRST_PAGE,
    with_lookup: bool = False,
) -> Visit:
    """Open the page behind a link, usually in one round trip.

    `with_lookup`: look the tenant's subscriptions up, too. Wrong, revoked, foreign and old links
    all raise NotFound.
    """
    if wanted.start:  # the first page shows whether the link is still valid
        open_page(services, token, now)
    tenant, mail_id = find_tenant_key(services, token), mail_id_of(token)
    (found, last), subscriptions = services.run_parallel(
        lambda: services.store.tenants.get_page(tenant, mail_id, wanted.before),
        (lambda: services.directory.subscriptions(tenant)) if with_lookup else _read_nothing,
    )
    mail = next(iter(found.mails), None)
    if mail is None or mail.revoked or mail.scope == "none":
        raise NotFound("link_unknown")
    standing = {one for slot in found.slots for one in slot.list_standing(now)}
    ids, older = _choose(mail, found, wanted, standing, last)
    claims = _load(services, mail, found, ids)
    is_later = bool(wanted.start)
    visit = Visit(Guest(mail, token), found, claims, subscriptions, None, is_later, older)
    if is_later or _is_valid(services, visit, now) or _is_valid_before(services, visit, last, now):
        return visit
    raise NotFound("link_unknown")


def open_form(
    services: Services,
    form: Form,
    now: datetime,
    wanted: Wanted = FIRST_PAGE,
    with_lookup: bool = False,
) -> Visit:
    """Open the page that a form was sent from. Raises NotFound for a form of any other page."""
    visit = open_page(services, form.token, now, wanted, with_lookup)
    for key in services.secrets.link_keys():
        if read_at := parse_form_token(key, form.token, form.form_token):
            return replace(visit, read_at=read_at)
    raise NotFound("link_unknown")


def select_claims(mail: MailRecord, tenant_file: TenantFile) -> tuple[Claim, ...]:
    """Select the claims that a link shows.

    A claim link shows its filing, a tenant link every claim that the customer was asked about.
    """
    return tuple(claim for claim in tenant_file.claims if _is_shown(mail, claim))


def _is_shown(mail: MailRecord, claim: Claim) -> bool:
    return (
        claim.tenant_id == mail.tenant_id
        and claim.answer.state != "not_asked"
        and (mail.scope == "tenant" or claim.id in mail.claim_ids)
    )


def _choose(
    mail: MailRecord, found: TenantFile, wanted: Wanted, standing: set[str], last: str | None
) -> tuple[list[str], str]:
    """Choose the claims to load, and say where the next page begins."""
    if wanted.claim_id not in ("", ALL):
        return [wanted.claim_id], ""
    if mail.scope != "tenant":
        return sorted(mail.claim_ids, reverse=True), ""
    ended = [claim.id for claim in select_claims(mail, found) if claim.id not in standing]
    if wanted.claim_id == ALL:
        return sorted([*standing, *ended]), ""
    if wanted.start[:1] == ENDED:
        return _cut_page([], ended, last)
    after = wanted.start[1:]
    first = sorted((one for one in standing if not after or one < after), reverse=True)
    return _cut_page(first, ended, last)


def _cut_page(standing: list[str], ended: list[str], last: str | None) -> tuple[list[str], str]:
    """Return a page of both, and where the next one begins."""
    if len(standing) > PAGE:
        return standing[:PAGE], f"{STANDING}{standing[PAGE - 1]}"
    room = PAGE - len(standing)
    shown = [*standing, *ended[:room]]
    if len(ended) > room:
        return shown, f"{ENDED}{ended[room - 1] if room else ''}"
    return shown, f"{ENDED}{last}" if last else ""


def _load(
    services: Services, mail: MailRecord, found: TenantFile, ids: list[str]
) -> tuple[Claim, ...]:
    """Return the claims with these ids, of which the newest have been read already."""
    known = {claim.id: claim for claim in found.claims}
    missing = [one for one in ids if one not in known]
    if missing:
        known |= {claim.id: claim for claim in services.store.claims.get_many(missing)}
    return tuple(known[one] for one in ids if one in known and _is_shown(mail, known[one]))


def _is_valid(services: Services, visit: Visit, now: datetime) -> bool:
    """Whether a link is still valid: while what it shows is open, and as long after as it is kept.

    A tenant link stays valid while a lock or a block exists, because only it can lift them.
    """
    settings = visit.tenant_file.tenant_settings
    if visit.guest.has_tenant_link and (settings.locked or settings.blocked):
        return True
    return any(not is_past_retention(services, claim, NOTICES, now) for claim in visit.claims)


def _is_valid_before(services: Services, visit: Visit, last: str | None, now: datetime) -> bool:
    """Return whether a tenant link is valid for a claim that is older than the rows read so far.

    The newest may all be drafts and held claims, which it does not show.
    """
    mail = visit.guest.mail
    while last and visit.guest.has_tenant_link:
        file, last = services.store.tenants.get_page(tenant_key(mail.tenant_id), mail.id, last)
        claims = select_claims(mail, file)
        if any(not is_past_retention(services, claim, NOTICES, now) for claim in claims):
            return True
    return False


def _read_nothing() -> None:
    return None
