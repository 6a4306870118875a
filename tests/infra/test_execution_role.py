"""CloudFormation's role against what the handlers of the template's resources declare.

The declarations are recorded from the public schemas (tests/data/cloudformation, with their
address). What is declared and not granted has a reason here; what is granted and not declared, too.
"""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import pytest
import yaml

from tools.packaging.package import ROOT, package
from tools.packaging.target import HOST
from tools.packaging.template import CloudFormationLoader

RECORDED = ROOT / "tests" / "data" / "cloudformation" / "handler-permissions.json"
DECLARED: dict[str, list[str]] = json.loads(RECORDED.read_text())["permissions"]
DEPLOYER: Any = yaml.load(
    (ROOT / "infra" / "account" / "deployer.yaml").read_text(), Loader=CloudFormationLoader
)["Resources"]
INLINE_LIMIT = 10_240  # characters of the inline policies of a role (IAM quotas)
VALUES = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "123456789012",
    "Environment": "prod",
    "Artefacts.Arn": "arn:aws:s3:::cpor-deployer-prod-artefacts-x",
}
# What SAM makes of its own types.
EXPANDED = {
    "AWS::Serverless::Api": ("ApiGateway::RestApi", "ApiGateway::Deployment", "ApiGateway::Stage"),
    "AWS::Serverless::Function": (
        "Lambda::Function",
        "Lambda::EventInvokeConfig",
        "Lambda::EventSourceMapping",
        "Lambda::Permission",
        "Events::Rule",
    ),
}
# A resource of each service as CloudFormation names it, in the stack cpor-prod.
IN_ACCOUNT = "eu-central-1:123456789012"
EXAMPLES = {
    "apigateway": "arn:aws:apigateway:eu-central-1::/restapis/abc/stages/api",
    "cloudwatch": f"arn:aws:cloudwatch:{IN_ACCOUNT}:alarm:cpor-prod-ApiErrorsAlarm-1",
    "cognito-idp": f"arn:aws:cognito-idp:{IN_ACCOUNT}:userpool/eu-central-1_x",
    "dynamodb": f"arn:aws:dynamodb:{IN_ACCOUNT}:table/cpor-prod-Table-1",
    "events": f"arn:aws:events:{IN_ACCOUNT}:rule/cpor-prod-SweepSweepEvent-1",
    "guardduty": f"arn:aws:guardduty:{IN_ACCOUNT}:malware-protection-plan/x",
    "iam": "arn:aws:iam::123456789012:role/cpor-prod-WorkerRole-1",
    "kms": f"arn:aws:kms:{IN_ACCOUNT}:key/x",
    "lambda": f"arn:aws:lambda:{IN_ACCOUNT}:function:cpor-prod-Worker-1",
    "logs": f"arn:aws:logs:{IN_ACCOUNT}:log-group:cpor-prod-WorkerLog-1:*",
    "s3": "arn:aws:s3:::cpor-prod-evidencebucket-1",
    "ses": f"arn:aws:ses:{IN_ACCOUNT}:configuration-set/MailConfiguration-1",
    "sns": f"arn:aws:sns:{IN_ACCOUNT}:cpor-prod-MailTopic-1",
    "sqs": f"arn:aws:sqs:{IN_ACCOUNT}:cpor-prod-WorkQueue-1",
    "wafv2": f"arn:aws:wafv2:{IN_ACCOUNT}:regional/webacl/Firewall-1/x",
}
EXAMPLES_OF_TYPE = {
    "AWS::ApiGateway::DomainName": "arn:aws:apigateway:eu-central-1::/domainnames/por.example",
    "AWS::CloudWatch::Dashboard": "arn:aws:cloudwatch::123456789012:dashboard/cpor-prod",
    "AWS::Lambda::EventSourceMapping": f"arn:aws:lambda:{IN_ACCOUNT}:event-source-mapping:x",
    "AWS::SES::EmailIdentity": f"arn:aws:ses:{IN_ACCOUNT}:identity/por.example",
}
PACKAGE = "arn:aws:s3:::cpor-deployer-prod-artefacts-x/0123.zip"
SERVICE_ROLE = "arn:aws:iam::123456789012:role/aws-service-role/ops.apigateway.amazonaws.com/x"
# Actions that name no resource, or none before it exists (Service Authorization Reference).
WITHOUT_RESOURCE = {
    "cognito-idp:CreateUserPool",
    "cognito-idp:DescribeUserPoolDomain",
    "guardduty:CreateMalwareProtectionPlan",
    "kms:CreateKey",
    "lambda:CreateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "ses:DescribeConfigurationSet",
}
# Declared for settings that no resource of the template has, as (type, action) patterns.
NOT_NEEDED = {
    ("AWS::[!K]*", "kms:*"): "no resource is encrypted with a key of its own",
    ("AWS::KMS::Key", "kms:ScheduleKeyDeletion"): "the key outlives the stack",
    ("AWS::KMS::Key", "kms:EnableKey"): "the key is never disabled",
    ("AWS::KMS::Key", "kms:DisableKey"): "the key is never disabled",
    ("AWS::KMS::Key", "kms:*ableKeyRotation"): "keys that sign do not rotate by themselves",
    ("AWS::Lambda::Function", "ec2:*"): "no function is in a private network",
    ("AWS::Lambda::Function", "elasticfilesystem:*"): "no function has a file system",
    ("AWS::Lambda::Function", "s3files:*"): "no function has a file system",
    ("AWS::Lambda::Function", "lambda:GetLayerVersion"): "no function has layers",
    ("AWS::Lambda::Function", "lambda:GetCodeSigningConfig"): "no package is signed",
    ("AWS::Lambda::Function", "lambda:PassCapacityProvider"): "no capacity is reserved",
    ("AWS::DynamoDB::Table", "kinesis:*"): "the table has no stream",
    ("AWS::DynamoDB::Table", "dynamodb:*Kinesis*"): "the table has no stream",
    ("AWS::DynamoDB::Table", "dynamodb:*Import*"): "the table is not imported from files",
    ("AWS::DynamoDB::Table", "s3:*"): "the table is not imported from files",
    ("AWS::DynamoDB::Table", "logs:*"): "the table is not imported from files",
    ("AWS::DynamoDB::Table", "dynamodb:*Replica"): "the table has no replicas",
    ("AWS::DynamoDB::Table", "dynamodb:Scan"): "rows are read for replicas only",
    ("AWS::DynamoDB::Table", "dynamodb:Query"): "rows are read for replicas only",
    ("AWS::DynamoDB::Table", "dynamodb:*Item"): "rows are read for replicas only",
    ("AWS::DynamoDB::Table", "iam:CreateServiceLinkedRole"): "the table has no replicas",
    ("AWS::S3::Bucket", "s3tables:*"): "the bucket has no metadata tables",
    ("AWS::S3::Bucket", "iam:PassRole"): "the bucket is not replicated",
    ("AWS::S3::Bucket", "s3:DeleteObject"): "files belong to the functions",
    ("AWS::S3::Bucket", "s3:PutObjectAcl"): "files belong to the functions",
    ("AWS::Logs::LogGroup", "s3:REST.PUT.OBJECT"): "the schema's spelling of no permission",
    ("AWS::Logs::LogGroup", "firehose:*"): "logs are not delivered elsewhere",
    ("AWS::Logs::LogGroup", "logs:CreateLogDelivery"): "logs are not delivered elsewhere",
    ("AWS::Logs::LogGroup", "logs:*ssociateKmsKey"): "no resource has a key of its own",
    ("AWS::Logs::LogGroup", "logs:PutResourcePolicy"): "log groups have no policies",
    ("AWS::Logs::LogGroup", "logs:DeleteResourcePolicy"): "log groups have no policies",
    ("AWS::Logs::LogGroup", "logs:PutBearer*"): "log groups take no tokens",
    ("AWS::IAM::Role", "iam:AttachRolePolicy"): "roles have inline policies only",
    ("AWS::IAM::Role", "iam:DetachRolePolicy"): "roles have inline policies only",
    ("AWS::IAM::Role", "iam:DeleteRolePermissionsBoundary"): "no role may leave its boundary",
    ("AWS::Cognito::UserPoolDomain", "cloudfront:*"): "the domain is Cognito's own",
    ("AWS::WAFv2::WebACLAssociation", "cognito-idp:*"): "the firewall is the API's",
    **{
        ("AWS::WAFv2::WebACLAssociation", f"{service}:*"): "the firewall is the API's"
        for service in (
            "amplify",
            "apprunner",
            "appsync",
            "bedrock-agentcore",
            "ec2",
            "elasticloadbalancing",
        )
    },
}
# Granted, although no handler declares it.
BESIDES = {
    "cloudformation:CreateChangeSet": "the transform of SAM runs as the role",
    "budgets:*": "the schema of budgets declares nothing",
    "iam:CreateServiceLinkedRole": "API Gateway needs it for an account's first custom domain",
}
# The role deploys; it reads and changes nothing that the service stores, and calls nothing.
STORED = {
    "dynamodb:GetItem": EXAMPLES["dynamodb"],
    "dynamodb:Query": EXAMPLES["dynamodb"],
    "dynamodb:Scan": EXAMPLES["dynamodb"],
    "dynamodb:PutItem": EXAMPLES["dynamodb"],
    "s3:GetObject": EXAMPLES["s3"] + "/evd_1",
    "s3:GetObjectVersion": EXAMPLES["s3"] + "/evd_1",
    "s3:DeleteObject": EXAMPLES["s3"] + "/evd_1",
    "s3:PutObject": PACKAGE,
    "sqs:ReceiveMessage": EXAMPLES["sqs"],
    "sqs:SendMessage": EXAMPLES["sqs"],
    "lambda:InvokeFunction": EXAMPLES["lambda"],
    "logs:GetLogEvents": EXAMPLES["logs"],
    "ses:SendEmail": EXAMPLES_OF_TYPE["AWS::SES::EmailIdentity"],
    "ssm:GetParameter": f"arn:aws:ssm:{IN_ACCOUNT}:parameter/cpor/prod/link-key",
    "cognito-idp:AdminCreateUser": EXAMPLES["cognito-idp"],
    "iam:PutRolePolicy": "arn:aws:iam::123456789012:role/cpor-deployer-prod-Execution-1",
}


class Grant(NamedTuple):
    """An action and a resource of a statement, both with wildcards."""

    effect: str
    action: str
    resource: str


def substitute(value: Any) -> str:
    text = str(value["Fn::Sub"] if isinstance(value, dict) else value)
    for name, replacement in VALUES.items():
        text = text.replace("${" + name + "}", replacement)
    assert "${" not in text, text
    return text


def list_grants(role: str) -> Iterator[Grant]:
    for policy in DEPLOYER[role]["Properties"]["Policies"]:
        for one in policy["PolicyDocument"]["Statement"]:
            several = one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]]
            for action in one["Action"]:
                for resource in several:
                    yield Grant(one["Effect"], action, substitute(resource))


GRANTS = list(list_grants("Execution"))


def is_granted(action: str, resource: str) -> bool:
    """Return whether IAM would allow it under some conditions; a denial comes first."""
    effects = {
        grant.effect
        for grant in GRANTS
        if fnmatchcase(action.lower(), grant.action.lower())
        and fnmatchcase(resource, grant.resource)
    }
    return effects == {"Allow"}


def list_types() -> set[str]:
    found: set[str] = set()
    for stage in ("sandbox", "prod"):
        resources = json.loads(package(stage, HOST).template.read_text())["Resources"]
        for resource in resources.values():
            kind = resource["Type"]
            found |= {f"AWS::{one}" for one in EXPANDED[kind]} if kind in EXPANDED else {kind}
    return found


def is_needed(kind: str, action: str) -> bool:
    return not any(
        fnmatchcase(kind, of_type) and fnmatchcase(action, pattern)
        for of_type, pattern in NOT_NEEDED
    )


def find_resource(kind: str, action: str) -> str:
    """Return the resource that a call of a handler is about."""
    if action in WITHOUT_RESOURCE:
        return "*"
    if action in ("s3:GetObject", "s3:GetObjectVersion"):  # of the API's body and of functions
        return PACKAGE
    if action == "iam:CreateServiceLinkedRole":
        return SERVICE_ROLE
    service = action.partition(":")[0].lower()
    is_own = kind.split("::")[1].lower().replace("cognito", "cognito-idp") == service
    return EXAMPLES_OF_TYPE.get(kind, EXAMPLES[service]) if is_own else EXAMPLES[service]


def test_the_schema_of_every_resource_of_the_template_is_recorded():
    assert sorted(list_types() - set(DECLARED)) == []


def test_nothing_that_handlers_declare_is_missing():
    missing = {
        kind: lacking
        for kind in sorted(list_types())
        if (
            lacking := [
                action
                for action in DECLARED[kind]
                if is_needed(kind, action) and not is_granted(action, find_resource(kind, action))
            ]
        )
    }

    assert missing == {}


def test_nothing_is_granted_that_no_handler_declares():
    needed = {
        action.lower()
        for kind, actions in DECLARED.items()
        for action in actions
        if is_needed(kind, action)
    }
    superfluous = {
        grant.action
        for grant in GRANTS
        if grant.effect == "Allow"
        and not any(fnmatchcase(grant.action, pattern) for pattern in BESIDES)
        and not any(fnmatchcase(action, grant.action.lower()) for action in needed)
    }

    assert superfluous == set()


def test_every_exception_is_one():
    """What is left out is declared somewhere, and what is granted besides is granted."""
    idle = [
        (of_type, pattern)
        for of_type, pattern in NOT_NEEDED
        if not any(
            fnmatchcase(kind, of_type) and fnmatchcase(action, pattern)
            for kind, actions in DECLARED.items()
            for action in actions
        )
    ]

    assert idle == []
    assert all(any(fnmatchcase(grant.action, one) for grant in GRANTS) for one in BESIDES)


@pytest.mark.parametrize(("action", "resource"), STORED.items())
def test_the_role_reads_and_changes_nothing_that_is_stored(action, resource):
    assert not is_granted(action, resource)


@pytest.mark.parametrize("kind", ["dynamodb", "iam", "lambda", "logs", "s3", "sns", "sqs"])
def test_the_role_of_one_environment_changes_nothing_of_the_other(kind):
    other = EXAMPLES[kind].replace("cpor-prod-", "cpor-sandbox-")
    actions = {action for actions in DECLARED.values() for action in actions}

    assert not [
        action
        for action in actions - WITHOUT_RESOURCE
        if action.startswith(f"{kind}:") and is_granted(action, other)
    ]


def test_the_policy_fits_into_a_role():
    (policy,) = DEPLOYER["Execution"]["Properties"]["Policies"]

    def resolve(value: Any) -> Any:
        if isinstance(value, dict):
            if "Fn::Sub" in value:
                return substitute(value)
            return {name: resolve(one) for name, one in value.items()}
        return [resolve(one) for one in value] if isinstance(value, list) else value

    text = json.dumps(resolve(policy["PolicyDocument"]), separators=(",", ":"))

    assert len(text) < INLINE_LIMIT
