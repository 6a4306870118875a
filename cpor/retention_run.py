"""Runs due retention now.

Reads the index of what is due, as the sweep does; never scans the table.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.claim import Claim
from chalicelib.domain.refusals import Refusal
from chalicelib.ports import Services
from chalicelib.usecases.retention import retain

MAX_IDS = 10_000  # ids of one read of the index, soonest first; each run reads again


class RetainedClaim(NamedTuple):
    """A claim of which something was, or would be, deleted."""

    claim_id: str
    due_at: datetime
    deleted: tuple[str, ...]


class Run(NamedTuple):
    """The result of a run.

    `failed`: claims with the reason; they stay due. `more`: the index may hold more than was read.
    """

    done: tuple[RetainedClaim, ...]
    failed: tuple[tuple[str, str], ...]
    more: bool


def find_due(
    services: Services, now: datetime, limit: int = MAX_IDS
) -> tuple[tuple[tuple[Claim, datetime], ...], bool]:
    """Return the claims whose retention is due with the moment, soonest first, and `more`."""
    ids = [some_id for some_id, _ in services.store.queues.list_due(now, limit)]
    claims = services.store.claims.get_many(ids)
    due = tuple(
        (claim, clock.due_at)
        for claim in claims
        if (clock := claim.find_clock("retention")) and clock.due_at <= now
    )
    return due, len(ids) == limit


def run(services: Services, now: datetime, dry_run: bool, limit: int = MAX_IDS) -> Run:
    """Delete what is past its retention, claim by claim, and record it.

    `dry_run`: only say which claims would lose something.
    """
    due, more = find_due(services, now, limit)
    done, failed = [], []
    for claim, due_at in due:
        try:
            after = claim if dry_run else retain(services, claim, now)
        # One claim must not keep the others from being deleted in time.
        except (BotoCoreError, ClientError, Refusal) as error:
            failed.append((claim.id, f"{type(error).__name__}: {error}"))
        else:
            deleted = tuple(part for part in after.redacted if part not in claim.redacted)
            done.append(RetainedClaim(claim.id, due_at, deleted))
    return Run(tuple(done), tuple(failed), more)


def describe(result: Run, dry_run: bool) -> Iterator[str]:
    """Yield a run as lines of text."""
    for claim in result.done:
        deleted = f"  deleted {', '.join(claim.deleted)}" if claim.deleted else ""
        yield f"{claim.claim_id}  due {claim.due_at:%Y-%m-%d}{deleted}"
    for claim_id, reason in result.failed:
        yield f"{claim_id}  failed: {reason}"
    verb = "would be cleaned" if dry_run else "cleaned"
    yield f"{len(result.done)} claims {verb}, {len(result.failed)} failed."
    if result.more:
        yield "More may be due: run it again."
