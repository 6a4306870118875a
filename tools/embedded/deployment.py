"""Deploy a package to the emulator in the same way as to AWS.

The emulator's CloudFormation ignores some parts of the template (time to live, backups, gateway
responses). They are set through the API afterwards, with the values of the template.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from tools.deployment import stack
from tools.deployment.stack import StackUpdate
from tools.embedded.emulator import KEYS, REGION
from tools.packaging.package import Package

STACK = "cpor"
ARTEFACTS = "cpor-artefacts"
SECONDS_BETWEEN_POLLS = 0.05
# No limit on requests: tests send as many as they can.
PARAMETERS = {"Target": "emulator", "RequestsPerSecond": "100000", "RequestsAtOnce": "100000"}


@dataclass(frozen=True)
class Deployment:
    """A deployed stack: the endpoint of the emulator and the outputs of the stack."""

    endpoint: str
    outputs: dict[str, str]

    @property
    def table_name(self) -> str:
        return self.outputs["TableName"]

    @property
    def api_path(self) -> str:
        """The path on the emulator that is the root of the deployed API."""
        return f"/restapis/{self.outputs['RestAPIId']}/api/_user_request_"


def client(service: Any, endpoint: str, region: str = REGION) -> Any:
    """Return a boto3 client of the emulator, as its root user."""
    config = Config(
        retries={"total_max_attempts": 1}, read_timeout=60, s3={"addressing_style": "path"}
    )
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=KEYS[0],
        aws_secret_access_key=KEYS[1],
        config=config,
    )


def deploy(package: Package, endpoint: str, public_base_url: str) -> Deployment:
    """Create the stack or update it to the package.

    Raises ToolError, as `stack.deploy` does.
    """
    client("s3", endpoint).create_bucket(Bucket=ARTEFACTS)
    parameters = PARAMETERS | {"PublicBaseUrl": public_base_url}
    update = StackUpdate(STACK, package, ARTEFACTS, parameters, poll=SECONDS_BETWEEN_POLLS)
    outputs = stack.deploy(update, lambda service: client(service, endpoint))
    deployed, template = Deployment(endpoint, outputs), json.loads(package.template.read_text())
    _complete_table(template["Resources"]["Table"]["Properties"], deployed)
    defaults = {name: p.get("Default", "") for name, p in template["Parameters"].items()}
    _complete_api(template["Resources"]["RestAPI"]["Properties"], defaults | parameters, deployed)
    return deployed


def _complete_table(table: Mapping[str, Any], deployed: Deployment) -> None:
    dynamodb, name = client("dynamodb", deployed.endpoint), deployed.table_name
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if ttl["TimeToLiveStatus"] != "ENABLED":
        dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification=table["TimeToLiveSpecification"]
        )
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=table["PointInTimeRecoverySpecification"]
    )


def _complete_api(
    api: Mapping[str, Any], parameters: Mapping[str, str], deployed: Deployment
) -> None:
    gateway, api_id = client("apigateway", deployed.endpoint), deployed.outputs["RestAPIId"]
    for kind, response in api["GatewayResponses"].items():
        status = {"statusCode": str(response["StatusCode"])} if "StatusCode" in response else {}
        headers = response["ResponseParameters"]["Headers"]
        text = response["ResponseTemplates"]["application/json"]
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            **status,
            responseParameters={
                f"gatewayresponse.header.{name}": value for name, value in headers.items()
            },
            responseTemplates={"application/json": _substitute(text, parameters)},
        )
    gateway.create_deployment(restApiId=api_id, stageName=api["StageName"])


def _substitute(text: Mapping[str, str], parameters: Mapping[str, str]) -> str:
    """Apply `Fn::Sub` with parameters."""
    return re.sub(r"\$\{(\w+)\}", lambda name: parameters[name[1]], text["Fn::Sub"])
