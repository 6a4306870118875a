"""Lists: a partner's claims, and associations, and the reviewers' queue. What is read follows what
is shown.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import parse_filing_id, tenant_key
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.domain.slot import Slot
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.unit_of_work import empty_slot

MOST_PAGES = (
    20  # read for one answer when a filter leaves little; the answer then goes on with a cursor
)
Waiting = Claim | Arbitration | ReviewTask
Page = Callable[[str | None, int], tuple[tuple[Claim, ...], str | None]]


@dataclass(frozen=True)
class Wanted:
    """Which claims.

    `q`: part of the id, the name or the external reference, without regard to case.
    """

    status: str | None = None
    tenant_id: str | None = None
    product: str | None = None
    filing_id: str | None = None
    updated_since: datetime | None = None
    q: str | None = None

    def fits(self, claim: Claim) -> bool:
        return (
            self.status in (None, claim.status)
            and self.filing_id in (None, claim.filing_id)
            and self.tenant_id in (None, claim.tenant_id)
            and self.product in (None, claim.item.code)
            and (self.updated_since is None or claim.updated_at >= self.updated_since)
            and self._found(claim)
        )

    def _found(self, claim: Claim) -> bool:
        texts = (claim.id, claim.name or "", claim.external_reference or "")
        return self.q is None or any(self.q.lower() in text.lower() for text in texts)


def claims(
    services: Services, by: Caller, wanted: Wanted, after: str | None, limit: int
) -> tuple[list[tuple[Claim, Slot]], str | None]:
    """The partner's claims, newest first.

    One customer's, or one filing's, are read from that customer's folder.
    """
    key = parse_filing_id(wanted.filing_id or "") or (
        tenant_key(wanted.tenant_id) if wanted.tenant_id else ""
    )
    if key:
        tenant_file = services.store.tenants.get_file(key)
        mine = [
            c
            for c in tenant_file.claims
            if c.organisation_id == by.organisation
            and wanted.fits(c)
            and (not after or c.id < after)
        ]
        mine.sort(key=lambda c: c.id, reverse=True)
        found, more = mine[:limit], mine[limit - 1].id if len(mine) > limit else None
    else:
        found, more = _filtered(
            lambda a, n: services.store.claims.list_of_partner(by.organisation, a, n),
            wanted.fits,
            after,
            limit,
        )
    return _with_places(services, found), more


def associations(
    services: Services, by: Caller, state: str | None, after: str | None, limit: int
) -> tuple[list[Claim], str | None]:
    """The partner's associations, newest claim first."""

    def fits(claim: Claim) -> bool:
        return claim.association is not None and state in (None, claim.association.state)

    return _filtered(
        lambda a, n: services.store.claims.list_associations(by.organisation, a, n),
        fits,
        after,
        limit,
    )


def queue(
    services: Services, fits: Callable[[Waiting], bool], after: str | None, limit: int
) -> tuple[list[Waiting], str | None]:
    """What waits for a reviewer or a senior, soonest due first."""
    found: list[Waiting] = []
    for _ in range(MOST_PAGES):
        page, after = services.store.queues.list_reviews(after, limit)
        found += [case for case in page if fits(case)]
        if after is None or len(found) >= limit:
            break
    return found, after


def _filtered(
    page: Page, fits: Callable[[Claim], bool], after: str | None, limit: int
) -> tuple[list[Claim], str | None]:
    """A page of what fits.

    Reads on while little fits, but not for ever: the cursor then stands where reading stopped.
    """
    found: list[Claim] = []
    for _ in range(MOST_PAGES):
        some, after = page(after, limit)
        for claim in filter(fits, some):
            found.append(claim)
            if len(found) == limit:
                return found, claim.id if after or claim is not some[-1] else None
        if after is None:
            break
    return found, after


def _with_places(services: Services, found: Iterable[Claim]) -> list[tuple[Claim, Slot]]:
    """Each claim with its item's place, all places in one call."""
    some = list(found)
    slots = services.store.slots.get_many([(c.tenant_id, c.item) for c in some])
    return [(c, slots.get((c.tenant_id, c.item.name)) or empty_slot(c)) for c in some]
