"""Registration of a table of routes with Chalice, one view per path."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalice.app import Chalice

from chalicelib.ports import Services
from chalicelib.web.auth.jwks import published
from chalicelib.web.auth.sandbox_issuer import Issuer
from chalicelib.web.auth.tokens import Tokens
from chalicelib.web.http.gateway import Gateway, ProblemPage
from chalicelib.web.http.routing import METHODS, Route, RouteTable


def register(
    app: Chalice,
    routes: Iterable[Route],
    services: Callable[[Mapping[str, Any]], Services],
    make_tokens: Callable[[Services], Tokens] | None = None,
    problem_page: str | ProblemPage = "",
) -> None:
    """Add routes to a Chalice app.

    All seven methods of a path are registered, because a gateway answers an unregistered one
    itself, in a format of its own. The other arguments are those of `Gateway`.
    """
    # Nothing binary is sent; matching types is a quarter of Chalice's work per request.
    app.api.binary_types = []
    table = RouteTable(routes)
    gateway = Gateway(table, services, make_tokens or make_token_verifier, problem_page)
    for path in table.paths:
        name = path.strip("/").replace("/", "_")
        app.route(path, methods=list(METHODS), name=name, content_types=[])(gateway.make_view(path))
    app.register_middleware(gateway.make_middleware(app), "http")


def make_token_verifier(services: Services) -> Tokens:
    """Return what verifies callers: by the issuer's published keys, or those built into a sandbox."""
    chosen = services.settings
    if chosen.jwks_url:
        return Tokens(chosen, published(chosen.jwks_url, may_be_plain=chosen.sandbox))
    return Tokens(chosen, Issuer(chosen, services.secrets.keep).jwks)
