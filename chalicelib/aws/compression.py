"""Compress large values: a claim of 2.5 KB becomes 0.6 KB.

DynamoDB charges a write by the started kilobyte, and twice in a transaction.

The format is raw deflate with a preset dictionary of typical values; the first byte is the number
of the dictionary. A dictionary that was ever used must not change: a better one gets the next
number, and old rows are still read with theirs. Small values stay readable text.
"""

import zlib
from functools import cache
from pathlib import Path

NEWEST = 1  # the number of the dictionary that new values are compressed with
MIN_LENGTH = 400  # characters; compressing shorter values saves no started kilobyte
RAW_DEFLATE = -15  # window bits: no header and no checksum, since DynamoDB has its own


def compress(text: str) -> bytes | str:
    """Return a value as it is stored: as bytes if it is long."""
    if len(text) < MIN_LENGTH:
        return text
    compressor = zlib.compressobj(
        9, zlib.DEFLATED, RAW_DEFLATE, 9, zlib.Z_DEFAULT_STRATEGY, load_dictionary(NEWEST)
    )
    return bytes([NEWEST]) + compressor.compress(text.encode()) + compressor.flush()


def decompress(stored: bytes) -> str:
    """Return the text of a compressed value."""
    number, body = stored[0], stored[1:]
    decompressor = zlib.decompressobj(RAW_DEFLATE, load_dictionary(number))
    return (decompressor.decompress(body) + decompressor.flush()).decode()


@cache
def load_dictionary(number: int) -> bytes:
    """Return the dictionary of this number."""
    return Path(__file__).with_name(f"dictionary-{number}.txt").read_bytes()
