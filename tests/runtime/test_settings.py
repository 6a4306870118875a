"""A process without a stage, or with settings that cannot be meant, does not start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.runtime import wiring
from chalicelib.runtime.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]


def start(**environment):
    """Import the application as Lambda does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1", **environment},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "STAGE is not set: it must be local, sandbox, prod."),
        ({"STAGE": ""}, "STAGE is not set"),
        ({"STAGE": "production"}, "STAGE is production"),
        ({"STAGE": "sandbox", "SANDBOX_ADDRESSES": "192.0.2.1/24"}, "has host bits set"),
        ({"STAGE": "sandbox", "SANDBOX_ADDRESSES": "everybody"}, "SANDBOX_ADDRESSES"),
    ],
)
def test_a_process_with_broken_settings_says_what_is_wrong_and_ends(environment, words):
    ended = start(**environment)

    assert ended.returncode == 1
    assert words in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("stage", ["local", "sandbox", "prod"])
def test_a_process_with_a_stage_starts(stage):
    assert start(STAGE=stage, SANDBOX_ADDRESSES="192.0.2.0/24, 2001:db8::/32").returncode == 0


def test_without_a_stage_nothing_is_a_sandbox_and_no_services_are_built():
    assert not Settings().sandbox
    with pytest.raises(SettingsError):
        wiring.build_services(Settings())
