"""No objection period ends early, or without a valid delivery; `python -m tests.time.deadlines
100000` tries many more.
"""

import random
from collections import Counter

from tests.time.deadlines import live


def test_a_thousand_objection_periods_end_when_they_should():
    ends = Counter(live(random.Random(seed)).claim.answer.state for seed in range(1000))

    assert ends["not_objected"] > 300
    assert ends["void"] > 100
