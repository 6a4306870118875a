"""A stack on the embedded engine: the queues and the table that the product's template has, and its
outputs.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto import mock_aws

from cpor.stage import Stage
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.tables import NAME, make_table

QUEUES = ("Work", "MailEvents", "Webhooks")
STACK = "cpor-prod"


def template() -> dict[str, Any]:
    """Queues with their ends, and the outputs that name them."""
    resources: dict[str, Any] = {"SweepDeadLetters": {"Type": "AWS::SQS::Queue"}}
    for name in QUEUES:
        resources[f"{name}DeadLetters"] = {"Type": "AWS::SQS::Queue"}
        redrive = {
            "deadLetterTargetArn": {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]},
            "maxReceiveCount": 5,
        }
        resources[f"{name}Queue"] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"RedrivePolicy": redrive, "VisibilityTimeout": 360},
        }
    outputs = {f"{name}Url": {"Value": {"Ref": name}} for name in resources}
    return {"Resources": resources, "Outputs": outputs | {"TableName": {"Value": NAME}}}


@contextmanager
def a_stack(monkeypatch: Any) -> Iterator[Stage]:
    """The stage `prod`, as far as the embedded engine has it."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("cloudformation").create_stack(
            StackName=STACK, TemplateBody=json.dumps(template())
        )
        make_table(boto3.client("dynamodb"))
        yield Stage("prod")
