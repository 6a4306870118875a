"""The page record: what a path of the portal or the desk shows or does, and for whom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chalicelib.web.http.routing import load_function

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Page:
    """One method of one path below `/portal` or `/desk`.

    Attributes:
        name: method and path, as in `GET /portal/claims/{claim_id}`.
        handler: `module:function` below `chalicelib.web.pages`. Of a GET it takes the `Visit` and
            returns a `View`, of a POST a `Redirect`, either also an `Answer`.
        roles: who may open it.
        form_of: of a POST: the page that its form is on, shown again with everything typed when the
            form is refused.
        shows_files: whether the browser may reach the bucket of evidence from it.
    """

    name: str
    handler: str | Handler
    roles: frozenset[str]
    form_of: str = ""
    shows_files: bool = False

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.name.partition(" ")[2]

    @cached_property
    def function(self) -> Handler:
        handler = self.handler
        function: Handler = (
            load_function(f"pages.{handler}") if isinstance(handler, str) else handler
        )
        return function

    def match(self, path: str) -> dict[str, str] | None:
        """Return the values of the path's variables, None for another path."""
        steps, given = self.path.split("/"), path.split("/")
        if len(steps) != len(given) or not all(given[1:]):
            return None
        values = {}
        for step, value in zip(steps, given, strict=True):
            if step.startswith("{"):
                values[step[1:-1]] = value
            elif step != value:
                return None
        return values


def find_page(pages: Iterable[Page], method: str, path: str) -> tuple[Page, dict[str, str]] | None:
    """Return the page of a path, and the values of its variables.

    A path without variables goes before one with them, as in API Gateway.
    """
    found = [
        (page, values)
        for page in pages
        if page.method == method and (values := page.match(path)) is not None
    ]
    return min(found, key=lambda one: len(one[1])) if found else None
