"""A deployed stage, as its stack describes it: where its parts are, and what its functions were
told.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cached_property
from typing import Any

from chalicelib.runtime.settings import Settings, settings
from cpor.exit_codes import Unusable

LOCAL = "cpor"  # the stack of a stage on this machine


class Stage:
    """One stage. Nothing is asked before it is needed. `endpoint`: another address than AWS's;
    `clients`: others than those of the environment.
    """

    def __init__(
        self,
        name: str,
        stack: str = "",
        endpoint: str = "",
        clients: Callable[[str], Any] | None = None,
    ) -> None:
        self.name = name
        self.stack = stack or (LOCAL if name == "local" else f"cpor-{name}")
        self.endpoint = endpoint or settings().aws_endpoint_url
        self._make = clients
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The client of a service (`sqs`, `lambda`, …)."""
        from cpor.connection import client

        if service not in self._clients:
            self._clients[service] = (
                self._make(service) if self._make else client(service, self.endpoint)
            )
        return self._clients[service]

    @cached_property
    def described(self) -> dict[str, Any]:
        """The stack; empty when there is none."""
        from botocore.exceptions import ClientError

        try:
            return dict(
                self.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"][0]
            )
        except ClientError as refused:
            if "does not exist" not in str(refused):
                raise
            return {}

    @cached_property
    def outputs(self) -> dict[str, str]:
        return {one["OutputKey"]: one["OutputValue"] for one in self.described.get("Outputs", [])}

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Every resource of the stack by its name in the template."""
        pages = (
            self.client("cloudformation")
            .get_paginator("list_stack_resources")
            .paginate(StackName=self.stack)
        )
        return {
            one["LogicalResourceId"]: one
            for page in pages
            for one in page["StackResourceSummaries"]
        }

    def output(self, name: str) -> str:
        """An output of the stack. Raises Unusable when there is no stack or it lacks it."""
        if not self.described:
            raise Unusable(
                f"There is no stack {self.stack} here. Name the stage with --stage, and check "
                "AWS_DEFAULT_REGION."
            )
        if name not in self.outputs:
            raise Unusable(
                f"The stack {self.stack} has no output {name}. Deploy this version first: make deploy STAGE={self.name} BUCKET=…"
            )
        return self.outputs[name]

    def physical(self, name: str) -> str:
        """What a resource of the template is called in AWS.

        Raises Unusable when the stack does not have it.
        """
        if name not in self.resources:
            raise Unusable(
                f"The stack {self.stack} has no {name}. Deploy this version first: make deploy STAGE={self.name} BUCKET=…"
            )
        return str(self.resources[name]["PhysicalResourceId"])

    def settings_of(self, function: str) -> Settings:
        """What a function of the stack was told; `function` by its name in the template."""
        told = self.client("lambda").get_function_configuration(
            FunctionName=self.physical(function)
        )
        return read(told.get("Environment", {}).get("Variables", {}))


def read(environment: dict[str, str]) -> Settings:
    """The settings that a function's environment makes."""
    return Settings(
        **{
            one.name: environment[one.name.upper()]
            for one in fields(Settings)
            if one.name.upper() in environment
        }
    )
