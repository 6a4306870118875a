"""Create the environments: `.venv` to build, run and test, `.ministack` for the emulator.

    "$(tools/find-python)" tools/environments.py [.advisories | .audit | .clients | .package]

`.advisories`, `.audit`, `.clients` (tests/clients) and `.package` (tools/packaging/target.py) are
created on request only, and then alone. An environment is left alone while the requirements and the
Python version it was made of are the same. uv installs the packages, because it takes seconds where
pip takes minutes; pip fetches uv first, and installs everything where uv fails (uv does not read
pip's settings, such as an index or a certificate). Both check the hashes of the requirements.

This runs before anything is installed: it imports the standard library only, nothing of the
project.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALWAYS = (".venv", ".ministack")
REQUIREMENTS = {
    ".venv": "dev.txt",
    ".ministack": "ministack.txt",
    ".advisories": "advisories.txt",
    ".audit": "audit.txt",
    ".clients": "clients.txt",
    ".package": "package.txt",
}
MARK = "made-of"  # the file in an environment that holds its recipe
INSTALLER = "uv"
COMMAND_LINE = """#!{python}
import runpy, sys
sys.path.insert(0, {root!r})
runpy.run_module("cpor", run_name="__main__", alter_sys=True)
"""


def main() -> int:
    """Create what is missing; answer 1 after printing what failed and what to do about it."""
    with _lock():
        for name in sys.argv[1:] or ALWAYS:
            environment, requirements = ROOT / name, ROOT / "requirements" / REQUIREMENTS[name]
            if not _is_current(environment, requirements) and not _create(
                environment, requirements
            ):
                return 1
        _write_command_line(ROOT / ".venv" / "bin")
    return 0


def _is_current(environment: Path, requirements: Path) -> bool:
    mark = environment / MARK
    return mark.exists() and mark.read_text() == _make_fingerprint(requirements)


def _make_fingerprint(requirements: Path) -> str:
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    return f"{digest} Python {platform.python_version()}"


def _create(environment: Path, requirements: Path) -> bool:
    print(
        f"Creating {environment.name} with Python {platform.python_version()} ({sys.executable}) "
        f"from {requirements.relative_to(ROOT)} (up to a minute) ...",
        flush=True,
    )
    python = environment / "bin" / "python"
    if not _is_of_this_version(python):
        shutil.rmtree(environment, ignore_errors=True)
        # The pip of .venv installs into the other environments.
        pip = [] if environment.name == ".venv" else ["--without-pip"]
        command = [sys.executable, "-m", "venv", *pip, str(environment)]
        if not _run_or_explain(command, "Install the venv module of this Python."):
            return False
    if not (_install_with_uv(python, requirements) or _install_with_pip(python, requirements)):
        return False
    (environment / MARK).write_text(_make_fingerprint(requirements))
    return True


def _is_of_this_version(python: Path) -> bool:
    if not python.exists():
        return False
    done = _run([str(python), "-c", "import platform; print(platform.python_version())"])
    return done.returncode == 0 and done.stdout.strip() == platform.python_version()


def _install_with_uv(python: Path, requirements: Path) -> bool:
    uv = ROOT / ".venv" / "bin" / INSTALLER
    if not uv.exists() and not _fetch_uv(python, requirements):
        return False
    # Tests turn warnings into errors: compiled beforehand, libraries warn here and not there.
    compiled = ["--compile-bytecode"] if python == uv.parent / "python" else []
    command = [str(uv), "pip", "sync", *compiled, "--python", str(python), "--require-hashes"]
    return _run([*command, str(requirements)]).returncode == 0


def _fetch_uv(python: Path, requirements: Path) -> bool:
    """Install uv itself with pip, in the version and with the hashes of the requirements."""
    locked = re.search(
        rf"^{INSTALLER}==.*(?:\n[ ]+--hash=.*)+$", requirements.read_text(), re.MULTILINE
    )
    if not locked:
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as only_uv:
        only_uv.write(locked[0] + "\n")
        only_uv.flush()
        return _run(_pip_install(python, Path(only_uv.name))).returncode == 0


def _install_with_pip(python: Path, requirements: Path) -> bool:
    advice = "Check that the Python package index can be reached (proxy, PIP_INDEX_URL), try again."
    return _run_or_explain(_pip_install(python, requirements), advice)


def _pip_install(python: Path, requirements: Path) -> list[str]:
    pip = [str(ROOT / ".venv" / "bin" / "python"), "-m", "pip", "--python", str(python)]
    return [*pip, "install", "--quiet", "--require-hashes", "-r", str(requirements)]


def _run_or_explain(command: list[str], advice: str) -> bool:
    done = _run(command)
    if done.returncode:
        last_lines = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        print(f"\nStopped: `{' '.join(command)}` failed:\n{last_lines}", file=sys.stderr)
        print(f"To do:   {advice}", file=sys.stderr, flush=True)
    return done.returncode == 0


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, check=False, capture_output=True, text=True
    )


def _write_command_line(folder: Path) -> None:
    """Put `cpor` on the path of .venv without installing the project."""
    text = COMMAND_LINE.format(python=folder / "python", root=str(ROOT))
    command = folder / "cpor"
    if not command.exists() or command.read_text() != text:
        command.write_text(text)
        command.chmod(0o755)


@contextmanager
def _lock() -> Iterator[None]:
    """Let one process at a time create environments."""
    (ROOT / "build").mkdir(exist_ok=True)
    with open(ROOT / "build" / "environments.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    sys.exit(main())
