"""Deploy a package with CloudFormation: upload zip and template, then create or update the stack.

The same code serves AWS (`make deploy`) and the emulator (`make run`); the clients decide.
"""

import hashlib
import json
import time
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from botocore.exceptions import ClientError

from tools.deployment.change_set import Review, apply_change_set
from tools.errors import ToolError
from tools.packaging.package import Package

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
SECONDS_TO_DEPLOY = 1_800.0
ADVICE = (
    "Correct what it names and repeat the command; `make lint` checks the template. "
    "With `make run KEEP=…`, try an empty folder: the kept data may be the cause."
)
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
NOT_CREATED = frozenset({"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"})
# States after a first deployment that failed: nothing can be done with the stack but delete it.
FAILED_FIRST = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
DESTROY = "Nothing was in use. make destroy STAGE={stage} CONFIRM={stage}, then deploy again."
# States in which CloudFormation refuses every change, what they mean and what to do.
STUCK = {
    **dict.fromkeys(FAILED_FIRST, ("its first deployment failed", DESTROY)),
    "DELETE_FAILED": (
        "its deletion stopped half-way",
        "Its events name the resource. Repeat make destroy STAGE={stage} CONFIRM={stage}.",
    ),
    "IMPORT_ROLLBACK_FAILED": (
        "the rollback of an import failed",
        "Its events name the resource and the reason. Ask AWS Support: no command continues it.",
    ),
    "UPDATE_FAILED": (
        "a deployment failed and was not rolled back",
        "aws cloudformation rollback-stack --stack-name {name}, then deploy again.",
    ),
    "UPDATE_ROLLBACK_FAILED": (
        "the rollback of a deployment failed",
        (
            "Its events name the resource and the reason. Remove the reason, then: aws "
            "cloudformation continue-update-rollback --stack-name {name} (with "
            "--resources-to-skip for what cannot be rolled back), and deploy again."
        ),
    ),
}

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
        rollback: the `RollbackConfiguration` of a reviewed change; empty for that of the last one.
    """

    name: str
    package: Package
    bucket: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    review: Review | None = None
    poll: float = 5.0
    rollback: Mapping[str, Any] = field(default_factory=dict)


def deploy(update: StackUpdate, clients: Clients) -> dict[str, str]:
    """Create or update a stack and return its outputs. An unchanged package changes nothing.

    Raises:
        ToolError: refused or rolled back; contains the reason of each resource that failed. A
            stack that could not be created is deleted again, and leaves nothing behind.
    """
    cloudformation = clients("cloudformation")
    try:
        current = find_current(cloudformation, update.name)
        template_url = _upload(update.package, update.bucket, clients("s3"))
        if stack_id := _start(cloudformation, update, template_url, current):
            _wait(cloudformation, stack_id, update)
        outputs = describe(cloudformation, update.name).get("Outputs", [])
    except ClientError as error:
        raise ToolError(f"The deployment of {update.name} was refused: {error}", ADVICE) from error
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def find_current(cloudformation: Any, name: str) -> dict[str, Any]:
    """Return the description of a stack that can be updated, empty if it is still to be created.

    Raises ToolError for a stack in a state in which CloudFormation refuses every change.
    """
    current = describe(cloudformation, name)
    status = current.get("StackStatus", "DELETE_COMPLETE")
    if status in NOT_CREATED:
        return {}
    if status in STUCK:
        meaning, advice = STUCK[status]
        stage = name.rpartition("-")[2]
        raise ToolError(f"{name} is {status}: {meaning}.", advice.format(name=name, stage=stage))
    if status.endswith("_IN_PROGRESS"):
        raise ToolError(f"{name} is {status}: it is being changed.", "Wait until that is done.")
    return current


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


def read_template(package: Package) -> dict[str, Any]:
    """Return the template of a package."""
    template: dict[str, Any] = json.loads(package.template.read_text())
    return template


def _upload(package: Package, bucket: str, s3: Any) -> str:
    """Upload the zip and the template that names it; return the URL of the template."""
    template = read_template(package)
    code = f"s3://{bucket}/{_put(s3, bucket, package.zip.read_bytes(), 'zip')}"
    if "Globals" in template:
        template["Globals"]["Function"]["Environment"]["Variables"]["BUILD"] = package.build
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    return upload_template(template, bucket, s3)


def upload_template(template: dict[str, Any], bucket: str, s3: Any) -> str:
    """Upload a template and return its URL."""
    key = _put(s3, bucket, json.dumps(template).encode(), "json")
    signed: str = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    return signed.partition("?")[0]


def _put(s3: Any, bucket: str, data: bytes, suffix: str) -> str:
    key = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
    s3.put_object(Bucket=bucket, Key=key, Body=data)
    return key


def _start(
    cloudformation: Any, update: StackUpdate, template_url: str, current: Mapping[str, Any]
) -> str:
    """Start the change; return the id of the stack, or an empty string if nothing changes."""
    declared = read_template(update.package).get("Parameters", {})
    request = _request(update, template_url, current.get("Parameters", []), declared)
    try:
        if update.review:
            is_new = not current
            if update.rollback:
                request["RollbackConfiguration"] = update.rollback
            return apply_change_set(cloudformation, request, is_new, update.review, update.poll)
        # What a failed creation or update has added is deleted, also what the template retains.
        request["RetainExceptOnCreate"] = True
        call = cloudformation.update_stack if current else cloudformation.create_stack
        return str(call(**request)["StackId"])
    except ClientError as error:
        if "No updates" not in str(error):
            raise
        return ""


def _request(
    update: StackUpdate,
    template_url: str,
    current: Iterable[Mapping[str, str]],
    declared: Container[str],
) -> dict[str, Any]:
    """Return the request of a change. Parameters keep their values, unless the template has
    dropped them: CloudFormation refuses one that it does not declare.
    """
    if unknown := sorted(name for name in update.parameters if name not in declared):
        raise ToolError(
            f"The template has no parameter {', '.join(unknown)}.",
            "The parameters are in infra/parameters.yaml and in the folder of the stage there.",
        )
    unchanged = {parameter["ParameterKey"] for parameter in current} - set(update.parameters)
    parameters: list[dict[str, Any]] = [
        *({"ParameterKey": k, "ParameterValue": v} for k, v in update.parameters.items()),
        *(
            {"ParameterKey": key, "UsePreviousValue": True}
            for key in sorted(unchanged)
            if key in declared
        ),
    ]
    return {
        "StackName": update.name,
        "TemplateURL": template_url,
        "Capabilities": list(CAPABILITIES),
        "Parameters": parameters,
        **({"RoleARN": update.role} if update.role else {}),
    }


def _wait(cloudformation: Any, stack_id: str, update: StackUpdate) -> None:
    watched = 60 * update.rollback.get("MonitoringTimeInMinutes", 0)
    deadline = time.monotonic() + SECONDS_TO_DEPLOY + watched
    while (status := describe(cloudformation, stack_id)["StackStatus"]) not in DONE:
        if time.monotonic() > deadline or not status.endswith("_IN_PROGRESS"):
            reasons = list_reasons(cloudformation, stack_id)
            if status in FAILED_FIRST:
                cloudformation.delete_stack(StackName=stack_id)
                wait_until_deleted(cloudformation, stack_id, update.poll)
            raise ToolError(f"The deployment ended as {status}. {reasons}", ADVICE)
        time.sleep(update.poll)


def wait_until_deleted(cloudformation: Any, stack_id: str, poll: float) -> None:
    """Wait until a stack is deleted. Raises ToolError if that fails."""
    deadline = time.monotonic() + SECONDS_TO_DEPLOY
    while (current := describe(cloudformation, stack_id)) and (
        status := current["StackStatus"]
    ) != "DELETE_COMPLETE":
        if status == "DELETE_FAILED" or time.monotonic() > deadline:
            reason = current.get("StackStatusReason", status)
            raise ToolError(
                f"The stack could not be deleted: {reason}.", "See its events in the AWS console."
            )
        time.sleep(poll)


def list_reasons(cloudformation: Any, stack_id: str) -> str:
    """Return the reason of each resource that failed in the last change, one per line, and why the
    change was rolled back.
    """
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    events = (event for page in pages for event in page["StackEvents"])  # the newest first
    return "\n".join(
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {event['ResourceStatusReason']}"
        for event in takewhile(lambda event: not _is_beginning(event), events)
        if event["ResourceStatus"].endswith(("FAILED", "ROLLBACK_IN_PROGRESS"))
        and event.get("ResourceStatusReason")
    )


def _is_beginning(event: Mapping[str, str]) -> bool:
    """Return whether an event is the beginning of a change of the stack itself."""
    begins = ("CREATE_IN_PROGRESS", "IMPORT_IN_PROGRESS", "UPDATE_IN_PROGRESS")
    return event.get("PhysicalResourceId") == event["StackId"] and event["ResourceStatus"] in begins
