"""Takes out of a native library what only debuggers and linkers read: symbols, strings, and the
table of sections.

The loader follows program headers alone, and everything that it maps lies before the last byte that
one of them names (ELF-64 object file format, "Program Loading"). `strip` keeps a table of sections
that nobody reads in a function, and is not on every machine; what is cut here is the same on all.
"""

import struct

MAGIC = b"\x7fELF\x02\x01"  # 64 bits, least significant byte first: what Lambda's processors read
SEGMENT_TABLE = struct.Struct("<32xQ14xHH")  # e_phoff, e_phentsize, e_phnum
SEGMENT = struct.Struct("<8xQ16xQ")  # p_offset, p_filesz
NO_SECTIONS = (
    (0x28, 8),
    (0x3A, 6),
)  # e_shoff; e_shentsize, e_shnum and e_shstrndx: where in the file, and how long


def stripped(library: bytes) -> bytes:
    """A shared library without what its loader never maps; anything else as it is."""
    if not library.startswith(MAGIC):
        return library
    table, size, many = SEGMENT_TABLE.unpack_from(library)
    segments = (SEGMENT.unpack_from(library, table + number * size) for number in range(many))
    kept = bytearray(
        library[: max(table + many * size, *(start + length for start, length in segments))]
    )
    for at, length in NO_SECTIONS:
        kept[at : at + length] = bytes(length)
    return bytes(kept)
