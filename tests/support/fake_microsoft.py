"""A cloud on this machine: discovery, tokens and Graph over TLS, in the shapes their documentation
shows.

Shapes: learn.microsoft.com/graph/api/organization-list, directory-list-subscriptions,
subscribedsku-list; learn.microsoft.com/graph/errors;
learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and
reference-error-codes.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from chalicelib.directory.cloud import Cloud, CloudReader
from chalicelib.directory.errors import DIRECTORY
from chalicelib.directory.live import Live
from chalicelib.directory.tokens import Application
from chalicelib.domain.ids import tenant_key
from chalicelib.net.public_addresses import Address
from chalicelib.net.safe_http import HttpClient, Limits, Policy
from tests.support.certificates import client_context, server_context

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
FABRIKAM = "3f0b2e80-4f3c-4a0b-9d0f-5a1f3c9b7a11"
CONTOSO = "84841066-274d-4ec0-a5c1-276be684bdd3"
RESELLER = "331af819-4e0b-49f7-a6bf-14e1165ad3a0"
SALES = "f9c1ea2d-2c6e-4717-8c3b-7130812d70ba"  # the commerce system's id
SALES_OBJECT = "860697e3-b0aa-4196-a6c6-7ec361ed58f7"  # the directory's
SALES_SKU = "1e1a282c-9c54-43a2-9310-98ef728faace"
CLIENT_ID = "535fb089-9ff3-47b6-9bfb-4f1264799865"
SECRET = "a secret & its = signs"
LOGIN, GRAPH = "login.cloud.example", "graph.cloud.example"
KNOWN = {tenant_key(FABRIKAM): FABRIKAM}
LOCALHOST = ip_address("127.0.0.1")
QUICK = Limits(connect=0.4, read=0.3, budget=0.9)
OWNED = json.dumps(
    {name: f"https://x.example/{FABRIKAM}/v2.0" for name in ("issuer", "token_endpoint")}
).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Answer(NamedTuple):
    """What the server says instead of what it would say. `act` takes the connection over."""

    status: int = 200
    body: Any = {}
    headers: dict[str, str] = {}
    act: Callable[[BaseHTTPRequestHandler], None] | None = None


class ReceivedRequest(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class FixedClock:
    def now(self) -> datetime:
        return NOW


class FakeTimer:
    """A clock that goes when told to, or when somebody sleeps by it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class FakeCloud:
    """What the server knows, what it was asked, and how it is to fail: `faults[kind]` is used up
    answer by answer.
    """

    def __init__(self) -> None:
        self.domains = {
            "fabrikam.example": FABRIKAM,
            "fabrikam.onmicrosoft.com": FABRIKAM,
            "contoso.example": CONTOSO,
        }
        self.organisations = [organisation()]
        self.subscriptions = [subscription()]
        self.skus: list[dict[str, Any]] = []
        self.page = 100
        self.received: list[ReceivedRequest] = []
        self.faults: dict[str, list[Answer]] = {}
        self.port = 0
        self.tokens = 0

    def list_received(self) -> list[str]:
        """What was asked, in short."""
        return [kind_of(one.path) for one in self.received]

    def fail_with(self, kind: str, *answers: Answer) -> None:
        self.faults.setdefault(kind, []).extend(answers)

    def answer(self, asked: ReceivedRequest) -> Answer:
        self.received.append(asked)
        kind = kind_of(asked.path)
        if self.faults.get(kind):
            return self.faults[kind].pop(0)
        return getattr(self, f"_{kind}")(asked)  # type: ignore[no-any-return]

    def _discovery(self, asked: ReceivedRequest) -> Answer:
        name = asked.path.split("/")[1]
        if name not in self.domains:
            return entra_error(400, "invalid_tenant", 90002)
        start = f"https://{LOGIN}/{self.domains[name]}"
        return Answer(
            body={
                "token_endpoint": f"{start}/oauth2/v2.0/token",
                "issuer": f"{start}/v2.0",
                "jwks_uri": f"{start}/discovery/v2.0/keys",
                "tenant_region_scope": "EU",
            }
        )

    def _token(self, asked: ReceivedRequest) -> Answer:
        expected = {
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
            "scope": f"https://{GRAPH}:{self.port}/.default",
            "grant_type": "client_credentials",
        }
        if asked.method != "POST" or asked.form != expected:
            return entra_error(401, "invalid_client", 7000215)
        self.tokens += 1
        return Answer(
            body={"token_type": "Bearer", "expires_in": 3599, "access_token": f"eyJ.{self.tokens}"}
        )

    def _organization(self, asked: ReceivedRequest) -> Answer:
        return self._list_page(asked, self.organisations)

    def _subscriptions(self, asked: ReceivedRequest) -> Answer:
        return self._list_page(asked, self.subscriptions)

    def _skus(self, asked: ReceivedRequest) -> Answer:
        return self._list_page(asked, self.skus)

    def _list_page(self, asked: ReceivedRequest, values: list[dict[str, Any]]) -> Answer:
        if asked.headers.get("authorization") != f"Bearer eyJ.{self.tokens}":
            return graph_error(401, "InvalidAuthenticationToken")
        path, _, query = asked.path.partition("?")
        start = int(parse_qs(query).get("$skiptoken", ["0"])[0])
        body: dict[str, Any] = {"@odata.context": "…", "value": values[start : start + self.page]}
        if start + self.page < len(values):
            body["@odata.nextLink"] = (
                f"https://{GRAPH}:{self.port}{path}?$skiptoken={start + self.page}"
            )
        return Answer(
            body=body,
            headers={"Content-Type": "application/json;odata.metadata=minimal;charset=utf-8"},
        )


def kind_of(path: str) -> str:
    for part, kind in (
        ("/.well-known/", "discovery"),
        ("/oauth2/", "token"),
        ("/v1.0/organization", "organization"),
        ("/v1.0/directory/subscriptions", "subscriptions"),
        ("/v1.0/subscribedSkus", "skus"),
    ):
        if part in path:
            return kind
    return "strange"


def organisation(**changes: Any) -> dict[str, Any]:
    """An organization, as the documentation shows it."""
    return {
        "id": FABRIKAM,
        "displayName": "Fabrikam",
        "countryLetterCode": "NL",
        "preferredLanguage": "nl",
        "technicalNotificationMails": ["admin@fabrikam.example"],
        "tenantType": "AAD",
        "assignedPlans": [],
        "verifiedDomains": [
            {
                "capabilities": "Email",
                "isDefault": False,
                "isInitial": True,
                "name": "Fabrikam.onmicrosoft.com",
                "type": "Managed",
            },
            {
                "capabilities": "Email",
                "isDefault": True,
                "isInitial": False,
                "name": "fabrikam.example",
                "type": "Managed",
            },
        ],
        **changes,
    }


def subscription(**changes: Any) -> dict[str, Any]:
    """A companySubscription, as the documentation shows it."""
    return {
        "createdDateTime": "2026-02-01T00:00:00Z",
        "commerceSubscriptionId": SALES,
        "id": SALES_OBJECT,
        "isTrial": False,
        "nextLifecycleDateTime": "2027-02-01T00:00:00Z",
        "skuId": SALES_SKU,
        "skuPartNumber": "DYN365_ENTERPRISE_SALES",
        "serviceStatus": [
            {
                "appliesTo": "User",
                "provisioningStatus": "Success",
                "servicePlanName": "DYN365_ENTERPRISE_SALES",
                "servicePlanId": "2da8e897-7791-486b-b08f-cc63c8129df7",
            }
        ],
        "status": "Enabled",
        "totalLicenses": 25,
        "ownerId": None,
        "ownerTenantId": None,
        "ownerType": None,
        **changes,
    }


def entra_error(status: int, error: str, code: int) -> Answer:
    """An error of the sign-in service."""
    return Answer(
        status,
        {
            "error": error,
            "error_description": f"AADSTS{code}: …",
            "error_codes": [code],
            "timestamp": "2026-11-20 09:00:00Z",
            "error_uri": f"https://{LOGIN}/error?code={code}",
        },
    )


def graph_error(status: int, code: str) -> Answer:
    """An error of Graph."""
    return Answer(
        status, {"error": {"code": code, "message": "…", "innerError": {"request-id": "…"}}}
    )


@contextmanager
def serving(cloud: FakeCloud, certified: tuple[str, ...] = (LOGIN, GRAPH)) -> Iterator[FakeCloud]:
    """The cloud behind TLS on this machine, with a certificate for these names."""
    server = _Quiet((str(LOCALHOST), 0), _handler(cloud))
    cloud.port = server.server_port
    server.tls = server_context(certified)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_resolver(*addresses: Address) -> Callable[[str, float], tuple[Address, ...]]:
    """A resolver that knows one answer."""
    return lambda host, seconds: addresses


def is_local(address: Address) -> bool:
    """May be called in these tests: this one address."""
    return address == LOCALHOST


def addresses_of(cloud: FakeCloud) -> Cloud:
    return Cloud(f"https://{LOGIN}:{cloud.port}", f"https://{GRAPH}:{cloud.port}/v1.0")


def http_client(
    cloud: FakeCloud, tick: Callable[[], float] = time.monotonic, **policy: Any
) -> HttpClient:
    """Return the product's client, which may call this cloud and trusts its authority."""
    local = {
        "may_call": is_local,
        "resolve": make_resolver(LOCALHOST),
        "trust": client_context,
        "limits": Limits(size=20_000),
    }
    return HttpClient(DIRECTORY, addresses_of(cloud), Policy(**{**local, **policy}), tick)


def live_directory(
    cloud: FakeCloud,
    http: HttpClient | None = None,
    timer: FakeTimer | None = None,
    find_tenant_id: Callable[[str], str | None] = KNOWN.get,
    secret: Callable[[], str] = lambda: SECRET,
) -> Live:
    """Return a live directory over this cloud; with a timer, it waits and expires by that."""
    timing: dict[str, Any] = {"tick": timer, "sleep": timer.sleep} if timer else {}
    reader = CloudReader(
        addresses_of(cloud),
        Application(CLIENT_ID, secret),
        http or http_client(cloud, timer or time.monotonic),
        **timing,
    )
    return Live(reader, find_tenant_id, FixedClock(), run_parallel)


def run_parallel(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    return tuple(call() for call in calls)


class _Quiet(ThreadingHTTPServer):
    """TLS begins in the handler's thread, so that a client that does not finish the handshake
    delays no other.
    """

    tls: Any
    daemon_threads = True

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(5)
        with suppress(OSError), self.tls.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        return


def _handler(cloud: FakeCloud) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._say(cloud.answer(ReceivedRequest(self.command, self.path, headers, body)))

        do_POST = do_GET

        def _say(self, answer: Answer) -> None:
            if answer.act:
                answer.act(self)
                return
            body = (
                answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            )
            self.send_response(answer.status)
            for name, value in {
                "Content-Type": "application/json; charset=utf-8",
                **answer.headers,
            }.items():
                self.send_header(name, value)
            if "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    return Handler


def raw_response(raw: bytes, every: float = 0.0, piece: int = 0, first: bytes = b"") -> Answer:
    """Raw bytes instead of an answer; after what comes first in pieces with a pause after each, if
    wanted.
    """

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        for at in range(0, len(raw), piece or len(raw)):
            handler.wfile.write(raw[at : at + (piece or len(raw))])
            time.sleep(every)
        handler.close_connection = True

    return Answer(act=act)
