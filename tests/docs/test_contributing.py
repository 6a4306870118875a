"""CONTRIBUTING.md explains every top-level entry, and names nothing that is gone."""

import re
import subprocess

import yaml

from tools.packaging.package import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def entries_of_table(heading: str) -> set[str]:
    """The first column of the table under this row of headings, without a closing slash."""
    rows = GUIDE.partition(heading)[2].partition("\n\n")[0]
    return {name.rstrip("/") for name in re.findall(r"^\| `([^`]+)`", rows, re.MULTILINE)}


def test_every_top_level_entry_is_explained():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")

    assert entries_of_table("| entry | what it is |") == {
        path.partition("/")[0] for path in tracked if path
    }


def test_every_folder_of_the_application_is_explained():
    folders = {path.parent.name for path in (ROOT / "chalicelib").glob("*/__init__.py")}

    assert entries_of_table("| folder | what it has | for example |") == folders


def test_every_hook_calls_a_tool_of_the_environment():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]

    assert all((ROOT / hook["entry"].split()[0]).exists() for hook in hooks)
