"""Rate limits: how much one partner may do within a window of time, so that no partner slows the
others down and no customer is flooded with mail.

Filings and uploads are counted as they come in, in parallel with the reads that they make anyway:
no further round trip, one write unit a counter. A counter is never part of a transaction, where a
busy partner would conflict with itself. A repeat with the same idempotency key gets its response
even when the limit is exceeded; what a refused notice or a repeat has counted is taken back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Refusal, TooMany, Unavailable
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import Request

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """A limit on the number of requests in every such window of UTC.

    Attributes:
        name: what is counted.
        most: how many are allowed in a window.
        window: an hour or a day.
        code: the code of the refusal.
        per: whether a partner's requests are counted together, or for each customer or claim.
    """

    name: str
    most: int
    window: timedelta
    code: str
    per: Literal["partner", "customer", "claim"] = "partner"

    def make_counter(self, caller: Caller, subject_id: str, now: datetime) -> tuple[str, str]:
        """Return subject and window of the counter.

        `subject_id`: the tenant or the claim that is counted for, as `per` says.
        """
        subject = {
            "partner": "",
            "customer": f":{tenant_key(subject_id)}",
            "claim": f":{subject_id}",
        }
        counted = f"{self.name}:{caller.organisation}{subject[self.per]}"
        return counted, _format_window(self.window, now)

    def enforce(self, count: int, now: datetime) -> None:
        """Raise TooMany, with the seconds until the next window, when the limit is exceeded."""
        if count > self.most:
            raise TooMany(_count_seconds_left(self.window, now), self.code)


# Chosen here: a filing every 3.6 seconds, of ten items each. That is more than a person types, and
# a script can wait.
FILINGS = Limit("filings", 1000, HOUR, "too_many_filings")
# A filing, and an amendment that writes to the customer, of any number of recipients and items:
# among more mails a day a customer would miss the one to object to (domain.md, "What a customer's
# links may do").
CUSTOMER_NOTICES = Limit("letters", 10, DAY, "too_many_letters", per="customer")
# A case that a reviewer opens stays readable (domain.md, "A filing and its claims").
COMMENTS = Limit("comments", 50, DAY, "too_many_comments", per="claim")
# Each makes a row of the history, which reviewers and customers read; as many as comments.
AMENDMENTS = Limit("amendments", 50, DAY, "too_many_requests", per="claim")
# Twenty files for each of fifty filings; at most 12 GB in an hour.
UPLOADS = Limit("uploads", 600, HOUR, "too_many_uploads")

# Each invitation writes to an address that the partner names.
INVITATIONS = Limit("invitations", 20, DAY, "too_many_requests")
# Each new key writes a mail; more than the keys that a partner may have.
API_KEYS = Limit("api_keys", 20, DAY, "too_many_requests")

# New endpoints and test events make requests to addresses that the partner names.
WEBHOOK_TESTS = Limit("webhook_tests", 60, HOUR, "too_many_requests")

# Checks of one mail in an hour: more than its recipients need, too few to try out which address it
# went to.
MAIL_CHECKS = Limit("mail_checks", 20, HOUR, "too_many_requests")

# Look-ups in an hour. They are read with the rest, counted when it is known that they will reveal
# something, and compared again with that count: enough for a partner who works through a list, too
# few for searching other tenants. The third is for all partners together, and so high that it takes
# ten of them to lock an eleventh out.
LOOK_UPS = {"partner": 600, "pair": 60, "tenant": 600}


def plan_counts(
    services: Services, request: Request, subject_id: str, limits: tuple[Limit, ...]
) -> tuple[Callable[[], int], ...]:
    """Make the calls that count one more on each limit and return how many there are now.

    They are to be carried out in parallel with other calls.
    """
    return tuple(
        lambda limit=limit: _count(services, request, subject_id, limit) for limit in limits
    )


def count_only_done(
    services: Services,
    request: Request,
    subject_id: str,
    limits: tuple[Limit, ...],
    act: Callable[[], StoredResponse],
) -> StoredResponse:
    """Carry out an act that counts on limits, and take the count back if it changes nothing.

    So neither a refused act nor a repeat counts. After `Unavailable` nothing is known about whether
    it was done, so the count stays.
    """
    try:
        response = act()
    except Refusal as refusal:
        if refusal.code != Unavailable.code:
            _take_back(services, request, subject_id, limits)
        raise
    if response.replayed:
        _take_back(services, request, subject_id, limits)
    return response


def count_now(services: Services, request: Request, subject_id: str, limit: Limit) -> None:
    """Count one more on a limit. Raises TooMany when it is exceeded."""
    limit.enforce(_count(services, request, subject_id, limit), request.now)


def count_anonymous(services: Services, limit: Limit, subject: str, now: datetime) -> int:
    """Count one more on a limit of an act that needs no sign-in."""
    window, expires = _format_window(limit.window, now), _make_expiry(limit, now)
    return services.store.requests.count(f"{limit.name}:{subject}", window, expires)


def enforce_limits(limits: tuple[Limit, ...], counts: tuple[int, ...], now: datetime) -> None:
    """Raise TooMany for the first limit that is exceeded."""
    for limit, count in zip(limits, counts, strict=True):
        limit.enforce(count, now)


def list_lookup_counters(
    caller: Caller, tenant_id: str, now: datetime
) -> tuple[tuple[str, str], ...]:
    """List the counters of a look-up of this tenant by this partner: (subject, window)."""
    window, tenant = _format_window(HOUR, now), tenant_key(tenant_id)
    return (
        (f"partner:{caller.organisation}", window),
        (f"pair:{caller.organisation}:{tenant}", window),
        (f"tenant:{tenant}", window),
    )


def enforce_lookup_limits(counts: Mapping[str, int], now: datetime) -> None:
    """Raise TooMany when a limit on look-ups is used up.

    `counts`: the look-ups of this hour by subject, without the one that is about to be made.
    """
    for subject, count in counts.items():
        if count >= LOOK_UPS[subject.partition(":")[0]]:
            raise TooMany(_count_seconds_left(HOUR, now), "too_many_look_ups")


def _take_back(
    services: Services, request: Request, subject_id: str, limits: tuple[Limit, ...]
) -> None:
    for limit in limits:
        _count(services, request, subject_id, limit, -1)


def _count(services: Services, request: Request, subject_id: str, limit: Limit, by: int = 1) -> int:
    subject, window = limit.make_counter(request.caller, subject_id, request.now)
    expires = _make_expiry(limit, request.now)
    return services.store.requests.count(subject, window, expires, by)


def _make_expiry(limit: Limit, now: datetime) -> int:
    """Return when a counter may be deleted, in epoch seconds."""
    return int((now + 2 * limit.window).timestamp())


def _format_window(length: timedelta, now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%d%H" if length == HOUR else "%Y%m%d")


def _count_seconds_left(length: timedelta, now: datetime) -> int:
    """Return the seconds until the window that holds `now` is over."""
    elapsed = now.timestamp() % length.total_seconds()
    return int(length.total_seconds() - elapsed) + 1
