"""The input of the checks, read beforehand, and the area and role that a filing names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from chalicelib.domain.catalogue import Area, Edition, Role
from chalicelib.domain.directory import DirectoryLookup, Partner
from chalicelib.domain.evidence import Evidence, StoredFile
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding
from chalicelib.domain.item import Item
from chalicelib.domain.slot import Slot

# Tenant names of the sign-in service that denote no customer, and the tenant of consumer accounts
# (domain.md, "Checks at entry", `tenant_not_business`).
RESERVED = frozenset(
    {"common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"}
)

Findings = Iterator[Finding]


def normalize_domain(domain: str) -> str:
    """Return the normal spelling of a domain: lower case, no final dot, A-labels.

    A name that cannot be encoded is returned unchanged.
    """
    domain = domain.strip().rstrip(".").lower()
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


@dataclass(frozen=True)
class CheckContext:
    """What was read before the checks.

    partner: the caller's organisation.
    customer: what the directory says of tenant and domain.
    edition: the rules that govern the filing.
    roles: the caller's roles.
    slots: by `Item.name`.
    tenant_locked, partner_blocked: what the customer has set.
    evidence: the files of the caller's organisation; None for one that was never uploaded.
    support_url, enrolment_url: for hints.
    own_claim_id: the claim that is checked again; it does not compete with itself.
    normalize_domain: returns the normal spelling of a domain.
    """

    partner: Partner
    customer: DirectoryLookup
    edition: Edition
    roles: frozenset[str] = frozenset()
    slots: Mapping[str, Slot] = field(default_factory=dict)
    tenant_locked: bool = False
    partner_blocked: bool = False
    evidence: Mapping[str, tuple[Evidence, StoredFile | None]] = field(default_factory=dict)
    support_url: str = ""
    enrolment_url: str = ""
    own_claim_id: str = ""
    normalize_domain: Callable[[str], str] = normalize_domain

    def is_tenant_verified(self, tenant_id: str | None) -> bool:
        """Return whether tenant and domain belong together.

        Before that, nothing about the tenant may be revealed to the caller (domain.md, "Checks at
        entry").
        """
        matches = bool(tenant_id) and self.domain_owner == tenant_id
        return matches and self.domain_owner not in RESERVED and not self.customer.unavailable

    @property
    def domain_owner(self) -> str:
        """The tenant that has the domain; '' when no tenant has it."""
        return (self.customer.tenant_of_domain or "").lower()

    def find_slot(self, item: Item) -> Slot | None:
        """Return the slot of an item, without the claim that is being checked again."""
        slot = self.slots.get(item.name)
        return slot.with_contender(None, self.own_claim_id) if slot and self.own_claim_id else slot

    def build_finding(self, code: str, pointer: str, **values: str) -> Finding:
        """Build a finding whose hint names the support address."""
        return Finding(
            code=code, pointer=pointer, values={**values, "support_url": self.support_url}
        )


class AreaAndRole(NamedTuple):
    """The area and role that a filing names; None where the edition has no such name."""

    area: Area | None
    role: Role | None


def find_area_and_role(filing: Filing, edition: Edition) -> AreaAndRole:
    """Return the solution area and partner role that a filing names, by current or old names."""
    area = edition.find_area(filing.solution_area or "")
    return AreaAndRole(area, area.find_role(filing.role) if area else None)
