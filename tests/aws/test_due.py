"""What is due: the soonest first, over all shards, and of a mass only as much as is asked for."""

from datetime import timedelta

import pytest

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, make_row
from chalicelib.aws.store import DynamoStore
from chalicelib.aws.store.queues import MIN_DUE_PER_SHARD
from tests.support.filings import NOW
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.round_trips import count_longest_branch


class Reading(MemoryDynamoDB):
    """Notes how many entries each query answered."""

    answered: list[int]

    def query(self, **asked):
        answer = super().query(**asked)
        self.answered.append(len(answer["Items"]))
        return answer


def a_store(many: int, shards: int = keys.SHARDS) -> tuple[Reading, DynamoStore]:
    """A store where so many claims are due, one each second, over so many shards."""
    engine = Reading()
    engine.answered = []
    rows = Rows(engine, "cpor")
    rows.write(
        make_row(
            keys.Key("T#tenant", f"clm_{n:06d}"),
            "{}",
            d_pk=f"{n % shards:02d}",
            d_sk=keys.moment(NOW + timedelta(seconds=n)),
        )
        for n in range(many)
    )
    return engine, DynamoStore(rows, count_longest_branch)


@pytest.mark.parametrize("limit", [1, 7, MIN_DUE_PER_SHARD])
def test_of_few_the_soonest_are_answered_even_when_they_share_a_shard(limit):
    _, store = a_store(300, shards=1)

    found = store.queues.list_due(NOW + timedelta(days=1), limit)

    assert [some_id for some_id, _ in found] == [f"clm_{n:06d}" for n in range(limit)]


def test_of_a_mass_no_shard_is_read_further_than_its_share():
    engine, store = a_store(20_000)

    found = store.queues.list_due(NOW + timedelta(days=1), 8_000)

    assert [some_id for some_id, _ in found] == [f"clm_{n:06d}" for n in range(8_000)]
    assert max(engine.answered) == MIN_DUE_PER_SHARD + 8_000 // keys.SHARDS
