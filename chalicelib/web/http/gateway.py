"""One request, from a gateway's event to a handler and back.

Everything untrusted is judged here and in `dispatch`, once, for all routes. Refusals become problem
documents, and so does every error that is not foreseen.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol

from chalice.app import Chalice, Request, Response

from chalicelib.domain.refusals import Forbidden, NotFound, Refusal, Unauthenticated
from chalicelib.ports import Services
from chalicelib.runtime import metrics
from chalicelib.runtime.lazy_import import load
from chalicelib.runtime.settings import Settings, settings
from chalicelib.text import i18n
from chalicelib.usecases.callers import Caller
from chalicelib.web.http import problems
from chalicelib.web.http.access_log import LogLine, choose_request_id
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.dispatch import Context, run_route
from chalicelib.web.http.request_parser import read_request
from chalicelib.web.http.response_builder import PROBLEM, build_response, is_html, tag_content
from chalicelib.web.http.routing import Route, RouteTable, find_route, list_methods, load_function


class Verifier(Protocol):
    """Verifies callers."""

    def verify(self, header: str | None, now: datetime) -> Caller:
        """Return the caller that an `Authorization` header proves. Raises Unauthenticated."""
        ...


MakeVerifier = Callable[[Services], Verifier]
ProblemPage = Callable[[Mapping[str, Any], str, str, bool], str]
REST_NAME = "path"  # the variable that stands for a path without a route
UNKNOWN = Route("GET unknown", "", roles=None)  # stands for paths that have no route at all
# Chalice keeps the request of a call in the app, where one thread would read another's.
_request: ContextVar[Request] = ContextVar("request")


class Gateway:
    """Serves a table of routes.

    services: returns the services for a gateway's event.
    verifier: makes what verifies callers.
    problem_page: renders a problem in a language as HTML, for a route; empty: problems of pages are
        JSON, too.

    The last two may be named as a handler is, and are then imported when first needed.
    """

    def __init__(
        self,
        routes: RouteTable,
        services: Callable[[Mapping[str, Any]], Services],
        verifier: str | MakeVerifier,
        problem_page: str | ProblemPage = "",
    ) -> None:
        self._routes = routes
        self._services = services
        self._make_verifier = verifier
        self._problem_page = problem_page
        self._verifier: tuple[object, Settings, Verifier] | None = None

    def make_view(self, path: str) -> Callable[..., Response]:
        """Return Chalice's view of a path. Path values are read from the request instead."""
        routes = self._routes.paths[path]

        def view(**_: str) -> Response:
            request = _request.get()
            route = find_route(routes, request.method)
            if route is None:
                return self.serve(next(iter(routes.values())), request, list_methods(routes))
            return self.serve(route, request)

        return view

    def refuse_path(self, **_: str) -> Response:
        """Answer a path that has no route: Chalice's view of all of them."""
        return self.serve(UNKNOWN, _request.get())

    def make_middleware(self, app: Chalice) -> Callable[[Request, Callable[..., Any]], Any]:
        """Return Chalice's middleware for HTTP.

        It keeps the request for the view, and answers paths that no gateway should let through.
        """

        def enter(request: Request | None, get_response: Callable[..., Any]) -> Any:
            if request is None:
                return get_response(request)
            if request.method not in app.routes.get(request.path, {}):
                return self.serve(UNKNOWN, request)
            token = _request.set(request)
            try:
                return get_response(request)
            finally:
                _request.reset(token)

        return enter

    def serve(self, route: Route, request: Request, allow: str = "") -> Response:
        """Serve one request. Never raises: an unforeseen error is logged and answered 500.

        allow: the methods of the route's path, for a request whose method is none of them.
        """
        exchange = Exchange(route, request)
        metrics.request_id.set(exchange.line.request_id)
        try:
            answer = self._answer(exchange, allow)
            exchange.note(answer)
            as_page = route.kind == "page" or is_html(answer)
            response = build_response(answer, as_page, exchange.language, exchange.line.request_id)
        except Refusal as refusal:
            response = self._refuse(exchange, refusal)
        except Exception as bug:  # noqa: BLE001 - the edge of the process; beyond it is only an anonymous 502
            exchange.line.record_error(bug)
            response = self._refuse(exchange, problems.InternalError())
        if route.kind == "api" and request.method in {"GET", "HEAD"}:
            tag_content(response)
        if request.method == "HEAD":
            response.body = ""
        exchange.line.print(response.status_code)
        return response

    def _answer(self, exchange: "Exchange", allow: str) -> Answer[Any]:
        """Return the handler's answer, if this stage has the route and the route the method."""
        route, request = exchange.route, exchange.request
        if route is UNKNOWN and (page := _find_page(request)):
            return Answer(303, headers={"Location": exchange.settings.public_base_url + page})
        if route is UNKNOWN and not exchange.is_read_by_people:
            raise NotFound
        if allow and not route.is_sandbox_only:
            return _refuse_method(request.method, allow)
        services = self._services(request.to_original_event())
        exchange.services = services
        if route is UNKNOWN:
            raise NotFound
        _refuse_other_addresses(services.settings, request)
        if route.is_sandbox_only and not services.settings.sandbox:
            raise NotFound
        if allow:
            return _refuse_method(request.method, allow)
        return run_route(
            route, lambda: read_request(route, request), self._make_context(exchange, services)
        )

    def _make_context(self, exchange: "Exchange", services: Services) -> Context:
        now, caller = services.clock.now(), None
        if exchange.route.roles is not None:
            header = exchange.request.headers.get("authorization")
            caller = self._get_verifier(services).verify(header, now)
            exchange.identify(caller)
            _refuse_foreign_address(caller, exchange.request)
        return Context(
            services=services,
            routes=self._routes,
            caller=caller,
            now=now,
            language=exchange.language,
            request_id=exchange.line.request_id,
            verify=lambda header, at: self._get_verifier(services).verify(header, at),
        )

    def _get_verifier(self, services: Services) -> Verifier:
        """Return the verifier, with its cache of keys, for as long as its issuer is the same."""
        known = self._verifier
        if known is None or known[0] is not services.secrets or known[1] != services.settings:
            make: MakeVerifier = load_function(self._make_verifier)
            known = self._verifier = (services.secrets, services.settings, make(services))
        return known[2]

    def _refuse(self, exchange: "Exchange", refusal: Refusal) -> Response:
        """Write a refusal as a page where people read it, and as JSON if that page is broken."""
        page = self._problem_page if exchange.is_read_by_people else ""
        try:
            return _build_problem(exchange, refusal, page)
        except Exception as bug:  # noqa: BLE001 - as in `serve`
            exchange.line.record_error(bug)
            return _build_problem(exchange, problems.InternalError(), "")


class Exchange:
    """One request while it is served: what is known of it so far."""

    def __init__(self, route: Route, request: Request) -> None:
        self.route = route
        self.request = request
        self.services: Services | None = None
        request_id = choose_request_id(request.headers.get("x-request-id"), request.context)
        self.line = LogLine(request_id, request.method, route.path)
        self._accepted = request.headers.get("accept-language")
        self.language = _find_chosen_language(route, request) or i18n.choose_language(
            self._accepted, "en"
        )

    @property
    def settings(self) -> Settings:
        """The settings, also before the services are known."""
        return self.services.settings if self.services else settings()

    @property
    def is_of_sandbox(self) -> bool:
        """Whether the stage is known to be a sandbox."""
        return self.services is not None and self.services.settings.sandbox

    @property
    def is_read_by_people(self) -> bool:
        """Whether a refusal is written as a page: of a page, or for what asks for HTML by name.

        The API answers programs, and some libraries ask for HTML by themselves (Java's). Of XHTML,
        too, only browsers ask (Fetch Standard, "document").
        """
        if self.route.kind == "page":
            return True
        path = (self.request.uri_params or {}).get(REST_NAME, "")
        is_api = self.route is not UNKNOWN or path.startswith("v1/")
        accepted = (self.request.headers.get("accept") or "").lower()
        wanted = "application/xhtml+xml" if is_api else "text/html"
        return wanted in accepted and "json" not in accepted

    def note(self, answer: Answer[Any]) -> None:
        """Note for the log what a page found out itself."""
        self.line.caller = answer.caller or self.line.caller
        self.line.code, self.line.page = answer.code, answer.page

    def identify(self, caller: Caller) -> None:
        """Note the caller, for the log, and for the language if the request asks for none."""
        self.line.caller = caller
        self.language = i18n.choose_language(self._accepted, caller.locale or "en")


def _find_chosen_language(route: Route, request: Request) -> str:
    """Return the language that a page's reader chose on it; '' without a choice."""
    query: Mapping[str, Any] = request.to_dict().get("query_params") or {}
    chosen = query.get("lang", "") if route.kind == "page" else ""
    return str(chosen) if chosen in i18n.LANGUAGES else ""


def _find_page(request: Request) -> str | None:
    """Return the page for customers that an unknown path means, None when it means none."""
    if request.method not in {"GET", "HEAD"}:
        return None
    find_page: Callable[[str], str | None] = load("web.http.mailed_links:find_page")
    return find_page((request.uri_params or {}).get(REST_NAME, ""))


def _refuse_other_addresses(settings: Settings, request: Request) -> None:
    """Raise Forbidden for an address that may not call a sandbox.

    The address is the gateway's own observation; no header can change it.
    """
    if not settings.sandbox_addresses or not settings.sandbox:
        return
    _require_address(settings.sandbox_addresses, request)


def _refuse_foreign_address(caller: Caller, request: Request) -> None:
    """Raise Forbidden for an address that the caller's API key may not be used from."""
    if caller.networks:
        _require_address(",".join(caller.networks), request)


def _require_address(networks: str, request: Request) -> None:
    identity = request.context.get("identity") or {}
    address = str(identity.get("sourceIp", ""))
    if not load("runtime.address_filter:is_allowed")(networks, address):
        raise Forbidden("address_not_allowed")


def _build_problem(exchange: Exchange, refusal: Refusal, page: str | ProblemPage) -> Response:
    line, language = exchange.line, exchange.language
    line.code = refusal.code
    line.reason = refusal.values.get("reason") if isinstance(refusal, Unauthenticated) else None
    problem = problems.describe_problem(refusal, language, line.request_id, exchange.settings)
    headers = problems.list_headers(refusal)
    if page:
        render: ProblemPage = load_function(page)
        route = f"{line.method} {exchange.route.path}"
        body = render(problem, language, route, exchange.is_of_sandbox)
        answer = Answer[Any](refusal.status, body, headers=headers)
    else:
        headers |= {"Content-Type": PROBLEM}
        answer = Answer[Any](refusal.status, problem, headers=headers)
    return build_response(answer, is_html(answer), language, line.request_id)


def _refuse_method(method: str, allow: str) -> Answer[Any]:
    if method == "OPTIONS":
        return Answer(204, headers={"Allow": allow})
    raise problems.MethodNotAllowed(allow)
