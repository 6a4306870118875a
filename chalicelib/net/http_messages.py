"""HTTP requests and responses of the outbound client."""

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class NotJson(ValueError):
    """The body of a response is not a JSON object."""


class Request(NamedTuple):
    """A GET, or a POST when there is a form or a content.

    Attributes:
        url: absolute, with a path.
        token: a bearer token.
        form: fields of a URL-encoded form.
        content: a JSON document as bytes, sent as it is (its signature may be in the headers).
        headers: further headers.
    """

    url: str
    token: str = ""
    form: Mapping[str, str] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = {}

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"

    @property
    def body(self) -> bytes | None:
        return urlencode(self.form).encode() if self.form else self.content

    def headers_for(self, host: str) -> dict[str, str]:
        """Return all headers. Compression is not accepted, so the size limit holds."""
        headers = {
            "Host": host,
            "Accept": JSON,
            "Accept-Encoding": "identity",
            "User-Agent": "cpor",
            "Connection": "close",
        }
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.body is not None:
            headers["Content-Type"] = FORM if self.form else JSON
        return headers | dict(self.headers)


class Response(NamedTuple):
    """A response. `body` is not read (empty) for redirects, 429 and 5xx."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""

    @property
    def is_busy(self) -> bool:
        """Whether the host asks to retry later."""
        return self.status == 429 or self.status >= 500

    @property
    def is_redirect(self) -> bool:
        return 300 <= self.status < 400


def parse_json_object(response: Response) -> dict[str, Any]:
    """Return the JSON object in a response. Raises NotJson for anything else, however deep."""
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise NotJson(f"answer {response.status} is not JSON")
    try:
        value = json.loads(response.body.decode())
    except (ValueError, RecursionError) as error:
        raise NotJson("invalid JSON") from error
    if not isinstance(value, dict):
        raise NotJson("JSON is not an object")
    return value


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, given as a number or as a date (RFC 9110, 10.2.3), or None.

    A date is compared with the host's own clock: ours may be a test's.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    until, since = _parse_date(value), _parse_date(headers.get("Date", ""))
    return max((until - since).total_seconds(), 0.0) if until and since else None


def _parse_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the host may write any number
        return None
    return date if date.tzinfo else None
