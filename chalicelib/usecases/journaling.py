"""Look-ups are limited per partner and per tenant, and the customer can read who looked."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from chalicelib.domain.customer import JournalRow
from chalicelib.domain.ids import new_id, tenant_key
from chalicelib.domain.refusals import TooMany
from chalicelib.ports import World

from .callers import Caller

# Decided here: enough for a partner who works through a list by hand or by script, too few for going through other
# people's tenants; one tenant is looked up by a few partners a day, not by hundreds.
MOST_BY_PARTNER = 600  # an hour
MOST_OF_TENANT = 200  # an hour, by all partners together
HOUR = 3600


def look_up_counters(by: Caller, tenant_id: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """The counters that a look-up of this tenant by this partner counts on: (subject, window)."""
    window = now.strftime("%Y%m%d%H")
    return (f"partner:{by.organisation}", window), (f"tenant:{tenant_key(tenant_id)}", window)


def look_ups_left(counts: Mapping[str, int]) -> None:
    """Raises TooMany when either limit is used up. `counts`: subject → look-ups within the hour."""
    for subject, count in counts.items():
        if count >= (MOST_BY_PARTNER if subject.startswith("partner:") else MOST_OF_TENANT):
            raise TooMany(HOUR, "too_many_look_ups")


def journaled(world: World, by: Caller, tenant_id: str, what: str, now: datetime, item: str = "") -> None:
    """Counts a look-up and writes it into the customer's journal."""
    expires = int((now + timedelta(hours=2)).timestamp())
    row = JournalRow(id=new_id("evt", now, world.chance), at=now, organisation_id=by.organisation, what=what, item=item[:200])
    counters = look_up_counters(by, tenant_id, now)
    world.together(
        *((lambda c=c: world.store.count(c[0], c[1], expires)) for c in counters),
        lambda: world.store.journal(tenant_key(tenant_id), row),
    )
