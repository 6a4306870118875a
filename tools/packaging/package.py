"""Makes what is deployed: one zip and one template per stage, in build/<stage>/.

`chalice package` does the work; around it stand a cache of the dependencies (they change rarely and
take seconds), the compiled modules (tools/packaging/archive.py) and the additions to the template
(tools/packaging/template.py). Nothing is done again when nothing changed.

    python -m tools.packaging.package --stage prod
"""

import argparse
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools import listening, readymade, stripping, thinning
from tools.errors import CannotGoOn, told
from tools.packaging import archive, botocore_data, bytecode, template

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
STAGES = ("local", "sandbox", "prod")
CHALICE = "import sys; from chalice.cli import main; sys.exit(main())"
# Chalice makes a zip only where there is a function to put into it.
EMPTY_APPLICATION = """
from chalice import Chalice
app = Chalice(app_name="dependencies")
app.lambda_function()(print)
"""
FRAMEWORK = "chalice/"  # Chalice puts itself beside our code whenever it packages
LARGEST_ZIP = (
    8_000_000  # bytes; every new environment unpacks all of it. Half of it is cryptography
)
HOW = tuple(Path(str(module.__file__)) for module in (archive, bytecode, stripping, thinning))


@dataclass(frozen=True)
class Package:
    """What a deployment takes: the zip with the code and the template (JSON, SAM)."""

    zip: Path
    template: Path


def package(stage: str, root: Path = ROOT, build: Path = BUILD) -> Package:
    """The package of a stage, made now if anything it is made of has changed. Safe to call from
    many processes.

    Raises:
        CannotGoOn: Chalice or pip refused; carries their last words.
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
    """The command line; prints where the package lies and its ten largest parts, and fails if it is
    too large.
    """
    reader = argparse.ArgumentParser(
        prog="python -m tools.packaging.package", description="Package one stage for deployment."
    )
    reader.add_argument("--stage", choices=STAGES, default="prod")
    reader.add_argument("--quiet", action="store_true", help="say nothing of its parts")
    wanted = reader.parse_args(arguments)
    made = package(wanted.stage)
    size = made.zip.stat().st_size
    if not wanted.quiet:
        print(
            f"{made.template.relative_to(ROOT)}\n{made.zip.relative_to(ROOT)}  {size:,} bytes, of which"
        )
        print(
            *(f"  {compressed:>10,}  {part}" for part, compressed in archive.largest(made.zip)),
            sep="\n",
        )
    if size > LARGEST_ZIP:
        raise CannotGoOn(
            f"The zip has {size:,} bytes; {LARGEST_ZIP:,} are allowed.",
            "Find what grew in the list above.",
        )
    return 0


def _make(stage: str, made: Package, root: Path, build: Path) -> None:
    libraries = _dependencies(root, build)
    made.zip.parent.mkdir(parents=True, exist_ok=True)
    merge = made.zip.parent / "merge.json"
    merge.write_text(json.dumps(template.additions(root / "infra", stage), indent=1))
    code, plain = _packaged(_staged(root, build / stage / "project"), stage, merge)
    framework = {path: data for path, data in code.items() if path.startswith(FRAMEWORK)}
    ours = {path: data for path, data in code.items() if path not in framework}
    ready = readymade.data(build / stage / "project")
    archive.write(
        {**archive.lean(framework), **archive.ours(ours), **botocore_data.data(), **ready},
        made.zip,
        before=libraries,
    )
    made.template.write_text(json.dumps(template.with_every_method(plain), indent=1))


def _dependencies(root: Path, build: Path) -> Path:
    """The zip of requirements.txt alone, kept under a name that says what it was made of."""
    listed = (root / "requirements.txt").read_bytes()
    name = hashlib.sha256(listed + _makers().encode() + _how()).hexdigest()[:16]
    kept = build / f"dependencies-{name}.zip"
    if not kept.exists():
        project = build / "dependencies"
        _fresh(project)
        (project / "requirements.txt").write_bytes(listed)
        (project / "app.py").write_text(EMPTY_APPLICATION)
        _write_config(
            project,
            {
                "version": "2.0",
                "app_name": "dependencies",
                "autogen_policy": True,
                "stages": {"x": {}},
            },
        )
        files, _ = _packaged(project, "x", None)
        del files["app.py"]
        libraries = {path: data for path, data in files.items() if not path.startswith(FRAMEWORK)}
        archive.write(archive.lean(libraries), kept)
    return kept


def _staged(root: Path, project: Path) -> Path:
    """A clean copy of what is ours, without caches and without requirements (those come from the
    kept zip).
    """
    _fresh(project)
    shutil.copy2(root / "app.py", project)
    shutil.copytree(
        root / "chalicelib",
        project / "chalicelib",
        ignore=shutil.ignore_patterns("__pycache__", ".*"),
    )
    shutil.copytree(
        root / ".chalice",
        project / ".chalice",
        ignore=shutil.ignore_patterns("deployments", "deployed"),
    )
    return project


def _packaged(
    project: Path, stage: str, merge: Path | None
) -> tuple[dict[str, bytes], dict[str, object]]:
    more = ["--merge-template", str(merge)] if merge else []
    command = [sys.executable, "-c", CHALICE, "package", "--stage", stage, *more, "out"]
    environment = {"AWS_DEFAULT_REGION": "us-east-1", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=project, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise CannotGoOn(
            f"`chalice package` failed in {project}:\n{_last_words(done.stderr or done.stdout)}",
            "Mend what it names; if it is about downloading, see that the package index can be reached.",
        )
    return archive.contents(project / "out" / "deployment.zip"), json.loads(
        (project / "out" / "sam.json").read_text()
    )


def _sources(root: Path) -> Iterator[Path]:
    yield from (root / "app.py", root / "requirements.txt")
    for folder in ("chalicelib", ".chalice", "infra"):
        yield from (
            file for file in (root / folder).rglob("*") if file.is_file() and not _passing(file)
        )
    yield from (
        Path(__file__),
        *(Path(str(module.__file__)) for module in (template, botocore_data, readymade, listening)),
        *HOW,
    )


def _passing(file: Path) -> bool:
    return bool({"__pycache__", "deployments", "deployed"} & set(file.parts))


def _digest(files: Iterator[Path]) -> str:
    whole = hashlib.sha256(_makers().encode())
    for file in sorted(set(files)):
        whole.update(
            f"{file.name}\0{file.parent}\0".encode() + hashlib.sha256(file.read_bytes()).digest()
        )
    return whole.hexdigest()


def _makers() -> str:
    return f"chalice {version('chalice')}, deflate {version('deflate')}, botocore {version('botocore')}, Python {platform.python_version()}, {platform.machine()}"


def _how() -> bytes:
    return b"".join(file.read_bytes() for file in HOW)


def _fresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _write_config(project: Path, config: dict[str, object]) -> None:
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text(json.dumps(config))


def _last_words(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-15:])


@contextmanager
def _one_at_a_time(build: Path) -> Iterator[None]:
    build.mkdir(parents=True, exist_ok=True)
    with (build / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(told(main))
