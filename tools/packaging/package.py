"""Makes what is deployed: one zip and one template per stage, in build/<stage>/.

`chalice package` does the work; around it are a cache of the dependencies (they change rarely and
take seconds), the compiled modules (archive.py), the data of botocore (botocore_data.py) and the
additions to the template (template.py). Nothing is made again when nothing changed.

    python -m tools.packaging.package --stage prod
"""

import argparse
import fcntl
import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools.errors import CannotGoOn, told
from tools.packaging import archive, botocore_data, chalice_project, template

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
STAGES = ("local", "sandbox", "prod")
OURS = ("app.py", "chalicelib")
LARGEST_ZIP = 12_000_000  # bytes; every new environment downloads and unpacks it (quality.md)


@dataclass(frozen=True)
class Package:
    """What a deployment takes: the zip with the code and the template (JSON, SAM)."""

    zip: Path
    template: Path


def package(stage: str, root: Path = ROOT, build: Path = BUILD) -> Package:
    """Return the package of a stage, made now if anything it is made of has changed.

    Many processes may call this at once.

    Raises:
        CannotGoOn: Chalice or pip failed; carries the end of their output.
    """
    made = Package(build / stage / "deployment.zip", build / stage / "template.json")
    with _one_at_a_time(build):
        mark, sources = build / stage / "made-of", _digest(_sources(root))
        if not (mark.exists() and mark.read_text() == sources and made.zip.exists()):
            mark.unlink(missing_ok=True)
            _make(stage, made, root, build)
            mark.write_text(sources)
    return made


def main(arguments: list[str] | None = None) -> int:
    """Package a stage; print where the package is and its ten largest parts.

    Raises:
        CannotGoOn: the zip is too large.
    """
    reader = argparse.ArgumentParser(
        prog="python -m tools.packaging.package", description="Package one stage for deployment."
    )
    reader.add_argument("--stage", choices=STAGES, default="prod")
    reader.add_argument("--quiet", action="store_true", help="print nothing about its parts")
    options = reader.parse_args(arguments)
    made = package(options.stage)
    if not options.quiet:
        _print_parts(made)
    size = made.zip.stat().st_size
    if size > LARGEST_ZIP:
        raise CannotGoOn(
            f"The zip has {size:,} bytes; {LARGEST_ZIP:,} are allowed.",
            "Call this without --quiet and find what grew among the largest parts.",
        )
    return 0


def _print_parts(made: Package) -> None:
    print(made.template.relative_to(ROOT))
    print(f"{made.zip.relative_to(ROOT)}  {made.zip.stat().st_size:,} bytes, of which")
    for part, compressed in archive.largest(made.zip):
        print(f"  {compressed:>10,}  {part}")


def _make(stage: str, made: Package, root: Path, build: Path) -> None:
    libraries = _dependencies(root, build)
    made.zip.parent.mkdir(parents=True, exist_ok=True)
    merge, project = made.zip.parent / "merge.json", made.zip.parent / "project"
    merge.write_text(json.dumps(template.additions(root / "infra", stage), indent=1))
    chalice_project.copy_project(root, project)
    packaged = chalice_project.run_chalice(project, stage, merge)
    ours = made.zip.parent / "ours"
    chalice_project.empty(ours)
    archive.unpack(packaged.zip, ours, OURS)
    archive.compile_modules(ours)
    archive.write(ours, made.zip, onto=libraries)
    made.template.write_text(json.dumps(template.with_every_method(packaged.template), indent=1))


def _dependencies(root: Path, build: Path) -> Path:
    """The zip of requirements.txt and of Chalice, kept under a name that depends on what it is made
    of.
    """
    requirements = (root / "requirements.txt").read_bytes()
    made_of = hashlib.sha256(requirements + _digest(_tools()).encode())
    kept = build / f"dependencies-{made_of.hexdigest()[:16]}.zip"
    if not kept.exists():
        project, libraries = build / "dependencies", build / "dependencies" / "libraries"
        chalice_project.make_dependencies(requirements, project)
        archive.unpack(chalice_project.run_chalice(project, "dev").zip, libraries)
        (libraries / "app.py").unlink()
        botocore_data.trim(libraries)
        archive.compile_modules(libraries)
        archive.write(libraries, kept)
    return kept


def _sources(root: Path) -> Iterator[Path]:
    yield from (root / "app.py", root / "requirements.txt", *_tools())
    for folder in ("chalicelib", ".chalice", "infra"):
        for file in (root / folder).rglob("*"):
            if file.is_file() and not {"__pycache__", "deployments", "deployed"} & set(file.parts):
                yield file


def _tools() -> Iterable[Path]:
    return Path(__file__).parent.glob("*.py")


def _digest(files: Iterable[Path]) -> str:
    whole = hashlib.sha256(f"chalice {version('chalice')}, {platform.machine()}".encode())
    whole.update(f"Python {platform.python_version()}".encode())
    for file in sorted(files):
        whole.update(f"{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


@contextmanager
def _one_at_a_time(build: Path) -> Iterator[None]:
    build.mkdir(parents=True, exist_ok=True)
    with (build / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(told(main))
