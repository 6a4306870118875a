"""What a package is made for: a version of Python and a processor architecture.

Compiled modules run on one minor version of Python, and native libraries on one architecture, so
each stage has one target. Production runs on Python 3.13 on arm64: 3.11 may not be updated on
Lambda after 2027-08-31, and arm64 costs a fifth less
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html).
"""

import platform
import subprocess
import sys
from argparse import ArgumentTypeError
from dataclasses import dataclass
from pathlib import Path

from tools.errors import ToolError

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ".package"  # made by tools/environments.py, where the Python that runs is another


@dataclass(frozen=True)
class Target:
    """`python`: major and minor version. `architecture`: as Lambda names it."""

    python: str
    architecture: str

    @property
    def runtime(self) -> str:
        """The name of Lambda's runtime."""
        return f"python{self.python}"

    def __str__(self) -> str:
        return f"{self.python}-{self.architecture}"


HOST = Target(
    f"{sys.version_info.major}.{sys.version_info.minor}",
    "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
)
PRODUCTION = Target("3.13", "arm64")
# The stage on this machine runs on the Python that makes it.
TARGETS = {"local": HOST, "sandbox": PRODUCTION, "prod": PRODUCTION}


def parse_target(text: str) -> Target:
    """Read a target as it is printed, or `host`; an argument of a command line."""
    if text == "host":
        return HOST
    python, separator, architecture = text.partition("-")
    if not separator or architecture not in {"arm64", "x86_64"}:
        raise ArgumentTypeError(f"{text!r} is neither host nor such as {PRODUCTION}")
    return Target(python, architecture)


def find_python(target: Target) -> str:
    """Find the Python that packages for a target: the one that runs, if it is of that version, else
    that of an environment made for it.

    Raises:
        ToolError: this machine has no such Python, or the environment cannot be made.
    """
    if target.python == HOST.python:
        return sys.executable
    found = _run("tools/find-python", target.python)
    if found.returncode:
        raise ToolError(
            f"Packages for {target} are made with Python {target.python}. {found.stderr.strip()}",
            f"Install Python {target.python}, or package with an environment of that version.",
        )
    made = _run(found.stdout.strip(), "tools/environments.py", ENVIRONMENT)
    if made.returncode:
        raise ToolError(
            f"The environment {ENVIRONMENT} cannot be made: {made.stderr.strip()}",
            "Fix what it names and try again.",
        )
    return str(ROOT / ENVIRONMENT / "bin" / "python")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
