"""`make deploy`: deploy a stage to AWS with the credentials and the region of the environment.

    python -m tools.deployment.deploy --stage prod --bucket my-artefacts \\
        PublicBaseUrl=https://por.example SecretsPrefix=/cpor/prod

The parameters are those of infra/. A parameter keeps its value until it is given again. The command
shows the changes before it makes them, and tests the new version at its public address afterwards.

A first deployment has two steps: what is known only afterwards (the address that API Gateway gives,
unless there is a domain) and what could not be undone if it failed (protection from deletion) are
set by the second. Later ones are rolled back when alarms of the stage go off during or after them.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from cpor.doctor.finding import Finding
from cpor.doctor.web import check_health
from cpor.stage import Stage
from tools.deployment import aws, rollback, stack
from tools.deployment.change_set import Change, require_confirmation
from tools.deployment.stack import Clients, StackUpdate
from tools.errors import ToolError, run
from tools.packaging.package import Package, package

SECONDS_BETWEEN_POLLS = 5.0
HEALTH_CHECKS = 12  # a new version of an API takes up to a minute to be served everywhere
PENDING_URL = "https://pending.invalid"  # until API Gateway has given an address (RFC 6761)

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
        _show(changes)
        require_confirmation(changes, options.confirm == options.stage)

    made = make(options.stage)
    update = StackUpdate(
        name, made, options.bucket, dict(options.parameters), options.role, review, poll
    )
    with aws.aws_errors():
        is_new = not stack.find_current(clients("cloudformation"), name)
        if not is_new:
            update = _watch(update, options.watch, clients)
        outputs = _deploy(update, clients, is_new)
        print(*(f"{key:<26}{value}" for key, value in sorted(outputs.items())), sep="\n")
        stage = Stage(options.stage, name, make_client=clients)
        if is_new and "DomainTarget" in outputs:
            _print_record(update.parameters, outputs, stage)
            return 0
        wait_until_healthy(stage, check)
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


def _deploy(update: StackUpdate, clients: Clients, is_new: bool) -> dict[str, str]:
    """Create or update a stack; then set what could not be set before it existed."""
    if is_new:
        given = dict(update.parameters)
        if given.get("DomainName"):
            given.setdefault("PublicBaseUrl", f"https://{given['DomainName']}")
        given.setdefault("PublicBaseUrl", PENDING_URL)
    else:
        given = _protect(update, clients) | dict(update.parameters)
    outputs = stack.deploy(replace(update, parameters=given), clients)
    later = _protect(update, clients) if is_new else {}
    if _find_url(update, clients) == PENDING_URL:  # also after a first deployment that broke off
        later["PublicBaseUrl"] = outputs["EndpointURL"].rstrip("/")
    if not later:
        return outputs
    # Nothing is stored yet that the second step could lose.
    return stack.deploy(replace(update, parameters=later, review=_show), clients)


def _watch(update: StackUpdate, minutes: int, clients: Clients) -> StackUpdate:
    """Have AWS roll the update back when the alarms of the stage go off."""
    resources = stack.read_template(update.package)["Resources"]
    configuration = rollback.make_configuration(update.name, resources, minutes, clients)
    if watched := len(configuration["RollbackTriggers"]):
        print(f"AWS watches {watched} alarms until {minutes} minutes after the change.")
    return replace(update, rollback=configuration)


def _show(changes: tuple[Change, ...]) -> None:
    print(f"The stack changes in {len(changes)} places:", *changes, sep="\n  ")


def _find_url(update: StackUpdate, clients: Clients) -> str:
    current = stack.find_current(clients("cloudformation"), update.name).get("Parameters", [])
    urls = (one["ParameterValue"] for one in current if one["ParameterKey"] == "PublicBaseUrl")
    return str(next(urls, ""))


def _protect(update: StackUpdate, clients: Clients) -> dict[str, str]:
    """Protect the stack from deletion, and return the parameters that protect its data.

    Only the template of production has any.
    """
    if "Protected" not in stack.read_template(update.package)["Parameters"]:
        return {}
    clients("cloudformation").update_termination_protection(
        StackName=update.name, EnableTerminationProtection=True
    )
    return {"Protected": "true"}


def _print_record(given: Mapping[str, str], outputs: Mapping[str, str], stage: Stage) -> None:
    """Print what only the owner of the domain can do, before the stage can answer."""
    print(
        f"The stack exists. Its address answers once this record is in the DNS:\n"
        f"  {given['DomainName']}  CNAME  {outputs['DomainTarget']}\n"
        f"Then: cpor doctor --stage {stage.name}. What comes next: docs/operations.md, First day."
    )


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = aws.stage_parser("tools.deployment.deploy", "Deploy a stage to AWS.")
    parser.add_argument("--bucket", required=True, help="an S3 bucket in the same region")
    parser.add_argument("--role", default="", help="the role CloudFormation assumes, if any")
    parser.add_argument(
        "--watch",
        type=int,
        choices=range(rollback.MOST_MINUTES + 1),
        metavar="MINUTES",
        default=rollback.MINUTES_WATCHED,
        help="after the change, in which alarms of the stage roll it back; 0 for none",
    )
    parser.add_argument("parameters", nargs="*", type=parse_parameter, metavar="Name=value")
    return parser.parse_args(arguments)


def parse_parameter(text: str) -> tuple[str, str]:
    """Read `Name=value`, an argument of a command line."""
    name, equals, value = text.partition("=")
    if not equals or not name.isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is not Name=value")
    return name, value


if __name__ == "__main__":
    sys.exit(run(main))
