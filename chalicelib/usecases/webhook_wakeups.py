"""Wake the endpoints of partners whose claims have just changed (integration.md, 1).

The worker does this after its work, so API calls and decisions are not slowed down. Which endpoints
a partner has is read at most once a minute and process. A lost wake-up only causes a delay, because
each endpoint also reads the feed on its own schedule.
"""

import time
from collections.abc import Iterable
from threading import Lock

from chalicelib.ports import Services

KEPT_SECONDS = 60.0  # how long the endpoints of a partner are cached
MAX_KEPT = 1_000  # partners


class EndpointCache:
    """The ids of partners' enabled endpoints, at most a minute old."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], tuple[float, tuple[str, ...]]] = {}
        self._lock = Lock()

    def list_open(self, services: Services, organisation_id: str) -> tuple[str, ...]:
        """List the enabled endpoints of a partner."""
        key, now = (id(services.store), organisation_id), time.monotonic()
        with self._lock:
            until, found = self._known.get(key, (0.0, ()))
        if now < until:
            return found
        found = tuple(
            one.id for one in services.store.endpoints.list(organisation_id) if one.is_open
        )
        with self._lock:
            if len(self._known) >= MAX_KEPT:
                self._known.clear()
            self._known[key] = (now + KEPT_SECONDS, found)
        return found


_cache = EndpointCache()


def wake_endpoints(services: Services, organisation_ids: Iterable[str]) -> None:
    """Ask for a delivery run of each open endpoint of these partners."""
    if services.webhooks is None:
        return
    found = [
        one for partner in sorted(organisation_ids) for one in _cache.list_open(services, partner)
    ]
    if found:
        services.webhooks.queue.enqueue(found)
