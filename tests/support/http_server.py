"""The service in this process behind a real HTTP server, for what speaks HTTP: curl, receivers."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from chalice.app import Chalice

from chalicelib.web.http.registration import register
from chalicelib.web.routes import PROBLEM_PAGE, ROUTES
from tests.support.api_gateway import event, send
from tests.support.in_process import in_process
from tests.support.service import Service


@contextmanager
def serve() -> Iterator[tuple[Service, str]]:
    """Serve on a free port; return the service and its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    settings = {"public_base_url": base, "oidc_issuer": f"{base}/sandbox/issuer"}
    with in_process(**settings) as service:
        app = Chalice("cpor", configure_logs=False)
        register(app, ROUTES, services=lambda _: service.services, problem_page=PROBLEM_PAGE)
        _Handler.app = app
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield service, base
        finally:
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Gives each request to the app as an event of the gateway."""

    app: Any

    def _serve(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size) if size else None
        asked = event(self.app, self.command, self.path, dict(self.headers), body)
        answer = send(self.app, asked)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        content = answer.body.encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # names of the base class

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""
