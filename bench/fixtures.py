"""One filing as it comes through API Gateway, and the services that it needs in production's
set-up.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.clients import get_client
from chalicelib.aws.files import get_s3_client
from chalicelib.aws.rows import Rows, make_row
from chalicelib.domain.evidence import Evidence
from chalicelib.ports import Services
from chalicelib.runtime import wiring
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.sandbox_issuer import Issuer
from chalicelib.web.auth.tokens import Tokens
from tests.packaging import surroundings
from tests.support import feed
from tests.support.memory_dynamodb import MemoryDynamoDB

from .taped import PDF, Aws, Tape

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EVIDENCE = "evd_000000000000000000000001"
SETTINGS = Settings(
    stage="prod",
    work_queue_url="https://sqs.us-east-1.amazonaws.com/1/work",
    public_base_url="https://por.example",
)
PROOF = {
    "id": EVIDENCE,
    "kind": "signed_sow",
    "acknowledged_on": "2026-10-20",
    "covers": [feed.SALES],
}
FILING: dict[str, Any] = {**surroundings.FILING, "evidence": [PROOF]}
# The headers of a script's request after API Gateway.
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "Content-Type": "application/json",
    "Host": "por.example",
    "Idempotency-Key": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "User-Agent": "python-requests/2.32.5",
    "X-Amzn-Trace-Id": "Root=1-6740aa00-0123456789abcdef01234567",
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
}


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands still: every round of a measurement files at the same time."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Fixtures:
    """`services`: production's, over clients that answer at once. `event`: the filing, as JSON."""

    services: Services
    tokens: Tokens
    tape: Tape
    event: str


@cache
def fixtures() -> Fixtures:
    """Make everything but the endpoint, once in a process. Sets made-up credentials."""
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_SESSION_TOKEN": "bench" * 80,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    tape = Tape(Aws(_feed(MemoryDynamoDB())).send)
    for aws_client in (get_client("dynamodb"), get_client("sqs"), get_s3_client("")):
        aws_client._endpoint.http_session = tape
    services = wiring.build_services(SETTINGS).evolve(clock=FixedClock())
    issuer = Issuer(
        Settings(stage="local", oidc_issuer=SETTINGS.oidc_issuer), lambda name, make: make()
    )
    claims = {
        "sub": "pia",
        "name": "Pia",
        "organisation_id": "org_a",
        "roles": ["incentives_admin"],
    }
    return Fixtures(
        services,
        Tokens(SETTINGS, issuer.make_jwks),
        tape,
        json.dumps(_event(issuer.make_token(claims, NOW, timedelta(hours=1)))),
    )


def _feed(engine: MemoryDynamoDB) -> MemoryDynamoDB:
    """Store a partner, its proof and a customer in the engine."""
    rows = Rows(engine, SETTINGS.table_name)
    feed.demonstration(rows)
    proof = Evidence(
        id=EVIDENCE,
        organisation_id="org_a",
        file_name="sow.pdf",
        content_type="application/pdf",
        size=len(PDF),
        sha256=hashlib.sha256(PDF).hexdigest(),
        created_at=NOW,
        expires_at=NOW,
    )
    rows.write([make_row(keys.evidence(EVIDENCE), proof.model_dump_json())])
    return engine


def _event(token: str) -> dict[str, Any]:
    """API Gateway's proxy event, version 1.0."""
    headers = HEADERS | {"Authorization": f"Bearer {token}"}
    return {
        "resource": "/v1/claims",
        "path": "/v1/claims",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "abc123",
            "resourcePath": "/v1/claims",
            "httpMethod": "POST",
            "extendedRequestId": "Bq0123456789abc=",
            "requestTime": "20/Nov/2026:12:00:00 +0000",
            "path": "/api/v1/claims",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "api",
            "domainPrefix": "por",
            "requestTimeEpoch": 1795348800000,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {
                "sourceIp": "192.0.2.1",
                "userAgent": HEADERS["User-Agent"],
                "accountId": None,
                "caller": None,
            },
            "domainName": "por.example",
            "apiId": "abcdefghij",
        },
        "body": json.dumps(FILING),
        "isBase64Encoded": False,
    }
