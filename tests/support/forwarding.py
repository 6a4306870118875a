"""An HTTP server in front of the emulator that answers some requests itself."""

import http.server
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Of one connection (RFC 9110, 7.6.1), or made anew by the server.
NOT_FORWARDED = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
SECONDS_TO_ANSWER = 60


class ForwardingHandler(http.server.BaseHTTPRequestHandler):
    """Forwards every request to `behind`; a subclass answers those that it knows.

    behind: the address without a slash at the end.
    """

    behind = ""
    protocol_version = "HTTP/1.1"

    def answer_itself(self, body: bytes) -> bool:
        """Answer the request and return whether that was done."""
        return False

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in NOT_FORWARDED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_one_request(self) -> None:
        with suppress(ConnectionError):  # a caller that has stopped waiting
            super().handle_one_request()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.answer_itself(body):
            self._forward(body)

    def _forward(self, body: bytes) -> None:
        request = urllib.request.Request(
            self.behind + self.path,
            data=body or None,
            method=self.command,
            headers={k: v for k, v in self.headers.items() if k.lower() != "connection"},
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER) as reply:
                self.answer(reply.status, dict(reply.headers), reply.read())
        except urllib.error.HTTPError as reply:
            self.answer(reply.code, dict(reply.headers), reply.read())
        except OSError:  # the emulator has been stopped
            self.answer(502, {}, b"")

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


for _method in METHODS:
    setattr(ForwardingHandler, f"do_{_method}", ForwardingHandler._handle)


@contextmanager
def serving(
    handler: type[ForwardingHandler], context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Serve on the loopback interface and yield the address; with a context, over TLS."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        # The name in the certificate.
        yield (
            f"https://localhost:{server.server_port}"
            if context
            else f"http://127.0.0.1:{server.server_port}"
        )
    finally:
        server.shutdown()
        server.server_close()
