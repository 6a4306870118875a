"""A hundred seeds of the simulation hold every promise, whatever goes wrong on the way; more with `make simulate`."""

import pytest

from tests.simulation.__main__ import played


@pytest.mark.parametrize("seed", range(1, 101))
def test_a_seed_holds_every_promise(seed):
    steps, wrong = played(seed)

    assert not wrong, f"replay it: make simulate SEEDS={seed}\n{wrong}"
    assert steps > 0
