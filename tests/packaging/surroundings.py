"""What a production function depends on, on this machine: database, queue and bucket of an emulator
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
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.aws import keys, object_keys
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
CLAIMS = {
    "sub": "pia",
    "name": "Pia",
    "organisation_id": "org_a",
    "roles": ["incentives_admin"],
}


@dataclass(frozen=True)
class Surroundings:
    """What functions run against.

    Attributes:
        endpoint: the address of the emulator.
        variables: the environment of a function.
        token: the access token of the partner's administrator.
    """

    endpoint: str
    variables: dict[str, str]
    token: str

    def client(self, service: str) -> Any:
        return deployment.client(service, self.endpoint)

    def with_new_table(self) -> "Surroundings":
        """Return the same with another table, in which nothing has been filed."""
        table = {"TABLE_NAME": f"cpor-{secrets.token_hex(4)}"}
        other = replace(self, variables=self.variables | table)
        _fill_table(other)
        return other

    def filing(self) -> dict[str, Any]:
        """Return a filing that is valid today."""
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
    """Start all that the functions of this template depend on, and stop it after the block."""
    running = emulator.start(folder, None)
    issuer = Issuer(Settings(stage="local", oidc_issuer=ISSUER), lambda name, make: make())
    try:
        with _serve_over_tls(json.dumps(issuer.make_jwks()).encode(), folder) as address:
            variables = _read_variables(template) | {
                "AWS_ENDPOINT_URL": running.endpoint,
                "TABLE_NAME": TABLE,
                "EVIDENCE_BUCKET": BUCKET,
                "SECRETS_PREFIX": SECRETS,
                "PUBLIC_BASE_URL": "https://por.example",
                "OIDC_ISSUER": ISSUER,
                "JWKS_URL": address,
                "SSL_CERT_FILE": str(folder / "issuer.pem"),
            }
            token = issuer.make_token(CLAIMS, datetime.now(UTC), timedelta(hours=1))
            here = Surroundings(running.endpoint, variables, token)
            _create_resources(here)
            yield here
    finally:
        running.stop()


def _create_resources(here: Surroundings) -> None:
    here.variables["WORK_QUEUE_URL"] = here.client("sqs").create_queue(QueueName="work")["QueueUrl"]
    here.client("sesv2").create_email_identity(EmailIdentity=here.variables["MAIL_FROM"])
    for name in ("link-key", "cursor-key", "webhook-key", "signing-key"):
        here.client("ssm").put_parameter(
            Name=f"{SECRETS}/{name}", Value=secrets.token_hex(32), Type="SecureString"
        )
    key = here.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    here.variables["HISTORY_SIGNER_ARN"] = key["KeyMetadata"]["Arn"]
    here.client("s3").create_bucket(Bucket=BUCKET)
    here.client("s3").put_object(
        Bucket=BUCKET,
        Key=object_keys.key_of_unclaimed(EVIDENCE),
        Body=PDF,
        ContentType="application/pdf",
        ChecksumSHA256=base64.b64encode(hashlib.sha256(PDF).digest()).decode(),
    )
    _fill_table(here)


def _fill_table(here: Surroundings) -> None:
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


def _read_variables(template: Path) -> dict[str, str]:
    """Read the environment of the functions, as far as it is known before the deployment."""
    document = json.loads(template.read_text())
    variables = document["Globals"]["Function"]["Environment"]["Variables"]
    variables |= document["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]
    defaults = {
        name: str(parameter["Default"])
        for name, parameter in document["Parameters"].items()
        if "Default" in parameter
    }
    values = {
        name: defaults.get(value["Ref"]) if isinstance(value, Mapping) and "Ref" in value else value
        for name, value in variables.items()
    }
    return {name: value for name, value in values.items() if isinstance(value, str)}


@contextmanager
def _serve_over_tls(body: bytes, folder: Path) -> Iterator[str]:
    """Serve a body over TLS with a self-signed certificate, which is written to `issuer.pem`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Write nothing."""

    _write_certificate(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with _run_over_tls(server, folder) as address:
        yield f"{address}/keys"


@contextmanager
def tunnel(endpoint: str, folder: Path) -> Iterator[str]:
    """Serve the same endpoint over TLS, with the certificate that `start` wrote to this folder."""
    target = urlsplit(endpoint)

    class Tunnel(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((target.hostname, target.port)) as plain:
                back = Thread(target=_pump, args=(plain, self.request), daemon=True)
                back.start()
                _pump(self.request, plain)
                back.join()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel)
    server.daemon_threads = True
    with _run_over_tls(server, folder) as address:
        yield address


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Forward what one side sends until it ends."""
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def _run_over_tls(server: socketserver.TCPServer, folder: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "issuer.pem", folder / "issuer.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _write_certificate(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
        )
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "issuer.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "issuer.key").write_bytes(secret)
