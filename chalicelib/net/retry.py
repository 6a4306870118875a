"""Waiting as asked: `Retry-After` within the budget, and after that not asking again before its
time.

Source: Microsoft Graph throttling guidance (learn.microsoft.com/graph/throttling): waiting as long
as told is the fastest way out, because refused requests count, too.
"""

import time
from collections.abc import Callable

from chalicelib.net.http_messages import Reply, Request
from chalicelib.net.safe_http import Guarded
from chalicelib.net.ttl_cache import Kept
from chalicelib.net.unavailable import away

TRIES = 3
LEAST = 0.5  # seconds to wait, also when told 0
LONGEST = 300.0  # seconds for which a host can keep us away by one answer
LANES = 1_000


class Patient:
    """Asks, waits when asked to, and keeps away from a lane (a tenant, or discovery) while told to."""

    def __init__(
        self,
        guarded: Guarded,
        tick: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._guarded = guarded
        self._tick = tick
        self._sleep = sleep
        self._closed: Kept[bool] = Kept(LANES, tick)

    def deadline(self) -> float:
        """Until when a look that begins now may last."""
        return self._guarded.deadline()

    def ask(self, request: Request, lane: str, deadline: float) -> Reply:
        """An answer other than 429 and 5xx.

        Raises Unavailable when there is none within the budget.
        """
        for _ in range(TRIES):
            if self._closed.get(lane):
                raise away("throttled")
            reply = self._guarded.exchange(request, deadline)
            if not reply.busy:
                return reply
            self._wait(reply, lane, deadline)
        raise away("throttled")

    def _wait(self, reply: Reply, lane: str, deadline: float) -> None:
        if reply.retry_after is None:
            raise away(f"answer {reply.status}")
        seconds = max(reply.retry_after, LEAST)
        if self._tick() + seconds >= deadline:
            self._closed.keep(lane, True, min(seconds, LONGEST))
            raise away(f"answer {reply.status}, told to wait")
        self._sleep(seconds)
