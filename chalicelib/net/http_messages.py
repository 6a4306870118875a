"""What is asked of a host and what counts as its answer."""

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from chalicelib.net.unavailable import away


class Request(NamedTuple):
    """A GET, or a POST when there is a form. `token`: a bearer token."""

    url: str
    token: str = ""
    form: Mapping[str, str] | None = None

    @property
    def method(self) -> str:
        return "POST" if self.form else "GET"

    @property
    def body(self) -> str | None:
        return urlencode(self.form) if self.form else None

    def headers(self, host: str) -> dict[str, str]:
        """Nothing compressed is asked for, so the limit on bytes is one on what they may grow to."""
        named = {
            "Host": host,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "cpor",
            "Connection": "close",
        }
        if self.token:
            named["Authorization"] = f"Bearer {self.token}"
        if self.form:
            named["Content-Type"] = "application/x-www-form-urlencoded"
        return named


class Reply(NamedTuple):
    """An answer.

    `body` is empty for 429 and 5xx; `retry_after`: seconds, where the host asked to wait.
    """

    status: int
    body: dict[str, Any]
    retry_after: float | None = None

    @property
    def busy(self) -> bool:
        return self.status == 429 or self.status >= 500


def parsed(body: bytes) -> dict[str, Any]:
    """A JSON object. Raises Unavailable for anything else, however deep."""
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError) as broken:
        raise away("broken JSON") from broken
    if not isinstance(value, dict):
        raise away("JSON is no object")
    return value


def is_json(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/json"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, told as a number or as a date (RFC 9110, 10.2.3); None when not told.

    A date is held against the host's own clock: ours may be a test's.
    """
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit() and len(told) < 10:
        return float(told)
    until, since = _date(told), _date(headers.get("Date", ""))
    return max((until - since).total_seconds(), 0.0) if until and since else None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
