"""The customers that a partner has filed for, with the data of the last filing."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.claim import Claim
from chalicelib.domain.filing import Contact
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.display_names import load_display_names

MOST = 500  # newest claims of an organisation that are read
PAGE = 100


@dataclass(frozen=True)
class KnownCustomer:
    """A tenant that the organisation has filed for.

    Attributes:
        name: of the customer, '' if the directory has none.
        claims: those of the organisation's newest claims that are for this tenant, newest first.
    """

    name: str
    claims: Sequence[Claim]

    @property
    def last(self) -> Claim:
        """The newest claim, draft or not."""
        return self.claims[0]

    def find_contact(self, who: str) -> Contact | None:
        """Return the contact that was named last: a draft may have none."""
        contacts = (getattr(claim, who) for claim in self.claims)
        return next(
            (contact for contact in contacts if contact is not None and contact.email), None
        )


def list_customers(
    services: Services, caller: Caller, after: str | None, limit: int
) -> tuple[list[KnownCustomer], str | None]:
    """List the customers of the caller's organisation, the one filed for last first.

    after: the tenant id after which the page begins. The second result is that of the next page.
    """
    by_tenant: dict[str, list[Claim]] = {}
    for claim in _read_newest(services, caller.organisation):
        by_tenant.setdefault(claim.tenant_id, []).append(claim)
    tenants = list(by_tenant)
    start = tenants.index(after) + 1 if after in tenants else 0
    page = tenants[start : start + limit]
    names = load_display_names(services, page, ()).customers
    found = [KnownCustomer(names.get(one, ""), by_tenant[one]) for one in page]
    return found, page[-1] if start + limit < len(tenants) else None


def _read_newest(services: Services, organisation_id: str) -> list[Claim]:
    found: list[Claim] = []
    after: str | None = None
    for _ in range(MOST // PAGE):
        page, after = services.store.claims.list_of_partner(organisation_id, after, PAGE)
        found += page
        if after is None:
            break
    return found
