"""Stacks that fail, lose a parameter, are rolled back or destroyed, on the emulator."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.emulator import DeployedStage
from tools.deployment import adopt, deploy, destroy, stack
from tools.deployment.stack import StackUpdate
from tools.embedded import deployment
from tools.errors import ToolError
from tools.packaging.package import Package, package
from tools.packaging.target import HOST

pytestmark = [pytest.mark.deployed, pytest.mark.xdist_group("ministack")]
POLL = 0.05  # seconds; the emulator deploys at once
NAME = "cpor-sandbox"
# The emulator refuses an alarm over a formula, as AWS refuses many things on the first day.
BROKEN = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Id": "a"}]}}
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "RetainExceptOnCreate",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    },
}


@pytest.fixture
def stage(deployed_stage: DeployedStage) -> Iterator[DeployedStage]:
    """The emulator; the test's stack is deleted afterwards."""
    yield deployed_stage
    deployed_stage.client("cloudformation").delete_stack(StackName=NAME)


def a_queue(seconds: int) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": seconds}}


def update(folder: Path, parameters: Any = None, **resources: Any) -> StackUpdate:
    made = Package(folder / "x.zip", folder / "x.json")
    made.zip.write_bytes(b"zip")
    declared = {name: {"Type": "String"} for name in parameters or {}}
    template = {"Parameters": declared, "Resources": resources}
    made.template.write_text(json.dumps(template))
    return StackUpdate(
        NAME, made, deployment.ARTEFACTS, parameters or {}, review=lambda changes: None, poll=POLL
    )


def test_a_first_deployment_that_fails_says_why_and_leaves_nothing(stage, tmp_path):
    before = stage.client("dynamodb").list_tables()["TableNames"]
    broken = {**BROKEN, "DependsOn": "Table"}

    with pytest.raises(
        ToolError, match=r"(?s)ROLLBACK_COMPLETE.*Broken \(AWS::CloudWatch::Alarm\)"
    ):
        stack.deploy(update(tmp_path, Table=TABLE, Broken=broken), stage.client)

    assert stage.client("dynamodb").list_tables()["TableNames"] == before
    assert stack.describe(stage.client("cloudformation"), NAME) == {}


def test_what_a_failed_first_deployment_left_is_explained_and_destroyed(stage, tmp_path, capsys):
    cloudformation = stage.client("cloudformation")
    template = json.dumps(
        {"Resources": {"Table": TABLE, "Broken": {**BROKEN, "DependsOn": "Table"}}}
    )
    cloudformation.create_stack(StackName=NAME, TemplateBody=template)
    while not stack.describe(cloudformation, NAME)["StackStatus"].endswith("ROLLBACK_COMPLETE"):
        pass

    with pytest.raises(ToolError, match="is ROLLBACK_COMPLETE: its first deployment failed") as no:
        stack.deploy(update(tmp_path, Queue=a_queue(30)), stage.client)
    assert destroy.main(["--stage", "sandbox", "--confirm", "sandbox"], stage.client, POLL) == 0

    assert "make destroy STAGE=sandbox CONFIRM=sandbox" in no.value.advice
    assert "has left nothing behind" in capsys.readouterr().out
    assert stack.describe(cloudformation, NAME) == {}


def test_a_second_deployment_may_drop_a_parameter(stage, tmp_path):
    stack.deploy(update(tmp_path, {"Kept": "1", "Old": "2"}, Queue=a_queue(30)), stage.client)
    second = update(tmp_path, {"Kept": "1"}, Queue=a_queue(60))

    stack.deploy(second, stage.client)

    found = stack.describe(stage.client("cloudformation"), NAME)["Parameters"]
    assert [one["ParameterKey"] for one in found] == ["Kept"]


def test_an_update_that_fails_is_rolled_back_and_the_next_one_succeeds(stage, tmp_path):
    sqs, cloudformation = stage.client("sqs"), stage.client("cloudformation")
    stack.deploy(update(tmp_path, Queue=a_queue(30)), stage.client)
    url = cloudformation.describe_stack_resource(StackName=NAME, LogicalResourceId="Queue")[
        "StackResourceDetail"
    ]["PhysicalResourceId"]

    def read_seconds() -> str:
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        return str(answer["Attributes"]["VisibilityTimeout"])

    with pytest.raises(ToolError, match="UPDATE_ROLLBACK_COMPLETE"):
        broken = {**BROKEN, "DependsOn": "Queue"}
        stack.deploy(update(tmp_path, Queue=a_queue(60), Broken=broken), stage.client)
    rolled_back = read_seconds()
    stack.deploy(update(tmp_path, Queue=a_queue(90)), stage.client)

    assert (rolled_back, read_seconds()) == ("30", "90")


def test_without_a_domain_the_first_deployment_ends_with_the_gateways_address(stage):
    def for_host(name: str) -> Package:
        return package(name, HOST)

    command = ["--stage", "sandbox", "--bucket", deployment.ARTEFACTS, "Target=emulator"]
    assert deploy.main(command, stage.client, lambda _: [], for_host, POLL) == 0

    described = stack.describe(stage.client("cloudformation"), NAME)
    known = {one["ParameterKey"]: one["ParameterValue"] for one in described["Parameters"]}
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
    # Other than AWS, the emulator gives an API a new id with every change: of what it was then.
    assert re.fullmatch(r"https://\w+\.execute-api\.[\w.-]+/api", known["PublicBaseUrl"])
    assert described["StackStatus"] == "UPDATE_COMPLETE"
    stage.client("cloudformation").delete_stack(StackName=NAME)
    stage.client("dynamodb").delete_table(TableName=outputs["TableName"])


def test_the_data_of_a_destroyed_stage_is_adopted_by_a_new_stack(stage, capsys):
    def for_host(name: str) -> Package:
        return package(name, HOST)

    where = ["--stage", "sandbox", "--bucket", deployment.ARTEFACTS]
    given = ["Target=emulator", "PublicBaseUrl=https://por.example"]
    deploy.main([*where, *given], stage.client, lambda _: [], for_host, POLL)
    before = read_outputs(stage)
    row = {"pk": {"S": "kept"}, "sk": {"S": "kept"}}
    stage.client("dynamodb").put_item(TableName=before["TableName"], Item=row)
    destroy.main(["--stage", "sandbox", "--confirm", "sandbox"], stage.client, POLL)

    data = [f"Table={before['TableName']}", f"EvidenceBucket={before['EvidenceBucketName']}"]
    adopt.main([*where, *given, *data], stage.client, for_host, POLL)
    deploy.main([*where, *given], stage.client, lambda _: [], for_host, POLL)

    after = read_outputs(stage)
    names = ("TableName", "EvidenceBucketName")
    assert [after[name] for name in names] == [before[name] for name in names]
    found = stage.client("dynamodb").get_item(TableName=after["TableName"], Key=row)
    assert found["Item"] == row
    stage.client("cloudformation").delete_stack(StackName=NAME)
    stage.client("dynamodb").delete_table(TableName=after["TableName"])


def read_outputs(stage: DeployedStage) -> dict[str, str]:
    found = stack.describe(stage.client("cloudformation"), NAME)["Outputs"]
    return {one["OutputKey"]: one["OutputValue"] for one in found}
