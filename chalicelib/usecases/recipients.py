"""Whom a mail goes to, where each address comes from, and what the link in it may do."""

from collections.abc import Iterable

from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Tenant
from chalicelib.domain.notification import Notification
from chalicelib.text.i18n import choose_language
from chalicelib.usecases.notification_facts import Recipient


def find_recipients(
    claim: Claim, notification: Notification, tenant: Tenant | None, programme_mail: str
) -> tuple[Recipient, ...]:
    """Find whom a notification about a claim goes to.

    `programme`, `partner`: their contact. `found`: an address that a reviewer has just found.
    `contact`: the contact that the claimant named. `tenant`: the tenant's own contacts. `customer`:
    all of the customer's.
    """
    to = notification.to
    if to == "found":
        return (_make_found(notification.address or "", claim.language),)
    if to == "programme":
        return (Recipient(programme_mail, "programme", "none", "en"),)
    if to == "partner":
        return _find_partner_contact(claim)
    named = _find_named_contact(claim)
    if to == "contact":
        return named
    own = find_tenant_recipients(tenant, (claim,), claim.language)
    if to == "tenant":
        return own
    return _add_new((*own, *_find_claimants_addresses(claim, tenant)), named)


def find_tenant_recipients(
    tenant: Tenant | None, claims: Iterable[Claim], locale: str
) -> tuple[Recipient, ...]:
    """Find the tenant's own contacts.

    They are what its directory says, without addresses of the claimants, and what reviewers have
    found for these claims since.
    """
    claims = tuple(claims)
    own = _find_in_directory(tenant, claims, locale)
    found = dict.fromkeys(address for claim in claims for address in claim.found_addresses)
    known = {recipient.address.lower() for recipient in own}
    return (*own, *(_make_found(one, locale) for one in found if one.lower() not in known))


def _find_partner_contact(claim: Claim) -> tuple[Recipient, ...]:
    contact = claim.partner_contact
    if not contact or not contact.email:
        return ()
    language = choose_language(claim.partner_language)
    return (Recipient(contact.email, "partner", "none", language),)


def _find_named_contact(claim: Claim) -> tuple[Recipient, ...]:
    contact = claim.customer_contact
    if not contact or not contact.email:
        return ()
    return (Recipient(contact.email, "claimant", "claim", choose_language(claim.language)),)


def _find_claimants_addresses(claim: Claim, tenant: Tenant | None) -> tuple[Recipient, ...]:
    """Find the claimant's own addresses among the tenant's contacts: their link proves nothing."""
    language = choose_language(claim.language)
    return tuple(
        Recipient(address, "partner", "claim", language)
        for address in (tenant.contacts if tenant else ())
        if claim.is_partner_address(address)
    )


def _add_new(own: tuple[Recipient, ...], named: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
    known = {recipient.address.lower() for recipient in own}
    return (*own, *(one for one in named if one.address.lower() not in known))


def _find_in_directory(
    tenant: Tenant | None, claims: tuple[Claim, ...], locale: str
) -> tuple[Recipient, ...]:
    """Find the tenant's contacts in its directory; without any, its default domain's postmaster."""
    if tenant is None:
        return ()
    language = choose_language(locale)
    own = [
        address
        for address in dict.fromkeys(tenant.contacts)
        if not any(claim.is_partner_address(address) for claim in claims)
    ]
    if own:
        return tuple(Recipient(address, "directory", "tenant", language) for address in own)
    if not tenant.domains:
        return ()
    return (Recipient(f"postmaster@{tenant.domains[0]}", "postmaster", "tenant", language),)


def _make_found(address: str, locale: str) -> Recipient:
    return Recipient(address, "reviewer", "tenant", choose_language(locale))
