"""Whom a letter goes to, where each address comes from, and what its link may do."""

from collections.abc import Iterable

from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Tenant
from chalicelib.text import i18n
from chalicelib.usecases.notification_facts import Recipient


def recipients(
    claim: Claim, to: str, tenant: Tenant | None, programme_mail: str, found: str = ""
) -> tuple[Recipient, ...]:
    """Whom a letter goes to. `customer`: the named contact and the tenant's own; `tenant`: the
    tenant's own only; `contact`: the named contact only; `found`: an address that a reviewer has
    just found.
    """
    if to == "found":
        return (_found(found, claim.language),)
    if to == "programme":
        return (Recipient(programme_mail, "programme", "none", "en"),)
    if to == "partner":
        contact = claim.partner_contact
        return (
            (Recipient(contact.email, "partner", "none", _spoken(claim.partner_language)),)
            if contact and contact.email
            else ()
        )
    own = of_tenant(tenant, (claim,), claim.language)
    if to == "customer" and tenant:
        own += tuple(
            Recipient(a, "partner", "claim", _spoken(claim.language))
            for a in tenant.contacts
            if claim.is_partner_address(a)
        )
    named = claim.customer_contact.email if claim.customer_contact else ""
    if to == "contact":
        return (Recipient(named, "claimant", "claim", _spoken(claim.language)),) if named else ()
    if to == "tenant" or not named or named.lower() in {r.address.lower() for r in own}:
        return own
    return (*own, Recipient(named, "claimant", "claim", _spoken(claim.language)))


def of_tenant(tenant: Tenant | None, claims: Iterable[Claim], locale: str) -> tuple[Recipient, ...]:
    """The tenant's own: what its directory says, but for addresses of whoever claims something, and
    what reviewers have found for these claims since.
    """
    claims = tuple(claims)
    own = _in_directory(tenant, claims, locale)
    known = {r.address.lower() for r in own}
    found = dict.fromkeys(
        one for claim in claims for one in claim.found_addresses if one.lower() not in known
    )
    return (*own, *(_found(one, locale) for one in found))


def _in_directory(
    tenant: Tenant | None, claims: tuple[Claim, ...], locale: str
) -> tuple[Recipient, ...]:
    """The tenant's own contacts; without any, the postmaster of its default domain."""
    spoken = _spoken(locale)
    own = (
        [
            a
            for a in dict.fromkeys(tenant.contacts)
            if not any(c.is_partner_address(a) for c in claims)
        ]
        if tenant
        else []
    )
    if own:
        return tuple(Recipient(address, "directory", "tenant", spoken) for address in own)
    domain = tenant.domains[0] if tenant and tenant.domains else ""
    return (Recipient(f"postmaster@{domain}", "postmaster", "tenant", spoken),) if domain else ()


def _found(address: str, locale: str) -> Recipient:
    return Recipient(address, "reviewer", "tenant", _spoken(locale))


def _spoken(locale: str) -> str:
    return i18n.choose_language(locale)
