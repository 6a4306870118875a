"""The access journal: every look-up counts on limits, and the customer can read who made it.

The same look-up counts once an hour and makes one row in it (domain.md, "Checks at entry"): a form
is checked again and again while it is filled in.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from chalicelib.domain.access_journal import JournalRow
from chalicelib.domain.filing import FilingItem
from chalicelib.domain.ids import Kind, new_id, tenant_key
from chalicelib.domain.item import Item
from chalicelib.domain.refusals import TooMany
from chalicelib.ports import Services
from chalicelib.usecases.rate_limits import enforce_lookup_limits, list_lookup_counters
from chalicelib.usecases.request import Request
from chalicelib.usecases.step_context import find_current_edition

COUNTERS_KEPT = timedelta(hours=2)  # longer than the hour for which they count
NO_ITEM = Item()  # stands for names that are not in the catalogue


@dataclass(frozen=True)
class Lookup:
    """A look-up or a reading, as the customer's journal shows it.

    Attributes:
        tenant_id: the tenant.
        what: `verify`, `check`, `filing_refused`, `held`, `rechecked`, `seats`, `usage` or
            `programme_look`.
        items: what was looked up.
        domain: the customer's domain, as it was sent.
        revealing: whether the response reveals something about the tenant. If not, the journal has
            no row, and every other domain counts as another look-up.
    """

    tenant_id: str
    what: str
    items: tuple[Item, ...] = ()
    domain: str = ""
    revealing: bool = True


def list_items(sent: Iterable[FilingItem]) -> tuple[Item, ...]:
    """Return the items of a filing as a look-up names them."""
    return tuple(item.as_sent() for item in sent)


def record_lookup(services: Services, request: Request, lookup: Lookup) -> None:
    """Count a look-up and, if it reveals something, write it into the customer's journal.

    Each item counts, and has a row, once an hour. Items outside the catalogue count together as one
    and have no row. Nothing may be revealed before this returns: it raises TooMany when other
    requests have used a limit up since it was read.
    """
    edition = find_current_edition(services, request.now)
    known = [
        item
        for item in lookup.items
        if edition.find_product(item.code) or edition.find_workload(item.code)
    ]
    fresh = _take_fresh(services, request, lookup, known or [NO_ITEM])
    expires, by = _make_expiry(request), len(fresh)
    counters = list_lookup_counters(request.caller, lookup.tenant_id, request.now)
    shown = [one for one in fresh if lookup.revealing and one.code]
    counts = services.run_parallel(
        *(partial(services.store.requests.count, *one, expires, by) for one in counters),
        *(partial(_write_row, services, request, lookup, one) for one in shown),
    )
    before = {subject: count - by for (subject, _), count in zip(counters, counts, strict=False)}
    try:
        enforce_lookup_limits(before, request.now)
    except TooMany:
        # A refused look-up must not use up the limit that the tenant's other partners share.
        services.store.requests.count(*counters[-1], expires, -by)
        raise


def record_reading(services: Services, request: Request, lookup: Lookup) -> None:
    """Write a reading of figures of one item into the customer's journal, once an hour.

    It counts as the partner's own look-up of this customer, so that many readings of one item do
    not push other rows out of the list. Other counters do not grow. Raises TooMany.
    """
    fresh = _take_fresh(services, request, lookup, lookup.items)
    subject, window = list_lookup_counters(request.caller, lookup.tenant_id, request.now)[1]
    expires, by = _make_expiry(request), len(fresh)
    count, *_ = services.run_parallel(
        lambda: services.store.requests.count(subject, window, expires, by),
        *(partial(_write_row, services, request, lookup, one) for one in fresh),
    )
    enforce_lookup_limits({subject: count - by}, request.now)


def record_programme_look(services: Services, request: Request, tenant_id: str) -> None:
    """Write into the customer's journal that a person of the programme looked at the tenant.

    Once for each person and hour, so that other rows stay visible.
    """
    looked = Lookup(tenant_id, "programme_look")
    if _take_fresh(services, request, looked, (NO_ITEM,)):
        _write_row(services, request, looked, NO_ITEM)


def record_recheck(services: Services, request: Request, lookup: Lookup) -> None:
    """Write a re-check into the customer's journal. The service makes it, so it does not count."""
    for item in lookup.items:
        _write_row(services, request, lookup, item)


def _take_fresh(
    services: Services, request: Request, lookup: Lookup, items: Iterable[Item]
) -> list[Item]:
    """Return the items that are looked up for the first time in this hour, and note that."""
    window, expires = request.now.strftime("%Y%m%d%H"), _make_expiry(request)
    named = {_name_lookup(request, lookup, item): item for item in items}
    counts = services.run_parallel(
        *(partial(services.store.requests.count, name, window, expires) for name in named)
    )
    return [item for item, count in zip(named.values(), counts, strict=True) if count == 1]


def _name_lookup(request: Request, lookup: Lookup, item: Item) -> str:
    """Return the counter's subject of a look-up of one item by one partner or person."""
    caller = request.caller
    who = caller.organisation_id or caller.sub
    domain = "" if lookup.revealing else lookup.domain
    what = (lookup.what, domain, item.code, item.subscription_id)
    parts = (bool(caller.organisation_id), who, tenant_key(lookup.tenant_id), *what)
    return f"seen:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"


def _make_expiry(request: Request) -> int:
    """Return when the counters of an hour may be deleted, in epoch seconds."""
    return int((request.now + COUNTERS_KEPT).timestamp())


def _write_row(services: Services, request: Request, lookup: Lookup, item: Item) -> None:
    row = JournalRow(
        id=new_id(Kind.EVENT, request.now, services.random_bytes),
        at=request.now,
        organisation_id=request.caller.organisation_id or "",
        what=lookup.what,
        item=item.code,
    )
    services.store.tenants.add_journal_row(tenant_key(lookup.tenant_id), row)
