"""The zip for Lambda: compiled modules, nothing that never runs, the same bytes for the same files.

Lambda's task folder is read-only, so a package without compiled modules compiles all of them at
every cold start. Modules go in as `.pyc` alone, never checked against a source (PEP 552): a
traceback names file and line, and the text of the line is in the repository. Compiled modules are
for the minor version of Python that compiles them.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

# Never imported by a running function: type stubs, C headers and sources, records of the
# installation, the parser and the generator that cffi needs at build time only, pydantic's copy of
# its first version and its part for mypy, and the tables from which time zones are made.
UNUSED = re.compile(
    r"(^|/)(tests?|__pycache__)/|\.(pyi|pyx|pxd|h|c|toml|lock|rst|md|zi|tab|list)$|(^|/)py\.typed$"
    r"|\.dist-info/(?!METADATA$)|^(cffi|pycparser|pydantic/v1)/|^pydantic/mypy\.py$|^tzdata/zoneinfo/leapseconds$"
)
# Without columns (the carets under a line of a traceback), which are a fifth of a compiled module
# (https://docs.python.org/3/using/cmdline.html#cmdoption-X), in the place of its source.
COMPILE = (
    "-X",
    "no_debug_ranges",
    "-m",
    "compileall",
    "-q",
    "-b",
    "--invalidation-mode",
    "unchecked-hash",
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
READABLE = 0o100644 << 16
SMALLEST = 9  # zlib's level


def unpack(archive: Path, folder: Path, top: Collection[str] = ()) -> None:
    """Unpack every file of a zip that a running function may use.

    `top`: only what is under these names at the top of the zip.
    """
    with zipfile.ZipFile(archive) as opened:
        used = [name for name in opened.namelist() if not UNUSED.search(name)]
        opened.extractall(folder, [name for name in used if not top or name.split("/")[0] in top])


def compile_modules(folder: Path) -> None:
    """Replace all modules in a folder by their compiled form.

    Raises `CalledProcessError` when a module has a syntax error.
    """
    command = [sys.executable, *COMPILE, "-s", str(folder), str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "0"})
    for source in folder.rglob("*.py"):
        source.unlink()


def write(folder: Path, target: Path, onto: Path | None = None) -> None:
    """Write all files in a folder to a zip, in one move, so that a reader never sees half of one.

    `onto`: a zip whose entries come first; the folder may hold none of them.
    """
    growing = target.with_suffix(".growing")
    growing.unlink(missing_ok=True)
    if onto:
        shutil.copyfile(onto, growing)
    with zipfile.ZipFile(growing, "a") as opened:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EPOCH)
            entry.external_attr = READABLE
            opened.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, SMALLEST)
    growing.replace(target)


def list_largest(archive: Path, count: int = 10) -> Iterable[tuple[str, int]]:
    """List the largest parts at the top of the zip, with their compressed bytes."""
    sizes: Counter[str] = Counter()
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            sizes[entry.filename.split("/")[0]] += entry.compress_size
    return sizes.most_common(count)
