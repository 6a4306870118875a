"""Routes as records: what a path and a method want and give. The edge serves them; the OpenAPI
document tells them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, Required, TypedDict, Unpack

from pydantic import BaseModel

from chalicelib.web.http.call import Answer, Call

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
Kind = Literal["api", "page", "webhook", "sandbox"]
Handler = Callable[[Call], Answer]
Model = type[BaseModel] | str | None
_VARIABLE = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Route:
    """One path and method. `who` None: public. `statuses`: what a success answers. `listed`: stands
    in the document. `takes`, `asks`: the models of body and query, or their names in `requests`,
    which are loaded when first needed. `answers`: a type, or the name of one in `shapes`; `media`:
    the type of content, where it is not JSON or a page. `instead`: the methods that the path has,
    where it lacks this one.
    """

    method: str
    path: str
    handler: Handler
    who: frozenset[str] | None = None
    takes: Model = None
    asks: Model = None
    creates: bool = False
    decides: bool = False
    answers: Any = None
    summary: str = ""
    problems: tuple[int, ...] = ()
    media: str = ""
    kind: Kind = "api"
    statuses: tuple[int, ...] = (200,)
    instead: str = ""
    listed: bool = True

    @cached_property
    def body(self) -> type[BaseModel] | None:
        """The model that a body is judged by."""
        return _model(self.takes)

    @cached_property
    def query(self) -> type[BaseModel] | None:
        """The model that a query is judged by."""
        return _model(self.asks)

    @property
    def variables(self) -> list[str]:
        """The names of the path's variables, in order."""
        return _VARIABLE.findall(self.path)

    @property
    def sandboxed(self) -> bool:
        """Whether only sandbox stages have it: whatever lies below `/sandbox`, forms of pages too."""
        return self.kind == "sandbox" or self.path.startswith("/sandbox/")

    @property
    def needs_if_match(self) -> bool:
        """Every decision, and every PATCH of the API (api.md, "Conventions")."""
        return self.decides or (self.method == "PATCH" and self.kind == "api")

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key is read: on every POST of the API."""
        return self.creates or (self.method == "POST" and self.kind == "api")


class Wants(TypedDict, total=False):
    """What a route declares. `body`, `query`: see `Route.takes` and `Route.asks`. `status`: what a
    success answers, if not 201 for creating, 303 for a page's form, 204 for deleting, else 200.
    `problems`: statuses of refusals beyond those that follow from the rest.
    """

    who: Required[frozenset[str] | None]
    body: Model
    query: Model
    creates: bool
    decides: bool
    answers: Any
    summary: str
    problems: tuple[int, ...]
    media: str
    kind: Kind
    status: int | tuple[int, ...]


class Routes:
    """The routes of one file: `@routes.get("/v1/claims", who=PARTNER)` over a handler."""

    def __init__(self) -> None:
        self.records: list[Route] = []

    def get(self, path: str, **wants: Unpack[Wants]) -> Callable[[Handler], Handler]:
        return self._route("GET", path, wants)

    def post(self, path: str, **wants: Unpack[Wants]) -> Callable[[Handler], Handler]:
        return self._route("POST", path, wants)

    def patch(self, path: str, **wants: Unpack[Wants]) -> Callable[[Handler], Handler]:
        return self._route("PATCH", path, wants)

    def delete(self, path: str, **wants: Unpack[Wants]) -> Callable[[Handler], Handler]:
        return self._route("DELETE", path, wants)

    def _route(self, method: str, path: str, wants: Wants) -> Callable[[Handler], Handler]:
        known: dict[str, Any] = {
            name: value for name, value in wants.items() if name not in {"status", "body", "query"}
        }
        known["takes"], known["asks"] = _strict(wants.get("body")), _strict(wants.get("query"))
        status = wants.get("status", _usual(method, wants))
        known["statuses"] = status if isinstance(status, tuple) else (status,)

        def record(handler: Handler) -> Handler:
            self.records.append(Route(method, path, handler, **known))
            return handler

        return record


def by_path(records: Sequence[Route]) -> dict[str, dict[str, Route]]:
    """The routes of every path by method."""
    paths: dict[str, dict[str, Route]] = {}
    for route in records:
        if paths.setdefault(route.path, {}).setdefault(route.method, route) is not route:
            raise ValueError(f"Two handlers for {route.method} {route.path}")
    refuse_clashes(paths)
    return paths


def refuse_clashes(paths: Iterable[str]) -> None:
    """Raises `ValueError` for paths that package and then fail to deploy: one level, two names for
    the variable.
    """
    names: dict[str, str] = {}
    for path in paths:
        steps = path.split("/")
        for level, step in enumerate(steps):
            if step.startswith("{") and names.setdefault("/".join(steps[:level]), step) != step:
                raise ValueError(
                    f"{path}: here the variable is {names['/'.join(steps[:level])]} elsewhere"
                )


def answering(methods: Mapping[str, Route], method: str) -> Route:
    """What answers a method of a path, of which these have handlers.

    HEAD is a GET whose body is not sent, OPTIONS says what there is, anything else is 405 with
    `Allow`. All seven are registered because a gateway answers an unregistered method by itself, in
    a format of its own.
    """
    if method in methods:
        return methods[method]
    some = next(iter(methods.values()))
    if method == "HEAD" and "GET" in methods:
        return replace(methods["GET"], method="HEAD", listed=False)
    there = {*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    instead = ", ".join(name for name in METHODS if name in there)
    return Route(method, some.path, without_handler, kind=some.kind, instead=instead, listed=False)


def without_handler(call: Call) -> Answer:
    """Stands where a route has no handler of its own; the edge answers there before it would call
    one.
    """
    raise NotImplementedError(call.request_id)


def _usual(method: str, wants: Wants) -> int:
    if wants.get("creates"):
        return 201
    if method == "POST" and wants.get("kind") == "page":
        return 303
    return 204 if method == "DELETE" else 200


def _model(named: Model) -> type[BaseModel] | None:
    if not isinstance(named, str):
        return named
    from chalicelib.web.api import request_models

    found: type[BaseModel] = _strict(getattr(request_models, named))
    return found


def _strict(model: Any) -> Any:
    """A model that takes unknown fields would break the contract's promise to name them."""
    if (
        isinstance(model, type)
        and issubclass(model, BaseModel)
        and model.model_config.get("extra") != "forbid"
    ):
        raise TypeError(f"{model.__name__} must forbid unknown fields")
    return model
