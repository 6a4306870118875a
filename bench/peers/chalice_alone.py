"""Chalice without the product's own layers: what the framework itself costs."""

from collections.abc import Callable
from typing import Any

from chalice.app import Chalice, Response

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Return a function as Lambda calls it."""
    app = Chalice("peer", configure_logs=False)
    app.api.binary_types = []

    @app.route("/v1/claims", methods=["POST"])
    def file() -> Response:
        request = app.current_request
        assert request
        headers = request.headers
        status, response_headers, body = endpoint.file(
            request.raw_body, headers.get("Authorization"), headers.get("Idempotency-Key")
        )
        return Response(body, response_headers, status)

    return lambda event, context: app(event, context)
