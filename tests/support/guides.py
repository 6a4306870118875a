"""The shell blocks of the guides in docs/guides, and running them as they are printed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.source_tree import ROOT

FOLDER = ROOT / "docs" / "guides"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)  # language and text

# What the blocks run in: bash, and zsh, the shell of macOS, where it is installed.
SHELLS = [
    "bash",
    pytest.param(
        "zsh", marks=pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
    ),
]


def read_scripts(guide: str) -> list[str]:
    """Return the shell blocks of a guide."""
    text = (FOLDER / f"{guide}.md").read_text(encoding="utf-8")
    return [block for kind, block in BLOCK.findall(text) if kind == "sh"]


def run_script(
    script: str, folder: Path | None = None, shell: str = "bash", **environment: str
) -> str:
    """Run a block with nothing in the environment but this, and return what it prints."""
    done = subprocess.run(
        [shell, "-euc", script],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout
