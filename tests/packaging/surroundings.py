"""What a function of production meets, on this machine: database, queue and bucket of an emulator
of its own, an issuer of tokens that publishes its keys over TLS, and one partner's proof for one
customer.
"""

import base64
import hashlib
import http.server
import json
import secrets
import socket
import socketserver
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, make_row
from chalicelib.domain.evidence import Evidence
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.sandbox_issuer import Issuer
from tests.support import feed
from tests.support.tables import make_table
from tools.embedded import deployment, emulator

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
EVIDENCE = "evd_000000000000000000000001"
TABLE, BUCKET, SECRETS = "cpor", "cpor-evidence", "/cpor/prod"
ISSUER = "https://login.example/partners"
PERSON = {"name": "Anna Adler", "title": "CIO", "email": "anna@fabrikam.example"}
FILING = {
    "location_id": "4516001",
    "tenant_id": feed.TENANT,
    "domain": "fabrikam.example",
    "solution_area": "business_applications",
    "partner_role": "usage_recognition",
    "items": [{"product": feed.SALES, "subscription_id": feed.SUBSCRIPTION}],
    "customer_contact": PERSON,
    "technical_contact": PERSON,
    "partner_contact": {"name": "Pia Partner", "email": "pia@partner.example"},
}


@dataclass(frozen=True)
class Surroundings:
    """`variables`: the environment of a function of production here. `token`: of the partner's
    administrator.
    """

    endpoint: str
    variables: dict[str, str]
    token: str

    def client(self, service: str) -> Any:
        return deployment.client(service, self.endpoint)

    def with_new_table(self) -> "Surroundings":
        """The same with a table of its own, in which nothing has been filed."""
        other = Surroundings(
            self.endpoint,
            self.variables | {"TABLE_NAME": f"cpor-{secrets.token_hex(4)}"},
            self.token,
        )
        _fill(other)
        return other

    def filing(self) -> dict[str, Any]:
        """A filing that is in order, today."""
        acknowledged = (datetime.now(UTC) - timedelta(days=30)).date().isoformat()
        proof = {
            "id": EVIDENCE,
            "kind": "signed_sow",
            "acknowledged_on": acknowledged,
            "covers": [feed.SALES],
        }
        return {**FILING, "evidence": [proof]}


@contextmanager
def start(folder: Path, template: Path) -> Iterator[Surroundings]:
    """The place, for the functions of this template; gone afterwards."""
    running = emulator.start(folder, None)
    issuer = Issuer(Settings(stage="local", oidc_issuer=ISSUER), lambda name, make: make())
    try:
        with _published(json.dumps(issuer.make_jwks()).encode(), folder) as address:
            said = {
                "sub": "pia",
                "name": "Pia",
                "organisation_id": "org_a",
                "roles": ["incentives_admin"],
            }
            variables = _defaults(template) | {
                "AWS_ENDPOINT_URL": running.endpoint,
                "TABLE_NAME": TABLE,
                "EVIDENCE_BUCKET": BUCKET,
                "SECRETS_PREFIX": SECRETS,
                "PUBLIC_BASE_URL": "https://por.example",
                "OIDC_ISSUER": ISSUER,
                "JWKS_URL": address,
                "SSL_CERT_FILE": str(folder / "issuer.pem"),
            }
            here = Surroundings(
                running.endpoint, variables, issuer.make_token(said, datetime.now(UTC))
            )
            _furnish(here)
            yield here
    finally:
        running.stop()


def _furnish(here: Surroundings) -> None:
    here.variables["WORK_QUEUE_URL"] = here.client("sqs").create_queue(QueueName="work")["QueueUrl"]
    here.client("sesv2").create_email_identity(EmailIdentity=here.variables["MAIL_FROM"])
    for name in ("link-key", "cursor-key", "webhook-key"):
        here.client("ssm").put_parameter(
            Name=f"{SECRETS}/{name}", Value=secrets.token_hex(32), Type="SecureString"
        )
    here.client("s3").create_bucket(Bucket=BUCKET)
    digest = hashlib.sha256(PDF).digest()
    here.client("s3").put_object(
        Bucket=BUCKET,
        Key=EVIDENCE,
        Body=PDF,
        ContentType="application/pdf",
        ChecksumSHA256=base64.b64encode(digest).decode(),
    )
    _fill(here)


def _fill(here: Surroundings) -> None:
    database, name, now = here.client("dynamodb"), here.variables["TABLE_NAME"], datetime.now(UTC)
    make_table(database, name)
    feed.demonstration(Rows(database, name))
    proof = Evidence(
        id=EVIDENCE,
        organisation_id="org_a",
        file_name="sow.pdf",
        content_type="application/pdf",
        size=len(PDF),
        sha256=hashlib.sha256(PDF).hexdigest(),
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    Rows(database, name).write([make_row(keys.evidence(EVIDENCE), proof.model_dump_json())])


def _defaults(template: Path) -> dict[str, str]:
    """The environment that a template gives its functions, as far as it is known before it is
    deployed.
    """
    document = json.loads(template.read_text())
    given = document["Globals"]["Function"]["Environment"]["Variables"]
    given |= document["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]
    chosen = {
        name: str(one["Default"])
        for name, one in document["Parameters"].items()
        if "Default" in one
    }
    values = {
        name: chosen.get(one["Ref"]) if isinstance(one, Mapping) and "Ref" in one else one
        for name, one in given.items()
    }
    return {name: value for name, value in values.items() if isinstance(value, str)}


@contextmanager
def _published(body: bytes, folder: Path) -> Iterator[str]:
    """The address under which this is served over TLS, by a certificate that signs itself and lies
    in `issuer.pem`.
    """

    class Served(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    _certify(folder)
    with _over_tls(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Served), folder) as address:
        yield f"{address}/keys"


@contextmanager
def tunnel(endpoint: str, folder: Path) -> Iterator[str]:
    """The same endpoint over TLS, by the certificate of the place in this folder."""
    behind = urlsplit(endpoint)

    class Tunnel(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((behind.hostname, behind.port)) as plain:
                back = Thread(target=_pump, args=(plain, self.request), daemon=True)
                back.start()
                _pump(self.request, plain)
                back.join()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel)
    server.daemon_threads = True
    with _over_tls(server, folder) as address:
        yield address


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Passes on what one says until it says no more."""
    with suppress(OSError):
        while some := one.recv(65536):
            other.sendall(some)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def _over_tls(server: socketserver.TCPServer, folder: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "issuer.pem", folder / "issuer.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _certify(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
        )
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "issuer.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "issuer.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
