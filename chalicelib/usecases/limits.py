"""How much one partner may ask for in a while: no partner's haste is another's wait, and no
customer drowns in letters.

Filings and uploads are counted as they come in, beside the reads that they make anyway: no round
trip more, one write unit a counter, and no counter within a transaction, where a busy partner would
conflict with itself. A repeat with the same key counts, but gets its answer whatever the count.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import TooMany
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """At most so many in every such window of UTC.

    `code`: of the refusal. `by_customer`: for each customer its own.
    """

    name: str
    most: int
    window: timedelta
    code: str
    by_customer: bool = False

    def counter(self, by: Caller, tenant_id: str, now: datetime) -> tuple[str, str]:
        """Subject and window of the counter."""
        about = f":{tenant_key(tenant_id)}" if self.by_customer else ""
        return f"{self.name}:{by.organisation}{about}", _window(self.window, now)

    def left(self, count: int, now: datetime) -> None:
        """Raises TooMany when this one is one too many, with the seconds until the next window."""
        if count > self.most:
            raise TooMany(_rest(self.window, now), self.code)


# Decided here. A filing every 3.6 seconds, of ten items each: more than anybody types, and a script
# waits its turn.
FILINGS = Limit("filings", 1000, HOUR, "too_many_filings")
# Each can be a letter to every contact of the customer: filings, submissions and amendments by one
# partner. Ten items to a filing, so 400 items of one customer in a day, which nobody has; more
# would be a flood to one address.
LETTERS = Limit("letters", 40, DAY, "too_many_letters", by_customer=True)
# Twenty files for each of fifty filings; 12 GB in an hour at most.
UPLOADS = Limit("uploads", 600, HOUR, "too_many_uploads")

# Look-ups, read before and counted after, because only those that tell something count: enough for
# a partner who works through a list, too few for going through other people's tenants. The third is
# for all partners together, so high that it takes ten of them to keep an eleventh from asking.
LOOK_UPS = {"partner": 600, "pair": 60, "tenant": 600}


def tried(
    services: Services, by: Caller, tenant_id: str, now: datetime, limits: tuple[Limit, ...]
) -> tuple[Callable[[], int], ...]:
    """Calls that count one more of each, to be made beside other calls; they answer how many there
    are now.
    """

    def count(limit: Limit) -> int:
        subject, window = limit.counter(by, tenant_id, now)
        return services.store.requests.count(
            subject, window, int((now + 2 * limit.window).timestamp())
        )

    return tuple(lambda limit=limit: count(limit) for limit in limits)


def refuse(limits: tuple[Limit, ...], counts: tuple[int, ...], now: datetime) -> None:
    """Raises TooMany for the first limit that is used up."""
    for limit, count in zip(limits, counts, strict=True):
        limit.left(count, now)


def look_up_counters(by: Caller, tenant_id: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """The counters that a look-up of this tenant by this partner counts on: (subject, window)."""
    window, tag = _window(HOUR, now), tenant_key(tenant_id)
    return (
        (f"partner:{by.organisation}", window),
        (f"pair:{by.organisation}:{tag}", window),
        (f"tenant:{tag}", window),
    )


def look_ups_left(counts: Mapping[str, int], now: datetime) -> None:
    """Raises TooMany when a limit is used up. `counts`: subject → look-ups within the hour."""
    for subject, count in counts.items():
        if count >= LOOK_UPS[subject.partition(":")[0]]:
            raise TooMany(_rest(HOUR, now), "too_many_look_ups")


def _window(length: timedelta, now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%d%H" if length == HOUR else "%Y%m%d")


def _rest(length: timedelta, now: datetime) -> int:
    """Seconds until the window that holds `now` is over."""
    gone = now.timestamp() % length.total_seconds()
    return int(length.total_seconds() - gone) + 1
