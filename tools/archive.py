"""The zip for Lambda: the same bytes for the same content, compiled, and without what nobody runs.

Lambda's task folder is read-only, so a package without compiled modules compiles all of them at every cold start.
Dependencies go in as `.pyc` alone, our own code with its source beside it, for readable tracebacks. The compiled form
is for the very Python that packages, which is the runtime Chalice writes into the template.
"""

import importlib.util
import marshal
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

# Never imported by a running function: type stubs, C headers and sources, records of the installation, the parser
# and the generator that cffi needs at build time only, and pydantic's copy of its first version.
UNUSED = re.compile(
    r"(^|/)(tests?|__pycache__)/|\.(pyi|pyx|pxd|h|c|toml|lock|rst|md)$|(^|/)py\.typed$"
    r"|\.dist-info/(?!METADATA$)|^(cffi|pycparser|pydantic/v1)/"
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold; a fixed one makes equal content equal bytes
READABLE = 0o100644 << 16


def contents(archive: Path) -> dict[str, bytes]:
    """Every file of a zip by its path inside."""
    with zipfile.ZipFile(archive) as opened:
        return {entry.filename: opened.read(entry) for entry in opened.infolist() if not entry.is_dir()}


def lean(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same dependencies without what nobody runs, compiled, sources left out."""
    kept = {path: data for path, data in files.items() if not UNUSED.search(path)}
    return dict(_sourceless(path, data) for path, data in kept.items())


def with_compiled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same files and, beside each module, its compiled form."""
    modules = {path: data for path, data in files.items() if path.endswith(".py")}
    return {**files, **{_cached(path): compiled(path, data) for path, data in modules.items()}}


def compiled(path: str, source: bytes) -> bytes:
    """A `.pyc` that is never checked against its source (PEP 552), naming `path` in tracebacks."""
    code = compile(source, path, "exec", dont_inherit=True)
    unchecked = (0b01).to_bytes(4, "little") + importlib.util.source_hash(source)
    return importlib.util.MAGIC_NUMBER + unchecked + marshal.dumps(code)


def write(files: Mapping[str, bytes], target: Path) -> None:
    """Writes the zip in one move, so that a reader never sees half of one."""
    growing = target.with_suffix(".growing")
    with zipfile.ZipFile(growing, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as opened:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, READABLE
            opened.writestr(entry, files[path])
    growing.replace(target)


def largest(archive: Path, many: int = 10) -> Iterable[tuple[str, int]]:
    """The largest parts at the top of the zip, with their compressed bytes."""
    sizes: Counter[str] = Counter()
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            sizes[entry.filename.split("/")[0]] += entry.compress_size
    return sizes.most_common(many)


def _sourceless(path: str, data: bytes) -> tuple[str, bytes]:
    return (path + "c", compiled(path, data)) if path.endswith(".py") else (path, data)


def _cached(path: str) -> str:
    return importlib.util.cache_from_source(path, optimization="")
