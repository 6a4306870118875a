"""Programs for Node that the tests run: installed once, from the lock file beside this one."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.packaging.package import ROOT

HERE = Path(__file__).parent
FOLDER = ROOT / "build" / "clients"  # ignored by git, deleted by `make clean`
OLDEST = (20, 19)  # what the tools ask for: package.json, engines
# How npm says that it reaches no registry (its `code`).
UNREACHABLE = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b")


def install() -> None:
    """Install what the lock file names, or skip the test where that cannot be had."""
    if reason := _find_obstacle():
        pytest.skip(reason)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install_once()


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run an installed program."""
    return subprocess.run(
        [str(FOLDER / "node_modules" / ".bin" / program), *words],
        cwd=FOLDER,
        env={**os.environ, "REDOCLY_TELEMETRY": "off"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _find_obstacle() -> str:
    if not (shutil.which("node") and shutil.which("npm")):
        return "node or npm is not installed"
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    version = tuple(map(int, re.findall(r"\d+", done.stdout)[:2]))
    return f"node is older than {OLDEST[0]}.{OLDEST[1]}" if version < OLDEST else ""


def _install_once() -> None:
    made = FOLDER / "made-of"
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if made.exists() and made.read_text() == digest:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, FOLDER)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip("npm reaches no registry")
    assert done.returncode == 0, done.stderr
    made.write_text(digest)
