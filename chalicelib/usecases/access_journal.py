"""The journal of look-ups: every look-up counts, and the customer can read who made it."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.access_journal import JournalRow
from chalicelib.domain.ids import Kind, new_id, tenant_key
from chalicelib.ports import Services
from chalicelib.usecases.limits import HOUR, enforce_lookup_limits, list_lookup_counters
from chalicelib.usecases.request import Request

COUNTERS_KEPT = timedelta(hours=2)  # longer than the hour that they count
ITEMS_LENGTH = 200  # characters of a row's items; a look-up may name many


@dataclass(frozen=True)
class Lookup:
    """A look-up or a reading, as the customer's journal shows it.

    Attributes:
        tenant_id: the tenant.
        what: `verify`, `check`, `filing_refused`, `held`, `rechecked`, `seats`, `usage` or
            `programme_look`.
        items: the codes of the products and workloads, separated by spaces.
        revealing: whether it told the caller something about the tenant.
    """

    tenant_id: str
    what: str
    items: str = ""
    revealing: bool = True


def record_lookup(services: Services, request: Request, lookup: Lookup) -> None:
    """Count a look-up and, if it revealed something, write it into the customer's journal."""
    expires = int((request.now + COUNTERS_KEPT).timestamp())
    counters = list_lookup_counters(request.caller, lookup.tenant_id, request.now)
    services.run_parallel(
        *((lambda c=c: services.store.requests.count(c[0], c[1], expires)) for c in counters),
        *([lambda: _write_row(services, request, lookup)] if lookup.revealing else []),
    )


def record_reading(services: Services, request: Request, lookup: Lookup) -> None:
    """Write a reading of figures into the customer's journal.

    It counts as the partner's own look-up of this customer, so that one reading cannot be pushed
    out of sight by many. Other counters do not grow. Raises TooMany.
    """
    subject, window = list_lookup_counters(request.caller, lookup.tenant_id, request.now)[1]
    expires = int((request.now + 2 * HOUR).timestamp())
    count, _ = services.run_parallel(
        lambda: services.store.requests.count(subject, window, expires),
        lambda: _write_row(services, request, lookup),
    )
    enforce_lookup_limits({subject: count - 1}, request.now)


def record_programme_look(services: Services, request: Request, tenant_id: str) -> None:
    """Write into the customer's journal that somebody of the programme looked at the tenant.

    Once for each person and hour, so that other rows stay in sight.
    """
    key, window = tenant_key(tenant_id), request.now.strftime("%Y-%m-%dT%H")
    expires = int((request.now + COUNTERS_KEPT).timestamp())
    subject = f"look:{request.caller.sub}:{key}"
    if services.store.requests.count(subject, window, expires) == 1:
        _write_row(services, request, Lookup(tenant_id, "programme_look"))


def record_recheck(services: Services, request: Request, lookup: Lookup) -> None:
    """Write a re-check into the customer's journal. The service makes it, so it does not count."""
    _write_row(services, request, lookup)


def _write_row(services: Services, request: Request, lookup: Lookup) -> None:
    row = JournalRow(
        id=new_id(Kind.EVENT, request.now, services.random_bytes),
        at=request.now,
        organisation_id=request.caller.organisation_id or "",
        what=lookup.what,
        item=lookup.items[:ITEMS_LENGTH],
    )
    services.store.tenants.add_journal_row(tenant_key(lookup.tenant_id), row)
