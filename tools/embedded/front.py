"""The one address people use: passes everything on to the deployed API, with the limits API Gateway
has on AWS.

The emulator answers some paths itself (`/health`, `/login`, …) and enforces neither sizes nor
time-outs, so the front asks for the API by its full path and keeps to AWS's limits. It listens on
the loopback interface only, and answers to this machine's names only, so that a web page elsewhere
cannot reach it through a name of its own that points here.
"""

import http.client
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tools.embedded import bodies
from tools.embedded.bodies import Refused

LARGEST_HEADERS = 10_240  # bytes, all together
LONGEST_ADDRESS = 8_192
SECONDS_FOR_THE_API = 29.0
SECONDS_FOR_THE_CALLER = 30.0
MOST_LEFT_OVER = (
    64_000_000  # bytes still read of a request that was refused, so that its sender sees the answer
)
HEALTH = "/v1/health"
FUNCTION_FAILED = (502, 504)
# Of one connection only, or said by the front itself.
NOT_PASSED_ON = {
    "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection", "expect",
    "content-length", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "server",
}  # fmt: skip

Answer = tuple[int, list[tuple[str, str]], bytes]


class Front(ThreadingHTTPServer):
    """Listens from the start, so that a port that is taken is known at once; answers 503 until
    `open_to` is called.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Passing)
        self.port: int = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.names = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        self.upstream: tuple[str, str] | None = None
        self.ready = False
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def open_to(self, endpoint: str, api_path: str) -> None:
        """From now on everything goes to the API under `api_path` of `endpoint`."""
        self.upstream = (urlsplit(endpoint).netloc, api_path)

    def close(self) -> None:
        """Stops listening."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is nothing to talk about; everything else is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS_FOR_THE_CALLER
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together
    server: Front

    def _answer(self) -> None:
        try:
            self._check()
            self._send(*self._answered())
        except Refused as refused:
            self._refuse(refused)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer

    def _check(self) -> None:
        if self.headers.get("Host", "").lower() not in self.server.names:
            raise Refused(421, "wrong_host", f"This service answers at {self.server.url} only.")
        if not self.path.startswith("/"):
            raise Refused(400, "malformed", "Only a path can be asked for.")
        if len(self.path) > LONGEST_ADDRESS:
            raise Refused(
                414, "address_too_long", f"The address is longer than {LONGEST_ADDRESS} bytes."
            )
        if sum(len(name) + len(value) for name, value in self.headers.items()) > LARGEST_HEADERS:
            raise Refused(
                431,
                "headers_too_large",
                f"The headers have more than {LARGEST_HEADERS} bytes together.",
            )

    def _answered(self) -> Answer:
        if self.path == "/health":
            return self._health()
        if (
            self.headers["Host"].startswith("localhost")
            and self.headers.get("Sec-Fetch-Mode") == "navigate"
        ):
            # A browser keeps cookies and uploads to one name, and every link we make has the other
            # one.
            return 307, [("Location", self.server.url + self.path)], b""
        return self._passed_on()

    def _health(self) -> Answer:
        if not self.server.ready:
            raise Refused(503, "starting", "The service is still starting.")
        status, _, _ = self._asked("GET", HEALTH, {}, None)
        if status != 200:
            raise Refused(503, "unhealthy", f"The deployed API answers {status} at {HEALTH}.")
        return 200, [("Content-Type", "application/json")], b'{"status":"ok"}'

    def _passed_on(self) -> Answer:
        body = bodies.read(self.headers, self.rfile)
        status, headers, data = self._asked(self.command, self.path, self._headers(), body)
        if status in FUNCTION_FAILED:
            print(
                f"{self.command} {_start_of(self.path)}: {data[:2000].decode(errors='replace')}",
                file=sys.stderr,
            )
            raise Refused(
                503,
                "unavailable",
                "The function failed; its last words are where `make run` was started.",
            )
        return status, headers, data

    def _headers(self) -> dict[str, str]:
        """As API Gateway passes them on: one value for each name, and who asked as the gateway saw
        it.
        """
        joined: dict[str, str] = {}
        for name, value in self.headers.items():
            if name.lower() not in NOT_PASSED_ON:
                joined[name] = f"{joined[name]},{value}" if name in joined else value
        here = {
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Port": str(self.server.port),
        }
        return joined | here

    def _asked(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        if self.server.upstream is None:
            raise Refused(503, "starting", "The service is still starting.")
        host, before = self.server.upstream
        connection = http.client.HTTPConnection(host, timeout=SECONDS_FOR_THE_API)
        try:
            connection.request(
                method, before + path, body, {"Host": f"127.0.0.1:{self.server.port}"} | headers
            )
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except TimeoutError as late:
            raise Refused(
                503, "unavailable", f"No answer within {SECONDS_FOR_THE_API:.0f} seconds."
            ) from late
        except (OSError, http.client.HTTPException) as gone:
            raise Refused(503, "unavailable", "The emulator does not answer.") from gone
        finally:
            connection.close()

    def _refuse(self, refused: Refused) -> None:
        self.close_connection = True
        title = refused.code.replace("_", " ").capitalize()
        problem = {
            "type": "about:blank",
            "title": title,
            "status": refused.status,
            "code": refused.code,
        }
        later = [("Retry-After", "1")] if refused.status == 503 else []
        body = json.dumps(problem | {"detail": refused.detail}).encode()
        self._send(refused.status, [("Content-Type", "application/problem+json"), *later], body)
        self._let_finish()

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)
        self.wfile.flush()

    def _let_finish(self) -> None:
        """Reads on for a moment: closing at once would take the answer away from a caller who is
        still sending.
        """
        self.connection.settimeout(0.2)
        left = MOST_LEFT_OVER
        try:
            while left > 0 and (data := self.rfile.read1(65_536)):
                left -= len(data)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: paths hold customers' links, and the functions keep their own log."""


def _start_of(path: str) -> str:
    """The first part of a path; what follows may be a secret."""
    return "/".join(path.split("?")[0].split("/")[:2])
