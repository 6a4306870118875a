"""A cloud on this machine: discovery, tokens and Graph over TLS, in the shapes their documentation
shows.

Shapes: learn.microsoft.com/graph/api/organization-list, directory-list-subscriptions,
subscribedsku-list; learn.microsoft.com/graph/errors;
learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and
reference-error-codes.
"""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.net.public_addresses import Address

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
HERE = ip_address("127.0.0.1")


class Answer(NamedTuple):
    """What the server says instead of what it would say. `act` takes the connection over."""

    status: int = 200
    body: Any = {}
    headers: dict[str, str] = {}
    act: Callable[[BaseHTTPRequestHandler], None] | None = None


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


class Noon:
    def now(self) -> datetime:
        return NOW


class Ticks:
    """A clock that goes when told to, or when somebody sleeps by it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Cloud:
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
        self.asked: list[Asked] = []
        self.faults: dict[str, list[Answer]] = {}
        self.port = 0
        self.tokens = 0

    def kinds(self) -> list[str]:
        """What was asked, in short."""
        return [kind_of(one.path) for one in self.asked]

    def fails(self, kind: str, *answers: Answer) -> None:
        self.faults.setdefault(kind, []).extend(answers)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        kind = kind_of(asked.path)
        if self.faults.get(kind):
            return self.faults[kind].pop(0)
        return getattr(self, f"_{kind}")(asked)  # type: ignore[no-any-return]

    def _discovery(self, asked: Asked) -> Answer:
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

    def _token(self, asked: Asked) -> Answer:
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

    def _organization(self, asked: Asked) -> Answer:
        return self._listed(asked, self.organisations)

    def _subscriptions(self, asked: Asked) -> Answer:
        return self._listed(asked, self.subscriptions)

    def _skus(self, asked: Asked) -> Answer:
        return self._listed(asked, self.skus)

    def _listed(self, asked: Asked, values: list[dict[str, Any]]) -> Answer:
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
def serving(cloud: Cloud, certified: tuple[str, ...] = (LOGIN, GRAPH)) -> Iterator[Cloud]:
    """The cloud behind TLS on this machine, with a certificate for these names."""
    server = _Quiet((str(HERE), 0), _handler(cloud))
    cloud.port = server.server_port
    server.tls = _served(certified)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answering(*addresses: Address) -> Callable[[str, float], tuple[Address, ...]]:
    """A resolver that knows one answer."""
    return lambda host, seconds: addresses


def here(address: Address) -> bool:
    """May be called in these tests: this one address."""
    return address == HERE


@cache
def trust() -> ssl.SSLContext:
    """A context that trusts this cloud's authority and nobody else."""
    return ssl.create_default_context(
        cadata=_authority()[0].public_bytes(serialization.Encoding.PEM).decode()
    )


class _Quiet(ThreadingHTTPServer):
    """TLS begins in the handler's thread, so that one who does not shake hands holds nobody up."""

    tls: ssl.SSLContext
    daemon_threads = True

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(5)
        with suppress(OSError), self.tls.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        return


def _handler(cloud: Cloud) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._say(cloud.answer(Asked(self.command, self.path, headers, form)))

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


def saying(raw: bytes, every: float = 0.0, piece: int = 0, first: bytes = b"") -> Answer:
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


@cache
def _authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority for tests")])
    return _signed(name, key, name, key, x509.BasicConstraints(ca=True, path_length=0)), key


@cache
def _served(names: tuple[str, ...]) -> ssl.SSLContext:
    authority, signing = _authority()
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    named = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    certificate = _signed(subject, key, authority.subject, signing, named)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        chain = Path(folder) / "chain.pem"
        chain.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context.load_cert_chain(chain)
    return context


def _signed(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signing: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    since = datetime.now(UTC) - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
    )
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(since).not_valid_after(since + timedelta(days=9))
    return builder.add_extension(extension, critical=False).sign(signing, hashes.SHA256())
