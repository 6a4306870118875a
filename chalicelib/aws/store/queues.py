"""What waits for a reviewer, and what is due."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import Rows, read_text
from chalicelib.aws.store.arbitrations import decode_case
from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import Kind, kind_of
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.ports.queue import Waiting

# Read of each shard of the due index at the least. While fewer are due in a shard, the soonest of
# all shards are known exactly.
MIN_DUE_PER_SHARD = 200


class DynamoQueues:
    """`ports.Queues` over the indexes of the table."""

    def __init__(self, rows: Rows, run_parallel: Callable[..., tuple[Any, ...]]) -> None:
        self._rows = rows
        self._run_parallel = run_parallel

    def list_reviews(self, after: str | None, limit: int) -> tuple[tuple[Waiting, ...], str | None]:
        """Return a page of what waits for a reviewer, soonest due first."""
        pages = self._run_parallel(
            *(
                partial(self._read_reviews, keys.review_queue(number), after, limit)
                for number in range(keys.REVIEW_PARTITIONS)
            )
        )
        found = sorted(
            (read_text(one, "q_sk"), read_text(one, "sk")) for page in pages for one in page
        )
        more = found[limit - 1][0] if len(found) > limit else None
        wanted = [(position, sk, keys.case_in_review(sk)) for position, sk in found[:limit]]
        rows = self._rows.get(key for _, _, key in wanted) if wanted else {}
        entries = (
            (position, _find_entry(sk, decode_case(rows[key])))
            for position, sk, key in wanted
            if key in rows
        )
        return tuple(Waiting(entry, position) for position, entry in entries if entry), more

    def list_due(self, until: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Return what is due, soonest first: the id that the worker knows, and since when."""
        per_shard = min(limit, MIN_DUE_PER_SHARD + limit // keys.SHARDS)
        between = ("0", keys.moment(until))  # "0" sorts before every moment
        pages = self._run_parallel(
            *(
                partial(self._rows.query_index, "due", shard, between=between, limit=per_shard)
                for shard in keys.shards()
            )
        )
        found = sorted(
            (read_text(one, "d_sk"), keys.due_id(read_text(one, "pk"), read_text(one, "sk")))
            for page in pages
            for one in page
        )
        return tuple((some_id, datetime.fromisoformat(due)) for due, some_id in found[:limit])

    def _read_reviews(self, partition: str, after: str | None, limit: int) -> tuple[Row, ...]:
        between = (f"{after}{keys.HIGHEST}", keys.HIGHEST) if after else None
        return self._rows.query_index("queue", partition, between=between, limit=limit + 1)


def _find_entry(sk: str, case: Claim | Arbitration) -> Claim | Arbitration | ReviewTask | None:
    """Return what a row of the review queue stands for, None when its task is done."""
    if kind_of(sk) is not Kind.TASK or not isinstance(case, Claim):
        return case
    return ReviewTask(case) if case.task else None
