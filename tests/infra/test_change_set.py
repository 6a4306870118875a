"""What a deployment would change is shown and may be refused before anything changes."""

from typing import Any

import pytest

from cpor.doctor.finding import Finding
from cpor.stage import Stage
from tools.deployment import deploy
from tools.deployment.change_set import Change, apply_change_set, require_confirmation
from tools.errors import ToolError

TABLE = "AWS::DynamoDB::Table"


class Formation:
    """CloudFormation that answers a change set as a test says, and notes what it is told to do."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.calls: list[str] = []

    def create_change_set(self, **asked: Any) -> dict[str, str]:
        self.calls.append(f"make {asked['ChangeSetType']}")
        return {"Id": "arn:set", "StackId": "arn:stack"}

    def describe_change_set(self, **asked: str) -> dict[str, Any]:
        return self.answers.pop(0)

    def execute_change_set(self, ChangeSetName: str, RetainExceptOnCreate: bool) -> None:
        assert RetainExceptOnCreate, "a first deployment that fails would leave its data stores"
        self.calls.append("carry out")

    def delete_change_set(self, ChangeSetName: str) -> None:
        self.calls.append("forget")

    def delete_stack(self, StackName: str) -> None:
        self.calls.append("unmake stack")


def change(
    name: str, kind: str = "AWS::SQS::Queue", action: str = "Modify", **more: str
) -> dict[str, Any]:
    return {
        "ResourceChange": {
            "Action": action,
            "LogicalResourceId": name,
            "ResourceType": kind,
            **more,
        }
    }


def make_change_set(*changes: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"Status": "CREATE_COMPLETE", "Changes": list(changes), **more}


def test_all_pages_of_it_are_seen_before_it_is_apply_change_set():
    formation = Formation(
        {"Status": "CREATE_IN_PROGRESS"},
        make_change_set(change("A"), NextToken="2"),
        make_change_set(change("B", Replacement="True")),
    )
    shown: list[tuple[Change, ...]] = []

    stack_id = apply_change_set(formation, {}, False, shown.append, 0.0)

    assert [[one.name for one in changes] for changes in shown] == [["A", "B"]]
    assert (stack_id, formation.calls) == ("arn:stack", ["make UPDATE", "carry out"])


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different …",
        "No updates are to be performed.",
    ],
)
def test_where_nothing_changes_nothing_is_done(reason):
    formation = Formation({"Status": "FAILED", "StatusReason": reason})

    assert apply_change_set(formation, {}, False, pytest.fail, 0.0) == ""
    assert formation.calls == ["make UPDATE", "forget"]


@pytest.mark.parametrize(
    ("new", "calls"),
    [(False, ["make UPDATE", "forget"]), (True, ["make CREATE", "forget", "unmake stack"])],
)
def test_what_is_refused_leaves_nothing_behind(new, calls):
    formation = Formation(make_change_set(change("Table", TABLE, "Remove")))

    with pytest.raises(ToolError, match="Remove  Table"):
        apply_change_set(
            formation, {}, new, lambda changes: require_confirmation(changes, confirmed=False), 0.0
        )

    assert formation.calls == calls


def test_an_error_of_aws_is_reported_in_its_own_words():
    formation = Formation(
        {"Status": "FAILED", "StatusReason": "Template error: instance of Fn::GetAtt"}
    )

    with pytest.raises(ToolError, match="Template error"):
        apply_change_set(formation, {}, False, pytest.fail, 0.0)


@pytest.mark.parametrize(
    ("one", "loses"),
    [
        (Change("Remove", "Table", TABLE), True),
        (Change("Modify", "Table", TABLE, "True"), True),
        (Change("Modify", "Files", "AWS::S3::Bucket", "Conditional"), True),
        (Change("Remove", "Pool", "AWS::Cognito::UserPool"), True),
        (Change("Modify", "Table", TABLE), False),
        (Change("Add", "Table", TABLE), False),
        (Change("Remove", "Q", "AWS::SQS::Queue"), False),
    ],
)
def test_only_what_loses_stored_data_must_be_agreed_to(one, loses):
    assert one.loses_data == loses
    require_confirmation([one], confirmed=True)


def test_a_new_version_may_take_a_moment_to_answer():
    wrong = [
        [Finding("public address", "It answers 403.", "wait")],
        [Finding("public address", "It answers 502.", "wait")],
        [],
    ]
    pauses: list[float] = []

    deploy.wait_until_healthy(Stage("prod"), lambda stage: wrong.pop(0), pauses.append)

    assert pauses == [5.0, 5.0]


def test_a_version_that_does_not_answer_is_reported_as_deployed_and_silent():
    with pytest.raises(ToolError, match="deployed, but public address: It answers 502") as silent:
        deploy.wait_until_healthy(
            Stage("prod"),
            lambda stage: [Finding("public address", "It answers 502.", "read the log")],
            lambda seconds: None,
        )

    assert silent.value.advice == "read the log"
