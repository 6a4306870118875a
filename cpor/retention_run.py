"""Runs what is due of retention now.

Asks the index of what is due, as the sweep does; never goes through the table.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.claim import Claim
from chalicelib.domain.refusals import Refusal
from chalicelib.ports import Services
from chalicelib.usecases.retention import retain

MOST = 10_000  # ids of one look at the index, soonest first; each round looks again


class Retained(NamedTuple):
    """A claim of which something was, or would be, deleted."""

    claim_id: str
    due_at: datetime
    deleted: tuple[str, ...]


class Run(NamedTuple):
    """`failed`: claims with the reason; they stay due. `more`: the index held more than one look
    shows.
    """

    done: tuple[Retained, ...]
    failed: tuple[tuple[str, str], ...]
    more: bool


def due(services: Services, now: datetime, most: int = MOST) -> tuple[tuple[Claim, ...], bool]:
    """The claims whose retention is due, soonest first, and whether the look was cut short."""
    ids = [one for one, _ in services.store.queues.list_due(now, most)]
    claims = services.store.claims.get_many(ids)
    return tuple(
        claim
        for claim in claims
        if (clock := claim.find_clock("retention")) and clock.due_at <= now
    ), len(ids) == most


def run(services: Services, now: datetime, dry: bool, most: int = MOST) -> Run:
    """Deletes what is over its time, claim by claim, and records it.

    `dry`: says only of which claims.
    """
    claims, more = due(services, now, most)
    done, failed = [], []
    for claim in claims:
        try:
            done.append(_retained(services, claim, now, dry))
        except (
            BotoCoreError,
            ClientError,
            Refusal,
        ) as wrong:  # one claim must not keep the others from being forgotten in time
            failed.append((claim.id, f"{type(wrong).__name__}: {wrong}"))
    return Run(tuple(done), tuple(failed), more)


def _retained(services: Services, claim: Claim, now: datetime, dry: bool) -> Retained:
    clock = claim.find_clock("retention")
    assert clock is not None, "chosen for it"
    after = claim if dry else retain(services, claim, now)
    return Retained(
        claim.id,
        clock.due_at,
        tuple(what for what in after.redacted if what not in claim.redacted),
    )


def lines(run: Run, dry: bool) -> Iterator[str]:
    """The run in words."""
    for one in run.done:
        yield f"{one.claim_id}  due {one.due_at:%Y-%m-%d}" + (
            f"  deleted {', '.join(one.deleted)}" if one.deleted else ""
        )
    for claim_id, why in run.failed:
        yield f"{claim_id}  failed: {why}"
    yield f"{len(run.done)} claims {'would lose' if dry else 'have lost'} what is over its time, {len(run.failed)} failed."
    if run.more:
        yield "More may be due: run it again."
