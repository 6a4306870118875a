"""The first deployment of a stage, and the states in which a stack cannot be deployed."""

import http.server
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cpor.doctor import web
from tests.cli.doctor import PROD, Told, wrong
from tests.support.first_day import STEPS, read_steps
from tools.deployment import adopt, deploy, stack
from tools.deployment.stack import StackUpdate
from tools.errors import ToolError
from tools.packaging.package import Package, package
from tools.packaging.target import HOST

REHEARSED = {*STEPS, 10, 13}  # by tests/deployed/test_first_day.py
GATEWAY = "https://abc.execute-api.eu-central-1.amazonaws.com/api/"
PARAMETERS = {"PublicBaseUrl": {}, "DomainName": {}, "Protected": {}, "MailFrom": {}}


class Formation:
    """CloudFormation with one stack. `status`: of the stack, empty for none."""

    def __init__(self, status: str = "", outputs: Any = None, **parameters: str) -> None:
        self.status, self.parameters = status, parameters
        self._outputs = outputs or {"EndpointURL": GATEWAY}
        self.requests: list[dict[str, Any]] = []
        self.calls: list[str] = []

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        if not self.status:
            error = {"Error": {"Code": "ValidationError", "Message": "it does not exist"}}
            raise ClientError(error, "DescribeStacks")
        described = {
            "StackName": "cpor-prod",
            "StackStatus": self.status,
            "StackId": "arn:stack",
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in self.parameters.items()
            ],
            "Outputs": [
                {"OutputKey": key, "OutputValue": value} for key, value in self._outputs.items()
            ],
        }
        return {"Stacks": [described]}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_stack_resources"
        page = {"StackResourceSummaries": []}
        return SimpleNamespace(paginate=lambda StackName: [page])

    def create_change_set(self, **request: Any) -> dict[str, str]:
        self.requests.append(request)
        return {"Id": "arn:set", "StackId": "arn:stack"}

    def describe_change_set(self, ChangeSetName: str) -> dict[str, Any]:
        return {"Status": "CREATE_COMPLETE", "Changes": []}

    def execute_change_set(self, ChangeSetName: str, RetainExceptOnCreate: bool) -> None:
        sent = {
            one["ParameterKey"]: one.get("ParameterValue", self.parameters.get(one["ParameterKey"]))
            for one in self.requests[-1]["Parameters"]
        }
        self.parameters = sent
        self.calls.append("create" if not self.status else "update")
        self.status = "CREATE_COMPLETE" if not self.status else "UPDATE_COMPLETE"

    def update_termination_protection(
        self, StackName: str, EnableTerminationProtection: bool
    ) -> None:
        assert self.status, "there is no stack to protect"
        self.calls.append("protect")


def a_package(folder: Path, parameters: Any = None) -> Package:
    made = Package(folder / "x.zip", folder / "x.json")
    made.zip.write_bytes(b"zip")
    template = {"Parameters": parameters or PARAMETERS, "Resources": {}}
    made.template.write_text(json.dumps(template))
    return made


def clients_of(formation: Any) -> Callable[[str], Any]:
    s3 = SimpleNamespace(
        put_object=lambda **_: None,
        generate_presigned_url=lambda *_, **__: "https://s3.example/key?signature",
    )
    return lambda service: formation if service == "cloudformation" else s3


def run(formation: Formation, folder: Path, *parameters: str) -> int:
    return deploy.main(
        ["--stage", "prod", "--bucket", "b", *parameters],
        clients_of(formation),
        lambda stage: [],
        lambda stage: a_package(folder),
        0.0,
    )


def test_without_a_domain_the_address_of_the_gateway_is_set_by_a_second_step(tmp_path):
    formation = Formation()

    assert run(formation, tmp_path, "MailFrom=por@por.example") == 0

    assert formation.calls == ["create", "protect", "update"]
    first = {
        one["ParameterKey"]: one["ParameterValue"] for one in formation.requests[0]["Parameters"]
    }
    assert first == {"MailFrom": "por@por.example", "PublicBaseUrl": deploy.PENDING_URL}
    assert formation.parameters == {
        "MailFrom": "por@por.example",
        "PublicBaseUrl": GATEWAY.rstrip("/"),
        "Protected": "true",
    }


def test_a_first_deployment_that_broke_off_is_completed_by_the_next(tmp_path):
    formation = Formation("CREATE_COMPLETE", PublicBaseUrl=deploy.PENDING_URL)

    run(formation, tmp_path)

    assert formation.parameters["PublicBaseUrl"] == GATEWAY.rstrip("/")
    assert formation.parameters["Protected"] == "true"


def test_with_a_domain_the_record_to_set_is_printed_and_nothing_has_failed(tmp_path, capsys):
    outputs = {"EndpointURL": GATEWAY, "DomainTarget": "d-1.execute-api.example"}
    formation = Formation(outputs=outputs)

    assert run(formation, tmp_path, "DomainName=por.example") == 0

    assert formation.parameters["PublicBaseUrl"] == "https://por.example"
    said = capsys.readouterr().out
    assert "por.example  CNAME  d-1.execute-api.example" in said
    assert "First day" in said


def test_a_stack_that_exists_stays_protected_unless_that_is_taken_back(tmp_path):
    formation = Formation("UPDATE_COMPLETE", PublicBaseUrl="https://por.example")

    run(formation, tmp_path)
    protected = dict(formation.parameters)
    run(formation, tmp_path, "Protected=false")

    assert protected == {"PublicBaseUrl": "https://por.example", "Protected": "true"}
    assert formation.parameters["Protected"] == "false"


def test_parameters_that_the_template_has_dropped_are_dropped(tmp_path):
    formation = Formation("UPDATE_COMPLETE", PublicBaseUrl="https://por.example", Old="x")
    update = StackUpdate("cpor-prod", a_package(tmp_path), "b", review=lambda changes: None, poll=0)

    stack.deploy(update, clients_of(formation))

    assert formation.requests[0]["Parameters"] == [
        {"ParameterKey": "PublicBaseUrl", "UsePreviousValue": True}
    ]


def test_a_parameter_that_the_template_does_not_have_is_refused_by_name(tmp_path):
    with pytest.raises(ToolError, match="no parameter PublicUrl"):
        run(Formation("UPDATE_COMPLETE"), tmp_path, "PublicUrl=https://por.example")


# Every state of a stack that CloudFormation has (API reference, Stack: StackStatus).
STATES = [
    "CREATE_COMPLETE",
    "CREATE_FAILED",
    "CREATE_IN_PROGRESS",
    "DELETE_COMPLETE",
    "DELETE_FAILED",
    "DELETE_IN_PROGRESS",
    "IMPORT_COMPLETE",
    "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_COMPLETE",
    "IMPORT_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_FAILED",
    "UPDATE_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
]
CAN_BE_UPDATED = {
    "CREATE_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
}
CAN_BE_CREATED = {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}


@pytest.mark.parametrize("status", STATES)
def test_every_state_of_a_stack_is_deployed_or_explained(status):
    formation = Formation(status)

    if status in CAN_BE_UPDATED | CAN_BE_CREATED:
        found = stack.find_current(formation, "cpor-prod")
        assert bool(found) == (status in CAN_BE_UPDATED)
    else:
        with pytest.raises(ToolError, match=f"cpor-prod is {status}: ") as refused:
            stack.find_current(formation, "cpor-prod")
        assert "{" not in refused.value.advice
        assert not refused.value.advice.startswith("Run `make lint`")


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("ROLLBACK_COMPLETE", "make destroy STAGE=prod CONFIRM=prod"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name cpor-prod"),
        ("DELETE_FAILED", "Repeat make destroy"),
        ("UPDATE_IN_PROGRESS", "Wait"),
    ],
)
def test_a_stack_that_is_stuck_is_said_how_to_free(status, advice):
    with pytest.raises(ToolError) as refused:
        stack.find_current(Formation(status), "cpor-prod")

    assert advice in refused.value.advice


@pytest.mark.parametrize(
    ("build", "said"), [("abc", ""), ("old", "build old, deployed is abc"), (None, "build unknown")]
)
def test_an_answer_of_another_version_than_the_deployed_one_is_named(serve_json, build, said):
    answer = {"status": "ok", "stage": "prod"} | ({"build": build} if build else {})
    chosen = PROD.__class__(stage="prod", public_base_url=serve_json(answer), build="abc")

    found = wrong(web.check_health(Told("prod", chosen)))

    assert said in found
    assert bool(found) == bool(said)


@pytest.fixture
def serve_json():
    """Serve one JSON answer at any path; return the address."""
    servers = []

    def serve(answer: Any) -> str:
        body = json.dumps(answer).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_what_is_adopted_is_a_part_of_the_template_that_refers_to_nothing_else():
    template = json.loads(package("prod", HOST).template.read_text())

    reduced = adopt.reduce_template(template, dict.fromkeys(adopt.ADOPTED, "x"))

    known = {*reduced["Resources"], *reduced["Parameters"]}
    referred = {
        one.partition(".")[0]
        for one in re.findall(r'"(?:Ref|Fn::GetAtt)": \[?"([^"]+)"', json.dumps(reduced))
    }
    assert set(reduced["Resources"]) == {"Table", "EvidenceBucket", "UserPool"}
    assert {one for one in referred if not one.startswith("AWS::")} <= known
    assert all("DeletionPolicy" in one for one in reduced["Resources"].values())


@pytest.mark.parametrize(
    ("words", "said"),
    [(["Queue=x"], "Nothing is named"), (["Table=x"], "There is a stack cpor-prod")],
)
def test_only_a_new_stack_adopts_and_only_what_holds_data(words, said):
    command = ["--stage", "prod", "--bucket", "b", *words]

    with pytest.raises(ToolError, match=said):
        adopt.main(command, clients_of(Formation("CREATE_COMPLETE")))


def test_the_steps_that_the_page_marks_are_those_that_are_rehearsed():
    marked = {number for number, text in read_steps().items() if "★" in text.partition(":")[0]}

    assert marked == REHEARSED
