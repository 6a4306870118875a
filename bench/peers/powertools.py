"""AWS Lambda Powertools: its resolver for REST APIs, without its own slower validation."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Return a function as Lambda calls it."""
    app = APIGatewayRestResolver()

    @app.post("/v1/claims")
    def file() -> Response[str]:
        event = app.current_event
        headers = event.headers
        status, response_headers, body = endpoint.file(
            event.body or "", headers.get("Authorization"), headers.get("Idempotency-Key")
        )
        return Response(status_code=status, headers=response_headers, body=body)

    return lambda event, context: app.resolve(event, context)
