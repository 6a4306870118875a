"""No act is in the way of another's: a few generated monsters.

More of them: `python -m tests.security.monsters 1..1000`.
"""

import pytest

from tests.security.monsters.__main__ import play


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 5])
def test_every_later_act_on_a_monster_succeeds(seed: int) -> None:
    result = play(seed)

    assert result.wrong == ""
    assert result.counts["acts"] > 50
