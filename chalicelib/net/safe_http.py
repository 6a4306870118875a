"""One HTTPS exchange with a host we chose, whatever its name resolves to and whatever it answers.

The host is one of a short list, so no text from outside decides where a request goes. Its name is
resolved once, each address is judged, and the connection goes to an address that was judged, not to
the name again: a resolver that answers differently the second time (DNS rebinding) changes nothing.
TLS is checked for the name. Nobody is followed elsewhere, nobody is listened to for longer or in
more bytes than agreed, and only JSON is an answer. Source: OWASP API Security 2023, API7 (SSRF) and
API10 (unsafe consumption); ASVS 5.0, 1.3.6 and 15.3.2.

`urllib3` and the trust store are loaded with the first request.
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

from chalicelib.net.domain_names import canonical
from chalicelib.net.http_messages import Reply, Request, is_json, parsed, retry_after
from chalicelib.net.public_addresses import Address, public, resolve
from chalicelib.net.unavailable import away

CHUNK = 65_536  # bytes
ADDRESSES = 3  # so many of a name's addresses are tried
PATH = re.compile(r"/[!\"$-\[\]-~]*")  # printable ASCII without `#` and backslash


class Limits(NamedTuple):
    """What one look may cost.

    `connect`, `read`, `budget`: seconds; the budget is for all of a look's requests.
    """

    connect: float = 2.0
    read: float = 5.0
    budget: float = 8.0
    bytes: int = 1_000_000


class Target(NamedTuple):
    """Where a request goes. `name`: what it calls the host."""

    host: str
    port: int

    @property
    def name(self) -> str:
        return self.host if self.port == 443 else f"{self.host}:{self.port}"


class Guarded:
    """HTTPS to the hosts of `addresses` (`https://host[:port]` and what follows) and to nobody
    else.

    `may_call` judges each address; it is an argument for the tests' own server and never a setting.
    `trust`: a TLS context that verifies; by default the system's.
    """

    def __init__(
        self,
        addresses: Iterable[str],
        *,
        may_call: Callable[[Address], bool] = public,
        resolve: Callable[[str, float], tuple[Address, ...]] = resolve,
        trust: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        if trust and (trust.verify_mode != ssl.CERT_REQUIRED or not trust.check_hostname):
            raise ValueError("certificates must be verified")
        self._origins = dict(map(origin, addresses))
        self._may_call = may_call
        self._resolve = resolve
        self._given_trust = trust
        self._limits = limits or Limits()
        self._tick = tick

    def deadline(self) -> float:
        """Until when a look that begins now may last, by `tick`."""
        return self._tick() + self._limits.budget

    def exchange(self, request: Request, deadline: float) -> Reply:
        """Asks once. Raises Unavailable for whatever is no proper answer."""
        from urllib3.exceptions import HTTPError

        target, path = self._target(request.url)
        try:
            with closing(self._connected(target, deadline)) as connection:
                return self._asked(connection, request, target, path, deadline)
        except (OSError, HTTPException, HTTPError) as lost:
            raise away(f"connection lost: {type(lost).__name__}") from lost

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return self._given_trust or ssl.create_default_context()

    def _target(self, url: str) -> tuple[Target, str]:
        for start, target in self._origins.items():
            path = url.removeprefix(start)
            if path != url and PATH.fullmatch(path):
                return target, path
        raise away("address not on the list")

    def _connected(self, target: Target, deadline: float) -> Any:
        """A connection to the first of the judged addresses that takes one."""
        from urllib3.connection import HTTPSConnection
        from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

        for address in self._judged(target.host, deadline):
            patience = min(self._limits.connect, self._left(deadline))
            connection = HTTPSConnection(
                str(address),
                target.port,
                timeout=patience,
                ssl_context=self._trust,
                server_hostname=target.host,
            )
            try:
                connection.connect()
            except (NewConnectionError, ConnectTimeoutError):
                continue
            except OSError:
                connection.close()
                raise
            return connection
        raise away("no connection")

    def _judged(self, host: str, deadline: float) -> tuple[Address, ...]:
        """The addresses to try.

        One that must not be called spoils them all: an honest name has none such.
        """
        addresses = self._resolve(host, min(self._limits.connect, self._left(deadline)))
        if not addresses:
            raise away("no address")
        if not all(self._may_call(address) for address in addresses):
            raise away("address refused")
        return addresses[:ADDRESSES]

    def _asked(
        self, connection: Any, request: Request, target: Target, path: str, deadline: float
    ) -> Reply:
        left = self._left(deadline)
        connection.timeout = min(self._limits.read, left)
        with _cut_off(connection.sock, left):
            connection.request(
                request.method,
                path,
                body=request.body,
                headers=request.headers(target.name),
                preload_content=False,
                decode_content=False,
            )
            with closing(connection.getresponse()) as response:
                return self._reply(response, deadline)

    def _reply(self, response: Any, deadline: float) -> Reply:
        waiting = Reply(response.status, {}, retry_after(response.headers))
        if waiting.busy:
            return waiting
        if 300 <= response.status < 400:
            raise away("redirect refused")
        if not is_json(response.headers):
            raise away(f"answer {response.status} is no JSON")
        return Reply(response.status, parsed(self._body(response, deadline)))

    def _body(self, response: Any, deadline: float) -> bytes:
        body = bytearray()
        while chunk := response.read1(CHUNK):
            body += chunk
            if len(body) > self._limits.bytes:
                raise away("answer too large")
        self._left(deadline)  # what was cut off must not pass for complete
        return bytes(body)

    def _left(self, deadline: float) -> float:
        left = deadline - self._tick()
        if left <= 0:
            raise away("out of time")
        return left


def origin(address: str) -> tuple[str, Target]:
    """How every URL at an address's host begins, and the host.

    Raises ValueError unless it is https to a name.
    """
    parts = urlsplit(address)
    host = canonical(parts.hostname or "")
    start = f"https://{host}:{parts.port}" if parts.port else f"https://{host}"
    if not address.startswith(start) or address[len(start) :][:1] not in {"", "/"}:
        raise ValueError("not an https address of a name")
    return start, Target(host, parts.port or 443)


@contextmanager
def _cut_off(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Ends whatever still goes on after so many seconds: time-outs per read do not stop a slow
    drip.
    """
    timer = Timer(seconds, _shut, (sock,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):  # already closed
        socket.socket.shutdown(
            sock, socket.SHUT_RDWR
        )  # not TLS's own: that belongs to the thread that reads
