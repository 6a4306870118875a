"""Registration of a table of routes with Chalice, one view per path."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalice.app import Chalice

from chalicelib.ports import Services
from chalicelib.web.http.gateway import REST_NAME, Gateway, MakeVerifier, ProblemPage
from chalicelib.web.http.routing import METHODS, Route, RouteTable

# Every other path: a response of API Gateway's own has one Content-Type, so no page for a browser.
REST = f"/{{{REST_NAME}+}}"


def register(
    app: Chalice,
    routes: Iterable[Route],
    services: Callable[[Mapping[str, Any]], Services],
    verifier: str | MakeVerifier = "auth.verification:make_verifier",
    problem_page: str | ProblemPage = "",
) -> None:
    """Add routes to a Chalice app; the other arguments are those of `Gateway`.

    All seven methods of a path are registered, because a gateway answers an unregistered one
    itself, in a format of its own.
    """
    # Nothing binary is sent; matching types is a quarter of Chalice's work per request.
    app.api.binary_types = []
    table = RouteTable(routes)
    gateway = Gateway(table, services, verifier, problem_page)
    for path in table.paths:
        name = path.strip("/").replace("/", "_")
        app.route(path, methods=list(METHODS), name=name, content_types=[])(gateway.make_view(path))
    app.route(REST, methods=list(METHODS), name="rest", content_types=[])(gateway.refuse_path)
    app.register_middleware(gateway.make_middleware(app), "http")
