"""The package under AWS's own runtime client, with what Lambda provides beside it and nothing else
on the path.
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
    """The functions of a package, to be started one by one."""

    def __init__(self, folder: Path, here: Surroundings, archive: Path) -> None:
        self.here = here
        self._task = lambda_runtime.unpack(archive, folder / "task")
        self._beside = lambda_runtime.link_provided(folder / "runtime")

    def start(self, handler: str) -> AbstractContextManager[lambda_runtime.Function]:
        return lambda_runtime.start(self._task, handler, self._beside, self.here.variables)


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    made, folder = package("prod", HOST), tmp_path_factory.mktemp("package")
    with surroundings.start(folder, made.template) as here:
        yield Functions(folder, here, made.zip)


def asked(method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """The gateway's event for a request."""
    import app

    return event(
        app.app, method, path, headers, None if body is None else json.dumps(body).encode()
    )


def messages(functions: Functions) -> list[dict[str, str]]:
    """What lies in the worker's queue, as its event source hands it over."""
    queue = functions.here.client("sqs")
    found = queue.receive_message(
        QueueUrl=functions.here.variables["WORK_QUEUE_URL"], MaxNumberOfMessages=10
    ).get("Messages", [])
    return [
        {"messageId": one["MessageId"], "body": one["Body"], "receiptHandle": one["ReceiptHandle"]}
        for one in found
    ]


@pytest.fixture(scope="module")
def answers(functions: Functions) -> list[Any]:
    """What one new process answers: to a filing, to a question for the claim, to strangers, and for
    the document.
    """
    token = {"Authorization": f"Bearer {functions.here.token}"}
    more = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    with functions.start("app.app") as api:
        made = api(asked("POST", "/v1/claims", functions.here.filing(), **token, **more))
        assert made["statusCode"] == 201, (made["body"], api.log.read_text())
        claim_id = json.loads(made["body"])["claims"][0]["id"]
        others = (
            asked("GET", f"/v1/claims/{claim_id}", **token),
            asked("GET", "/v1/claims"),
            asked("GET", "/o/no-such-link", Accept="text/html"),
            asked("GET", "/openapi.json"),
        )
        return [made, *map(api, others)]


def test_the_first_request_of_a_new_process_stores_a_claim_and_the_second_reads_it(answers):
    made, read, *_ = answers

    assert (made["statusCode"], read["statusCode"]) == (201, 200), (made["body"], read["body"])
    assert json.loads(read["body"])["id"] == json.loads(made["body"])["claims"][0]["id"]
    assert json.loads(read["body"])["status"] == "submitted"


def test_strangers_get_answers_and_pages_not_failures(answers):
    _, _, stranger, page, _ = answers

    assert (stranger["statusCode"], page["statusCode"]) == (401, 404)
    assert page["body"].startswith("<!doctype html>")


def test_the_package_says_of_its_shapes_what_the_sources_say(answers):
    document = json.loads(answers[-1]["body"])

    assert document["components"]["schemas"] == schemas()


def test_the_worker_does_what_was_queued_and_gives_back_what_it_cannot_read(functions, answers):
    queued, unreadable = (
        messages(functions),
        {"messageId": "unreadable", "body": "not json", "receiptHandle": "0"},
    )

    with functions.start("app.worker") as worker:
        first = worker({"Records": [*queued, unreadable]})
        second = worker({"Records": queued})

    assert [set(json.loads(one["body"])) for one in queued] == [{"ids"}]
    assert first == {"batchItemFailures": [{"itemIdentifier": "unreadable"}]}, (
        worker.log.read_text()
    )
    assert second == {"batchItemFailures": []}


def test_the_sweep_runs_again_and_again_in_one_process(functions):
    tick = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "detail": {},
        "account": "0" * 12,
        "time": "2026-11-20T12:00:00Z",
        "region": "us-east-1",
        "resources": [],
    }

    with functions.start("app.sweep") as sweep:
        answers = [sweep(tick) for _ in range(2)]

    assert answers == [None, None]


def test_a_function_that_does_not_start_says_why(functions):
    with (
        functions.start("app.nothing") as nothing,
        pytest.raises(lambda_runtime.FunctionFailed, match="nothing"),
    ):
        nothing({})


def schemas() -> Any:
    """The descriptions of every schema, from this tree's sources with all their docstrings."""
    document = openapi.describe(RouteTable(ROUTES), Settings(stage="prod"))
    return json.loads(json.dumps(document["components"]["schemas"]))
