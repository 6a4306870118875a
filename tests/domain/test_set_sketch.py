"""A sketch of a set tells which texts were added to it, exactly or not at all."""

import random

import pytest

from chalicelib.domain.set_sketch import CAPACITY, find_added, make_sketch

TEXTS = [f"evt_{number:020d}" for number in range(3000)]


@pytest.mark.parametrize("size", [0, 1, 17, 2000])
@pytest.mark.parametrize("added", [0, 1, 2, 7, CAPACITY])
def test_what_was_added_is_told_exactly(size, added):
    chosen = random.Random(size * 100 + added).sample(TEXTS, size + added)
    before, new = chosen[:size], frozenset(chosen[size:])

    assert find_added(make_sketch(before), sorted(chosen)) == new


def test_more_than_it_can_tell_is_not_guessed():
    assert find_added(make_sketch(TEXTS[:50]), TEXTS[: 50 + CAPACITY + 1]) is None


@pytest.mark.parametrize("missing", [1, 2, 5])
@pytest.mark.parametrize("added", [0, 1, 2, 5, 9])
def test_a_set_that_lacks_some_is_not_guessed(missing, added):
    before, now = TEXTS[:100], TEXTS[missing : 100 + added]

    assert find_added(make_sketch(before), now) is None
