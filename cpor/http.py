"""The service's API as a partner's program calls it: with retries, and nothing is filed twice."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from cpor.errors import CommandError

ATTEMPTS = 6
MAX_WAIT = 60.0  # seconds, even if Retry-After is longer
TIMEOUT = 30  # seconds
RETRY_STATUSES = frozenset({429, 502, 503, 504})
UPLOADED = frozenset({200, 201, 204})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Api:
    """One partner's access to the service at `base`. `pause` waits for some seconds."""

    def __init__(self, base: str, token: str, pause: Callable[[float], None] = time.sleep) -> None:
        """Raises CommandError for an address or a token that cannot be used."""
        _check_base(base)
        if not token or not token.isprintable() or " " in token:
            raise CommandError(
                "Give a token: --token - reads it from standard input (or CPOR_TOKEN)."
            )
        self._base, self._pause = base.rstrip("/"), pause
        self._session = requests.Session()
        self._session.headers.update(
            {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        )

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        key: str = "",
        query: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Make a call, and repeat it while that helps.

        With an idempotency key a repetition is harmless. Raises CommandError when the service does
        not answer, or not to this caller.
        """
        headers = {"Idempotency-Key": key} if key else {}
        for attempt in range(ATTEMPTS):
            is_last = attempt + 1 == ATTEMPTS
            try:
                response = self._session.request(
                    method,
                    self._base + path,
                    json=body,
                    headers=headers,
                    params=query,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                if is_last:
                    raise self._unreachable(error) from error
                self._pause(2.0**attempt)
                continue
            if is_last or not _should_retry(response):
                return _require_success(response)
            self._pause(_wait_seconds(response, attempt))
        raise AssertionError("the last attempt returns or raises")

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Yield everything in a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            response = self.call("GET", path, query={**query, **cursor})
            if response.status_code != 200:
                codes = ", ".join(error_codes(response))
                raise CommandError(f"The service answers {response.status_code}: {codes}")
            page = response.json()
            yield from page["data"]
            if not page.get("next"):
                return
            cursor = {"cursor": page["next"]}

    def upload(self, url: str, fields: Mapping[str, str], content: bytes) -> bool:
        """Upload a file where the service said, without the token. Return whether it is there."""
        for attempt in range(ATTEMPTS):
            try:
                response = requests.post(url, data=fields, files={"file": content}, timeout=TIMEOUT)
            except requests.RequestException:
                self._pause(2.0**attempt)
            else:
                return response.status_code in UPLOADED
        return False

    def _unreachable(self, error: Exception) -> CommandError:
        reason = type(error).__name__
        return CommandError(f"{self._base} cannot be reached: {reason}. Run it again to continue.")


def error_codes(response: requests.Response) -> tuple[str, ...]:
    """Return the codes of a refusal: those of its findings, else its own, else its status."""
    problem = parse_problem(response)
    codes = [
        str(error["code"])
        for error in problem.get("errors", [])
        if isinstance(error, dict) and error.get("code")
    ]
    fallback = str(problem.get("code") or f"http_{response.status_code}")
    return tuple(dict.fromkeys(codes)) or (fallback,)


def parse_problem(response: requests.Response) -> dict[str, Any]:
    """Return the body of a refusal; empty when it is not a JSON object."""
    try:
        problem = response.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _check_base(base: str) -> None:
    """Raise CommandError unless a token may be sent to this address."""
    parts = urlsplit(base)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise CommandError("Give the service's address: --url https://… (or CPOR_URL).")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise CommandError(
            "The address must begin with https://: over http:// the token could be read on its way."
        )


def _should_retry(response: requests.Response) -> bool:
    in_progress = response.status_code == 409 and "idempotency_in_progress" in error_codes(response)
    return in_progress or response.status_code in RETRY_STATUSES


def _wait_seconds(response: requests.Response, attempt: int) -> float:
    value = response.headers.get("Retry-After", "")
    return min(float(value) if value.isdigit() else 2.0**attempt, MAX_WAIT)


def _require_success(response: requests.Response) -> requests.Response:
    if response.status_code == 401:
        codes = ", ".join(error_codes(response))
        raise CommandError(f"The service does not accept the token: {codes}.")
    if 300 <= response.status_code < 400:
        location = response.headers.get("Location", "")
        raise CommandError(
            f"The service is not at this address: it answers {response.status_code} {location}"
        )
    return response
