"""Draw at random what happens to each claim of a demonstration, and when."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeVar

Answer = Literal["silence", "opt_out", "undone", "agree", "bounce"]
Decision = Literal["approve", "reject", "withdraw"]

REASONS = (
    ("insufficient_poe", 5),
    ("poe_item_missing", 4),
    ("poe_date_too_old", 3),
    ("poe_customer_acknowledgement_missing", 3),
    ("duplicate", 1),
    ("fraud", 1),
)
QUESTIONS = ("poe_date_missing", "poe_signature_unverifiable", "poe_service_description_missing")
ANSWERS: tuple[tuple[Answer, int], ...] = (
    ("silence", 84),
    ("agree", 6),
    ("opt_out", 4),
    ("undone", 2),
    ("bounce", 4),
)
DECISIONS: tuple[tuple[Decision, int], ...] = (("approve", 83), ("reject", 14), ("withdraw", 3))
SLOW, FAST = 4.4, 1.6  # days to a decision, at the beginning and at the end: the median
SPREAD = 0.45  # standard deviation of the logarithm of the days
LATE = 9.0  # days to the decision of reviews that are late
REVIEWERS = ("Jonas Weber", "Ines Duarte")
WEEKEND = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Script:
    """The events of one claim.

    Attributes:
        customer, partner, item: numbers to choose them by.
        filed_at, decided_at: when.
        reviewer: name of the deciding reviewer.
        question: code of the reviewer's question; empty: none. `is_answered`: by the partner.
        answered_at: when the customer answers.
        disputed_after: days from a rejection to the dispute; None: no dispute. `is_upheld`: the
            dispute.
    """

    customer: int
    partner: int
    item: int
    filed_at: datetime
    decided_at: datetime
    decision: Decision
    reviewer: str
    reason: str
    answer: Answer
    answered_at: datetime
    question: str = ""
    is_answered: bool = True
    disputed_after: float | None = None
    is_upheld: bool = False


def draw_scripts(count: int, start: datetime, days: int, seed: int) -> list[Script]:
    """Draw so many scripts: more claims and faster decisions towards the end."""
    rng = random.Random(seed)
    return [_draw(rng, number, start, days) for number in range(count)]


def _draw(rng: random.Random, number: int, start: datetime, days: int) -> Script:
    part = rng.random() ** 0.75  # grows towards the end
    filed_at = _to_working_hour(start + timedelta(days=part * (days - 2)), rng)
    median = SLOW + (FAST - SLOW) * part
    needed = rng.lognormvariate(0, SPREAD) * median
    if rng.random() < 0.03 * (1 - part) + 0.005:
        needed = LATE
    decision = _choose(rng, DECISIONS)
    is_asked = rng.random() < 0.14
    return Script(
        customer=number,
        partner=rng.randrange(1000),
        item=rng.choice((0, 0, 0, 1, 2, 3)),
        filed_at=filed_at,
        decided_at=_to_working_hour(filed_at + timedelta(days=needed), rng),
        decision=decision,
        reviewer=rng.choice(REVIEWERS),
        reason=_choose(rng, REASONS),
        answer=_choose(rng, ANSWERS),
        answered_at=filed_at + timedelta(days=rng.uniform(0.5, 4)),
        question=rng.choice(QUESTIONS) if is_asked else "",
        is_answered=rng.random() < 0.9,
        disputed_after=rng.uniform(1, 6) if rng.random() < 0.4 else None,
        is_upheld=rng.random() < 0.4,
    )


def _choose(rng: random.Random, rows: tuple[tuple[T, int], ...]) -> T:
    return rng.choices([value for value, _ in rows], [weight for _, weight in rows])[0]


def _to_working_hour(moment: datetime, rng: random.Random) -> datetime:
    """Return a moment of the same day in working hours (UTC), of a weekend's next Monday."""
    if moment.weekday() >= WEEKEND:
        moment += timedelta(days=7 - moment.weekday())
    within = timedelta(hours=8, minutes=rng.randrange(540), seconds=rng.randrange(60))
    placed = moment.replace(hour=0, minute=0, second=0, microsecond=0) + within
    return max(placed, moment)
