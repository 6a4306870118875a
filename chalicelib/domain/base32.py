"""Crockford's base 32 in lower case: text order is the order of the numbers."""

import hashlib

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def base32(number: int, length: int) -> str:
    """Return the `length` lowest base-32 digits of a number, highest first."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def digest(text: str, length: int) -> str:
    """Return the first `length` base-32 digits of the SHA-256 of a text."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return base32(number >> (256 - 5 * length), length)


def parse_base32(digits: str) -> int:
    """Return the number of some base-32 digits."""
    number = 0
    for digit in digits:
        number = number * 32 + ALPHABET.index(digit)
    return number
