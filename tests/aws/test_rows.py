"""The thin access to the table: pages, batches answered in parts, conditions, typed errors."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.aws import keys
from chalicelib.aws.errors import Cancelled, ConditionFailed
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import Rows, key_of, number, row, text
from chalicelib.domain.ids import ItemKeys
from chalicelib.domain.refusals import Unavailable
from tests.support.tables import NAME, fresh_table, rows_of


@pytest.fixture
def client() -> Iterator[Any]:
    with fresh_table() as client:
        yield client


@pytest.fixture
def rows(client: Any) -> Rows:
    return rows_of(client)


def test_a_row_comes_back_as_it_was_written(rows: Rows) -> None:
    rows.put(row(Key("A", "1"), '{"name": "Ő"}', rev=7, d_pk="03", d_sk="2026"))

    found = rows.one(Key("A", "1"))

    assert found is not None
    assert (text(found), number(found), text(found, "d_pk"), key_of(found)) == (
        '{"name": "Ő"}',
        7,
        "03",
        ("A", "1"),
    )
    assert rows.one(Key("A", "2")) is None


def test_a_number_that_is_missing_is_its_default() -> None:
    assert number(row(Key("A", "1"), "{}")) == 0


def test_getting_many_asks_for_each_once_and_answers_those_that_exist(rows: Rows) -> None:
    rows.write(row(Key("A", str(n)), str(n)) for n in range(130))

    found = rows.get([Key("A", str(n % 140)) for n in range(280)])

    assert len(found) == 130
    assert {text(one) for one in found.values()} == {str(n) for n in range(130)}


def test_a_query_reads_a_prefix_in_order_and_backwards(rows: Rows) -> None:
    rows.write(row(Key("A", sk), sk) for sk in ("S", "S#1", "S#2", "P#1"))

    forwards, backwards = rows.query("A", "S"), rows.query("A", "S", backwards=True)

    assert [text(one) for one in forwards.rows] == ["S", "S#1", "S#2"]
    assert [text(one) for one in backwards.rows] == ["S#2", "S#1", "S"]
    assert forwards.after is None


def test_a_query_between_two_bounds_includes_both(rows: Rows) -> None:
    rows.write(row(Key("A", f"F#x#2026-{month:02d}"), str(month)) for month in range(1, 13))

    page = rows.query("A", between=("F#x#2026-03", "F#x#2026-05"))

    assert [text(one) for one in page.rows] == ["3", "4", "5"]


def test_pages_of_a_limited_query_join_without_gap_or_overlap(rows: Rows) -> None:
    rows.write(row(Key("A", f"{n:02d}"), str(n)) for n in range(7))

    first = rows.query("A", limit=3)
    second = rows.query("A", limit=3, start=first.after)
    last = rows.query("A", limit=3, start=second.after)

    assert [text(one) for page in (first, second, last) for one in page.rows] == [
        str(n) for n in range(7)
    ]
    assert last.after is None


def test_a_query_without_a_limit_reads_on_past_a_megabyte(rows: Rows) -> None:
    rows.write(row(Key("A", f"{n:02d}"), "x" * 100_000) for n in range(15))

    assert len(rows.query("A").rows) == 15


def test_an_index_is_asked_by_its_own_keys_and_pages_too(rows: Rows) -> None:
    rows.write(row(Key("A", f"{n}"), "", d_pk="03", d_sk=f"2026-01-0{n}") for n in range(1, 6))
    rows.put(row(Key("A", "not due"), ""))

    first = rows.query_index("due", "03", between=("0", "2026-01-04"), limit=3)
    rest = rows.query_index("due", "03", between=("0", "2026-01-04"), limit=3, start=first.after)

    assert [one["sk"]["S"] for one in (*first.rows, *rest.rows)] == ["1", "2", "3", "4"]


def test_a_put_whose_condition_is_unmet_tells_what_stood_there(rows: Rows) -> None:
    rows.put(row(Key("A", "1"), "mine"), "attribute_not_exists(pk)")

    with pytest.raises(ConditionFailed) as failed:
        rows.put(row(Key("A", "1"), "yours"), "attribute_not_exists(pk)")

    assert failed.value.row is not None
    assert text(failed.value.row) == "mine"


def test_a_counter_counts_from_nothing_and_knows_when_it_expires(rows: Rows) -> None:
    counted = [
        rows.update_counter(keys.counter("org_x", "2026-11-20"), by, expires=1_800_000_000)
        for by in (1, 4)
    ]

    assert counted == [1, 5]
    assert number(rows.one(keys.counter("org_x", "2026-11-20")) or {}, "expires") == 1_800_000_000


def test_the_last_of_several_writes_to_one_key_counts(rows: Rows) -> None:
    rows.put(row(Key("A", "gone"), ""))

    rows.write([row(Key("A", "1"), "old"), row(Key("A", "1"), "new")], deletes=[Key("A", "gone")])

    assert [text(one) for one in rows.query("A").rows] == ["new"]


def test_a_transaction_happens_whole_or_not_at_all_and_says_why(rows: Rows) -> None:
    rows.put(row(Key("A", "taken"), "before"))
    both: list[dict[str, dict[str, Any]]] = [
        {"Put": {"Item": row(Key("A", "free"), "")}},
        {
            "Put": {
                "Item": row(Key("A", "taken"), "after"),
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
    ]

    with pytest.raises(Cancelled) as cancelled:
        rows.transact(both)

    assert cancelled.value.unmet == (1,)
    assert not cancelled.value.passing
    assert text(cancelled.value.reasons[1].row or {}) == "before"
    assert rows.one(Key("A", "free")) is None


class Grudging:
    """A database that does one thing per call and leaves the rest undone; or never does anything."""

    def __init__(self, does: int) -> None:
        self.does, self.calls = does, 0

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # botocore's name
        self.calls += 1
        asked = RequestItems[NAME]
        now, later = asked["Keys"][: self.does], asked["Keys"][self.does :]
        left = {NAME: asked | {"Keys": later}} if later else {}
        return {
            "Responses": {NAME: [key | {"v": {"S": ""}} for key in now]},
            "UnprocessedKeys": left,
        }

    def batch_write_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # botocore's name
        self.calls += 1
        later = RequestItems[NAME][self.does :]
        return {"UnprocessedItems": {NAME: later} if later else {}}


def test_what_a_batch_left_undone_is_asked_for_again() -> None:
    grudging = Grudging(does=2)

    found = Rows(grudging, NAME, pause=lambda seconds: None).get(
        [Key("A", str(n)) for n in range(5)]
    )
    Rows(grudging, NAME, pause=lambda seconds: None).write(
        row(Key("A", str(n)), "") for n in range(5)
    )

    assert len(found) == 5
    assert grudging.calls == 3 + 3


def test_a_batch_that_never_ends_is_given_up_with_growing_pauses() -> None:
    pauses: list[float] = []

    with pytest.raises(Unavailable):
        Rows(Grudging(does=0), NAME, pause=pauses.append).get([Key("A", "1")])

    assert pauses == sorted(pauses)
    assert 3 < sum(pauses) < 10


class Failing:
    """A database that answers every call with one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_item(self, **asked: Any) -> dict[str, Any]:
        raise self.error

    def transact_write_items(self, **asked: Any) -> dict[str, Any]:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://db.example"),
        ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem"),
        ClientError({"Error": {"Code": "InternalServerError"}}, "GetItem"),
    ],
)
def test_a_passing_fault_is_told_as_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable) as told:
        Rows(Failing(error), NAME).one(Key("A", "1"))

    assert told.value.__cause__ is error


def test_what_the_database_refuses_is_a_bug_and_raises_as_it_came() -> None:
    bug = ClientError({"Error": {"Code": "ValidationException"}}, "GetItem")

    with pytest.raises(ClientError):
        Rows(Failing(bug), NAME).one(Key("A", "1"))


def test_a_transaction_cancelled_by_conflicts_alone_may_be_tried_again() -> None:
    conflict: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
    }

    with pytest.raises(Cancelled) as cancelled:
        Rows(Failing(ClientError(conflict, "TransactWriteItems")), NAME).transact([])

    assert cancelled.value.passing
    assert cancelled.value.unmet == ()


def test_shards_are_two_digits_and_take_their_share() -> None:
    shards = [keys.shard(f"clm_{n}") for n in range(16_000)]

    assert sorted(set(shards)) == [f"{n:02d}" for n in range(16)]
    assert all(800 < shards.count(one) < 1_200 for one in set(shards))


def test_no_two_kinds_of_row_share_a_key() -> None:
    tag, its = "0123456789ab", "01234567"
    claim_id = f"clm_{'0' * 20}{tag}{its}"

    all_of_them = [
        keys.tenant(tag),
        keys.subscription(tag, its),
        keys.claim(claim_id),
        keys.task(claim_id),
        keys.arbitration(claim_id.replace("clm_", "arb_")),
        keys.slot(ItemKeys(tag, its)),
        keys.tenant_settings(tag),
        keys.history(claim_id, 1),
        keys.comment(claim_id, "cmt_1"),
        keys.mail(f"mai_{tag}{'0' * 26}"),
        keys.journal(tag, "evt_1"),
        keys.figures(tag, "workload:teams", "2026-10"),
        keys.domain("a.example"),
        keys.partner("org_1"),
        keys.evidence("evd_1"),
        keys.receipt("org_1", "key"),
        keys.reviewer("sub"),
        keys.counter("org_1", "hour"),
        keys.boxed_mail("1"),
        keys.clock(),
        keys.secret("link"),
    ]

    assert len(set(all_of_them)) == len(all_of_them)
    assert keys.history(claim_id, 1).sk == f"H#{claim_id}#00001"
    assert keys.tenant(tag).sk == "S"
