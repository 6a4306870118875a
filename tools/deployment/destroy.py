"""`make destroy`: delete the stack of a stage. Its data stays: table, evidence and user pool.

python -m tools.deployment.destroy --stage sandbox --confirm sandbox
"""

import sys
from typing import Any

from tools.deployment import aws, stack
from tools.deployment.stack import Clients
from tools.errors import ToolError, run

SECONDS_BETWEEN_POLLS = 5.0
LEFT = "Its data is still there and still costs money:"
# Resources that a failed first deployment has deleted again, or never created.
GONE = frozenset({"CREATE_FAILED", "DELETE_COMPLETE"})
# What the template retains, and the command that deletes it.
RETAINED = {
    "Table": "aws dynamodb delete-table --table-name {}",
    "EvidenceBucket": "aws s3 rb --force s3://{} (old versions first: aws s3api delete-objects)",
    "UserPool": "aws cognito-idp delete-user-pool --user-pool-id {} "
    "(after update-user-pool --deletion-protection INACTIVE)",
}


def main(
    arguments: list[str] | None = None,
    clients: Clients = aws.client,
    poll: float = SECONDS_BETWEEN_POLLS,
) -> int:
    """Delete the stack `cpor-<stage>` after the protections are checked; print what is left."""
    options = aws.stage_parser("tools.deployment.destroy", "Delete a stage.").parse_args(arguments)
    name = f"cpor-{options.stage}"
    with aws.aws_errors():
        cloudformation = clients("cloudformation")
        current = stack.describe(cloudformation, name)
        if not current:
            print(f"There is no {name} in this account and region.")
            return 0
        if options.confirm != options.stage:
            raise ToolError(
                f"{name} would be deleted.",
                f"Confirm it: make destroy STAGE={options.stage} CONFIRM={options.stage}",
            )
        resources = _resources(cloudformation, current)
        _require_unprotected(current, resources.get("Table", ""), clients)
        cloudformation.delete_stack(StackName=current["StackId"])
        stack.wait_until_deleted(cloudformation, current["StackId"], poll)
    left = [part for part in RETAINED if resources.get(part)]
    print(f"{name} is deleted. {LEFT if left else 'It has left nothing behind.'}")
    for part, command in RETAINED.items():
        if part in left:
            print(f"  {resources[part]}: {command.format(resources[part])}")
    return 0


def _resources(cloudformation: Any, current: dict[str, Any]) -> dict[str, str]:
    """Return the physical ids by logical id; the table is the one in use, restored or not."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(
        StackName=current["StackName"]
    )
    resources = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource.get("PhysicalResourceId") and resource["ResourceStatus"] not in GONE
    }
    outputs = {one["OutputKey"]: one["OutputValue"] for one in current.get("Outputs", [])}
    table = outputs.get("TableName", resources.get("Table", ""))
    return resources | {"Table": table}


def _require_unprotected(current: dict[str, Any], table: str, clients: Clients) -> None:
    """Raise ToolError if the stack or its table is protected from deletion."""
    name = current["StackName"]
    if current.get("EnableTerminationProtection"):
        raise ToolError(
            f"{name} is protected from deletion.",
            "aws cloudformation update-termination-protection "
            f"--no-enable-termination-protection --stack-name {name}",
        )
    if table and _is_protected(clients("dynamodb"), table):
        raise ToolError(
            f"The table {table} is protected from deletion: this stage is in use.",
            "Make a backup (docs/operations.md, Backups), then: "
            f"aws dynamodb update-table --no-deletion-protection-enabled --table-name {table}",
        )


def _is_protected(dynamodb: Any, table: str) -> bool:
    description = dynamodb.describe_table(TableName=table)["Table"]
    return bool(description.get("DeletionProtectionEnabled"))


if __name__ == "__main__":
    sys.exit(run(main))
