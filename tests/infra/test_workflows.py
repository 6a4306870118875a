"""The workflows: no kept key, no right that is not needed, no word from a form within a command."""

import json
import re
from fnmatch import fnmatch
from typing import Any

import pytest
import yaml

from tools.packaging.package import ROOT
from tools.packaging.template import CloudFormationLoader, read_additions

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEMPLATE: Any = yaml.load(
    (ROOT / "infra" / "account" / "deployer.yaml").read_text(), Loader=CloudFormationLoader
)
DEPLOYER, PARAMETERS = TEMPLATE["Resources"], TEMPLATE["Parameters"]


def statements(role: str) -> list[dict[str, Any]]:
    return [
        one
        for policy in DEPLOYER[role]["Properties"]["Policies"]
        for one in policy["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_no_key_is_kept_and_no_more_is_allowed_than_is_needed(file):
    text = file.read_text()
    workflow = yaml.safe_load(text)

    assert "secrets." not in text
    assert workflow["permissions"]["contents"] == "read"
    assert set(workflow["permissions"]) == {"contents"} | (
        {"id-token"} if file.stem == "deploy" else set()
    )
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_every_action_is_pinned_by_commit_beside_its_version(file):
    actions = re.findall(r"uses: (.+)", file.read_text())

    assert actions
    assert not [
        a for a in actions if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", a)
    ]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_nothing_that_people_type_becomes_a_command(file):
    steps = [
        step for job in yaml.safe_load(file.read_text())["jobs"].values() for step in job["steps"]
    ]

    assert not [step["run"] for step in steps if "${{" in step.get("run", "")]


def test_only_runs_in_one_environment_of_one_repository_become_its_deployer():
    (trust,) = DEPLOYER["Deployer"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    condition = trust["Condition"]["StringEquals"]

    assert set(trust["Condition"]) == {"StringEquals"}, "a pattern would let others in"
    assert condition["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    subject = condition["token.actions.githubusercontent.com:sub"]["Fn::Sub"]
    assert subject == "repo:${Repository}:environment:${Environment}"
    assert PARAMETERS["Environment"]["AllowedValues"] == ["sandbox", "prod"]


@pytest.mark.parametrize(
    ("repository", "is_accepted"),
    [
        ("octocat@123456/my-repo@456789", True),  # the immutable form, from GitHub's documentation
        ("octocat/my-repo", True),
        ("octocat/my.repo_2", True),
        ("octocat/*", False),
        ("octocat@*/my-repo@*", False),
        ("octocat@a/my-repo", False),
        ("octocat/my-repo:environment:prod", False),
        ("octocat", False),
    ],
)
def test_a_repository_is_named_as_in_the_subject_of_its_tokens(repository, is_accepted):
    assert bool(re.fullmatch(PARAMETERS["Repository"]["AllowedPattern"], repository)) == is_accepted


def test_the_deployer_itself_can_only_pass_our_stacks_on():
    actions = {action for one in statements("Deployer") for action in one["Action"]}

    assert {action.partition(":")[0] for action in actions} == {
        "cloudformation",
        "cloudwatch",
        "iam",
        "lambda",
        "s3",
    }
    assert {action for action in actions if action.startswith(("iam", "lambda"))} == {
        "iam:PassRole",
        "lambda:GetFunctionConfiguration",
    }
    assert not [
        one
        for one in statements("Deployer")
        if one["Resource"] == "*" or any("*" in action for action in one["Action"])
    ]


def test_roles_are_passed_to_functions_and_the_scan_only_and_made_under_our_name_only():
    for one in statements("Execution"):
        if one["Effect"] == "Allow" and any(action.startswith("iam:") for action in one["Action"]):
            service_role = one["Action"] == ["iam:CreateServiceLinkedRole"]
            name = r"aws-service-role/\*" if service_role else r"cpor-\$\{Environment\}-\*"
            assert re.search(f":role/{name}$", one["Resource"]["Fn::Sub"])
            assert not service_role or one["Condition"]["StringEquals"]["iam:AWSServiceName"]
    passed = next(one for one in statements("Execution") if "iam:PassRole" in one["Action"])
    assert passed["Condition"]["StringEquals"]["iam:PassedToService"] == [
        "lambda.amazonaws.com",
        "malware-protection-plan.guardduty.amazonaws.com",
    ]


def test_what_is_deployed_goes_beyond_no_boundary_and_never_changes_who_deploys():
    grants = [one for one in statements("Execution") if one["Effect"] == "Allow"]
    growing = [
        one
        for one in grants
        if {"iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"}
        & set(one["Action"])
    ]
    (never,) = [one for one in statements("Execution") if one["Effect"] == "Deny"]

    assert [one["Condition"] for one in growing] == [
        {"StringEquals": {"iam:PermissionsBoundary": {"Ref": "Boundary"}}}
    ]
    others = {action for one in grants if one not in growing for action in one["Action"]}
    assert not [
        action
        for action in others
        if fnmatch(action, "iam:*Boundary") or fnmatch(action, "iam:Attach*") or action == "iam:*"
    ]
    assert never["Action"] == ["iam:*"]
    assert never["Resource"]["Fn::Sub"].endswith(":role/cpor-deployer-*")


def test_the_boundary_is_the_sum_of_what_the_functions_and_the_scan_may():
    bounds = DEPLOYER["Boundary"]["Properties"]["PolicyDocument"]["Statement"]
    policies = [json.loads(file.read_text()) for file in (ROOT / ".chalice").glob("policy-*.json")]
    scan = read_additions(ROOT / "infra", "prod")["Resources"]["MalwareScanRole"]["Properties"]
    policies += [one["PolicyDocument"] for one in scan["Policies"]]
    needed = {
        action for policy in policies for one in policy["Statement"] for action in one["Action"]
    }

    # the emulator asks for a right of that name; AWS has none, its messages in batches are sent
    # with sqs:SendMessage
    assert {action for one in bounds for action in one["Action"]} - {"kms:Decrypt"} == needed - {
        "sqs:SendMessageBatch"
    }
    (decrypt,) = [one for one in bounds if "kms:Decrypt" in one["Action"]]
    assert set(decrypt["Condition"]["StringEquals"]) == {"kms:ViaService"}
    assert not [one for one in bounds if one["Resource"] == "*"]


def test_the_workflow_deploys_within_the_boundary():
    deploy = next(file for file in WORKFLOWS if file.stem == "deploy").read_text()

    assert '"PermissionsBoundary=$BOUNDARY"' in deploy
