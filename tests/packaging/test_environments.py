"""Setting up on a new machine: once, and with a plain sentence where it cannot be done."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environments

IMPOSSIBLE = f"--no-index\nnothing-of-that-name==1 --hash=sha256:{'0' * 64}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that asks for nothing in one environment and for the impossible in the other."""
    (tmp_path / "tools").mkdir()
    shutil.copy(environments.__file__, tmp_path / "tools")
    (tmp_path / "requirements-dev.txt").write_text("# nothing\n")
    (tmp_path / "requirements-ministack.txt").write_text(IMPOSSIBLE)
    return tmp_path


def set_up(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/environments.py"]
    return subprocess.run(command, check=False, cwd=project, capture_output=True, text=True)


def test_what_cannot_be_installed_is_named_and_what_could_be_is_not_made_again(project):
    first, second = set_up(project), set_up(project)
    (project / "requirements-ministack.txt").write_text("# nothing\n")
    (project / "cpor.py").write_text("import sys\nprint(sys.argv[1:])\n")
    third = set_up(project)

    assert [first.returncode, second.returncode, third.returncode] == [1, 1, 0]
    assert "nothing-of-that-name" in first.stderr
    assert "To do:   See that the Python package index can be reached" in first.stderr
    assert "Making .venv" in first.stdout
    assert "Making .venv" not in second.stdout
    offered = subprocess.run(
        [project / ".venv/bin/cpor", "import"], check=True, cwd="/", capture_output=True, text=True
    )
    assert offered.stdout == "['import']\n"


def with_an_installer(project: Path, ending: int) -> Path:
    """A `.venv` that is made already, with an installer in it that ends so; answers where it notes
    what it was told.
    """
    programs, told = project / ".venv" / "bin", project / "told"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    (programs / "uv").write_text(f'#!/bin/sh\necho "$@" >> {told}\nexit {ending}\n')
    (programs / "uv").chmod(0o755)
    recipe = hashlib.sha256((project / "requirements-dev.txt").read_bytes()).hexdigest()
    (project / ".venv" / "made-of").write_text(recipe)
    return told


def test_uv_installs_by_hash_and_pip_is_not_asked(project):
    told = with_an_installer(project, ending=0)

    made = set_up(project)

    assert made.returncode == 0
    assert told.read_text().split()[:2] == ["pip", "install"]
    assert "--require-hashes" in told.read_text()
    assert str(project / ".ministack" / "bin" / "python") in told.read_text()


def test_pip_installs_where_uv_cannot(project):
    with_an_installer(project, ending=2)

    refused = set_up(project)
    (project / "requirements-ministack.txt").write_text("# nothing\n")
    made = set_up(project)

    assert [refused.returncode, made.returncode] == [1, 0]
    assert "nothing-of-that-name" in refused.stderr
