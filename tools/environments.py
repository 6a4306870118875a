"""Makes the two environments of this project with nothing but Python 3.11: `.venv` to build, run
and test, `.ministack` for the emulator. Does nothing when they are already made of what the
requirements say. `.audit` is made when asked for.

    python3.11 tools/environments.py [.audit]

uv installs, which pip fetches first, both as the requirements say: that takes seconds where pip
alone takes minutes. Where uv cannot (it knows nothing of pip's settings: an index, a certificate of
one's own), pip does.

Run by itself before anything is installed, so it imports the standard library only and no other
part of this project.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MADE_OF = {".venv": "requirements-dev.txt", ".ministack": "requirements-ministack.txt"}
WHEN_ASKED = {".audit": "requirements-audit.txt"}
INSTALLER = "uv"
MARK = "made-of"
COMMAND_LINE = """#!{python}
import runpy, sys
sys.path.insert(0, {root!r})
runpy.run_module("cpor", run_name="__main__", alter_sys=True)
"""


def main() -> int:
    """Makes what is missing; answers 1 after saying what went wrong and what to do."""
    if sys.version_info[:2] != (3, 11):
        return _stopped(
            f"This is Python {sys.version.split()[0]}; the functions run on 3.11 and are packaged by the same version.",
            "Install Python 3.11 and call `make PYTHON=/path/to/python3.11 …`.",
        )
    with _one_at_a_time():
        for name, requirements in {
            **MADE_OF,
            **{name: WHEN_ASKED[name] for name in sys.argv[1:]},
        }.items():
            if not _made(ROOT / name, ROOT / requirements) and not _make(
                ROOT / name, ROOT / requirements
            ):
                return 1
        _offer_command_line(ROOT / ".venv" / "bin")
    return 0


def _made(environment: Path, requirements: Path) -> bool:
    mark = environment / MARK
    return mark.exists() and mark.read_text() == _recipe(requirements)


def _make(environment: Path, requirements: Path) -> bool:
    print(
        f"Making {environment.name} out of {requirements.name} (once, up to a minute) ...",
        flush=True,
    )
    python = environment / "bin" / "python"
    if not python.exists() or _version_of(python) != sys.version_info[:2]:
        shutil.rmtree(environment, ignore_errors=True)
        pip = (
            [] if environment.name == ".venv" else ["--without-pip"]
        )  # the one of .venv installs into all of them
        if not _done(
            [sys.executable, "-m", "venv", *pip, str(environment)],
            "Install the venv module of Python 3.11.",
        ):
            return False
    if not (_installed_by_uv(python, requirements) or _installed_by_pip(python, requirements)):
        return False
    (environment / MARK).write_text(_recipe(requirements))
    return True


def _installed_by_uv(python: Path, requirements: Path) -> bool:
    uv = ROOT / ".venv" / "bin" / INSTALLER
    if not uv.exists() and not _fetched(python, requirements):
        return False
    # Compiled where warnings are errors (pytest's settings): a library's own, told as it is
    # compiled, is not ours.
    compiled = ["--compile-bytecode"] if python == uv.parent / "python" else []
    command = [str(uv), "pip", "install", *compiled, "--python", str(python)]
    return _ran([*command, "--require-hashes", "-r", str(requirements)]).returncode == 0


def _fetched(python: Path, requirements: Path) -> bool:
    """Whether pip could install uv itself, in the version and with the hashes of the requirements."""
    locked = re.search(
        rf"^{INSTALLER}==.*(?:\n[ ]+--hash=.*)+$", requirements.read_text(), re.MULTILINE
    )
    if not locked:
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as alone:
        alone.write(locked[0] + "\n")
        alone.flush()
        return _ran(_pip(python, Path(alone.name))).returncode == 0


def _installed_by_pip(python: Path, requirements: Path) -> bool:
    advice = (
        "See that the Python package index can be reached (a proxy? PIP_INDEX_URL?) and try again."
    )
    return _done(_pip(python, requirements), advice)


def _pip(python: Path, requirements: Path) -> list[str]:
    pip = [str(ROOT / ".venv" / "bin" / "python"), "-m", "pip", "--python", str(python)]
    return [*pip, "install", "--quiet", "--require-hashes", "-r", str(requirements)]


def _done(command: list[str], advice: str) -> bool:
    ended = _ran(command)
    if ended.returncode:
        last = "\n".join((ended.stderr or ended.stdout).strip().splitlines()[-12:])
        _stopped(f"`{' '.join(command)}` failed:\n{last}", advice)
    return ended.returncode == 0


def _ran(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, check=False, capture_output=True, text=True
    )


def _recipe(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def _version_of(python: Path) -> tuple[int, int] | None:
    asked = subprocess.run(
        [str(python), "-c", "import sys; print(*sys.version_info[:2])"],
        check=False,
        capture_output=True,
        text=True,
    )
    numbers = asked.stdout.split()
    return (int(numbers[0]), int(numbers[1])) if asked.returncode == 0 else None


def _offer_command_line(folder: Path) -> None:
    text = COMMAND_LINE.format(python=folder / "python", root=str(ROOT))
    command = folder / "cpor"
    if not command.exists() or command.read_text() != text:
        command.write_text(text)
        command.chmod(0o755)


def _stopped(what: str, then: str) -> int:
    print(f"\nStopped: {what}\nTo do:   {then}", file=sys.stderr, flush=True)
    return 1


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    (ROOT / "build").mkdir(exist_ok=True)
    with open(ROOT / "build" / "environments.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    sys.exit(main())
