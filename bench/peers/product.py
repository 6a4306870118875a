"""The product itself: Chalice, and its own edge."""

from collections.abc import Callable
from typing import Any

from chalice.app import Chalice

import app as ways_in
from chalicelib.web.http import registration

from .endpoint import Endpoint


def handler(endpoint: Endpoint) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """A function as Lambda calls it."""
    app = Chalice("cpor", configure_logs=False)
    registration.register(
        app,
        *ways_in.ROUTES,
        services=lambda event: endpoint.services,
        tokens=lambda services: endpoint.tokens,
        problem_page=ways_in.customer.problem_page,
    )
    return lambda event, context: app(event, context)
