"""One request, from a gateway's event to a handler and back: authenticated, authorised, read,
answered, logged.

Everything untrusted is judged here, once, for all routes. Refusals become problems, and so does
what nobody foresaw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, Request, Response

from chalicelib.domain.refusals import NotFound, Refusal, Unauthenticated
from chalicelib.runtime import metrics
from chalicelib.runtime.settings import Settings, settings
from chalicelib.text import i18n
from chalicelib.web.auth.tokens import Tokens
from chalicelib.web.http import problems
from chalicelib.web.http.access import authorised
from chalicelib.web.http.access_log import LogLine, request_id
from chalicelib.web.http.call import Answer, Call, Caller
from chalicelib.web.http.request_parser import read
from chalicelib.web.http.response_builder import PROBLEM, looked_at, response
from chalicelib.web.http.routing import Route, answering, without_handler

if TYPE_CHECKING:
    from chalicelib.ports import Services

ProblemPage = Callable[[dict[str, Any], str], str]
# Chalice keeps the request of a call in the app, where threads would read each other's.
_request: ContextVar[Request] = ContextVar("request")


class Edge:
    """Serves routes in a world."""

    def __init__(
        self,
        services: Callable[[Mapping[str, Any]], Services],
        tokens: Callable[[Services], Tokens],
        problem_page: ProblemPage | None,
    ) -> None:
        self._world = services
        self._make_tokens = tokens
        self._problem_page = problem_page
        self._tokens: tuple[object, Settings, Tokens] | None = None

    def view(self, methods: Mapping[str, Route]) -> Callable[..., Response]:
        """Chalice's view of a path, of which these methods have handlers.

        Path values are read from the request.
        """
        route = cache(partial(answering, methods))

        def serve(**_: str) -> Response:
            request = _request.get()
            return self.serve(route(request.method), request)

        return serve

    def middleware(self, app: Chalice) -> Callable[[Request | None, Callable[..., Any]], Any]:
        """Remembers the request for the view, and answers paths that no gateway should have let
        through.
        """

        def enter(request: Request | None, get_response: Callable[..., Any]) -> Any:
            if request is None:
                return get_response(request)
            if request.method not in app.routes.get(request.path, {}):
                return self.serve(Route(request.method, "unknown", without_handler), request)
            token = _request.set(request)
            try:
                return get_response(request)
            finally:
                _request.reset(token)

        return enter

    def serve(self, route: Route, request: Request) -> Response:
        """Serves one request.

        Never raises: what nobody foresaw is logged and answered 500, without details.
        """
        exchange = Exchange(route, request)
        metrics.about.set(exchange.line.request_id)
        try:
            answer = self._answer(exchange)
            page = route.kind == "page" or looked_at(answer)
            made = response(answer, page, exchange.language, exchange.line.request_id)
        except Refusal as refusal:
            made = self._refused(exchange, refusal)
        except Exception as bug:  # noqa: BLE001 - the edge of the process; beyond it is only an anonymous 502
            exchange.line.failed(bug)
            made = self._refused(exchange, problems.Broken())
        if request.method == "HEAD":
            made.body = ""
        exchange.line.print(made.status_code)
        return made

    def _answer(self, exchange: Exchange) -> Answer:
        """The handler's answer, if the stage has this route at all."""
        route, request = exchange.route, exchange.request
        if route.instead and not route.sandboxed:
            return _other_method(route)
        if route.handler is without_handler and not route.sandboxed:
            raise NotFound
        services = self._world(request.to_original_event())
        exchange.settings = services.settings
        if route.sandboxed and not services.settings.sandbox:
            raise NotFound
        if route.instead:
            return _other_method(route)
        return route.handler(self._call(exchange, services))

    def _call(self, exchange: Exchange, services: Services) -> Call:
        """Who may not come in learns nothing of what is wrong with the rest: so the token goes
        first.
        """
        route, request = exchange.route, exchange.request
        now = services.clock.now()
        if route.who is not None:
            caller = self._tokens_in(services).verify(request.headers.get("authorization"), now)
            exchange.enter(caller)
            exchange.enter(authorised(caller, route.who))
        said = read(route, request)
        return Call(
            caller=exchange.line.caller,
            body=said.body,
            query=said.query,
            path=said.path,
            language=exchange.language,
            request_id=exchange.line.request_id,
            idempotency=said.idempotency,
            if_match=said.if_match,
            services=services,
            now=now,
            raw_body=said.raw_body,
            headers=request.headers,
        )

    def _tokens_in(self, services: Services) -> Tokens:
        """One verifier, with its cache of keys, for as long as the world trusts the same issuer."""
        known = self._tokens
        if known is None or known[0] is not services.secrets or known[1] != services.settings:
            known = self._tokens = (
                services.secrets,
                services.settings,
                self._make_tokens(services),
            )
        return known[2]

    def _refused(self, exchange: Exchange, refusal: Refusal) -> Response:
        """A refusal as a problem; as a page where people look at it, unless that very page is
        broken.
        """
        wanted = self._problem_page if exchange.route.kind == "page" else None
        try:
            return self._told(exchange, refusal, wanted)
        except Exception as bug:  # noqa: BLE001 - as in `serve`
            exchange.line.failed(bug)
            return self._told(exchange, problems.Broken(), None)

    def _told(self, exchange: Exchange, refusal: Refusal, page: ProblemPage | None) -> Response:
        exchange.line.code = refusal.code
        exchange.line.reason = (
            refusal.values.get("reason") if isinstance(refusal, Unauthenticated) else None
        )
        line, language = exchange.line, exchange.language
        problem = problems.problem(
            refusal, language, line.request_id, exchange.settings or settings()
        )
        headers = problems.headers_of(refusal)
        if page:
            answer = Answer(refusal.status, page(problem, language), headers=headers)
        else:
            answer = Answer(refusal.status, problem, headers=headers | {"Content-Type": PROBLEM})
        return response(answer, looked_at(answer), language, line.request_id)


class Exchange:
    """One request while it is served: what is known of it so far."""

    def __init__(self, route: Route, request: Request) -> None:
        self.route = route
        self.request = request
        self.settings: Settings | None = None
        known_as = request_id(request.headers.get("x-request-id"), request.context)
        self.line = LogLine(known_as, request.method, route.path)
        self._accepted = request.headers.get("accept-language")
        self.language = i18n.choose_language(self._accepted, "en")

    def enter(self, caller: Caller) -> None:
        """The caller is known: for the log, and for the language when the request asks for none."""
        self.line.caller = caller
        self.language = i18n.choose_language(self._accepted, caller.locale or "en")


def _other_method(route: Route) -> Answer:
    if route.method == "OPTIONS":
        return Answer(204, headers={"Allow": route.instead})
    raise problems.NotAllowed(route.instead)
