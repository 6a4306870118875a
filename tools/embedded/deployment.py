"""Deploys a package to the emulator the way it is deployed to AWS: zip and template to a bucket, then CloudFormation.

The emulator's CloudFormation leaves some of the template undone (time to live, backups, the gateway's own answers);
these are set through the API afterwards, with the values of the template.
"""

import hashlib
import json
import re
import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tools.embedded.emulator import KEYS, REGION
from tools.failure import CannotGoOn
from tools.package import Package

STACK = "cpor"
ARTEFACTS = "cpor-artefacts"
CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
SECONDS_TO_DEPLOY = 120.0
# Sandbox and emulator share one machine, and a test may ask as fast as it can.
PARAMETERS = {"Target": "emulator", "RequestsPerSecond": "100000", "RequestsAtOnce": "100000"}


@dataclass(frozen=True)
class Deployment:
    """Where the parts of a deployed stack are."""

    endpoint: str
    outputs: dict[str, str]

    @property
    def table_name(self) -> str:
        return self.outputs["TableName"]

    @property
    def api_path(self) -> str:
        """The path on the emulator under which the deployed API answers from its root."""
        return f"/restapis/{self.outputs['RestAPIId']}/api/_user_request_"


def client(service: Any, endpoint: str) -> Any:
    """A boto3 client of the emulator for the service of that name, as its root."""
    return boto3.client(
        service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id=KEYS[0], aws_secret_access_key=KEYS[1],
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60, s3={"addressing_style": "path"}),
    )  # fmt: skip


def deploy(package: Package, endpoint: str, public_base_url: str) -> Deployment:
    """Creates the stack, or brings an existing one up to the package; a package that is there already changes nothing.

    Raises:
        CannotGoOn: the stack was refused or rolled back; carries the reason of the resource that failed.
    """
    template = _at_its_place(package, endpoint)
    parameters = PARAMETERS | {"PublicBaseUrl": public_base_url}
    cloudformation = client("cloudformation", endpoint)
    try:
        if _create_or_update(cloudformation, template, parameters):
            _wait(cloudformation)
    except ClientError as refused:
        raise _failed(cloudformation, str(refused)) from refused
    deployed = Deployment(endpoint, _outputs(cloudformation))
    _complete_table(template["Resources"]["Table"]["Properties"], deployed)
    _complete_api(template["Resources"]["RestAPI"]["Properties"], template["Parameters"], deployed)
    return deployed


def _at_its_place(package: Package, endpoint: str) -> dict[str, Any]:
    """Uploads the zip under a name that is its content's, and points the template's functions at it."""
    storage, zipped = client("s3", endpoint), package.zip.read_bytes()
    key = f"{hashlib.sha256(zipped).hexdigest()}.zip"
    storage.create_bucket(Bucket=ARTEFACTS)
    storage.put_object(Bucket=ARTEFACTS, Key=key, Body=zipped)
    template: dict[str, Any] = json.loads(package.template.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://{ARTEFACTS}/{key}"
    return template


def _create_or_update(cloudformation: Any, template: dict[str, Any], parameters: dict[str, str]) -> bool:
    """Whether there is something to wait for."""
    ordered: dict[str, Any] = {
        "StackName": STACK, "TemplateBody": json.dumps(template), "Capabilities": list(CAPABILITIES),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }  # fmt: skip
    if not _stack(cloudformation):
        cloudformation.create_stack(**ordered, OnFailure="DELETE")
        return True
    try:
        cloudformation.update_stack(**ordered)
    except ClientError as refused:
        if "No updates" not in str(refused):
            raise
        return False
    return True


def _wait(cloudformation: Any) -> None:
    until = time.monotonic() + SECONDS_TO_DEPLOY
    while (status := _stack(cloudformation).get("StackStatus", "")) not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        if time.monotonic() > until or (not status.endswith("_IN_PROGRESS") and not status.endswith("_CLEANUP")):
            raise _failed(cloudformation, f"the stack ended as {status or 'nothing'}")
        time.sleep(0.05)


def _stack(cloudformation: Any) -> dict[str, Any]:
    try:
        stacks: list[dict[str, Any]] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    except ClientError as refused:
        if "does not exist" not in str(refused):
            raise
        return {}
    return next((stack for stack in stacks if not stack["StackStatus"].startswith("DELETE_COMPLETE")), {})


def _failed(cloudformation: Any, otherwise: str) -> CannotGoOn:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"] if _stack(cloudformation) else []
    reasons = [
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {event['ResourceStatusReason']}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason")
    ]
    return CannotGoOn(
        "The deployment to the emulator failed: " + ("\n".join(reasons) or otherwise),
        "Run `make lint`: it checks the template. With KEEP, an empty folder tells whether kept data are the cause.",
    )


def _outputs(cloudformation: Any) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in _stack(cloudformation).get("Outputs", [])}


def _complete_table(table: dict[str, Any], deployed: Deployment) -> None:
    database, name = client("dynamodb", deployed.endpoint), deployed.table_name
    if database.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED":
        database.update_time_to_live(TableName=name, TimeToLiveSpecification=table["TimeToLiveSpecification"])
    database.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=table["PointInTimeRecoverySpecification"]
    )


def _complete_api(api: dict[str, Any], parameters: dict[str, Any], deployed: Deployment) -> None:
    gateway, api_id = client("apigateway", deployed.endpoint), deployed.outputs["RestAPIId"]
    for kind, answer in api["GatewayResponses"].items():
        status = {"statusCode": str(answer["StatusCode"])} if "StatusCode" in answer else {}
        headers, text = answer["ResponseParameters"]["Headers"], answer["ResponseTemplates"]["application/json"]
        gateway.put_gateway_response(
            restApiId=api_id, responseType=kind, **status,
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers.items()},
            responseTemplates={"application/json": _filled_in(text, parameters)},
        )  # fmt: skip
    gateway.create_deployment(restApiId=api_id, stageName=api["StageName"])


def _filled_in(text: dict[str, str], parameters: dict[str, Any]) -> str:
    """`Fn::Sub` of parameters that have defaults."""
    return re.sub(r"\$\{(\w+)\}", lambda name: str(parameters[name[1]]["Default"]), text["Fn::Sub"])
