"""Ask for the confirmation of an act that opens something, by mail to the link's own address."""

from datetime import datetime, timedelta

from chalicelib.domain.base32 import digest
from chalicelib.domain.confirmations import KEPT_FOR, MAX_MAILS_A_DAY, Confirmation
from chalicelib.domain.ids import format_tenant_settings_id, tenant_key
from chalicelib.domain.mail_addresses import canonical_address
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.notification import Notification
from chalicelib.domain.refusals import TooMany, WrongState
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Change, Services
from chalicelib.usecases.notification_facts import Recipient
from chalicelib.usecases.recipients import find_tenant_recipients
from chalicelib.usecases.retry import retry

KIND = "confirm_"  # prefix of the kinds of these mails
ADDRESS_DIGITS = 20  # of the hash of an address: a hundred bits
# Bytes of the confirmations in a tenant's settings that claim links may add to; chosen: a quarter
# of a row (400 KB, DynamoDB).
MAX_WAITING = 100 * 1024


def request_confirmation(
    services: Services, link: MailRecord, wanted: Confirmation, now: datetime
) -> None:
    """Store an act that waits for its confirmation, and queue the mail.

    `link`: the mail through whose link it was asked for. Another request of the same act by the
    same link replaces it; the same form sent twice is one request. Raises WrongState when the
    customer has no usable address, TooMany after three mails a day.
    """
    wanted = wanted.evolve(address=digest(canonical_address(link.recipient), ADDRESS_DIGITS))
    tenant_file = services.store.tenants.get_file(tenant_key(link.tenant_id), link.id)
    if not find_confirming_recipients(services, tenant_file, wanted.link):
        raise WrongState("confirmation_unreachable", status=wanted.act, event=wanted.act)

    def write() -> None:
        before = services.store.tenants.get_settings(link.tenant_id)
        if any(wanted.repeats(confirmation) for confirmation in before.confirmations):
            return
        after = _add_confirmation(services, before, wanted, now)
        if link.scope != "tenant":
            _refuse_full(after, now)
        services.store.commit(Change(tenant_settings=after))

    retry(write)
    services.work_queue.enqueue([format_tenant_settings_id(tenant_key(link.tenant_id))])


def find_link(tenant_file: TenantFile, mail_id: str | None) -> MailRecord | None:
    """Return the mail whose link was used."""
    return next((mail for mail in tenant_file.mails if mail.id == mail_id), None)


def find_confirming_recipients(
    services: Services, tenant_file: TenantFile, link_id: str | None
) -> tuple[Recipient, ...]:
    """Find who may confirm: the recorded address of the link, else the usable own contacts."""
    link = find_link(tenant_file, link_id)
    if link is None:
        return ()
    used = (
        (Recipient(link.recipient, link.source, "none", link.language),) if link.recipient else ()
    )
    others = find_tenant_recipients(tenant_file.tenant, tenant_file.claims, link.language)
    addresses = [canonical_address(one.address) for one in (*used, *others)]
    struck = services.store.mails.select_struck(tenant_key(link.tenant_id), addresses)
    if used and not link.is_struck_out and addresses[0] not in struck:
        return used
    return tuple(
        Recipient(other.address, other.source, "none", other.language)
        for other in others
        if canonical_address(other.address) not in struck
    )


def _refuse_full(settings: TenantSettings, now: datetime) -> None:
    """Raise TooMany when what waits by claim links would leave no room for the tenant's own acts.

    Partners choose who gets a claim link.
    """
    kept = (one.model_dump_json(exclude_defaults=True) for one in settings.confirmations)
    if sum(len(one.encode()) for one in kept) > MAX_WAITING:
        raise _make_refusal(now)


def _make_refusal(now: datetime) -> TooMany:
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return TooMany(int((midnight - now).total_seconds()) + 1, "too_many_confirmations")


def _add_confirmation(
    services: Services, before: TenantSettings, wanted: Confirmation, now: datetime
) -> TenantSettings:
    same = [
        confirmation
        for confirmation in before.confirmations
        if (confirmation.link, confirmation.act) == (wanted.link, wanted.act)
    ]
    alike = {*same, *(one for one in before.confirmations if wanted.is_alike(one))}
    if sum(one.requested_at.date() == now.date() for one in alike) >= MAX_MAILS_A_DAY:
        raise _make_refusal(now)
    added = wanted.evolve(id=f"{before.rev + 1}.{KIND}{wanted.act}")
    kept = before.with_closed(now, *same).confirmations
    kept = tuple(one for one in kept if now - one.requested_at < KEPT_FOR)
    notification = Notification(
        kind=f"{KIND}{added.act}",
        to="tenant",
        ref=added.id,
        claims=added.claims,
        codes=(added.organisation_id,) if added.organisation_id else (),
        by=added.link,
    )
    after = before.evolve(confirmations=(*kept, added))
    return after.with_notification(notification, now, services.random_bytes)
