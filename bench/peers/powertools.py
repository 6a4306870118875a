"""AWS Lambda Powertools: its resolver for REST APIs, without its own validation, which is its
faster way.
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """A function as Lambda calls it."""
    app = APIGatewayRestResolver()

    @app.post("/v1/claims")
    def file() -> Response[str]:
        event = app.current_event
        headers = event.headers
        status, told, body = endpoint.file(
            event.body or "", headers.get("Authorization"), headers.get("Idempotency-Key")
        )
        return Response(status_code=status, headers=told, body=body)

    return lambda event, context: app.resolve(event, context)
