"""`make deploy`: a stage to AWS, with the credentials and the region of the environment
(AWS_PROFILE, AWS_REGION).

    python -m tools.deployment.deploy --stage prod --bucket my-artefacts PublicBaseUrl=https://por.example
    SecretsPrefix=/cpor/prod

Parameters are those of infra/. What was given once need not be given again. Shows what changes
before it does, and asks the new version at its public address afterwards.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cpor.doctor.finding import Finding
from cpor.doctor.web import health
from cpor.stage import Stage
from tools.deployment import stack
from tools.deployment.change_set import Change, harmless
from tools.errors import CannotGoOn, told
from tools.packaging.package import STAGES, Package, package

SECONDS_BETWEEN_LOOKS = 5.0
LOOKS = 12  # at the public address: a new version of an API takes up to a minute to be everywhere

SubscriptionSnapshot = Callable[[Stage], Iterable[Finding]]


def main(
    arguments: list[str] | None = None,
    clients: stack.Clients | None = None,
    snapshot: SubscriptionSnapshot = health,
    make: Callable[[str], Package] = package,
) -> int:
    """Packages, shows, deploys, prints the outputs of the stack `cpor-<stage>`, and sees that it
    answers.
    """
    wanted = _arguments(arguments)
    name = f"cpor-{wanted.stage}"

    def seen(changes: tuple[Change, ...]) -> None:
        print(f"{name} changes in {len(changes)} places:", *changes, sep="\n  ")
        harmless(changes, wanted.confirm == wanted.stage)

    try:
        outputs = stack.put(
            name, make(wanted.stage), dict(wanted.parameters), wanted.bucket, clients or _client,
            SECONDS_BETWEEN_LOOKS if clients is None else 0.05, seen, wanted.role,
        )  # fmt: skip
        print(*(f"{key:<26}{value}" for key, value in sorted(outputs.items())), sep="\n")
        answers(Stage(wanted.stage, name, clients=clients or _client), snapshot)
    except (BotoCoreError, ClientError) as refused:
        raise CannotGoOn(
            f"AWS could not be asked: {refused}.",
            "See that AWS_PROFILE (or keys) and AWS_REGION are set and valid.",
        ) from refused
    print(f"{wanted.stage} answers. Is everything else right? cpor doctor --stage {wanted.stage}")
    return 0


def answers(
    stage: Stage,
    snapshot: SubscriptionSnapshot = health,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Waits until the public address is answered by this stage.

    Raises CannotGoOn if it is not within a minute.
    """
    found: list[Finding] = []
    for attempt in range(LOOKS):
        if attempt:
            pause(SECONDS_BETWEEN_LOOKS)
        if not (found := list(snapshot(stage))):
            return
    raise CannotGoOn(f"It is deployed, but {found[0].where}: {found[0].wrong}", found[0].do)


def _client(service: Any) -> Any:
    return boto3.client(service)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    reader = argparse.ArgumentParser(
        prog="python -m tools.deployment.deploy", description="Deploy one stage to AWS."
    )
    reader.add_argument(
        "--stage", choices=[stage for stage in STAGES if stage != "local"], required=True
    )
    reader.add_argument("--bucket", required=True, help="an S3 bucket of yours in the same region")
    reader.add_argument("--confirm", default="", help="the stage, once more: data may be lost")
    reader.add_argument(
        "--role",
        default="",
        help="the role that CloudFormation works under; else that of who deploys",
    )
    reader.add_argument("parameters", nargs="*", type=_pair, metavar="Name=value")
    return reader.parse_args(arguments)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is not Name=value")
    return name, value


if __name__ == "__main__":
    sys.exit(told(main))
