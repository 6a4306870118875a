"""The product itself: Chalice, and its own layers."""

from collections.abc import Callable
from typing import Any

from chalice.app import Chalice

from chalicelib.web.http import registration
from chalicelib.web.routes import PROBLEM_PAGE, ROUTES

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Return a function as Lambda calls it."""
    app = Chalice("cpor", configure_logs=False)
    registration.register(
        app,
        ROUTES,
        services=lambda event: endpoint.services,
        verifier=lambda services: endpoint.tokens,
        problem_page=PROBLEM_PAGE,
    )
    return lambda event, context: app(event, context)
