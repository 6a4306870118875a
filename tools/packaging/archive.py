"""The zip for Lambda: the same bytes for the same content, compiled, small, and without what nobody
runs.

Lambda's task folder is read-only, so a package without compiled modules compiles all of them at
every cold start. Modules go in as `.pyc` alone: a traceback names file and line, and the text of
the line stands in the repository. The compiled form is for the very Python that packages, which is
the runtime Chalice writes into the template.
"""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

import deflate

from tools.packaging.bytecode import compiled
from tools.stripping import stripped

# Never imported by a running function: type stubs, C headers and sources, records of the
# installation, the parser and the generator that cffi needs at build time only, pydantic's copy of
# its first version and its part for mypy, and the tables from which time zones are made.
UNUSED = re.compile(
    r"(^|/)(tests?|__pycache__)/|\.(pyi|pyx|pxd|h|c|toml|lock|rst|md|zi|tab|list)$|(^|/)py\.typed$"
    r"|\.dist-info/(?!METADATA$)|^(cffi|pycparser|pydantic/v1)/|^pydantic/mypy\.py$|^tzdata/zoneinfo/leapseconds$"
)
METADATA = re.compile(r"\.dist-info/METADATA$")
EPOCH = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest time a zip can hold; a fixed one makes equal content equal bytes
READABLE = 0o100644 << 16
# the level of libdeflate that looks longest: 4 % smaller than zlib's best, in a tenth of zopfli's
# time
SMALLEST = 12


def contents(archive: Path) -> dict[str, bytes]:
    """Every file of a zip by its path inside."""
    with zipfile.ZipFile(archive) as opened:
        return {
            entry.filename: opened.read(entry) for entry in opened.infolist() if not entry.is_dir()
        }


def lean(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same dependencies without what nobody runs or reads: compiled, sources left out,
    libraries stripped.
    """
    return dict(_lean(path, data) for path, data in files.items() if not UNUSED.search(path))


def ours(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Our own files with every module compiled.

    Docstrings stay: the published document quotes them.
    """
    return {
        path + "c" if path.endswith(".py") else path: compiled(path, data)
        if path.endswith(".py")
        else data
        for path, data in files.items()
    }


def write(files: Mapping[str, bytes], target: Path, before: Path | None = None) -> None:
    """Writes the zip in one move, so that a reader never sees half of one.

    `before`: a zip that this function has written, whose entries come first and are copied as they
    lie.
    """
    growing = target.with_suffix(".growing")
    with growing.open("wb") as file, zipfile.ZipFile(file, "w") as opened:
        if before:
            _copy(before, opened, file)
        opened.filelist += [_add(path, files[path], file) for path in sorted(files)]
        opened.start_dir = file.tell()
    growing.replace(target)


def largest(archive: Path, many: int = 10) -> Iterable[tuple[str, int]]:
    """The largest parts at the top of the zip, with their compressed bytes."""
    sizes: Counter[str] = Counter()
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            sizes[entry.filename.split("/")[0]] += entry.compress_size
    return sizes.most_common(many)


def _copy(before: Path, opened: zipfile.ZipFile, file: IO[bytes]) -> None:
    with zipfile.ZipFile(before) as known:
        opened.filelist += known.filelist
        file.write(before.read_bytes()[: known.start_dir])


def _add(path: str, data: bytes, file: IO[bytes]) -> zipfile.ZipInfo:
    """Writes an entry; answers what the zip's directory says of it. zipfile knows no other maker of
    deflated bytes than zlib, so they are made here, and read back by zlib before anything depends
    on them.
    """
    packed = deflate.deflate_compress(data, SMALLEST)
    if zlib.decompress(packed, -zlib.MAX_WBITS) != data:
        raise ValueError(f"{path} does not come back from its compressed form")
    entry = zipfile.ZipInfo(path, EPOCH)
    entry.compress_type, entry.external_attr, entry.header_offset = (
        zipfile.ZIP_DEFLATED,
        READABLE,
        file.tell(),
    )
    entry.CRC, entry.file_size, entry.compress_size = zlib.crc32(data), len(data), len(packed)
    file.write(entry.FileHeader() + packed)
    return entry


def _lean(path: str, data: bytes) -> tuple[str, bytes]:
    if path.endswith(".py"):
        return path + "c", compiled(path, data, documented=False)
    if METADATA.search(path):
        return path, data.partition(b"\n\n")[
            0
        ] + b"\n\n"  # the name and the version; what follows is the project's page
    return path, stripped(data)
