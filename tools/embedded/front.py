"""The address of the embedded service: passes requests on to the deployed API within AWS's limits.

The emulator answers some paths itself (`/health`, `/login`, …) and enforces neither sizes nor
timeouts. So the front calls the API by its full path and enforces the limits of API Gateway. It
listens on the loopback interface only and accepts only this machine's names as Host, so that a web
page elsewhere cannot reach it through a name that resolves to this machine.
"""

import gzip
import http.client
import json
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from chalicelib.runtime.settings import Settings
from tools.embedded.bodies import HttpError, read_body

LARGEST_HEADERS = 10_240  # bytes, all together
LONGEST_ADDRESS = 8_192
LEAST_COMPRESSED = 1_024  # bytes, as in infra/api.yaml
SECONDS_FOR_THE_API = 29.0
SECONDS_FOR_THE_CALLER = 30.0
# Bytes that are still read of a refused request, so that its sender gets to read the answer.
LARGEST_REST = 64_000_000
HEALTH = "/v1/health"
FUNCTION_FAILED = (502, 504)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TOO_LONG = HttpError(
    414, "address_too_long", f"The address is longer than {LONGEST_ADDRESS} bytes."
)
TOO_MANY_HEADERS = HttpError(
    431, "headers_too_large", f"The headers have more than {LARGEST_HEADERS} bytes together."
)
NOT_HTTP = HttpError(400, "malformed", "This is not an HTTP/1.0 or HTTP/1.1 request.")
# What the standard library refuses, as the service refuses it.
REFUSALS = {
    414: TOO_LONG,
    431: TOO_MANY_HEADERS,
    501: HttpError(405, "method_not_allowed", f"The methods are {', '.join(METHODS)}."),
}
# Headers of one connection, and those that the front sets itself.
NOT_FORWARDED = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "proxy-connection",
    "expect",
    "content-length",
    "host",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-port",
    "server",
}

Answer = tuple[int, list[tuple[str, str]], bytes]


class Front(ThreadingHTTPServer):
    """The server. It listens from the start, so that a port in use is an error at once, and answers
    503 until `open_to` is called.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.port: int = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.names = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        self.upstream: tuple[str, str] | None = None
        self.ready = False
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def open_to(self, endpoint: str, api_path: str) -> None:
        """Pass requests on to the API under `api_path` of `endpoint` from now on."""
        self.upstream = (urlsplit(endpoint).netloc, api_path)

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print errors, except that a caller closed its connection."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS_FOR_THE_CALLER
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body are sent together
    server: Front

    def _handle(self) -> None:
        try:
            self._check()
            self._send(*self._answer())
        except HttpError as error:
            self._refuse(error)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _handle

    def _check(self) -> None:
        if self.headers.get("Host", "").lower() not in self.server.names:
            raise HttpError(421, "wrong_host", f"This service answers at {self.server.url} only.")
        if not self.path.startswith("/"):
            raise HttpError(400, "malformed", "The address must be a path.")
        if len(self.path) > LONGEST_ADDRESS:
            raise TOO_LONG
        if sum(len(name) + len(value) for name, value in self.headers.items()) > LARGEST_HEADERS:
            raise TOO_MANY_HEADERS

    def _answer(self) -> Answer:
        if self.path == "/health":
            return self._health()
        is_localhost = self.headers["Host"].startswith("localhost")
        if is_localhost and self.headers.get("Sec-Fetch-Mode") == "navigate":
            # Browsers keep cookies and uploads per name, and every link has the other name.
            return 307, [("Location", self.server.url + self.path)], b""
        return self._forward()

    def _health(self) -> Answer:
        if not self.server.ready:
            raise HttpError(503, "starting", "The service is still starting.")
        status, _, _ = self._call("GET", HEALTH, {}, None)
        if status != 200:
            raise HttpError(503, "unhealthy", f"The deployed API answers {status} at {HEALTH}.")
        return 200, [("Content-Type", "application/json")], b'{"status":"ok"}'

    def _forward(self) -> Answer:
        body = read_body(self.headers, self.rfile)
        status, headers, data = self._call(self.command, self.path, self._forward_headers(), body)
        if status in FUNCTION_FAILED:
            text = data[:2000].decode(errors="replace")
            print(f"{self.command} {_first_segment(self.path)}: {text}", file=sys.stderr)
            detail = "The function failed; the reason is where `make run` was started."
            raise HttpError(503, "unavailable", detail)
        if status >= 400 and not data and self.command != "HEAD":
            raise HttpError(status, "malformed", "The emulator refuses this without a reason.")
        if len(data) >= LEAST_COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", ""):
            return status, [*headers, ("Content-Encoding", "gzip")], gzip.compress(data)
        return status, headers, data

    def _forward_headers(self) -> dict[str, str]:
        """Return the headers as API Gateway passes them on.

        A repeated header becomes one; names are compared without regard to case (RFC 9110, 5.1).
        """
        forwarded: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.title()
            if name.lower() not in NOT_FORWARDED:
                forwarded[key] = f"{forwarded[key]},{value}" if key in forwarded else value
        return forwarded | {
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Port": str(self.server.port),
        }

    def _call(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        if self.server.upstream is None:
            raise HttpError(503, "starting", "The service is still starting.")
        host, prefix = self.server.upstream
        connection = http.client.HTTPConnection(host, timeout=SECONDS_FOR_THE_API)
        headers = {"Host": f"127.0.0.1:{self.server.port}"} | headers
        try:
            connection.request(method, prefix + path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except TimeoutError as error:
            detail = f"No answer within {SECONDS_FOR_THE_API:.0f} seconds."
            raise HttpError(503, "unavailable", detail) from error
        except (OSError, http.client.HTTPException) as error:
            raise HttpError(503, "unavailable", "The emulator does not answer.") from error
        finally:
            connection.close()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what the standard library refuses in the form of the application's problems."""
        self.request_version = self.protocol_version  # of the answer; theirs may be none
        self._refuse(REFUSALS.get(code, NOT_HTTP))

    def _refuse(self, error: HttpError) -> None:
        self.close_connection = True
        request_id = uuid.uuid4().hex
        problem = {
            "type": f"{self.server.url}/docs/errors#{error.code}",
            "title": error.code.replace("_", " ").capitalize(),
            "status": error.status,
            "code": error.code,
            "detail": error.detail,
            "request_id": request_id,
            "support": Settings().support_url,
        }
        print(
            f"{self.command or ''} {_first_segment(getattr(self, 'path', ''))}: "
            f"{error.status} {error.code} {error.detail}",
            file=sys.stderr,
        )
        headers = [("Content-Type", "application/problem+json"), ("X-Request-Id", request_id)]
        if error.status == 503:
            headers.append(("Retry-After", "1"))
        if error.status == 405:
            headers.append(("Allow", ", ".join(METHODS)))
        self._send(error.status, headers, json.dumps(problem).encode())
        self._read_rest()

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in NOT_FORWARDED:
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)
        self.wfile.flush()

    def _read_rest(self) -> None:
        """Read on for a moment: a caller that is still sending would lose the answer if the
        connection was closed at once.
        """
        self.connection.settimeout(0.2)
        rest = LARGEST_REST
        try:
            while rest > 0 and (data := self.rfile.read1(65_536)):
                rest -= len(data)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: paths contain customers' links, and the functions have their own log."""


def _first_segment(path: str) -> str:
    """Return the first segment of a path, at most 60 characters; the rest may be a secret."""
    return "/".join(path.split("?")[0].split("/")[:2])[:60]
