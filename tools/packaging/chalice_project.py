"""Projects for `chalice package`: a copy of ours, and one of the dependencies alone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tools.errors import ToolError

CHALICE = "import sys; from chalice.cli import main; sys.exit(main())"
# Chalice makes a zip only where there is a function to put into it.
EMPTY_APPLICATION = """
from chalice import Chalice
app = Chalice(app_name="dependencies")
app.lambda_function()(print)
"""
CONFIG = Path(".chalice", "config.json")
EMPTY_CONFIG: dict[str, object] = {
    "version": "2.0",
    "app_name": "dependencies",
    "autogen_policy": True,
}


class Packaged(NamedTuple):
    """What `chalice package` makes: the zip and the template (SAM)."""

    zip: Path
    template: dict[str, Any]


def copy_project(root: Path, project: Path, architecture: str) -> None:
    """Make a clean copy of our code, without caches and without requirements."""
    empty(project)
    shutil.copy2(root / "app.py", project)
    for folder, ignored in (("chalicelib", "__pycache__"), (".chalice", "deploy*")):
        shutil.copytree(root / folder, project / folder, ignore=shutil.ignore_patterns(ignored))
    config = json.loads((project / CONFIG).read_text())
    (project / CONFIG).write_text(json.dumps(config | {"lambda_architecture": architecture}))


def make_dependencies(requirements: Path, project: Path, architecture: str) -> None:
    """Make a project of an empty application with these requirements."""
    empty(project)
    (project / CONFIG).parent.mkdir()
    config = EMPTY_CONFIG | {"lambda_architecture": architecture}
    (project / CONFIG).write_text(json.dumps(config))
    (project / "app.py").write_text(EMPTY_APPLICATION)
    shutil.copy2(requirements, project)


def run_chalice(project: Path, stage: str, merge: Path | None = None) -> Packaged:
    """Run `chalice package` in a project. `merge`: a file of additions to the template.

    Raises:
        ToolError: Chalice or pip failed; carries the end of their output.
    """
    more = ["--merge-template", str(merge)] if merge else []
    command = [sys.executable, "-c", CHALICE, "package", "--stage", stage, *more, "out"]
    environment = {"AWS_DEFAULT_REGION": "us-east-1", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=project, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:])
        raise ToolError(
            f"`chalice package` failed in {project}:\n{last}",
            "Fix what it names; if a download failed, check that the package index can be reached.",
        )
    template = json.loads((project / "out" / "sam.json").read_text())
    return Packaged(project / "out" / "deployment.zip", template)


def empty(folder: Path) -> None:
    """Make a folder that holds nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
