"""Large values are packed: a claim of 2.5 KB takes 0.6, and a write is paid by the started
kilobyte, twice in a transaction.

Raw deflate with a preset dictionary of what values look like; the first byte says which dictionary.
A dictionary that has ever been used is never edited: a better one gets the next number, and old
rows go on being read with theirs. Small values stay readable text.
"""

import zlib
from functools import cache
from pathlib import Path

NEWEST = 1
LARGE = 400  # characters; below that packing saves no started kilobyte
BITS = -15  # raw deflate: no header and no checksum, the store has its own


def packed(text: str) -> bytes | str:
    """A value as it is stored: bytes when that is worth it."""
    if len(text) < LARGE:
        return text
    squeeze = zlib.compressobj(
        9, zlib.DEFLATED, BITS, 9, zlib.Z_DEFAULT_STRATEGY, dictionary(NEWEST)
    )
    return bytes([NEWEST]) + squeeze.compress(text.encode()) + squeeze.flush()


def unpacked(stored: bytes) -> str:
    """A packed value as text again."""
    loosen = zlib.decompressobj(BITS, dictionary(stored[0]))
    return (loosen.decompress(stored[1:]) + loosen.flush()).decode()


@cache
def dictionary(number: int) -> bytes:
    """The dictionary of this number."""
    return Path(__file__).with_name(f"dictionary-{number}.txt").read_bytes()
