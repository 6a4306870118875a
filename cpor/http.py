"""The service over HTTP, as a partner's machine speaks to it: patient where waiting helps, and
never twice the same thing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests

from cpor.exit_codes import Unusable

TRIES = 6
LONGEST_WAIT = 60.0  # seconds, whatever Retry-After says
SECONDS = 30
LATER = frozenset({429, 502, 503, 504})


class Api:
    """One partner's access. `pause` waits for some seconds."""

    def __init__(self, base: str, token: str, pause: Callable[[float], None] = time.sleep) -> None:
        if not base.startswith(("https://", "http://")):
            raise Unusable("Say where the service is: --url https://… (or CPOR_URL).")
        if not token or not token.isprintable() or " " in token:
            raise Unusable("Give a token: --token - reads it from standard input (or CPOR_TOKEN).")
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
        """One call, made again while waiting helps; with an idempotency key a repetition is
        harmless. Raises Unusable when nobody answers, or not to this caller.
        """
        headers = {"Idempotency-Key": key} if key else {}
        for attempt in range(TRIES):
            try:
                answer = self._session.request(
                    method,
                    self._base + path,
                    json=body,
                    headers=headers,
                    params=query,
                    timeout=SECONDS,
                    allow_redirects=False,
                )
            except requests.RequestException as away:
                if attempt + 1 == TRIES:
                    raise Unusable(
                        f"{self._base} cannot be reached: {type(away).__name__}. Run it again to go on."
                    ) from away
                self._pause(2.0**attempt)
                continue
            if not _later(answer) or attempt + 1 == TRIES:
                return _allowed(answer)
            self._pause(_wait(answer, attempt))
        raise AssertionError("the last try answers or raises")

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Everything of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            answer = self.call("GET", path, query={**query, **cursor})
            if answer.status_code != 200:
                raise Unusable(
                    f"The service answers {answer.status_code}: {', '.join(codes(answer))}"
                )
            told = answer.json()
            yield from told["data"]
            if not told.get("next"):
                return
            cursor = {"cursor": told["next"]}

    def upload(self, url: str, fields: Mapping[str, str], content: bytes) -> bool:
        """Puts a file where the service said, without our token. Answers whether it is there."""
        for attempt in range(TRIES):
            try:
                return requests.post(
                    url, data=fields, files={"file": content}, timeout=SECONDS
                ).status_code in {
                    200,
                    201,
                    204,
                }
            except requests.RequestException:
                self._pause(2.0**attempt)
        return False


def codes(answer: requests.Response) -> tuple[str, ...]:
    """The codes of a refusal: those of its findings, else its own, else its status."""
    told = problem(answer)
    found = [
        str(one["code"])
        for one in told.get("errors", [])
        if isinstance(one, dict) and one.get("code")
    ]
    return tuple(dict.fromkeys(found)) or (str(told.get("code") or f"http_{answer.status_code}"),)


def problem(answer: requests.Response) -> dict[str, Any]:
    """The body of a refusal; nothing when it is no JSON."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _later(answer: requests.Response) -> bool:
    return answer.status_code in LATER or (
        answer.status_code == 409 and "idempotency_in_progress" in codes(answer)
    )


def _wait(answer: requests.Response, attempt: int) -> float:
    told = answer.headers.get("Retry-After", "")
    return min(float(told) if told.isdigit() else 2.0**attempt, LONGEST_WAIT)


def _allowed(answer: requests.Response) -> requests.Response:
    if answer.status_code == 401:
        raise Unusable(f"The service does not accept the token: {', '.join(codes(answer))}.")
    if 300 <= answer.status_code < 400:
        raise Unusable(
            f"The service is not at that address: it answers {answer.status_code} {answer.headers.get('Location', '')}"
        )
    return answer
