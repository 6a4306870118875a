"""`make deploy`: a stage to AWS, with the credentials and the region of the environment (AWS_PROFILE, AWS_REGION).

    python -m tools.deploy --stage prod --bucket my-artefacts PublicBaseUrl=https://por.example SecretsPrefix=/cpor/prod

Parameters are those of infra/parameters.yaml. What was given once need not be given again.
"""

import argparse
import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools import stack
from tools.failure import CannotGoOn, told
from tools.package import STAGES, package

SECONDS_BETWEEN_LOOKS = 5.0


def main(arguments: list[str] | None = None, clients: stack.Clients | None = None) -> int:
    """Packages, deploys and prints the outputs of the stack `cpor-<stage>`."""
    wanted = _arguments(arguments)
    try:
        outputs = stack.put(
            f"cpor-{wanted.stage}", package(wanted.stage), dict(wanted.parameters), wanted.bucket,
            clients or _client, SECONDS_BETWEEN_LOOKS,
        )  # fmt: skip
    except (BotoCoreError, ClientError) as refused:
        raise CannotGoOn(
            f"AWS could not be asked: {refused}.", "See that AWS_PROFILE (or keys) and AWS_REGION are set and valid."
        ) from refused
    print(*(f"{key:<26}{value}" for key, value in sorted(outputs.items())), sep="\n")
    return 0


def _client(service: Any) -> Any:
    return boto3.client(service)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m tools.deploy", description="Deploy one stage to AWS.")
    reader.add_argument("--stage", choices=[stage for stage in STAGES if stage != "local"], required=True)
    reader.add_argument("--bucket", required=True, help="an S3 bucket of yours in the same region")
    reader.add_argument("parameters", nargs="*", type=_pair, metavar="Name=value")
    return reader.parse_args(arguments)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is not Name=value")
    return name, value


if __name__ == "__main__":
    sys.exit(told(main))
