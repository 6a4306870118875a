"""`make destroy`: takes a stage off AWS. What people have stored stays: table, evidence and user
pool are kept.

python -m tools.deployment.destroy --stage sandbox --confirm sandbox
"""

import argparse
import sys
import time
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployment import stack
from tools.errors import CannotGoOn, told
from tools.packaging.package import STAGES

SECONDS_BETWEEN_LOOKS = 5.0
SECONDS_TO_DESTROY = 1_800.0
# What the template keeps, and how it is deleted by whoever is sure.
KEPT = {
    "Table": "aws dynamodb delete-table --table-name {}",
    "EvidenceBucket": "aws s3 rb --force s3://{} (its old versions first: aws s3api delete-objects)",
    "UserPool": "aws cognito-idp delete-user-pool --user-pool-id {} (after update-user-pool --deletion-protection INACTIVE)",
}


def main(arguments: list[str] | None = None, clients: stack.Clients | None = None) -> int:
    """Deletes the stack `cpor-<stage>` after everything that speaks against it, and says what is
    left.
    """
    wanted = _arguments(arguments)
    name, make = f"cpor-{wanted.stage}", clients or _client
    try:
        cloudformation = make("cloudformation")
        if not (there := stack.snapshot(cloudformation, name)):
            print(f"There is no {name} in this account and region.")
            return 0
        if wanted.confirm != wanted.stage:
            raise CannotGoOn(
                f"{name} would be deleted.",
                f"Say so twice: make destroy STAGE={wanted.stage} CONFIRM={wanted.stage}",
            )
        left = _resources(cloudformation, name)
        outputs = {one["OutputKey"]: one["OutputValue"] for one in there.get("Outputs", [])}
        left["Table"] = outputs.get(
            "TableName", left.get("Table", "")
        )  # a restored table in the place of the stack's
        _unprotected(there, left, make)
        cloudformation.delete_stack(StackName=there["StackId"])
        _wait(cloudformation, there["StackId"], SECONDS_BETWEEN_LOOKS if clients is None else 0.05)
    except (BotoCoreError, ClientError) as refused:
        raise CannotGoOn(
            f"AWS could not be asked: {refused}.",
            "See that AWS_PROFILE (or keys) and AWS_REGION are set and valid.",
        ) from refused
    print(f"{name} is gone. What people have stored is still there and still costs:")
    print(
        *(
            f"  {left[part]}: {how.format(left[part])}"
            for part, how in KEPT.items()
            if part in left
        ),
        sep="\n",
    )
    return 0


def _unprotected(there: dict[str, Any], left: dict[str, str], make: stack.Clients) -> None:
    """Raises CannotGoOn while somebody has said that this must not be deleted."""
    if there.get("EnableTerminationProtection"):
        raise CannotGoOn(
            f"{there['StackName']} is protected from being deleted.",
            f"aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name {there['StackName']}",
        )
    table = left.get("Table", "")
    if table and make("dynamodb").describe_table(TableName=table)["Table"].get(
        "DeletionProtectionEnabled"
    ):
        raise CannotGoOn(
            f"The table {table} is protected from deletion: this is a stage that people rely on.",
            f"Make a backup (docs/operations.md, Backups), then: aws dynamodb update-table --no-deletion-protection-enabled --table-name {table}",
        )


def _resources(cloudformation: Any, name: str) -> dict[str, str]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]
            if "PhysicalResourceId" in one}  # fmt: skip


def _wait(cloudformation: Any, stack_id: str, pause: float) -> None:
    until = time.monotonic() + SECONDS_TO_DESTROY
    while (now := stack.snapshot(cloudformation, stack_id)) and now[
        "StackStatus"
    ] != "DELETE_COMPLETE":
        if now["StackStatus"] == "DELETE_FAILED" or time.monotonic() > until:
            raise CannotGoOn(
                f"It could not be deleted: {now.get('StackStatusReason', now['StackStatus'])}.",
                "See its events in AWS.",
            )
        time.sleep(pause)


def _client(service: Any) -> Any:
    return boto3.client(service)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    reader = argparse.ArgumentParser(
        prog="python -m tools.deployment.destroy", description="Take one stage off AWS."
    )
    reader.add_argument(
        "--stage", choices=[stage for stage in STAGES if stage != "local"], required=True
    )
    reader.add_argument("--confirm", default="", help="the stage, once more")
    return reader.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(told(main))
