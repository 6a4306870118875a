"""FastAPI behind Mangum.

The body is validated from its bytes, which is faster than FastAPI's own two steps.
"""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from mangum import Mangum

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Return a function as Lambda calls it."""
    app = FastAPI()

    @app.post("/v1/claims")
    async def file(request: Request) -> Response:
        headers = request.headers
        status, response_headers, body = endpoint.file(
            await request.body(), headers.get("authorization"), headers.get("idempotency-key")
        )
        return Response(body, status, response_headers)

    adapted = Mangum(app, lifespan="off", api_gateway_base_path="/api")
    return lambda event, context: adapted(event, context)
