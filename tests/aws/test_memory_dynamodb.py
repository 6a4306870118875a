"""The engine of the simulation answers what moto answers, operation by operation, over hundreds of
random ones.
"""

import random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.aws.errors import Cancelled, ConditionFailed
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import Rows, encode_key, make_row
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.tables import NAME, fresh_table, rows_of

OPERATIONS = 120
LAST = "\U0010ffff"


@pytest.mark.parametrize("seed", range(3))
def test_it_answers_what_moto_answers(seed):
    rng = random.Random(seed)
    with fresh_table() as client:
        moto, ours = rows_of(client), Rows(MemoryDynamoDB(), NAME, pause=lambda seconds: None)
        for number in range(OPERATIONS):
            asked = _operation(rng)
            assert _answer(moto, *asked) == _answer(ours, *asked), f"operation {number}: {asked}"


def test_it_refuses_what_the_database_refuses():
    engine = Rows(MemoryDynamoDB(), NAME)
    put = {"Put": {"Item": make_row(Key("A", "1"), "{}")}}

    with pytest.raises(ClientError, match="ValidationException"):
        engine.transact([put, put])


def test_a_read_that_lags_sees_the_table_as_it_was():
    now = 0
    engine = MemoryDynamoDB(ms=lambda: now)
    rows = Rows(engine, NAME)
    rows.put(make_row(Key("A", "1"), "old", d_pk="00", d_sk="1"))
    now = 1000
    rows.put(make_row(Key("A", "1"), "new", d_pk="00", d_sk="2"))

    engine.as_of = 500
    seen, index = rows.get_one(Key("A", "1"), consistent=False), rows.query_index("due", "00")
    sure = rows.get_one(Key("A", "1"))

    assert (seen["v"]["S"], sure["v"]["S"], [one["d_sk"]["S"] for one in index]) == (
        "old",
        "new",
        ["1"],
    )


def _operation(rng: random.Random) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """One of the operations that the product uses, on few keys so that they meet."""
    key, rev = Key(rng.choice("AB"), rng.choice("123")), rng.randrange(1, 4)
    index = (
        {"d_pk": rng.choice(("00", "01")), "d_sk": f"{key.pk}{key.sk}"}
        if rng.random() < 0.7
        else {}
    )
    some = make_row(key, f"v{rng.randrange(9)}", rev=rev, **index)
    before = {"ExpressionAttributeValues": {":before": {"N": str(rev - 1)}}}
    other = make_row(Key("C", rng.choice("12")), "{}", rev=1)
    return rng.choice(
        (
            ("put", (some,), {}),
            ("put", (some, "attribute_not_exists(pk)"), {}),
            ("put", (some, "attribute_exists(pk)"), {}),
            ("put", (some, "rev = :before"), before),
            (
                "transact",
                (
                    [
                        {"Put": {"Item": some, "ConditionExpression": "rev = :before", **before}},
                        {"Put": {"Item": other, "ConditionExpression": "attribute_not_exists(pk)"}},
                    ],
                ),
                {},
            ),
            ("transact", ([{"Put": {"Item": some}}, {"Put": {"Item": other}}],), {}),
            (
                "transact",
                (
                    [
                        {"Put": {"Item": some}},
                        {
                            "Delete": {
                                "Key": encode_key(Key("C", "1")),
                                "ConditionExpression": "attribute_not_exists(pk) OR rev = :before",
                                **before,
                            }
                        },
                    ],
                ),
                {},
            ),
            ("write", ([some], [Key("C", "1")]), {}),
            ("update_counter", (Key("Q", key.sk),), {"expires": rng.randrange(9)}),
            ("get_one", (key,), {}),
            ("get", ([key, Key("C", "1"), Key("B", "2")],), {}),
            (
                "query",
                (key.pk,),
                {
                    "prefix": rng.choice(("", key.sk)),
                    "backwards": rng.random() < 0.5,
                    "limit": rng.choice((None, 1, 2)),
                },
            ),
            ("query", (key.pk,), {"between": ("1", key.sk)}),
            (
                "query_index",
                ("due", rng.choice(("00", "01"))),
                {"between": ("A", rng.choice(("A2", "B2"))), "limit": rng.choice((None, 1, 2))},
            ),
        )
    )


def _answer(rows: Rows, name: str, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
    """What an operation answers; of a refusal its kind and reasons."""
    try:
        found = getattr(rows, name)(*args, **more)
    except Cancelled as refused:
        return "cancelled", refused.failed_conditions
    except ConditionFailed as refused:
        return "failed", refused.row
    return found
