"""No framework at all: the others are compared with this."""

from collections.abc import Callable, Mapping
from typing import Any

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[Mapping[str, Any], Any], dict[str, Any]]:
    """Return a function as Lambda calls it."""

    def handle(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        headers = event["headers"]
        status, response_headers, body = endpoint.file(
            event["body"], headers.get("Authorization"), headers.get("Idempotency-Key")
        )
        return {"statusCode": status, "headers": response_headers, "body": body}

    return handle
