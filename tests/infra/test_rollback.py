"""A deployment is rolled back when alarms of the stage go off; those that have already, do not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator
from moto import mock_aws

from tests.infra.test_first_day import clients_of
from tests.support.embedded_aws import ENVIRONMENT
from tools.deployment import rollback, stack
from tools.deployment.stack import StackUpdate
from tools.errors import ToolError
from tools.packaging.package import ROOT, Package
from tools.packaging.template import read_additions

NAME = "cpor-prod"
STAGES = ("sandbox", "prod")
OTHER = "MailBouncesAlarm"
ALARM: Any = {
    "Namespace": "AWS/Lambda",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 15,
    "Threshold": 0,
    "ComparisonOperator": "GreaterThanThreshold",
}


class Resources:
    """CloudFormation that lists a stack's alarms, one to a page."""

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_stack_resources"
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:
        for name in (*rollback.WATCHED, OTHER):
            resource = {"LogicalResourceId": name, "PhysicalResourceId": f"{StackName}-{name}-1X"}
            yield {"StackResourceSummaries": [resource]}


@pytest.fixture(autouse=True)
def alarms(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The alarms of a stack, and one of somebody else."""
    for variable, value in ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    with mock_aws():
        cloudwatch = boto3.client("cloudwatch")
        for name in (*map(physical, (*rollback.WATCHED, OTHER)), "other"):
            cloudwatch.put_metric_alarm(AlarmName=name, **ALARM)
        yield


def physical(name: str) -> str:
    return f"{NAME}-{name}-1X"


def configure(minutes: int = 6, resources: Any = rollback.WATCHED) -> dict[str, Any]:
    def clients(service: str) -> Any:
        return Resources() if service == "cloudformation" else boto3.client("cloudwatch")

    return rollback.make_configuration(NAME, resources, minutes, clients)


def names(configuration: dict[str, Any]) -> set[str]:
    return {one["Arn"].rpartition(":alarm:")[2] for one in configuration["RollbackTriggers"]}


def ring(alarm: str) -> None:
    boto3.client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason="test"
    )


def test_the_alarms_of_bad_versions_are_watched():
    configuration = configure(6)

    assert names(configuration) == {physical(one) for one in rollback.WATCHED}
    assert configuration["MonitoringTimeInMinutes"] == 6


def test_a_configuration_is_what_cloudformation_accepts():
    request = {"StackName": NAME, "ChangeSetName": "c", "RollbackConfiguration": configure()}
    model = botocore.session.get_session().get_service_model("cloudformation")
    shape = model.operation_model("CreateChangeSet").input_shape
    most = model.shape_for("RollbackTriggers").metadata["max"]
    minutes = model.shape_for("MonitoringTimeInMinutes").metadata["max"]

    assert not ParamValidator().validate(request, shape).has_errors()
    assert len(rollback.WATCHED) <= most
    assert minutes == rollback.MOST_MINUTES


def test_an_alarm_that_has_gone_off_does_not_roll_its_remedy_back(capsys):
    ring(physical("WorkerErrorsAlarm"))

    configuration = configure()

    assert names(configuration) == {
        physical(one) for one in rollback.WATCHED if one != "WorkerErrorsAlarm"
    }
    assert physical("WorkerErrorsAlarm") in capsys.readouterr().out


def test_an_alarm_that_the_new_version_removes_is_not_watched():
    configuration = configure(resources=["ApiErrorsAlarm", "Table"])

    assert names(configuration) == {physical("ApiErrorsAlarm")}


@pytest.mark.parametrize(("minutes", "resources"), [(0, rollback.WATCHED), (6, ["Table"])])
def test_what_was_watched_before_ends_when_nothing_is_watched(minutes, resources):
    nothing = {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}

    assert configure(minutes, resources) == nothing


@pytest.mark.parametrize("stage", STAGES)
def test_every_watched_alarm_goes_off_while_it_is_watched(stage):
    resources = read_additions(ROOT / "infra", stage)["Resources"]

    for name in rollback.WATCHED:
        alarm = resources[name]["Properties"]
        assert alarm["Period"] * alarm["DatapointsToAlarm"] < 60 * (rollback.MINUTES_WATCHED - 1)


class RolledBack:
    """CloudFormation whose update ends as rolled back by an alarm, after an earlier failure."""

    # Documented statuses; the sentence is an example (User Guide, "Roll back … on alarm breach").
    EVENTS = (
        ("cpor-prod", "arn:stack", "UPDATE_ROLLBACK_COMPLETE", ""),
        ("cpor-prod", "arn:stack", "UPDATE_ROLLBACK_IN_PROGRESS", "ApiErrorsAlarm is in ALARM"),
        ("APIHandler", "api", "UPDATE_COMPLETE", ""),
        ("cpor-prod", "arn:stack", "UPDATE_IN_PROGRESS", "User Initiated"),
        ("Table", "t", "UPDATE_FAILED", "a failure of last month"),
    )

    def __init__(self) -> None:
        self.request: dict[str, Any] = {}

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        status = "UPDATE_ROLLBACK_COMPLETE" if self.request else "UPDATE_COMPLETE"
        return {"Stacks": [{"StackStatus": status, "Parameters": []}]}

    def create_change_set(self, **request: Any) -> dict[str, str]:
        self.request = request
        return {"Id": "arn:set", "StackId": "arn:stack"}

    def describe_change_set(self, ChangeSetName: str) -> dict[str, Any]:
        return {"Status": "CREATE_COMPLETE", "Changes": []}

    def execute_change_set(self, **_: Any) -> None:
        """Execute at once."""

    def get_paginator(self, operation: str) -> Any:
        assert operation == "describe_stack_events"
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:
        keys = ("LogicalResourceId", "PhysicalResourceId", "ResourceStatus", "ResourceStatusReason")
        for event in self.EVENTS:  # a page each
            page = dict(zip(keys, event, strict=True))
            yield {"StackEvents": [page | {"StackId": "arn:stack", "ResourceType": "Type"}]}


def test_a_rollback_is_reported_with_its_own_reason_only(tmp_path: Path):
    made = Package(tmp_path / "x.zip", tmp_path / "x.json")
    made.zip.write_bytes(b"zip")
    made.template.write_text('{"Resources": {}}')
    cloudformation = RolledBack()
    configuration = {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}
    update = StackUpdate(NAME, made, "b", review=lambda _: None, poll=0, rollback=configuration)

    with pytest.raises(ToolError) as stopped:
        stack.deploy(update, clients_of(cloudformation))

    assert "UPDATE_ROLLBACK_COMPLETE" in str(stopped.value)
    assert "ApiErrorsAlarm is in ALARM" in str(stopped.value)
    assert "last month" not in str(stopped.value)
    assert cloudformation.request["RollbackConfiguration"] == configuration
