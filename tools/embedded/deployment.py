"""Deploys a package to the emulator the way it is deployed to AWS.

The emulator's CloudFormation leaves some of the template undone (time to live, backups, the
gateway's own answers); these are set through the API afterwards, with the values of the template.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from tools.deployment import stack
from tools.embedded.emulator import KEYS, REGION
from tools.packaging.package import Package

STACK = "cpor"
ARTEFACTS = "cpor-artefacts"
SECONDS_BETWEEN_LOOKS = 0.05
# No limit on requests: a test may ask as fast as it can.
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
    """Creates the stack, or brings an existing one up to the package.

    Raises CannotGoOn, as `stack.put` does.
    """
    client("s3", endpoint).create_bucket(Bucket=ARTEFACTS)
    parameters = PARAMETERS | {"PublicBaseUrl": public_base_url}
    outputs = stack.put(
        STACK,
        package,
        parameters,
        ARTEFACTS,
        lambda service: client(service, endpoint),
        SECONDS_BETWEEN_LOOKS,
    )
    deployed, template = Deployment(endpoint, outputs), json.loads(package.template.read_text())
    _complete_table(template["Resources"]["Table"]["Properties"], deployed)
    defaults = {
        name: parameter.get("Default", "") for name, parameter in template["Parameters"].items()
    }
    _complete_api(template["Resources"]["RestAPI"]["Properties"], defaults | parameters, deployed)
    return deployed


def _complete_table(table: dict[str, Any], deployed: Deployment) -> None:
    database, name = client("dynamodb", deployed.endpoint), deployed.table_name
    if (
        database.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
        != "ENABLED"
    ):
        database.update_time_to_live(
            TableName=name, TimeToLiveSpecification=table["TimeToLiveSpecification"]
        )
    database.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=table["PointInTimeRecoverySpecification"]
    )


def _complete_api(api: dict[str, Any], parameters: dict[str, str], deployed: Deployment) -> None:
    gateway, api_id = client("apigateway", deployed.endpoint), deployed.outputs["RestAPIId"]
    for kind, answer in api["GatewayResponses"].items():
        status = {"statusCode": str(answer["StatusCode"])} if "StatusCode" in answer else {}
        headers, text = (
            answer["ResponseParameters"]["Headers"],
            answer["ResponseTemplates"]["application/json"],
        )
        gateway.put_gateway_response(
            restApiId=api_id, responseType=kind, **status,
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers.items()},
            responseTemplates={"application/json": _filled_in(text, parameters)},
        )  # fmt: skip
    gateway.create_deployment(restApiId=api_id, stageName=api["StageName"])


def _filled_in(text: dict[str, str], parameters: dict[str, str]) -> str:
    """`Fn::Sub` of parameters."""
    return re.sub(r"\$\{(\w+)\}", lambda name: parameters[name[1]], text["Fn::Sub"])
