"""The outbound HTTP client, safe against any address of a name and any response of a host.

A host name is resolved once, every address is checked, and the connection goes to a checked address
and not to the name again: a resolver that answers differently the second time (DNS rebinding)
changes nothing. TLS is verified for the name. Redirects are not followed; time and size are
limited. Source: OWASP API Security 2023, API7 (SSRF) and API10 (unsafe consumption); ASVS 5.0,
1.3.6 and 15.3.2.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from http.client import HTTPException
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from chalicelib.net.domain_names import parse_domain
from chalicelib.net.http_messages import Request, Response
from chalicelib.net.public_addresses import Address, is_public, resolve
from chalicelib.net.service import Service

CHUNK = 65_536  # bytes
MAX_ADDRESSES = 3  # addresses of a name that are tried
PATH = re.compile(r"/[!\"$-\[\]-~]*")  # printable ASCII without `#` and backslash
PORTS = {"https": 443, "http": 80}


class Limits(NamedTuple):
    """Limits of one lookup.

    Attributes:
        connect: seconds to resolve a name, and to connect to each address.
        read: seconds to wait for each read.
        budget: seconds for all requests of the lookup.
        size: bytes of a response body.
    """

    connect: float = 2.0
    read: float = 5.0
    budget: float = 8.0
    size: int = 1_000_000


class Policy(NamedTuple):
    """What a client may call, and how.

    Attributes:
        may_call: whether an address may be called.
        resolve: returns the addresses of a name within some seconds.
        trust: makes the TLS context; it must verify.
        limits: time and size.
        any_host: also hosts that are not domain names, such as addresses. For URLs of the operator.
        allow_http: also plain HTTP, and any host. For a sandbox only.
        truncate: a longer body is cut off instead of refused.
    """

    may_call: Callable[[Address], bool] = is_public
    resolve: Callable[[str, float], tuple[Address, ...]] = resolve
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    limits: Limits = Limits()
    any_host: bool = False
    allow_http: bool = False
    truncate: bool = False


class Origin(NamedTuple):
    """Scheme, host and port of a URL (RFC 6454)."""

    scheme: str
    host: str
    port: int

    @property
    def host_header(self) -> str:
        return self.host if self.port == PORTS[self.scheme] else f"{self.host}:{self.port}"


class HttpClient:
    """Sends requests to the origins of `urls`, or with None to any that the policy allows.

    `service` names the other side in logs and refusals.
    """

    def __init__(
        self,
        service: Service,
        urls: Iterable[str] | None,
        policy: Policy = Policy(),  # noqa: B008  # immutable
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ValueError for a URL that the policy does not allow."""
        self.service = service
        self._policy = policy
        self._tick = tick
        self._origins = None if urls is None else {self.split_url(url)[0] for url in urls}

    def deadline(self) -> float:
        """Return until when a lookup that begins now may last, by `tick`."""
        return self._tick() + self._policy.limits.budget

    def send(self, request: Request, deadline: float | None = None) -> Response:
        """Send a request once and return the response of any status; never a second request.

        Raises Unavailable when there is no complete response within the limits.
        """
        until = self.deadline() if deadline is None else deadline
        origin, path = self._require_allowed(request.url)
        try:
            with closing(self._connect(origin, until)) as connection:
                return self._exchange(connection, request, origin, path, until)
        except (OSError, HTTPException, HTTPError) as error:
            raise self.service.unavailable(f"connection lost: {type(error).__name__}") from error

    def split_url(self, url: str) -> tuple[Origin, str]:
        """Return the origin of a URL and its path with the query.

        Raises ValueError unless the URL is written in full and the policy allows its origin.
        """
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and self._policy.allow_http):
            raise ValueError("not an https URL")
        host = parts.hostname or ""
        if not (self._policy.any_host or self._policy.allow_http):
            host = parse_domain(host)
        start = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
        path = url.removeprefix(start)
        if not host or path == url or (path and not PATH.fullmatch(path)):
            raise ValueError("not a URL of a host name and a path")
        return Origin(parts.scheme, host, parts.port or PORTS[parts.scheme]), path

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        context = self._policy.trust()
        if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
            raise ValueError("certificates must be verified")
        return context

    def _require_allowed(self, url: str) -> tuple[Origin, str]:
        try:
            origin, path = self.split_url(url)
        except ValueError as error:
            raise self.service.unavailable("URL not allowed") from error
        if not path or (self._origins is not None and origin not in self._origins):
            raise self.service.unavailable("URL not allowed")
        return origin, path

    def _connect(self, origin: Origin, deadline: float) -> Any:
        """Return a connection to the first of the checked addresses that accepts one."""
        reason = "no connection"
        for address in self._addresses(origin.host, deadline):
            connection = self._connection(origin, address, deadline)
            try:
                connection.connect()
            except NewConnectionError:
                continue
            except ConnectTimeoutError:
                reason = "connect timeout"
                continue
            except OSError:
                connection.close()
                raise
            return connection
        raise self.service.unavailable(reason)

    def _connection(self, origin: Origin, address: Address, deadline: float) -> HTTPConnection:
        timeout = min(self._policy.limits.connect, self._compute_remaining(deadline))
        if origin.scheme == "http":
            return HTTPConnection(str(address), origin.port, timeout=timeout)
        return HTTPSConnection(
            str(address),
            origin.port,
            timeout=timeout,
            ssl_context=self._trust,
            server_hostname=origin.host,
        )

    def _addresses(self, host: str, deadline: float) -> tuple[Address, ...]:
        """Return the addresses to try.

        One forbidden address excludes them all: no honest name has a forbidden address.
        """
        timeout = min(self._policy.limits.connect, self._compute_remaining(deadline))
        addresses = self._policy.resolve(host, timeout)
        if not addresses:
            raise self.service.unavailable("no address")
        if not all(self._policy.may_call(address) for address in addresses):
            raise self.service.unavailable("address refused")
        return addresses[:MAX_ADDRESSES]

    def _exchange(
        self, connection: Any, request: Request, origin: Origin, path: str, deadline: float
    ) -> Response:
        remaining = self._compute_remaining(deadline)
        connection.timeout = min(self._policy.limits.read, remaining)
        with _shut_down_after(remaining, connection.sock):
            connection.request(
                request.method,
                path,
                body=request.body,
                headers=request.headers_for(origin.host_header),
                preload_content=False,
                decode_content=False,
            )
            with closing(connection.getresponse()) as answer:
                response = Response(answer.status, answer.headers)
                if response.is_redirect or response.is_busy:
                    return response
                return response._replace(body=self._read_body(answer, deadline))

    def _read_body(self, answer: Any, deadline: float) -> bytes:
        body = bytearray()
        while chunk := answer.read1(CHUNK):
            body += chunk
            if len(body) > self._policy.limits.size and self._policy.truncate:
                return bytes(body[: self._policy.limits.size])
            if len(body) > self._policy.limits.size:
                raise self.service.unavailable("answer too large")
        self._compute_remaining(
            deadline
        )  # a body that was cut off must not pass for a complete one
        return bytes(body)

    def _compute_remaining(self, deadline: float) -> float:
        seconds = deadline - self._tick()
        if seconds <= 0:
            raise self.service.unavailable("out of time")
        return seconds


@contextmanager
def _shut_down_after(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Shut a socket down after some seconds: time-outs of single reads do not stop a slow drip."""
    timer = Timer(seconds, _shut_down, (sock,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):  # already closed
        # The plain method: that of the TLS socket belongs to the thread that reads.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
