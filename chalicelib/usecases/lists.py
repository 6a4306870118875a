"""Lists: a partner's claims and associations, and the reviewers' queue."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.outcomes import empty_slot
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.domain.slot import Slot
from chalicelib.ports import Services
from chalicelib.ports.queue import Waiting
from chalicelib.usecases.callers import Caller

# Pages read for one response when a filter leaves little; the cursor then goes on from there.
MOST_PAGES = 20
MOST_SORTED, SORTED_AT_ONCE = 500, 100  # chosen: 500 claims are read in half a second
Sort = Literal["oldest", "due", "domain"]
QueueEntry = Claim | Arbitration | ReviewTask
Page = tuple[tuple[Claim, ...], str | None]


@dataclass(frozen=True)
class PageStart:
    """Where a page begins, None for the first, and how long it is."""

    after: str | None
    limit: int


def _sort_by_due(claim: Claim) -> tuple[bool, datetime, str]:
    """Claims whose clock ends first come first, and those without a clock last."""
    due = min((clock.due_at for clock in claim.clocks), default=None)
    return (due is None, due or claim.created_at, claim.id)


ORDERS: Mapping[Sort, Callable[[Claim], Any]] = {
    "oldest": lambda claim: claim.id,
    "due": _sort_by_due,
    "domain": lambda claim: (claim.domain, claim.id),
}


@dataclass(frozen=True)
class ClaimFilter:
    """Which claims are wanted; a field that is None admits every claim.

    Attributes:
        status: the status of the claim.
        tenant_id: the customer's tenant.
        product: the code of the product or workload.
        filing_id: the filing that the claim belongs to.
        updated_since: the earliest moment of its last change.
        q: part of the id, the domain, the name or the external reference, without regard to case.
        submitted: whether drafts are left out.
    """

    status: str | None = None
    tenant_id: str | None = None
    product: str | None = None
    filing_id: str | None = None
    updated_since: datetime | None = None
    q: str | None = None
    submitted: bool = False

    def matches(self, claim: Claim) -> bool:
        """Return whether a claim is wanted."""
        return (
            self.status in (None, claim.status)
            and self.filing_id in (None, claim.filing_id)
            and self.tenant_id in (None, claim.tenant_id)
            and self.product in (None, claim.item.code)
            and (self.updated_since is None or claim.updated_at >= self.updated_since)
            and not (self.submitted and claim.submitted_at is None)
            and self._matches_text(claim)
        )

    def _matches_text(self, claim: Claim) -> bool:
        texts = (claim.id, claim.domain, claim.name or "", claim.external_reference or "")
        return self.q is None or any(self.q.lower() in text.lower() for text in texts)


@dataclass(frozen=True)
class AssociationFilter:
    """Which associations are wanted; a field that is None admits every one.

    Attributes:
        state: of the association.
        ends_by: the last day on which the subscription of an association in force may end.
    """

    state: str | None = None
    ends_by: date | None = None

    def matches(self, claim: Claim) -> bool:
        """Return whether the association of a claim is wanted."""
        ends_on = claim.subscription_ends_on
        return (
            claim.association is not None
            and self.state in (None, claim.association.state)
            and (self.ends_by is None or (ends_on is not None and ends_on <= self.ends_by))
        )


def list_claims(
    services: Services, caller: Caller, wanted: ClaimFilter, after: str | None, limit: int
) -> tuple[list[tuple[Claim, Slot]], str | None]:
    """List the partner's claims, newest first, and the cursor of the next page."""
    page = PageStart(after, limit)
    if wanted.filing_id:
        found, more = _list_in_filing(services, caller, wanted, page, wanted.filing_id)
    elif wanted.tenant_id:
        key = tenant_key(wanted.tenant_id)
        found, more = _list_in_tenant(services, caller, wanted, page, key)
    else:
        found, more = _fill_page(
            lambda start: services.store.claims.list_of_partner(caller.organisation, start, limit),
            wanted.matches,
            after,
            limit,
        )
    return _add_slots(services, found), more


def list_sorted_claims(
    services: Services, caller: Caller, wanted: ClaimFilter, sort: Sort, page: PageStart
) -> tuple[list[tuple[Claim, Slot]], str | None]:
    """List the partner's newest claims in another order, and the cursor of the next page.

    At most `MOST_SORTED` claims are read: an order by anything but time has no index.
    """
    found: list[tuple[Claim, Slot]] = []
    after: str | None = None
    while len(found) < MOST_SORTED:
        some, after = list_claims(services, caller, wanted, after, SORTED_AT_ONCE)
        found += some
        if after is None:
            break
    found.sort(key=lambda one: ORDERS[sort](one[0]))
    ids = [claim.id for claim, _ in found]
    start = ids.index(page.after) + 1 if page.after in ids else 0
    shown = found[start : start + page.limit]
    return shown, ids[start + page.limit - 1] if start + page.limit < len(ids) else None


def list_claims_of(
    services: Services, organisation_id: str, wanted: ClaimFilter, page: PageStart
) -> tuple[list[Claim], str | None]:
    """List claims of any partner, newest first, for the programme, and the next cursor."""
    return _fill_page(
        lambda start: services.store.claims.list_of_partner(organisation_id, start, page.limit),
        wanted.matches,
        page.after,
        page.limit,
    )


def list_associations(
    services: Services, caller: Caller, wanted: AssociationFilter, page: PageStart
) -> tuple[list[Claim], str | None]:
    """List the claims behind the partner's associations, newest first, and the next cursor."""
    return _fill_page(
        lambda start: services.store.claims.list_associations(
            caller.organisation, start, page.limit
        ),
        wanted.matches,
        page.after,
        page.limit,
    )


def list_queue(
    services: Services, matches: Callable[[QueueEntry], bool], after: str | None, limit: int
) -> tuple[list[QueueEntry], str | None]:
    """List what waits for a reviewer or a senior, due soonest first, and the next cursor."""
    found: list[Waiting] = []
    for _ in range(MOST_PAGES):
        page, after = services.store.queues.list_reviews(after, limit)
        found += [one for one in page if matches(one.entry)]
        if after is None or len(found) >= limit:
            break
    if len(found) > limit:
        after = found[limit - 1].position
    return [one.entry for one in found[:limit]], after


def is_for_seniors(waiting: QueueEntry) -> bool:
    """Return whether only a senior may decide: a case, a dispute, an escalated claim, a revocation.

    A third question needs a senior too, but the case itself does not.
    """
    if isinstance(waiting, Arbitration):
        return True
    if isinstance(waiting, ReviewTask):
        return waiting.claim.task is not None and waiting.claim.task.kind == "revocation"
    return waiting.status == "disputed" or waiting.review.escalated


def find_conflicts(
    services: Services, caller: Caller, entries: Iterable[QueueEntry]
) -> frozenset[str]:
    """Find the entries that the caller may not handle, by the id of the claim or of the case."""
    related = services.partners.find_related_partners(caller.sub)
    if not related:
        return frozenset()
    entries = tuple(entries)
    cases = [entry for entry in entries if isinstance(entry, Arbitration)]
    tasks = [entry.claim for entry in entries if isinstance(entry, ReviewTask)]
    claims = [entry for entry in entries if isinstance(entry, Claim)] + tasks
    found = [case.id for case in cases if case.is_conflict(related)]
    found += [
        claim.id
        for claim, slot in _add_slots(services, claims)
        if slot.is_conflict(claim.id, claim.organisation_id, related)
    ]
    return frozenset(found)


def _list_in_tenant(
    services: Services, caller: Caller, wanted: ClaimFilter, page: PageStart, key: str
) -> tuple[list[Claim], str | None]:
    """List the partner's claims for one customer by the partner's own list.

    So what others have filed for that customer costs no read.
    """
    ids = services.store.claims.list_ids_of_partner(caller.organisation, {key})

    def read_page(after: str | None) -> Page:
        rest = [one for one in ids if after is None or one < after]
        last = rest[page.limit - 1] if len(rest) > page.limit else None
        return services.store.claims.get_many(rest[: page.limit]), last

    return _fill_page(read_page, wanted.matches, page.after, page.limit)


def _list_in_filing(
    services: Services, caller: Caller, wanted: ClaimFilter, page: PageStart, filing_id: str
) -> tuple[list[Claim], str | None]:
    found = [
        claim
        for claim in services.store.claims.list_of_filing(filing_id)
        if claim.organisation_id == caller.organisation
        and wanted.matches(claim)
        and (not page.after or claim.id < page.after)
    ]
    more = len(found) > page.limit
    return found[: page.limit], found[page.limit - 1].id if more else None


def _fill_page(
    read_page: Callable[[str | None], Page],
    matches: Callable[[Claim], bool],
    after: str | None,
    limit: int,
) -> tuple[list[Claim], str | None]:
    """Read pages until enough claims match, or until the most pages for one response are read.

    The cursor is the place where reading stopped.
    """
    found: list[Claim] = []
    for _ in range(MOST_PAGES):
        page, after = read_page(after)
        for claim in filter(matches, page):
            found.append(claim)
            if len(found) == limit:
                return found, claim.id if after or claim is not page[-1] else None
        if after is None:
            break
    return found, after


def _add_slots(services: Services, claims: Iterable[Claim]) -> list[tuple[Claim, Slot]]:
    """Add the slot of each claim's item, all slots read in one call."""
    claims = list(claims)
    slots = services.store.slots.get_many([(claim.tenant_id, claim.item) for claim in claims])
    return [
        (claim, slots.get((claim.tenant_id, claim.item.name)) or empty_slot(claim))
        for claim in claims
    ]
