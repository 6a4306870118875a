"""Random objection periods, many thousands of them: `python -m tests.time.deadlines 100000`.

A notice goes to two of the customer's own addresses and to one that the claimant named. The
customer's country, subdivision and zone are known or not. Mail events are reported in any order,
late, twice or never. Workers read the claim too early, too late, and a millisecond before the end.
After every step the claim is compared with what was reported, and with five business days counted
one by one at every place where the customer could be.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.claim import Claim
from chalicelib.domain.customer_answer import Address
from chalicelib.domain.steps import deadlines, mail
from tests.domain.claim_states import ADMIN, NAMED, a_claim, step_context
from tests.time.oracle import latest_end, subdivisions, zones_by_country
from tests.time.sources import COUNTRIES

OTHER = "mai_other"
FIRST, DAYS = datetime(2026, 1, 1, tzinfo=UTC), 3 * 365 - 60
MOMENT = timedelta(milliseconds=1)
WATCHED = timedelta(
    days=45
)  # longer than any objection period with its two days of waiting for a delivery
FATES = (
    ("delivery",),
    ("delivery",),
    ("delivery", "delivery"),
    ("bounce",),
    ("complaint",),
    ("delivery", "bounce"),
    ("delivery", "complaint"),
    ("bounce", "delivery"),
    (),
)


@dataclass
class Life:
    """One claim.

    `delivered`: by mail, the moment of its first delivery, without those that were reported to have
    bounced.
    """

    claim: Claim
    delivered: dict[str, datetime] = field(default_factory=dict)
    back: set[str] = field(default_factory=set)

    def hear(self, mail_id: str, what: str, at: datetime, now: datetime) -> None:
        """Report at `now` an event that happened at `at`."""
        if what != "delivery":
            self.back.add(mail_id)
            self.delivered.pop(mail_id, None)
            self.become(
                mail.strike_out_address(self.claim, mail_id, what, step_context(now)).claim, now
            )
            return
        if mail_id != NAMED and mail_id not in self.back:
            self.delivered.setdefault(mail_id, min(at, now))
        self.become(mail.record_delivery(self.claim, mail_id, at, step_context(now)).claim, now)

    def snapshot(self, now: datetime) -> None:
        """Let a worker read the claim."""
        self.become(deadlines.apply_due_clocks(self.claim, step_context(now)).claim, now)

    def become(self, after: Claim, now: datetime) -> None:
        before, self.claim = self.claim, after
        silent = after.answer.state == "not_objected"
        if silent and before.answer.state != "not_objected":
            assert self.delivered, "taken as not objected to, and nothing has been delivered"
            assert now >= self.earliest(), (
                f"taken as not objected to at {now}, before {self.earliest()}"
            )
        if after.has_association_in_force and not before.has_association_in_force:
            assert silent and self.delivered and now >= self.earliest(), (
                f"activated at {now} without a standing delivery"
            )
        assert self.delivered or not after.has_association_in_force, (
            "an association is open and no delivery stands"
        )

    def earliest(self) -> datetime:
        """Return the end of the fifth business day after the first valid delivery, at the latest of
        the places where the customer could be.
        """
        return latest_end(min(self.delivered.values()), 5, self.claim.customer)


def live(rng: random.Random) -> Life:
    """Live a claim through to its end.

    Raises AssertionError for the first violation.
    """
    start = FIRST + timedelta(days=rng.randrange(DAYS), seconds=rng.randrange(86_400))
    life = _make_asked_claim(rng, start)
    now = start
    for told_at, mail_id, what, at in sorted(_happening(rng, start)):
        now = max(now, told_at)
        if what == "look":
            life.snapshot(now)
        else:
            life.hear(mail_id, what, at, now)
        if (due := life.claim.due_at) and rng.random() < 0.3:
            life.snapshot(max(now, due - MOMENT))
            life.snapshot(now := max(now, due))
    return life


def _make_asked_claim(rng: random.Random, start: datetime) -> Life:
    """Return a claim whose notice has just been sent."""
    where = _somewhere(rng)
    waiting = a_claim(
        *rng.choice((("submitted", "notice_queued"), ("approved", "notice_queued", "pending"))),
        customer=where,
    )
    r = step_context(start)
    waiting = waiting.evolve(
        answer=waiting.answer.evolve(addresses=()),
        created_at=start,
        updated_at=start,
        submitted_at=start,
    )
    claim = waiting.with_clock(r.build_clock("notice_delivery", where, "claim.submitted"))
    sent = tuple(Address(mail_id=one, qualifying=one != NAMED) for one in (ADMIN, OTHER, NAMED))
    return Life(mail.record_sent(claim, sent).claim)


def _somewhere(rng: random.Random) -> CalendarRegion:
    """Return a customer's region, with what the directory knows of it."""
    country = rng.choice(COUNTRIES)
    parts, zones = subdivisions(country), zones_by_country()[country]
    if rng.random() < 0.1:
        return CalendarRegion()
    return CalendarRegion(
        country=country,
        subdivision=rng.choice(parts) if parts and rng.random() < 0.3 else None,
        zone=rng.choice(zones) if rng.random() < 0.5 else None,
    )


def _happening(
    rng: random.Random, start: datetime
) -> Iterator[tuple[datetime, str, str, datetime]]:
    """Draw when what event of which mail is reported, when it happened, and when a worker reads the
    claim.
    """

    def after(most: float) -> timedelta:
        return timedelta(days=most * rng.random() ** 3)

    for mail_id in (ADMIN, OTHER, NAMED):
        at = start
        for what in rng.choice(FATES):
            at += after(12)
            for _ in range(rng.choice((1, 1, 1, 2))):
                yield at + after(4), mail_id, what, at
    looks = sorted(start + WATCHED * rng.random() for _ in range(rng.randrange(4, 16)))
    for now in (*looks, start + WATCHED):
        yield now, "", "look", now


def main() -> int:
    many, came_to, unknown = int(sys.argv[1]), Counter[str](), Counter[str]()
    for seed in range(many):
        try:
            life = live(random.Random(seed))
        except AssertionError as wrong:
            print(f"\nseed {seed}: {wrong}")
            return 1
        came_to[
            f"{life.claim.answer.state}{', active' if life.claim.has_association_in_force else ''}"
        ] += 1
        unknown["country"] += life.claim.customer.country is None
        unknown["zone"] += life.claim.customer.zone is None
        if seed % 10_000 == 9_999:
            print(f"\r{seed + 1}/{many}", end="", file=sys.stderr, flush=True)
    print(
        f"\n{many} objection periods, 0 early, 0 without a standing delivery; "
        f"they ended as {dict(came_to)}; without a known {dict(unknown)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
