"""Deploy a package with CloudFormation: upload zip and template, then create or update the stack.

The same code serves AWS (`make deploy`) and the emulator (`make run`); the clients decide.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tools.deployment.change_set import Review, apply_change_set
from tools.errors import ToolError
from tools.packaging.package import Package

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
SECONDS_TO_DEPLOY = 1_800.0
ADVICE = (
    "Run `make lint`, which checks the template. With KEEP, try an empty folder: "
    "the kept data may be the cause."
)
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")

Clients = Callable[[str], Any]  # the name of a service to its boto3 client


@dataclass(frozen=True)
class StackUpdate:
    """A stack as it should be.

    Attributes:
        name: the name of the stack.
        package: zip and template.
        bucket: where both are uploaded, each under the hash of its content.
        parameters: parameters to set; those of an existing stack stay as they are.
        role: ARN of the role that CloudFormation assumes; empty for the caller's permissions.
        review: called with the changes before they are made, and may raise ToolError; None
            changes the stack without a review.
        poll: seconds between two calls that ask for the state of the stack.
    """

    name: str
    package: Package
    bucket: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    review: Review | None = None
    poll: float = 5.0


def deploy(update: StackUpdate, clients: Clients) -> dict[str, str]:
    """Create or update a stack and return its outputs. An unchanged package changes nothing.

    Raises:
        ToolError: refused or rolled back; contains the reason of each resource that failed.
    """
    cloudformation = clients("cloudformation")
    try:
        template_url = _upload(update.package, update.bucket, clients("s3"))
        if stack_id := _start(cloudformation, update, template_url):
            _wait(cloudformation, stack_id, update.poll)
        outputs = describe(cloudformation, update.name).get("Outputs", [])
    except ClientError as error:
        raise ToolError(f"The deployment of {update.name} was refused: {error}", ADVICE) from error
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def describe(cloudformation: Any, name: str) -> dict[str, Any]:
    """Return CloudFormation's description of a stack, empty if there is none.

    A deleted stack is found by its id.
    """
    try:
        stacks: list[dict[str, Any]] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return {}
    return stacks[0]


def _upload(package: Package, bucket: str, s3: Any) -> str:
    """Upload the zip and the template that names it; return the URL of the template."""
    template: dict[str, Any] = json.loads(package.template.read_text())
    code = f"s3://{bucket}/{_put(s3, bucket, package.zip.read_bytes(), 'zip')}"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    key = _put(s3, bucket, json.dumps(template).encode(), "json")
    signed: str = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    return signed.partition("?")[0]


def _put(s3: Any, bucket: str, data: bytes, suffix: str) -> str:
    key = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
    s3.put_object(Bucket=bucket, Key=key, Body=data)
    return key


def _start(cloudformation: Any, update: StackUpdate, template_url: str) -> str:
    """Start the change; return the id of the stack, or an empty string if nothing changes."""
    current = describe(cloudformation, update.name)
    is_new = not current or current["StackStatus"] in {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}
    request = _request(update, template_url, current.get("Parameters", []))
    try:
        if update.review:
            return apply_change_set(cloudformation, request, is_new, update.review, update.poll)
        if is_new:
            return str(cloudformation.create_stack(**request, OnFailure="DELETE")["StackId"])
        return str(cloudformation.update_stack(**request)["StackId"])
    except ClientError as error:
        if "No updates" not in str(error):
            raise
        return ""


def _request(
    update: StackUpdate, template_url: str, current: list[dict[str, str]]
) -> dict[str, Any]:
    unchanged = {parameter["ParameterKey"] for parameter in current} - set(update.parameters)
    parameters: list[dict[str, Any]] = [
        *({"ParameterKey": k, "ParameterValue": v} for k, v in update.parameters.items()),
        *({"ParameterKey": key, "UsePreviousValue": True} for key in sorted(unchanged)),
    ]
    return {
        "StackName": update.name,
        "TemplateURL": template_url,
        "Capabilities": list(CAPABILITIES),
        "Parameters": parameters,
        **({"RoleARN": update.role} if update.role else {}),
    }


def _wait(cloudformation: Any, stack_id: str, poll: float) -> None:
    deadline = time.monotonic() + SECONDS_TO_DEPLOY
    while (status := describe(cloudformation, stack_id)["StackStatus"]) not in DONE:
        if time.monotonic() > deadline or not status.endswith("_IN_PROGRESS"):
            raise ToolError(
                f"The deployment ended as {status}. {_reasons(cloudformation, stack_id)}", ADVICE
            )
        time.sleep(poll)


def _reasons(cloudformation: Any, stack_id: str) -> str:
    """Return the reason of each resource that failed, one per line."""
    return "\n".join(
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {event['ResourceStatusReason']}"
        for event in cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
        if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason")
    )
