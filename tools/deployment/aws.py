"""What the commands that work on AWS have in common."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.errors import ToolError
from tools.packaging.package import STAGES


def client(service: Any) -> Any:
    """Return a boto3 client with the credentials and the region of the environment."""
    return boto3.client(service)


@contextmanager
def aws_errors() -> Iterator[None]:
    """Translate errors of boto3 into a ToolError."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ToolError(
            f"A call to AWS failed: {error}.",
            "Check that AWS_PROFILE (or keys) and AWS_DEFAULT_REGION are set and valid.",
        ) from error


def stage_parser(command: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with the options that every command on a stage has."""
    parser = argparse.ArgumentParser(prog=f"python -m {command}", description=description)
    parser.add_argument("--stage", choices=[s for s in STAGES if s != "local"], required=True)
    parser.add_argument("--confirm", default="", help="the stage again, if data can be lost")
    return parser
