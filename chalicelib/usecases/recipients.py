"""Find the recipients of a mail, the source of each address, and the scope of its link."""

from collections.abc import Callable, Iterable

from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Tenant
from chalicelib.domain.mail_addresses import canonical_address
from chalicelib.domain.notification import Notification
from chalicelib.text.i18n import choose_language
from chalicelib.usecases.notification_facts import Recipient


def find_recipients(
    claim: Claim, notification: Notification, tenant: Tenant | None, programme_mail: str
) -> tuple[Recipient, ...]:
    """Find whom a notification about a claim goes to.

    `programme`, `partner`: their contact. `found`: an address that a reviewer has just found.
    `contact`: the contact that the claimant named. `tenant`: the tenant's own contacts.
    `new_contacts`: those of them that a look into the directory has found. `customer`: all of the
    customer's.
    """
    to = notification.to
    if to == "found":
        return (_make_found_recipient(notification.address or "", claim.language),)
    if to == "programme":
        return (Recipient(programme_mail, "programme", "none", "en"),)
    if to == "partner":
        return _find_partner_contact(claim)
    named = _find_named_contact(claim)
    if to == "contact":
        return named
    own = find_own_recipients(claim, tenant)
    if to == "tenant":
        return own
    if to == "new_contacts":
        return _select_new(own, notification.addresses, claim.language)
    return _add_new((*own, *_find_claimants_addresses(claim, tenant)), named)


def find_tenant_recipients(
    tenant: Tenant | None, claims: Iterable[Claim], locale: str
) -> tuple[Recipient, ...]:
    """Find the tenant's own contacts by its directory, without addresses of the claimants."""
    claims = tuple(claims)

    def is_claimants(address: str) -> bool:
        return any(claim.is_partner_address(address) for claim in claims)

    return _find_in_directory(tenant, is_claimants, locale)


def find_own_recipients(claim: Claim, tenant: Tenant | None) -> tuple[Recipient, ...]:
    """Find the tenant's own contacts for one claim, and what reviewers have found for it.

    Addresses of the claimant are left out. A found address gets a claim link.
    """
    own = _find_in_directory(tenant, claim.belongs_to_claimant, claim.language)
    return _add_new(own, _make_found((claim,), claim.language))


def _select_new(
    own: tuple[Recipient, ...], addresses: tuple[str, ...], locale: str
) -> tuple[Recipient, ...]:
    """Select the new contacts. One that has left the directory since still gets the mail."""
    known = {recipient.address: recipient for recipient in own}
    language = choose_language(locale)
    return tuple(
        known.get(address) or Recipient(address, "directory", "tenant", language)
        for address in addresses
    )


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
        if claim.belongs_to_claimant(address)
    )


def _add_new(own: tuple[Recipient, ...], named: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
    """Return `own`, extended by the recipients of `named` with other addresses."""
    known = {canonical_address(recipient.address) for recipient in own}
    return (*own, *(one for one in named if canonical_address(one.address) not in known))


def _find_in_directory(
    tenant: Tenant | None, is_claimants: Callable[[str], bool], locale: str
) -> tuple[Recipient, ...]:
    """Find the tenant's contacts in its directory; without any, its default domain's postmaster.

    `is_claimants`: whether an address belongs to the claimant, which is no own contact then. A
        postmaster at the claimant's domain is none either: the tenant's next domain is used
        instead.
    """
    if tenant is None:
        return ()
    language = choose_language(locale)
    unique = {canonical_address(address): address for address in reversed(tenant.contacts)}
    own = [address for address in tenant.contacts if address in unique.values()]
    own = [address for address in dict.fromkeys(own) if not is_claimants(address)]
    if own:
        return tuple(Recipient(address, "directory", "tenant", language) for address in own)
    postmasters = (f"postmaster@{domain}" for domain in tenant.domains)
    address = next((one for one in postmasters if not is_claimants(one)), None)
    return (Recipient(address, "postmaster", "tenant", language),) if address else ()


def _make_found(claims: Iterable[Claim], locale: str) -> tuple[Recipient, ...]:
    found = dict.fromkeys(address for claim in claims for address in claim.found_addresses)
    return tuple(_make_found_recipient(address, locale) for address in found)


def _make_found_recipient(address: str, locale: str) -> Recipient:
    return Recipient(address, "reviewer", "claim", choose_language(locale))
