"""Every look-up counts, and the customer can read who looked."""

from datetime import datetime, timedelta

from chalicelib.domain.access_journal import JournalRow
from chalicelib.domain.ids import Kind, new_id, tenant_key
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.limits import HOUR, look_up_counters, look_ups_left


def looked_up(
    services: Services,
    by: Caller,
    tenant_id: str,
    what: str,
    now: datetime,
    item: str = "",
    shown: bool = True,
) -> None:
    """Counts a look-up and, if it told something of the tenant, writes it into the customer's
    journal.
    """
    expires = int((now + timedelta(hours=2)).timestamp())
    counters = look_up_counters(by, tenant_id, now)
    services.run_parallel(
        *((lambda c=c: services.store.requests.count(c[0], c[1], expires)) for c in counters),
        *([lambda: _written(services, by, tenant_id, what, now, item)] if shown else []),
    )


def read_by(
    services: Services, by: Caller, tenant_id: str, what: str, now: datetime, item: str
) -> None:
    """Writes a reading of figures into the customer's journal. It counts as the partner's own
    look-up of this customer, so that nobody pushes one reading out of sight by many; others are not
    counted upon. Raises TooMany.
    """
    subject, window = look_up_counters(by, tenant_id, now)[1]
    count, _ = services.run_parallel(
        lambda: services.store.requests.count(subject, window, int((now + 2 * HOUR).timestamp())),
        lambda: _written(services, by, tenant_id, what, now, item),
    )
    look_ups_left({subject: count - 1}, now)


def _written(
    services: Services, by: Caller, tenant_id: str, what: str, now: datetime, item: str
) -> None:
    row = JournalRow(
        id=new_id(Kind.EVENT, now, services.random_bytes),
        at=now,
        organisation_id=by.organisation,
        what=what,
        item=item[:200],
    )
    services.store.tenants.add_journal_row(tenant_key(tenant_id), row)
