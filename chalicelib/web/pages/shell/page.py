"""The page record: what a path of the portal or the desk shows or does, and for whom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chalicelib.web.http.routing import Operation, load_function


@dataclass(frozen=True)
class Page(Operation):
    """One method of one path below `/portal` or `/desk`.

    The handler's name is relative to `chalicelib.web.pages`. Of a GET it takes the `Visit` and
    returns a `View`, of a POST a `Redirect`, either also an `Answer`.

    Attributes:
        roles: who may open it.
        form_of: of a POST: the page that its form is on, shown again with everything typed when the
            form is refused.
        shows_files: whether the browser may reach the bucket of evidence from it.
    """

    roles: frozenset[str]
    form_of: str = ""
    shows_files: bool = False

    @cached_property
    def function(self) -> Callable[..., Any]:
        handler = self.handler
        function: Callable[..., Any] = (
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
