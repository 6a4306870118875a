"""The product itself: Chalice, and its own edge."""

from collections.abc import Callable
from typing import Any

from chalice.app import Chalice

import app as ways_in
from chalicelib.web import http, routes_customer

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """A function as Lambda calls it."""
    app = Chalice("cpor", configure_logs=False)
    http.register(
        app,
        *ways_in.ROUTES,
        world=lambda event: endpoint.world,
        tokens=lambda world: endpoint.tokens,
        problem_page=routes_customer.problem_page,
    )
    return lambda event, context: app(event, context)
