"""Posts to the addresses that partners name, as `safe_http` allows it, and says why one failed.

A receiver is an `https` address on port 443 or 8443 whose host has a name; a sandbox on this
machine also posts to `http://127.0.0.1`. Addresses are checked when a request is made, so a name
that has moved into a private network is refused then.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from urllib3.exceptions import TimeoutError as HttpTimeout

from chalicelib.domain.refusals import Unavailable
from chalicelib.domain.webhook_delivery import MAX_ANSWER, Answer, judge_status
from chalicelib.net.http_messages import Request, Response, parse_retry_after
from chalicelib.net.public_addresses import Address
from chalicelib.net.safe_http import HttpClient, Limits, Policy
from chalicelib.net.service import Service

LIMITS = Limits(connect=3.0, read=15.0, budget=18.0, size=4096)  # integration.md, 3
PORTS = frozenset({443, 8443})
AGENT = "cpor-webhooks/1"
MAX_URL = 2_000  # characters
SERVICE = Service("webhook receiver", "unavailable")
LOCAL = "http://127.0.0.1"
# Statuses with which a receiver may send `Retry-After`.
MAY_WAIT = frozenset({429, 502, 503, 504})
# The reasons of `safe_http`, as the contract names them.
REASON_OF = {
    "URL not allowed": "url_refused",
    "address refused": "address_refused",
    "no address": "name_not_found",
    "no connection": "connect_failed",
    "connect timeout": "connect_timeout",
    "out of time": "answer_timeout",
}
# Errors of OpenSSL (x509_vfy.h): certificate has expired, host name mismatch.
EXPIRED, OTHER_NAME = 10, 62


class Outgoing(Protocol):
    """The posted request (`ports.WebhookRequest`)."""

    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class HttpWebhookSender:
    """`ports.WebhookSender` over HTTP. local: whether requests to this machine are allowed."""

    def __init__(
        self,
        local: bool = False,
        policy: Policy = Policy(limits=LIMITS, truncate=True),  # noqa: B008  # immutable
        ports: frozenset[int] = PORTS,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tick = tick
        self._ports = ports
        self._public = HttpClient(SERVICE, None, policy, tick)
        own = policy._replace(may_call=_is_this_machine, allow_http=True, any_host=True)
        self._own = HttpClient(SERVICE, None, own, tick) if local else None

    def find_fault(self, url: str) -> str | None:
        """Return why an address cannot be a receiver's; None for a valid one."""
        try:
            parts = urlsplit(url)
            if len(url) > MAX_URL or parts.username is not None or not parts.path:
                return "url_refused"
            client = self._choose(url)
            client.split_url(url)
            is_own = client is self._own
            return None if is_own or (parts.port or 443) in self._ports else "url_refused"
        except ValueError:
            return "url_refused"

    def send(self, request: Outgoing) -> Answer:
        """Post once."""
        began = self._tick()
        answer = self._send(request)
        return answer._replace(ms=round((self._tick() - began) * 1000))

    def _send(self, request: Outgoing) -> Answer:
        if fault := self.find_fault(request.url):
            return Answer(reason=fault)
        headers = {"User-Agent": AGENT, **request.headers}
        try:
            response = self._choose(request.url).send(
                Request(request.url, content=request.body, headers=headers)
            )
        except Unavailable as error:
            return Answer(reason=_find_reason(error))
        return _read(response)

    def _choose(self, url: str) -> HttpClient:
        is_own = url.startswith((f"{LOCAL}/", f"{LOCAL}:"))
        return self._own if self._own and is_own else self._public


def _is_this_machine(address: Address) -> bool:
    return address == ip_address("127.0.0.1")


def _read(response: Response) -> Answer:
    wait = parse_retry_after(response.headers) if response.status in MAY_WAIT else None
    text = response.body[:MAX_ANSWER].decode(errors="replace")
    return Answer(response.status, judge_status(response.status), text=text, retry_after=wait)


def _find_reason(error: Unavailable) -> str:
    """Return the reason of a request without an answer, by what was raised and by its cause."""
    cause: BaseException | None = error.__cause__
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            codes = {EXPIRED: "tls_expired", OTHER_NAME: "tls_name"}
            return codes.get(cause.verify_code, "tls_failed")
        if isinstance(cause, ssl.SSLError):
            return "tls_failed"
        if isinstance(cause, TimeoutError | HttpTimeout):
            return "answer_timeout"
        cause = cause.__cause__ or cause.__context__
    return REASON_OF.get(error.reason, "connection_lost")
