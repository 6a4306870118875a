"""Flask behind serverless-wsgi."""

from collections.abc import Callable
from typing import Any

import serverless_wsgi
from flask import Flask, Response, request

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Return a function as Lambda calls it."""
    app = Flask("peer")

    @app.post("/v1/claims")
    def file() -> Response:
        headers = request.headers
        status, response_headers, body = endpoint.file(
            request.get_data(), headers.get("Authorization"), headers.get("Idempotency-Key")
        )
        return Response(body, status, response_headers)

    return lambda event, context: serverless_wsgi.handle_request(app, event, context)
