"""`make deploy`: deploy a stage to AWS with the credentials and the region of the environment.

    python -m tools.deployment.deploy --stage prod --bucket my-artefacts \\
        PublicBaseUrl=https://por.example SecretsPrefix=/cpor/prod

The parameters are those of infra/. A parameter keeps its value until it is given again. The command
shows the changes before it makes them, and tests the new version at its public address afterwards.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable

from cpor.doctor.finding import Finding
from cpor.doctor.web import check_health
from cpor.stage import Stage
from tools.deployment import aws, stack
from tools.deployment.change_set import Change, require_confirmation
from tools.deployment.stack import Clients, StackUpdate
from tools.errors import ToolError, run
from tools.packaging.package import Package, package

SECONDS_BETWEEN_POLLS = 5.0
HEALTH_CHECKS = 12  # a new version of an API takes up to a minute to be served everywhere

HealthCheck = Callable[[Stage], Iterable[Finding]]


def main(
    arguments: list[str] | None = None,
    clients: Clients = aws.client,
    check: HealthCheck = check_health,
    make: Callable[[str], Package] = package,
    poll: float = SECONDS_BETWEEN_POLLS,
) -> int:
    """Package and deploy the stack `cpor-<stage>`, print its outputs and check that it answers."""
    options = _parse(arguments)
    name = f"cpor-{options.stage}"

    def review(changes: tuple[Change, ...]) -> None:
        print(f"{name} changes in {len(changes)} places:", *changes, sep="\n  ")
        require_confirmation(changes, options.confirm == options.stage)

    update = StackUpdate(
        name,
        make(options.stage),
        options.bucket,
        dict(options.parameters),
        options.role,
        review,
        poll,
    )
    with aws.aws_errors():
        outputs = stack.deploy(update, clients)
        print(*(f"{key:<26}{value}" for key, value in sorted(outputs.items())), sep="\n")
        wait_until_healthy(Stage(options.stage, name, make_client=clients), check)
    print(f"{options.stage} answers. Check the rest with: cpor doctor --stage {options.stage}")
    return 0


def wait_until_healthy(
    stage: Stage, check: HealthCheck = check_health, pause: Callable[[float], None] = time.sleep
) -> None:
    """Wait until the stage answers at its public address.

    Raises ToolError if it does not within a minute.
    """
    findings: list[Finding] = []
    for attempt in range(HEALTH_CHECKS):
        if attempt:
            pause(SECONDS_BETWEEN_POLLS)
        findings = list(check(stage))
        if not findings:
            return
    first = findings[0]
    raise ToolError(f"The stack is deployed, but {first.where}: {first.wrong}", first.do)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = aws.stage_parser("tools.deployment.deploy", "Deploy a stage to AWS.")
    parser.add_argument("--bucket", required=True, help="an S3 bucket in the same region")
    parser.add_argument("--role", default="", help="the role CloudFormation assumes, if any")
    parser.add_argument("parameters", nargs="*", type=_parse_parameter, metavar="Name=value")
    return parser.parse_args(arguments)


def _parse_parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is not Name=value")
    return name, value


if __name__ == "__main__":
    sys.exit(run(main))
