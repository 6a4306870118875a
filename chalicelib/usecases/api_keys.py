"""API keys of a partner organisation: made, listed and revoked by one of its administrators.

They authenticate the partner's own servers, next to the tokens of people (integration.md, 5).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.additions import Additions
from chalicelib.domain.api_key import MAX_KEYS, ApiKey, Role, find_last_day, hash_key, make_key
from chalicelib.domain.findings import Finding
from chalicelib.domain.ids import Kind
from chalicelib.domain.organisation_ids import new_organisation_id
from chalicelib.domain.refusals import Invalid, NotFound, Refusal
from chalicelib.ports import Change, Services
from chalicelib.text.mail_facts import NotificationFacts
from chalicelib.usecases.administrator_mails import (
    AdministratorMail,
    require_own_contact,
    send_to_administrators,
)
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.idempotency import (
    StoredResponse,
    commit_once,
    find_stored_response,
)
from chalicelib.usecases.notification_facts import describe_sender
from chalicelib.usecases.rate_limits import API_KEYS
from chalicelib.usecases.request import Request
from chalicelib.usecases.retry import retry
from chalicelib.usecases.size_limits import add_and_count

MAIL_RETRY = timedelta(hours=1)  # chosen: pause after a mail that was not accepted
KINDS = ("api_key_made", "api_key_ends", "api_key_ends")  # kinds of the mails, in order of sending


@dataclass(frozen=True)
class NewApiKey:
    """A key to make; the fields are those of `ApiKey`."""

    name: str
    role: Role
    expires_on: date
    from_addresses: tuple[str, ...] = ()
    contact: str | None = None


Render = Callable[[ApiKey], StoredResponse]
AddSecret = Callable[[StoredResponse, str], StoredResponse]


def create(
    services: Services, request: Request, new: NewApiKey, render: Render, add_secret: AddSecret
) -> StoredResponse:
    """Make a key for the caller's organisation.

    render: makes the response as it is stored for a repeat, without the key.
    add_secret: adds the key to the response; only the first response has it.
    Raises Invalid, TooMany, and Refusal for an organisation that has as many keys as it may.
    """
    if response := find_stored_response(services, request):
        return response
    organisation = request.caller.organisation
    _check(services, organisation, new, request.now)
    text = make_key(services.settings.stage, services.random_bytes)
    key = _make(services, request, new, text)

    def add(additions: Additions) -> StoredResponse:
        _require_room(services, organisation, request.now)
        change = Change(api_keys=(key,), additions=additions.add(request.now))
        return commit_once(services, request, change, render(key))

    response = add_and_count(services, request, API_KEYS, "api_keys", add)
    services.work_queue.enqueue([key.id])
    return response if response.replayed else add_secret(response, text)


def list_keys(services: Services, organisation_id: str) -> tuple[ApiKey, ...]:
    """List the keys of an organisation, oldest first, those that ended lately included."""
    found = services.store.api_keys.list(organisation_id)
    return tuple(key for key in found if key.organisation_id == organisation_id)


def revoke(services: Services, caller: Caller, key_id: str, now: datetime) -> None:
    """Revoke a key of the caller's organisation. Raises NotFound, LostRace."""

    def attempt() -> None:
        key = services.store.api_keys.get(key_id)
        if key is None or key.organisation_id != caller.organisation:
            raise NotFound()
        if not key.revoked_at:
            after = key.evolve(revoked_at=now, rev=key.rev + 1)
            services.store.commit(Change(api_keys=(after,)))

    retry(attempt)


def send_due_mail(services: Services, key_id: str, now: datetime) -> None:
    """Send the due mail about a key, and record that. Idempotent."""
    retry(lambda: _send_due_mail(services, key_id, now))


def _send_due_mail(services: Services, key_id: str, now: datetime) -> None:
    key = services.store.api_keys.get(key_id)
    if key is None or key.mail_at is None or key.mail_at > now:
        return
    mail = AdministratorMail(
        kind=KINDS[min(key.mails_sent, len(KINDS) - 1)],
        organisation_id=key.organisation_id,
        reference=f"{key.id}/{key.mails_sent}",
        contact=key.contact,
        locale=key.locale,
        facts=NotificationFacts(
            **describe_sender(services),
            name=key.name,
            ends_on=key.expires_on,
            link=f"{services.settings.public_base_url}/portal/integration",
        ),
    )
    if send_to_administrators(services, mail, now):
        after = key.with_mail_sent()
    else:
        after = key.evolve(retry_mail_at=now + MAIL_RETRY, rev=key.rev + 1)
    services.store.commit(Change(api_keys=(after,)))


def _check(services: Services, organisation_id: str, new: NewApiKey, now: datetime) -> None:
    first, last = now.date() + timedelta(days=1), find_last_day(now)
    findings = []
    if not first <= new.expires_on <= last:
        values = {"first": first.isoformat(), "last": last.isoformat()}
        findings.append(Finding(code="day_out_of_range", pointer="/expires_on", values=values))
    findings += require_own_contact(services, organisation_id, new.contact)
    if findings:
        raise Invalid(findings)


def _require_room(services: Services, organisation_id: str, now: datetime) -> None:
    active = [key for key in list_keys(services, organisation_id) if key.state(now) == "active"]
    if len(active) >= MAX_KEYS:
        raise Refusal("too_many_api_keys", most=str(MAX_KEYS))


def _make(services: Services, request: Request, new: NewApiKey, text: str) -> ApiKey:
    caller = request.caller
    key_id = new_organisation_id(
        Kind.API_KEY, caller.organisation, request.now, services.random_bytes
    )
    made = ApiKey(
        id=key_id,
        organisation_id=caller.organisation,
        name=new.name,
        role=new.role,
        hash=hash_key(text),
        expires_on=new.expires_on,
        locale=caller.locale or "en",
        created_at=request.now,
        created_by=caller.sub,
    )
    return made.evolve(from_addresses=new.from_addresses, contact=new.contact)
