"""The package under AWS's own runtime client, with what Lambda provides and nothing else on the
path.
"""

import json
import sys
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from chalicelib.runtime.settings import Settings
from chalicelib.web.http import openapi
from chalicelib.web.http.routing import RouteTable
from chalicelib.web.routes import ROUTES
from cpor.bundle import Known, verify
from cpor.bundle_signature import PATH as KEYS
from cpor.bundle_signature import parse_keys
from tests.packaging import lambda_runtime, surroundings
from tests.packaging.surroundings import Surroundings
from tests.support.api_gateway import event
from tools.packaging.package import package
from tools.packaging.target import HOST

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the runtime client is made for Linux"),
    pytest.mark.xdist_group("package"),
]


class Functions:
    """The functions of a package."""

    def __init__(self, folder: Path, here: Surroundings, archive: Path) -> None:
        self.here = here
        self._task = lambda_runtime.unpack(archive, folder / "task")
        self._provided = lambda_runtime.link_provided(folder / "runtime")

    def start(self, handler: str) -> AbstractContextManager[lambda_runtime.Function]:
        return lambda_runtime.start(self._task, handler, self._provided, self.here.variables)


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    made, folder = package("prod", HOST), tmp_path_factory.mktemp("package")
    with surroundings.start(folder, made.template) as here:
        yield Functions(folder, here, made.zip)


def make_event(method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """Make the gateway's event for a request."""
    import app

    return event(
        app.app, method, path, headers, None if body is None else json.dumps(body).encode()
    )


def receive_messages(functions: Functions) -> list[dict[str, str]]:
    """Receive the worker's messages as its event source passes them on."""
    received = functions.here.client("sqs").receive_message(
        QueueUrl=functions.here.variables["WORK_QUEUE_URL"], MaxNumberOfMessages=10
    )
    return [
        {"messageId": one["MessageId"], "body": one["Body"], "receiptHandle": one["ReceiptHandle"]}
        for one in received.get("Messages", [])
    ]


@pytest.fixture(scope="module")
def answers(functions: Functions) -> list[Any]:
    """The answers of one new process: to a filing, to a request for the claim, to callers without
    credentials, to a request for the OpenAPI document, for the bundle, and for the public keys.
    """
    token = {"Authorization": f"Bearer {functions.here.token}"}
    more = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    with functions.start("app.app") as api:
        made = api(make_event("POST", "/v1/claims", functions.here.filing(), **token, **more))
        assert made["statusCode"] == 201, (made["body"], api.log.read_text())
        claim_id = json.loads(made["body"])["claims"][0]["id"]
        others = (
            make_event("GET", f"/v1/claims/{claim_id}", **token),
            make_event("GET", "/v1/claims"),
            make_event("GET", "/o/no-such-link", Accept="text/html"),
            make_event("GET", "/openapi.json"),
            make_event("GET", f"/v1/claims/{claim_id}/bundle", **token),
            make_event("GET", KEYS),
        )
        return [made, *map(api, others)]


def test_the_first_request_of_a_new_process_stores_a_claim_and_the_second_reads_it(answers):
    made, read, *_ = answers

    assert made["statusCode"] == 201, made["body"]
    assert read["statusCode"] == 200, read["body"]
    assert json.loads(read["body"])["id"] == json.loads(made["body"])["claims"][0]["id"]
    assert json.loads(read["body"])["status"] == "submitted"


def test_a_bundle_is_signed_with_the_published_key_of_kms(answers):
    *_, bundle, keys = answers

    assert bundle["statusCode"] == 200, bundle["body"]
    verdict = verify(bundle["body"], Known(keys=parse_keys(keys["body"])))
    assert (verdict.faults, verdict.notes) == ((), ())


def test_callers_without_credentials_get_answers_and_pages(answers):
    _, _, api, page, *_ = answers

    assert api["statusCode"] == 401
    assert page["statusCode"] == 404
    assert page["body"].startswith("<!doctype html>")


def test_the_package_describes_its_schemas_as_the_sources_do(answers):
    document = json.loads(answers[4]["body"])

    described = openapi.describe(RouteTable(ROUTES), Settings(stage="prod"))
    schemas = json.loads(json.dumps(described["components"]["schemas"]))
    assert document["components"]["schemas"] == schemas


def test_the_worker_does_what_was_queued_and_returns_what_it_cannot_read(functions, answers):
    queued = receive_messages(functions)
    unreadable = {"messageId": "unreadable", "body": "not json", "receiptHandle": "0"}

    with functions.start("app.worker") as worker:
        first = worker({"Records": [*queued, unreadable]})
        second = worker({"Records": queued})

    assert [set(json.loads(one["body"])) for one in queued] == [{"ids"}]
    assert first == {"batchItemFailures": [{"itemIdentifier": "unreadable"}]}, (
        worker.log.read_text()
    )
    assert second == {"batchItemFailures": []}


def test_the_sweep_runs_twice_in_one_process(functions):
    tick = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "0" * 12,
        "time": "2026-11-20T12:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {},
    }

    with functions.start("app.sweep") as sweep:
        answers = [sweep(tick) for _ in range(2)]

    assert answers == [None, None]


def test_a_function_that_does_not_start_reports_why(functions):
    with (
        functions.start("app.nothing") as nothing,
        pytest.raises(lambda_runtime.FunctionFailed, match="nothing"),
    ):
        nothing({})
