"""No framework at all: what the others are measured against."""

from collections.abc import Callable, Mapping
from typing import Any

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[Mapping[str, Any], Any], dict[str, Any]]:
    """A function as Lambda calls it."""

    def handle(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        headers = event["headers"]
        status, told, body = endpoint.file(
            event["body"], headers.get("Authorization"), headers.get("Idempotency-Key")
        )
        return {"statusCode": status, "headers": told, "body": body}

    return handle
