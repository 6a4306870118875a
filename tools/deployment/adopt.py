"""`make adopt`: create the stack of a stage around data that an earlier stack has left behind.

    python -m tools.deployment.adopt --stage prod --bucket my-artefacts PublicBaseUrl=https://… \\
        Table=cpor-prod-Table-1X EvidenceBucket=cpor-prod-evidencebucket-2Y UserPool=eu-central-1_z

CloudFormation imports the named resources into a new stack that has nothing else; `make deploy`
then adds the rest and leaves the data as it is. A table that was restored from a backup, or
replicated from another region, is adopted in the same way.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from tools.deployment import aws, stack
from tools.deployment.change_set import Change, apply_change_set
from tools.deployment.deploy import parse_parameter
from tools.deployment.stack import Clients
from tools.errors import ToolError, run
from tools.packaging.package import Package, package

SECONDS_BETWEEN_POLLS = 5.0
SECONDS_TO_ADOPT = 600.0
# What can be adopted, and the property by which CloudFormation identifies it.
ADOPTED = {"Table": "TableName", "EvidenceBucket": "BucketName", "UserPool": "UserPoolId"}
# Of what is adopted: what refers to resources that the stack does not have yet.
LATER = ("LambdaConfig",)


def main(
    arguments: list[str] | None = None,
    clients: Clients = aws.client,
    make: Callable[[str], Package] = package,
    poll: float = SECONDS_BETWEEN_POLLS,
) -> int:
    """Create the stack `cpor-<stage>` of the named resources, which stay as they are."""
    options = _parse(arguments)
    name, given = f"cpor-{options.stage}", dict(options.parameters)
    resources = {key: given.pop(key) for key in ADOPTED if key in given}
    if not resources:
        raise ToolError("Nothing is named to adopt.", f"Name some of {', '.join(ADOPTED)}.")
    with aws.aws_errors():
        cloudformation = clients("cloudformation")
        if stack.describe(cloudformation, name):
            raise ToolError(f"There is a stack {name}.", "Only a new stack can adopt data.")
        template = reduce_template(stack.read_template(make(options.stage)), resources)
        url = stack.upload_template(template, options.bucket, clients("s3"))
        request = _request(name, url, template, resources, given)
        if options.role:
            request["RoleARN"] = options.role
        stack_id = apply_change_set(cloudformation, request, True, _show, poll)
        _wait(cloudformation, stack_id, poll)
    print(f"{name} has {', '.join(resources)}. Now: make deploy STAGE={options.stage} BUCKET=…")
    return 0


def reduce_template(template: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the part of a template that has the named resources only."""
    kept = {}
    for name in names:
        if name not in template["Resources"]:
            raise ToolError(f"The template has no {name}.", "Leave it out.")
        resource = template["Resources"][name]
        properties = {k: v for k, v in resource["Properties"].items() if k not in LATER}
        kept[name] = resource | {"Properties": properties}
    sections = ("Parameters", "Conditions", "Mappings")
    return {section: template[section] for section in sections if section in template} | {
        "Resources": kept
    }


def _request(
    name: str,
    url: str,
    template: Mapping[str, Any],
    resources: Mapping[str, str],
    given: Mapping[str, str],
) -> dict[str, Any]:
    imported = [
        {
            "ResourceType": template["Resources"][key]["Type"],
            "LogicalResourceId": key,
            "ResourceIdentifier": {ADOPTED[key]: physical},
        }
        for key, physical in resources.items()
    ]
    return {
        "StackName": name,
        "TemplateURL": url,
        "ChangeSetType": "IMPORT",
        "ResourcesToImport": imported,
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
    }


def _show(changes: tuple[Change, ...]) -> None:
    print("The stack takes over:", *changes, sep="\n  ")


def _wait(cloudformation: Any, stack_id: str, poll: float) -> None:
    deadline = time.monotonic() + SECONDS_TO_ADOPT
    while (status := stack.describe(cloudformation, stack_id)["StackStatus"]) != "IMPORT_COMPLETE":
        if time.monotonic() > deadline or not status.endswith("_IN_PROGRESS"):
            reason = stack.list_reasons(cloudformation, stack_id)
            raise ToolError(f"The import ended as {status}. {reason}", "Nothing was changed.")
        time.sleep(poll)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = aws.stage_parser("tools.deployment.adopt", "Create a stack around existing data.")
    parser.add_argument("--bucket", required=True, help="an S3 bucket in the same region")
    parser.add_argument("--role", default="", help="the role CloudFormation assumes, if any")
    parser.add_argument("parameters", nargs="*", type=parse_parameter, metavar="Name=value")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(main))
