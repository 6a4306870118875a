"""Zip archives that mean the same to every program, read without fetching them whole."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO

Read = Callable[[int, int], bytes]

EOCD, ENTRY, ZIP64_RECORD = b"PK\x05\x06", b"PK\x01\x02", b"PK\x06\x06"
# Lengths of the fixed parts (APPNOTE 4.3.16, 4.3.12, 4.3.14, 4.3.15) and of the longest comment.
EOCD_SIZE, ENTRY_SIZE, RECORD_SIZE, LOCATOR_SIZE, MAX_COMMENT = 22, 46, 56, 20, 65_535
# What web servers and storage add (apache/poi, test-data/integration/stress005).
PADDING = b"\0\r\n"
MAX_ENTRIES, MAX_DIRECTORY = 10_000, 2 * 1024 * 1024  # far above any real document of 20 MB


class Archive:
    """The parts of a package by their names.

    Names of parts are compared without case (ECMA-376, part 2, 6.2.2.3). Some programs for Windows
    separate folders by `\\`, which Office reads as `/` (dotnet/Open-XML-SDK#1128).

    parts: the entries by their normalised names.
    has_duplicates: whether two entries have one name.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        entries = archive.infolist()
        self.parts: Mapping[str, zipfile.ZipInfo] = {
            normalize_name(entry.filename): entry for entry in entries
        }
        self.names = tuple(self.parts)
        self.has_duplicates = len(self.parts) != len(entries)

    def open(self, name: str) -> IO[bytes]:
        """Open a part by its normalised name. Raises what `zipfile` raises for damage."""
        return self._archive.open(self.parts[name])


def normalize_name(name: str) -> str:
    """Return the spelling of a part's name to compare."""
    return name.replace("\\", "/").lower()


@contextmanager
def open_archive(size: int, read: Read) -> Iterator[Archive]:
    """Open an archive of `size` bytes. Raises zipfile.BadZipFile.

    `read(start, end)` gives the bytes from `start` up to, not including, `end`.
    """
    with zipfile.ZipFile(_RangeFile(size, read)) as archive:
        yield Archive(archive)


def is_whole(size: int, read: Read) -> bool:
    """Return whether the file is one zip from its first byte to its last, with one directory.

    Programs differ in what they make of bytes before, between or after: such files are refused.
    Line ends or zeros at the end are none of a zip's, and change nothing.
    """
    tail = read(max(0, size - EOCD_SIZE - MAX_COMMENT), size)
    at = tail.rfind(EOCD)
    if at < 0 or len(tail) - at < EOCD_SIZE:
        return False
    count, length, start, comment = struct.unpack_from("<HIIH", tail, at + 10)
    end = size - len(tail) + at  # of the directory, or of the ZIP64 record behind it
    rest = tail[at + EOCD_SIZE + comment :]
    if at + EOCD_SIZE + comment > len(tail) or rest.strip(PADDING):
        return False
    if not 0 < count <= MAX_ENTRIES:
        return False
    if start + length != end:
        end -= RECORD_SIZE + LOCATOR_SIZE
        if start + length != end or not _repeats(
            read(end, end + RECORD_SIZE), count, length, start
        ):
            return False
    directory = read(start, start + length) if length <= MAX_DIRECTORY else b""
    return _count_entries(directory) == int(count)


def _repeats(record: bytes, count: int, length: int, start: int) -> bool:
    """Return whether a ZIP64 record says the same as the plain one: some writers always add it."""
    if not record.startswith(ZIP64_RECORD) or len(record) < RECORD_SIZE:
        return False
    said: tuple[int, ...] = struct.unpack_from("<QQQ", record, 32)
    return said == (count, length, start)


def _count_entries(directory: bytes) -> int:
    """The number of entries; 0 when it is damaged."""
    at = count = 0
    while at < len(directory):
        if not directory.startswith(ENTRY, at) or len(directory) < at + ENTRY_SIZE:
            return 0
        at += ENTRY_SIZE + sum(struct.unpack_from("<HHH", directory, at + 28))
        count += 1
    return count if at == len(directory) else 0


class _RangeFile(io.RawIOBase):
    """A file of which only the parts that are read are fetched."""

    def __init__(self, size: int, read: Read) -> None:
        self._size, self._read, self._at = size, read, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._size, self._at + size)
        found = self._read(self._at, end) if end > self._at else b""
        self._at += len(found)
        return found
