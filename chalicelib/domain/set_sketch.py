"""A sketch of a set of texts, from which a few texts that were added later can be identified.

It holds the sums of the first powers of the texts' hashes, modulo a prime. The differences between
a set's sums and the described ones are the sums of the added texts; by Newton's identities they
give the polynomial whose roots are the added hashes. The size of the set does not matter (Minsky,
Trachtenberg, Zippel: "Set Reconciliation with Nearly Optimal Communication Complexity", 2003).
"""

import hashlib
from collections.abc import Collection, Iterable
from typing import NamedTuple

PRIME = 2**31 - 1
CAPACITY = 16  # added texts that can be identified; one sum each


class Sketch(NamedTuple):
    """The number of texts in a set, and the sums of the powers of their hashes."""

    size: int = 0
    sums: tuple[int, ...] = (0,) * CAPACITY


def make_sketch(texts: Collection[str]) -> Sketch:
    """Describe a set of different texts."""
    return Sketch(len(texts), _sum_powers(_hash(text) for text in texts))


def find_added(before: Sketch, texts: Collection[str]) -> frozenset[str] | None:
    """Return which of the texts were added to the set that `before` describes.

    None when they cannot be identified: more than `CAPACITY` were added, or some were removed.
    """
    added = len(texts) - before.size
    if not 0 <= added <= CAPACITY:
        return None
    now = _sum_powers(_hash(text) for text in texts)
    sums = tuple((new - old) % PRIME for new, old in zip(now, before.sums, strict=True))
    polynomial = _find_polynomial(sums[:added])
    found = frozenset(text for text in texts if _evaluate(polynomial, _hash(text)) == 0)
    is_exact = make_sketch(found) == Sketch(added, sums)
    return found if is_exact else None


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % PRIME


def _sum_powers(values: Iterable[int]) -> tuple[int, ...]:
    sums = [0] * CAPACITY
    for value in values:
        power = 1
        for number in range(CAPACITY):
            power = power * value % PRIME
            sums[number] = (sums[number] + power) % PRIME
    return tuple(sums)


def _find_polynomial(sums: tuple[int, ...]) -> list[int]:
    """Return the coefficients, highest first, of the polynomial whose roots have these sums."""
    coefficients = [1]
    for degree in range(1, len(sums) + 1):
        total = sum(coefficients[degree - i] * sums[i - 1] for i in range(1, degree + 1))
        coefficients.append(-total * pow(degree, -1, PRIME) % PRIME)
    return coefficients


def _evaluate(polynomial: list[int], value: int) -> int:
    result = 0
    for coefficient in polynomial:
        result = (result * value + coefficient) % PRIME
    return result
