"""Retries as the host asks for them: wait for `Retry-After` within the time budget, and send
nothing more to a lane before its time.

Source: Microsoft Graph throttling guidance (learn.microsoft.com/graph/throttling): waiting for the
requested time is fastest, because refused requests count too.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from chalicelib.net.http_messages import (
    NotJson,
    Request,
    Response,
    parse_json_object,
    parse_retry_after,
)
from chalicelib.net.safe_http import HttpClient
from chalicelib.net.ttl_cache import TTLCache

ATTEMPTS = 3
MIN_WAIT = 0.5  # seconds, even if the host says 0
MAX_PAUSE = 300.0  # seconds for which one response can pause a lane
MAX_LANES = 1_000


class JsonResponse(NamedTuple):
    """A response with a JSON object."""

    status: int
    body: dict[str, Any]


class RetryingClient:
    """Sends requests in lanes (a tenant, or discovery); a lane pauses while its host asks so."""

    def __init__(
        self,
        http: HttpClient,
        tick: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.service = http.service
        self._http = http
        self._tick = tick
        self._sleep = sleep
        self._paused: TTLCache[bool] = TTLCache(MAX_LANES, tick)

    def deadline(self) -> float:
        """Return until when a lookup that begins now may last."""
        return self._http.deadline()

    def send(self, request: Request, lane: str, deadline: float) -> JsonResponse:
        """Return a JSON response other than 3xx, 429 and 5xx.

        Raises Unavailable when there is none before the deadline.
        """
        for _ in range(ATTEMPTS):
            if self._paused.get(lane):
                raise self.service.unavailable("throttled")
            response = self._http.send(request, deadline)
            if not response.is_busy:
                return self._parse(response)
            self._wait(response, lane, deadline)
        raise self.service.unavailable("throttled")

    def _parse(self, response: Response) -> JsonResponse:
        if response.is_redirect:
            raise self.service.unavailable("redirect refused")
        try:
            return JsonResponse(response.status, parse_json_object(response))
        except NotJson as error:
            raise self.service.unavailable(str(error)) from error

    def _wait(self, response: Response, lane: str, deadline: float) -> None:
        """Wait as asked, or pause the lane where that takes longer than the deadline allows."""
        retry_after = parse_retry_after(response.headers)
        if retry_after is None:
            raise self.service.unavailable(f"answer {response.status}")
        seconds = max(retry_after, MIN_WAIT)
        if self._tick() + seconds >= deadline:
            self._paused.set(lane, True, min(seconds, MAX_PAUSE))
            raise self.service.unavailable(f"answer {response.status} with Retry-After")
        self._sleep(seconds)
