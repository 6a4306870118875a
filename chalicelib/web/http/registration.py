"""The interface of the web for route files: declare routes, receive a `Call`, give an `Answer`.

`register` adds every route to Chalice, one view per path. Nothing else in the house knows of HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from chalice.app import Chalice

from chalicelib.web.auth.jwks import remote_keys
from chalicelib.web.auth.sandbox_issuer import Issuer, Keep
from chalicelib.web.auth.tokens import Tokens
from chalicelib.web.http import openapi
from chalicelib.web.http.call import (
    PARTNER,
    PROGRAMME,
    Answer,
    Call,
    Caller,
    Day,
    Idempotency,
    Moment,
)
from chalicelib.web.http.gateway import Edge, ProblemPage
from chalicelib.web.http.routing import METHODS, Route, Routes, by_path

if TYPE_CHECKING:
    from chalicelib.ports import Services

__all__ = [
    "PARTNER", "PROGRAMME", "Answer", "Call", "Caller", "Day", "Idempotency", "Moment", "Route", "Routes",
    "register", "tokens_of",
]  # fmt: skip


def register(
    app: Chalice,
    *routes: Routes,
    services: Callable[[Mapping[str, Any]], Services],
    tokens: Callable[[Services], Tokens] | None = None,
    problem_page: ProblemPage | None = None,
) -> None:
    """Adds the routes, and `/openapi.json`, to a Chalice app.

    `world`: the world for a gateway's event. `tokens`: what verifies callers in a world
    (`tokens_of`). `problem_page`: HTML for (problem, language) where a route of kind `page`
    refuses; without it those get JSON, too.
    """
    # nothing binary passes; matching types is a quarter of Chalice's work per request
    app.api.binary_types = []
    records = [record for some in routes for record in some.records]
    edge = Edge(services, tokens or tokens_of, problem_page)
    contract = Route(
        "GET",
        openapi.PATH,
        openapi.handler(records),
        answers=dict[str, Any],
        summary=openapi.SUMMARY,
    )
    records.append(contract)
    for path, methods in by_path(records).items():
        name = path.strip("/").replace("/", "_")
        app.route(path, methods=list(METHODS), name=name, content_types=[])(edge.view(methods))
    app.register_middleware(edge.middleware(app), "http")


def tokens_of(services: Services) -> Tokens:
    """What verifies callers in this world: the published keys of its issuer, or those built into a
    sandbox.

    The sandbox's key is kept by `world.secrets.keep(name, make)`.
    """
    if services.settings.jwks_url:
        return Tokens(
            services.settings,
            remote_keys(services.settings.jwks_url, services.settings.sandbox),
        )
    keep = cast(Keep, getattr(services.secrets, "keep", None))
    return Tokens(services.settings, Issuer(services.settings, keep).jwks)
