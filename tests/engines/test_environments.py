"""Setting up on a new machine: once, and with a plain sentence where it cannot be done."""

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
