"""The route record: what a method of a path takes and gives, who may call it, and what handles it.

The gateway serves routes, the OpenAPI document describes them, and a page can run one in process.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args, get_type_hints

from pydantic import BaseModel

from chalicelib.runtime.lazy_import import load
from chalicelib.web.http.answer import Answer

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
Kind = Literal["api", "page", "webhook", "sandbox"]
Handler = Callable[..., Answer[Any]]
_VARIABLE = re.compile(r"{(\w+)\+?}")  # `{page+}` takes the rest of the path


@dataclass(frozen=True)
class Endpoint:
    """A handler, with the models that its signature names.

    Attributes:
        function: takes the `Call`, and `body` and `query` where it has parameters of these names.
        body: the model that a body is validated by; None: the route has no body.
        query: the model that a query is validated by; None: the route has no query.
        response: the type of the response's body.
    """

    function: Handler
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    response: Any


@dataclass(frozen=True)
class Operation:
    """One method of one path, and what handles it.

    Attributes:
        name: method and path, as in `GET /v1/claims/{claim_id}`.
        handler: `module:function` below `chalicelib.web`, imported with the first request, so that
            a new process reads only what its first request needs.
    """

    name: str
    handler: str | Callable[..., Any]

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.name.partition(" ")[2]


@dataclass(frozen=True)
class Route(Operation):
    """An operation of the API, or of the pages without sign-in.

    Attributes:
        roles: the roles that may call; None: public, without a token.
        summary: what it does, for the OpenAPI document.
        kind: how requests are read and refusals are written.
        creates: whether it creates something, so that an Idempotency-Key is required.
        decides: whether it decides on one version of something, so that If-Match is required.
        status: of a success; 0: the usual one of the method.
        other_statuses: further ones of a success.
        problems: statuses of refusals beyond those that follow from the rest.
        media: the type of the response's content; empty: JSON, or HTML for a page.
        other_media: a type that the content has where the query asks for it.
        published: whether it is in the OpenAPI document. Pages for people who sign in, and what
            serves them, are no contract with programs.
    """

    roles: frozenset[str] | None
    summary: str = ""
    kind: Kind = "api"
    creates: bool = False
    decides: bool = False
    status: int = 0
    other_statuses: tuple[int, ...] = ()
    problems: tuple[int, ...] = ()
    media: str = ""
    other_media: str = ""
    published: bool = True

    @cached_property
    def endpoint(self) -> Endpoint:
        """The handler and its models; its module is imported when first needed."""
        function = load_function(self.handler)
        hints = get_type_hints(function)
        response = get_args(hints.get("return"))
        return Endpoint(
            function,
            _require_strict(hints.get("body")),
            _require_strict(hints.get("query")),
            response[0] if response else Any,
        )

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses of a success, the usual one first."""
        return (self.status or self._usual_status, *self.other_statuses)

    @property
    def variables(self) -> list[str]:
        """The names of the path's variables, in order."""
        return _VARIABLE.findall(self.path)

    @property
    def is_sandbox_only(self) -> bool:
        """Whether production lacks it: everything below `/sandbox`, forms of pages included."""
        return self.kind == "sandbox" or self.path.startswith("/sandbox/")

    @property
    def needs_if_match(self) -> bool:
        """Whether If-Match is required: for decisions and every PATCH (api.md, "Conventions")."""
        return self.decides or (self.method == "PATCH" and self.kind == "api")

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key is read: on every POST of the API."""
        return self.creates or (self.method == "POST" and self.kind == "api")

    @property
    def _usual_status(self) -> int:
        if self.creates:
            return 201
        if self.method == "POST" and self.kind == "page":
            return 303
        return 204 if self.method == "DELETE" else 200


class RouteTable:
    """All routes of an application.

    Raises ValueError for two routes of one name, and for paths that package and then fail to
    deploy.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[str, Route] = {}
        self.paths: dict[str, dict[str, Route]] = {}
        for route in routes:
            if route.name in self._routes:
                raise ValueError(f"Two handlers for {route.name}")
            self._routes[route.name] = route
            self.paths.setdefault(route.path, {})[route.method] = route
        refuse_clashes(self.paths)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes.values())

    def __getitem__(self, name: str) -> Route:
        """The route of a name such as `GET /v1/claims/{claim_id}`. Raises KeyError."""
        return self._routes[name]


def refuse_clashes(paths: Iterable[str]) -> None:
    """Raise ValueError where two paths name the variable of one level differently.

    API Gateway refuses such paths, and only when they are deployed.
    """
    names: dict[str, str] = {}
    for path in paths:
        steps = path.split("/")
        for level, step in enumerate(steps):
            if step.startswith("{") and names.setdefault("/".join(steps[:level]), step) != step:
                other = names["/".join(steps[:level])]
                raise ValueError(f"{path}: the variable is {other} in another path")


def find_route(routes: Mapping[str, Route], method: str) -> Route | None:
    """Return what answers a method of a path that has these routes; a HEAD is answered as a GET.

    None: the path has no such method.
    """
    if method == "HEAD" and "GET" in routes:
        return replace(routes["GET"], name=f"HEAD {routes['GET'].path}")
    return routes.get(method)


def list_methods(routes: Mapping[str, Route]) -> str:
    """Write the methods of a path for the header `Allow`."""
    known = {*routes, "OPTIONS"} | ({"HEAD"} if "GET" in routes else set())
    return ", ".join(method for method in METHODS if method in known)


def load_function(function: Any) -> Any:
    """Return a function; one that is named `module:function` is imported."""
    return load(f"web.{function}") if isinstance(function, str) else function


def _require_strict(model: Any) -> Any:
    """Return a request model. Raises TypeError for one that takes unknown fields.

    The contract promises to name them (`unknown_field`).
    """
    if model is not None and model.model_config.get("extra") != "forbid":
        raise TypeError(f"{model.__name__} must forbid unknown fields")
    return model
