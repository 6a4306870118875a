"""The command line installs on its own, as `pip install .` and `pipx install .` do it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.domain.version import VERSION
from tools.packaging.package import ROOT

pytestmark = pytest.mark.slow
APPLICATION = ("chalicelib", "cpor")
SOURCES = (*APPLICATION, "tools")
FILES = ("pyproject.toml", "README.md", "LICENSE")


def test_the_installed_command_runs_outside_the_repository(tmp_path: Path) -> None:
    source, venv = tmp_path / "source", tmp_path / "venv"
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source)
    run(sys.executable, "-m", "venv", str(venv))
    run(str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", str(source))
    command = str(venv / "bin" / "cpor")

    version = run(command, "--version")
    made = run(command, "feed", "template", str(tmp_path / "feed"), "--json")

    assert version == f"cpor {VERSION}\n"
    assert '"ok": true' in made
    assert list_installed_data(venv) == data_files(ROOT)


def run(*command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd="/", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def list_installed_data(venv: Path) -> set[str]:
    """Return the data files of the installed packages."""
    (packages,) = venv.glob("lib/python*/site-packages")
    return data_files(packages)


def data_files(folder: Path) -> set[str]:
    """Return the files of the application that are no code."""
    return {
        path.relative_to(folder).as_posix()
        for name in APPLICATION
        for path in (folder / name).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
