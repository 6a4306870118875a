"""The API, as pages call it: in process, as the person who is signed in.

The routes, roles, models, refusals and idempotency are those of the API, so that a page can never
show or do what the API cannot.
"""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from pydantic_core import to_json

from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.callers import Caller
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.http.dispatch import Content, Context, run_route
from chalicelib.web.http.request_parser import read_if_match, read_key

Query = Mapping[str, str | list[str]]
EVENTS = "GET /v1/events"
TAG = 32  # hexadecimal digits of a page's entity tag


@dataclass(frozen=True)
class Reply:
    """A response of the API.

    Attributes:
        body: as a client reads it from JSON.
        etag: the version, without quotes.
        location: where a redirect leads.
    """

    body: Any
    etag: str | None
    location: str


@dataclass(frozen=True)
class Conditions:
    """The parameters of a request to the API besides its body.

    Attributes:
        key: the Idempotency-Key.
        version: the entity tag for If-Match, without quotes.
    """

    key: str | None = None
    version: str | None = None


@dataclass
class Api:
    """The API for one page.

    Attributes:
        made: the calls that were made, as (route, path with its values, query, body).
        seen: what was read, as JSON.
    """

    call: Call
    caller: Caller
    language: str
    made: list[tuple[str, str, Query, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    @property
    def tag(self) -> str:
        """The entity tag of everything that was read: it changes when what a page shows does."""
        return sha256("\n".join(sorted(self.seen)).encode()).hexdigest()[:TAG]

    def get(self, name: str, query: Query | None = None, /, **path: str) -> Reply:
        """Make a GET by the name of its path, as in `/v1/claims/{claim_id}`."""
        return self._run(f"GET {name}", None, Content(query=_list(query or {}), path=path))

    def get_text(self, name: str, query: Query | None = None, /, **path: str) -> str:
        """Make a GET that answers text, such as CSV."""
        content = Content(query=_list(query or {}), path=path)
        return str(self._call(f"GET {name}", None, content).body)

    def post(self, name: str, body: Any, on: Conditions | None = None, /, **path: str) -> Reply:
        """Make a POST with a JSON body."""
        return self._run(f"POST {name}", on, Content(body=body, path=path))

    def patch(self, name: str, body: Any, on: Conditions | None = None, /, **path: str) -> Reply:
        """Make a PATCH with a JSON merge patch."""
        return self._run(f"PATCH {name}", on, Content(body=body, path=path))

    def delete(self, name: str, /, **path: str) -> Reply:
        """Make a DELETE."""
        return self._run(f"DELETE {name}", None, Content(path=path))

    def get_all(self, *calls: Callable[[], Reply]) -> tuple[Reply, ...]:
        """Make calls that do not depend on each other at the same time."""
        return self.call.services.run_parallel(*calls)

    def to_curl(self) -> list[str]:
        """Return the calls that were made, as commands."""
        base = self.call.services.settings.public_base_url
        return [_to_curl(base, *one) for one in self.made]

    def _run(self, name: str, on: Conditions | None, content: Content) -> Reply:
        answer = self._call(name, on, content)
        body = answer.body if isinstance(answer.body, str) else to_json(answer.body).decode()
        parsed: Any = json.loads(body) if body else None
        if name.startswith("GET "):
            # Where the feed of events goes on moves with time, though nothing has happened.
            self.seen.append(json.dumps(parsed["data"]) if name == EVENTS else body)
        location = str(answer.headers.get("Location", ""))
        return Reply(parsed, answer.etag, location)

    def _call(self, name: str, on: Conditions | None, content: Content) -> Answer[Any]:
        route = self.call.routes[name]
        version = f'"{on.version}"' if on and on.version else None
        content = replace(
            content,
            key=read_key(route, on.key if on else None),
            if_match=read_if_match(route, version),
        )
        if any(not value for value in content.path.values()):
            raise NotFound
        self.made.append((name, _fill(route.path, content.path), content.query, content.body))
        context = Context(
            services=self.call.services,
            routes=self.call.routes,
            caller=self.caller,
            now=self.call.now,
            language=self.language,
            request_id=self.call.request_id,
        )
        return run_route(route, lambda: content, context)


def _list(query: Query) -> dict[str, list[str]]:
    return {
        name: value if isinstance(value, list) else [value]
        for name, value in query.items()
        if value
    }


def _fill(path: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _to_curl(base: str, name: str, path: str, query: Query, body: Any) -> str:
    method = name.partition(" ")[0]
    address = base + path + (f"?{urlencode(query, doseq=True)}" if query else "")
    parts = ["curl", "-H", "Authorization: Bearer $TOKEN"]
    if method != "GET":
        parts += ["-X", method, "--json", json.dumps(body, ensure_ascii=False)]
    command = " ".join(shlex.quote(part) for part in [*parts, address])
    return command.replace("'Authorization: Bearer $TOKEN'", '"Authorization: Bearer $TOKEN"')
