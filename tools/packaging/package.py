"""Makes what is deployed: one zip and one template per stage, in build/<stage>/.

`chalice package` does the work; around it are a cache of the dependencies (they change rarely and
take seconds), the compiled modules (archive.py) and
templates (compiled_templates.py), the data of botocore (botocore_data.py) and the
additions to the template (template.py). Nothing is made again when nothing changed.

    python -m tools.packaging.package --stage prod

A package runs on one version of Python and one architecture, the target of its stage (target.py).
Where this process is of another version, one of that version makes the package.
"""

import argparse
import fcntl
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools.errors import ToolError, run
from tools.packaging import (
    archive,
    botocore_data,
    chalice_project,
    compiled_templates,
    template,
)
from tools.packaging.target import HOST, TARGETS, Target, find_python, parse_target

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
STAGES = ("local", "sandbox", "prod")
OURS = ("app.py", "chalicelib")
BUILD_DIGITS = 12
LARGEST_ZIP = 12_000_000  # bytes; every new environment downloads and unpacks it


@dataclass(frozen=True)
class Package:
    """What a deployment takes: the zip with the code and the template (JSON, SAM)."""

    zip: Path
    template: Path

    @property
    def build(self) -> str:
        """The beginning of the zip's SHA-256, which `/v1/health` answers once it is deployed."""
        return hashlib.sha256(self.zip.read_bytes()).hexdigest()[:BUILD_DIGITS]

    @property
    def made_of(self) -> Path:
        """The file that holds a digest of what it was made of."""
        return self.zip.with_name("made-of")


def package(stage: str, target: Target | None = None) -> Package:
    """Return the package of a stage, made now if anything it is made of has changed.

    `target`: another than the stage's own; such a package is for tests and checks, and has a folder
    of its own. Many processes may call this at once.

    Raises:
        ToolError: Chalice or pip failed, or there is no Python of the target's version here.
    """
    target = target or TARGETS[stage]
    folder = BUILD / stage if target == TARGETS[stage] else BUILD / str(target) / stage
    made = Package(folder / "deployment.zip", folder / "template.json")
    made_of = _digest((*_tools(), *_sources()), target)
    if target.python != HOST.python:
        if not _is_current(made, made_of):
            _package_with_target_python(stage, target)
        return made
    with _lock():
        if not _is_current(made, made_of):
            made.made_of.unlink(missing_ok=True)
            _make(stage, target, made)
            made.made_of.write_text(made_of)
    return made


def main(arguments: list[str] | None = None) -> int:
    """Package a stage; print where its template and its zip are, and the ten largest parts.

    Raises:
        ToolError: as `package` does, or the zip is too large.
    """
    reader = argparse.ArgumentParser(
        prog="python -m tools.packaging.package", description="Package one stage for deployment."
    )
    reader.add_argument("--stage", choices=STAGES, default="prod")
    reader.add_argument(
        "--target", type=parse_target, help="host, or such as 3.13-arm64; else the stage's own"
    )
    reader.add_argument("--quiet", action="store_true", help="print the template's path alone")
    options = reader.parse_args(arguments)
    made = package(options.stage, options.target)
    print(made.template.relative_to(ROOT))
    if not options.quiet:
        _print_parts(made)
    size = made.zip.stat().st_size
    if size > LARGEST_ZIP:
        raise ToolError(
            f"The zip has {size:,} bytes; {LARGEST_ZIP:,} are allowed.",
            "Call this without --quiet and find what grew among the largest parts.",
        )
    return 0


def _print_parts(made: Package) -> None:
    print(f"{made.zip.relative_to(ROOT)}  {made.zip.stat().st_size:,} bytes, of which")
    for part, compressed in archive.list_largest(made.zip):
        print(f"  {compressed:>10,}  {part}")


def _is_current(made: Package, made_of: str) -> bool:
    return made.made_of.exists() and made.made_of.read_text() == made_of


def _package_with_target_python(stage: str, target: Target) -> None:
    """Have a Python of the target's version make the package."""
    module = ("-m", "tools.packaging.package", "--quiet")
    done = subprocess.run(
        [find_python(target), *module, "--stage", stage, "--target", str(target)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise ToolError(f"Packaging for {target} failed:\n{last}", "Fix what it names.")


def _make(stage: str, target: Target, made: Package) -> None:
    libraries = _dependencies(target)
    made.zip.parent.mkdir(parents=True, exist_ok=True)
    merge, project = made.zip.parent / "merge.json", made.zip.parent / "project"
    merge.write_text(json.dumps(template.read_additions(ROOT / "infra", stage), indent=1))
    chalice_project.copy_project(ROOT, project, target.architecture)
    packaged = chalice_project.run_chalice(project, stage, merge)
    ours = made.zip.parent / "ours"
    chalice_project.empty(ours)
    archive.unpack(packaged.zip, ours, OURS)
    compiled_templates.compile_templates(ours)
    archive.compile_modules(ours)
    archive.write(ours, made.zip, onto=libraries)
    made.template.write_text(json.dumps(template.add_methods(packaged.template), indent=1))


def _dependencies(target: Target) -> Path:
    """The zip of requirements.txt and of Chalice, kept under a name that depends on what it is made
    of.
    """
    requirements = ROOT / "requirements.txt"
    kept = BUILD / f"dependencies-{_digest((*_tools(), requirements), target)[:16]}.zip"
    if not kept.exists():
        project, libraries = BUILD / "dependencies", BUILD / "dependencies" / "libraries"
        chalice_project.make_dependencies(requirements, project, target.architecture)
        archive.unpack(chalice_project.run_chalice(project, "dev").zip, libraries)
        (libraries / "app.py").unlink()
        botocore_data.trim(libraries)
        archive.compile_modules(libraries)
        archive.write(libraries, kept)
    return kept


def _sources() -> Iterator[Path]:
    yield from (ROOT / "app.py", ROOT / "requirements.txt")
    for folder in ("chalicelib", ".chalice", "infra"):
        for file in (ROOT / folder).rglob("*"):
            if file.is_file() and not {"__pycache__", "deployments", "deployed"} & set(file.parts):
                yield file


def _tools() -> Iterable[Path]:
    return Path(__file__).parent.glob("*.py")


def _digest(files: Iterable[Path], target: Target) -> str:
    whole = hashlib.sha256(f"chalice {version('chalice')}, {target}".encode())
    for file in sorted(files):
        whole.update(f"{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


@contextmanager
def _lock() -> Iterator[None]:
    """Let one process at a time make packages."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(run(main))
