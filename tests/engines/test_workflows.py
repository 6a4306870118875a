"""The workflows: no kept key, no right that is not needed, no word from a form within a command."""

import re
from typing import Any

import pytest
import yaml

from tools.package import ROOT
from tools.template import _Cloud

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DEPLOYER: Any = yaml.load((ROOT / "infra" / "account" / "deployer.yaml").read_text(), Loader=_Cloud)["Resources"]


def statements(role: str) -> list[dict[str, Any]]:
    return [one for policy in DEPLOYER[role]["Properties"]["Policies"] for one in policy["PolicyDocument"]["Statement"]]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_no_key_is_kept_and_no_more_is_allowed_than_is_needed(file):
    text = file.read_text()
    workflow = yaml.safe_load(text)

    assert "secrets." not in text
    assert workflow["permissions"]["contents"] == "read"
    assert set(workflow["permissions"]) == {"contents"} | ({"id-token"} if file.stem == "deploy" else set())
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_nothing_that_people_type_becomes_a_command(file):
    steps = [step for job in yaml.safe_load(file.read_text())["jobs"].values() for step in job["steps"]]

    assert not [step["run"] for step in steps if "${{" in step.get("run", "")]


def test_only_the_two_environments_of_one_repository_become_the_deployer():
    (trust,) = DEPLOYER["Deployer"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    condition = trust["Condition"]["StringEquals"]

    assert set(trust["Condition"]) == {"StringEquals"}, "a pattern would let others in"
    assert condition["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    subjects = [subject["Fn::Sub"] for subject in condition["token.actions.githubusercontent.com:sub"]]
    assert subjects == ["repo:${Repository}:environment:sandbox", "repo:${Repository}:environment:prod"]


def test_the_deployer_itself_can_only_hand_our_stacks_over():
    actions = {action for one in statements("Deployer") for action in one["Action"]}

    assert {action.partition(":")[0] for action in actions} == {"cloudformation", "iam", "lambda", "s3"}
    assert {action for action in actions if action.startswith(("iam", "lambda"))} == {"iam:PassRole", "lambda:GetFunctionConfiguration"}
    assert not [one for one in statements("Deployer") if one["Resource"] == "*" or any("*" in action for action in one["Action"])]


def test_roles_are_passed_to_functions_only_and_made_under_our_name_only():
    for one in statements("Execution"):
        if any(action.startswith("iam:") for action in one["Action"]):
            assert re.search(r":role/cpor-\*$", one["Resource"]["Fn::Sub"])
    passed = next(one for one in statements("Execution") if "iam:PassRole" in one["Action"])
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
