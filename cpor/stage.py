"""A deployed stage as its CloudFormation stack describes it, and what it stores."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.aws.files import EvidenceFiles, get_s3_client
from chalicelib.aws.queue import NullQueue
from chalicelib.aws.rows import Rows
from chalicelib.aws.sandbox import TestClock
from chalicelib.aws.store import DynamoStore
from chalicelib.ports import Services
from chalicelib.runtime import wiring
from chalicelib.runtime.settings import Settings, settings
from cpor.connection import client, rows
from cpor.errors import CommandError
from cpor.local_service import LOCAL, use_local_service

LOCAL_STACK = "cpor"  # the stack of a stage on this machine


class Stage:
    """One stage. Nothing is requested before it is needed.

    `stack`: its stack, if it is not the usual one. `endpoint`: a URL instead of AWS's own.
    `make_client`: makes the clients of services instead of `cpor.connection.client`.
    """

    def __init__(
        self,
        name: str,
        stack: str = "",
        endpoint: str = "",
        make_client: Callable[[str], Any] | None = None,
    ) -> None:
        if name == LOCAL and not endpoint and not make_client:
            use_local_service(name)
        self.name = name
        self.stack = stack or (LOCAL_STACK if name == LOCAL else f"cpor-{name}")
        self.endpoint = endpoint or settings().aws_endpoint_url
        self._make_client = make_client or (lambda service: client(service, self.endpoint))
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return the client of a service (`sqs`, `lambda`, …)."""
        if service not in self._clients:
            self._clients[service] = self._make_client(service)
        return self._clients[service]

    @cached_property
    def description(self) -> dict[str, Any]:
        """The stack; empty when there is none."""
        try:
            found = self.client("cloudformation").describe_stacks(StackName=self.stack)
            return dict(found["Stacks"][0])
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return {}

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs by name."""
        outputs = self.description.get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Every resource of the stack by its name in the template."""
        paginator = self.client("cloudformation").get_paginator("list_stack_resources")
        return {
            resource["LogicalResourceId"]: resource
            for page in paginator.paginate(StackName=self.stack)
            for resource in page["StackResourceSummaries"]
        }

    def output(self, name: str) -> str:
        """Return an output of the stack. Raises CommandError when it or the stack is missing."""
        if not self.description:
            raise CommandError(
                f"There is no stack {self.stack} here. Name the stage with --stage, and check "
                "AWS_DEFAULT_REGION."
            )
        if name not in self.outputs:
            raise CommandError(self._is_older(f"no output {name}"))
        return self.outputs[name]

    def physical_id(self, name: str) -> str:
        """Return the name in AWS of a resource of the template. Raises CommandError."""
        if name not in self.resources:
            raise CommandError(self._is_older(f"no {name}"))
        return str(self.resources[name]["PhysicalResourceId"])

    def configuration(self, function: str) -> dict[str, Any]:
        """Return the configuration of a function, by its name in the template."""
        return dict(
            self.client("lambda").get_function_configuration(
                FunctionName=self.physical_id(function)
            )
        )

    def settings_of(self, function: str) -> Settings:
        """Return the settings of a function, by its name in the template."""
        return parse_settings(
            self.configuration(function).get("Environment", {}).get("Variables", {})
        )

    def rows(self) -> Rows:
        """Return the rows of the stage's table."""
        return rows(self.output("TableName"), self.endpoint)

    def store(self) -> DynamoStore:
        """Return what the stage stores."""
        return DynamoStore(self.rows(), wiring.run_parallel)

    def _is_older(self, missing: str) -> str:
        deploy = f"make deploy STAGE={self.name} BUCKET=…"
        return f"The stack {self.stack} has {missing}. Deploy this version first: {deploy}"


def parse_settings(environment: dict[str, str]) -> Settings:
    """Return the settings in the environment of a function."""
    names = {field.name: field.name.upper() for field in fields(Settings)}
    return Settings(**{name: environment[key] for name, key in names.items() if key in environment})


def default_stage(*chosen: str) -> str:
    """Return the stage where none is named: `local` if neither options nor environment say more.

    Args:
        chosen: other options that say which AWS is meant.
    """
    return LOCAL if not any(chosen) and use_local_service() else ""


def find_rows_of(stage: str, stack: str, table: str, endpoint_url: str) -> Rows:
    """Return the rows of a stage: of the named table, else the stage's, else the environment's.

    Where nothing is named, those of the service that runs on this machine.
    """
    stage = stage or default_stage(stack, table, endpoint_url)
    if (stage or stack) and not table:
        return Stage(stage, stack, endpoint_url).rows()
    return rows(table or settings().table_name, endpoint_url or settings().aws_endpoint_url)


def find_services(stage: str, stack: str, table: str, endpoint_url: str) -> Services:
    """Return the services of a stage, over the same table as `find_rows_of`."""
    stage = stage or default_stage(stack, table, endpoint_url)
    if (stage or stack) and not table:
        deployed = Stage(stage, stack, endpoint_url)
        deployed.output("TableName")  # raises CommandError where there is no stack
        return make_services(deployed.settings_of("Worker"), endpoint_url)
    chosen = settings()
    return make_services(replace(chosen, table_name=table or chosen.table_name), endpoint_url)


def make_services(chosen: Settings, endpoint_url: str = "") -> Services:
    """Return the services of a stage as its functions have them, over the operator's connections.

    Nothing is queued: the index of what is due brings everything back.
    """
    endpoint = endpoint_url or settings().aws_endpoint_url
    target = rows(chosen.table_name, endpoint)
    system = wiring.SystemClock()
    return wiring.build_services(chosen).evolve(
        store=DynamoStore(target, wiring.run_parallel),
        clock=TestClock(target, system.now) if chosen.sandbox else system,
        files=EvidenceFiles(chosen.evidence_bucket, lambda: get_s3_client(endpoint)),
        work_queue=NullQueue(),
    )
