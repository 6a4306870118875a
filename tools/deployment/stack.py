"""Puts a package into CloudFormation: zip and template into a bucket, then a stack that is created
or brought up to it.

The same for AWS (`make deploy`) and for the emulator (`make run`); the clients say which.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from tools.deployment.change_set import Seen, carried_out
from tools.errors import CannotGoOn
from tools.packaging.package import Package

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
SECONDS_TO_DEPLOY = 1_800.0
ADVICE = "Run `make lint`: it checks the template. With KEEP, an empty folder tells whether kept data are the cause."
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")

Clients = Callable[[str], Any]


def put(
    name: str, package: Package, parameters: Mapping[str, str], bucket: str, clients: Clients, pause: float,
    seen: Seen | None = None, role: str = "",
) -> dict[str, str]:  # fmt: skip
    """Creates or updates the stack `name` and answers its outputs. A package that is there already
    changes nothing.

    Args:
        parameters: those to set; others of an existing stack stay as they are. bucket: where zip
        and template go, under names that are their contents'. pause: seconds between two looks at
        how far it is. seen: sees what would change before anything does, and may raise CannotGoOn;
        None: nobody wants to. role: the ARN of what CloudFormation may do; empty: what the caller
        may.

    Raises:
        CannotGoOn: refused or rolled back; carries the reason of each resource that failed.
    """
    cloudformation = clients("cloudformation")
    try:
        address = _uploaded(package, bucket, clients("s3"))
        if changing := _create_or_update(
            cloudformation, name, address, parameters, seen, pause, role
        ):
            _wait(cloudformation, changing, pause)
        outputs = snapshot(cloudformation, name).get("Outputs", [])
    except ClientError as refused:
        raise CannotGoOn(f"The deployment of {name} was refused: {refused}", ADVICE) from refused
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def snapshot(cloudformation: Any, name: str) -> dict[str, Any]:
    """The stack as CloudFormation describes it; empty if there is none. By its id a stack is found
    even when gone.
    """
    try:
        stacks: list[dict[str, Any]] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as refused:
        if "does not exist" not in str(refused):
            raise
        return {}
    return stacks[0]


def _uploaded(package: Package, bucket: str, storage: Any) -> str:
    """The address of the template, which names the uploaded zip."""
    template: dict[str, Any] = json.loads(package.template.read_text())
    code = f"s3://{bucket}/{_keep(storage, bucket, package.zip.read_bytes(), 'zip')}"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    key = _keep(storage, bucket, json.dumps(template).encode(), "json")
    unsigned: str = storage.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}
    ).split("?")[0]
    return unsigned


def _keep(storage: Any, bucket: str, data: bytes, kind: str) -> str:
    key = f"{hashlib.sha256(data).hexdigest()}.{kind}"
    storage.put_object(Bucket=bucket, Key=key, Body=data)
    return key


def _create_or_update(
    cloudformation: Any, name: str, address: str, parameters: Mapping[str, str], seen: Seen | None, pause: float,
    role: str,
) -> str:  # fmt: skip
    """The id of the stack that is being changed now; empty if there is nothing to change."""
    now = snapshot(cloudformation, name)
    new = not now or now["StackStatus"] in {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}
    kept = {known["ParameterKey"] for known in now.get("Parameters", [])} - set(parameters)
    ordered: dict[str, Any] = {
        "StackName": name, "TemplateURL": address, "Capabilities": list(CAPABILITIES),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        + [{"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)],
        **({"RoleARN": role} if role else {}),
    }  # fmt: skip
    try:
        if seen:
            return carried_out(cloudformation, ordered, new, seen, pause)
        if new:
            return str(cloudformation.create_stack(**ordered, OnFailure="DELETE")["StackId"])
        return str(cloudformation.update_stack(**ordered)["StackId"])
    except ClientError as refused:
        if "No updates" not in str(refused):
            raise
        return ""


def _wait(cloudformation: Any, stack_id: str, pause: float) -> None:
    until = time.monotonic() + SECONDS_TO_DEPLOY
    while (status := snapshot(cloudformation, stack_id)["StackStatus"]) not in DONE:
        if time.monotonic() > until or not status.endswith("_IN_PROGRESS"):
            raise CannotGoOn(
                f"The deployment ended as {status}. {_reasons(cloudformation, stack_id)}", ADVICE
            )
        time.sleep(pause)


def _reasons(cloudformation: Any, stack_id: str) -> str:
    return "\n".join(
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {event['ResourceStatusReason']}"
        for event in cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
        if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason")
    )
