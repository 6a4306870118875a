"""The thin access to the table: pages, batches answered in parts, conditions, typed errors."""

from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.aws import keys, sandbox_keys, user_keys
from chalicelib.aws.errors import Cancelled, ConditionFailed
from chalicelib.aws.keys import Key
from chalicelib.aws.rows import Rows, make_row, read_key, read_number, read_text
from chalicelib.domain.ids import ItemKeys
from chalicelib.domain.refusals import Unavailable
from tests.support.tables import NAME, rows_of


def test_a_row_comes_back_as_it_was_written(rows: Rows) -> None:
    rows.put(make_row(Key("A", "1"), '{"name": "Ő"}', rev=7, d_pk="03", d_sk="2026"))

    found = rows.get_one(Key("A", "1"))

    assert found is not None
    assert (read_text(found), read_number(found), read_text(found, "d_pk"), read_key(found)) == (
        '{"name": "Ő"}',
        7,
        "03",
        ("A", "1"),
    )
    assert rows.get_one(Key("A", "2")) is None


def test_a_number_that_is_missing_is_its_default() -> None:
    assert read_number(make_row(Key("A", "1"), "{}")) == 0


def test_getting_many_asks_for_each_once_and_answers_those_that_exist(rows: Rows) -> None:
    rows.write(make_row(Key("A", str(n)), str(n)) for n in range(130))

    found = rows.get([Key("A", str(n % 140)) for n in range(280)])

    assert len(found) == 130
    assert {read_text(one) for one in found.values()} == {str(n) for n in range(130)}


def test_a_query_reads_a_prefix_in_order_and_backwards(rows: Rows) -> None:
    rows.write(make_row(Key("A", sk), sk) for sk in ("S", "S#1", "S#2", "P#1"))

    forwards, backwards = rows.query("A", "S"), rows.query("A", "S", backwards=True)

    assert [read_text(one) for one in forwards] == ["S", "S#1", "S#2"]
    assert [read_text(one) for one in backwards] == ["S#2", "S#1", "S"]


def test_a_query_between_two_bounds_includes_both(rows: Rows) -> None:
    rows.write(make_row(Key("A", f"F#x#2026-{month:02d}"), str(month)) for month in range(1, 13))

    page = rows.query("A", between=("F#x#2026-03", "F#x#2026-05"))

    assert [read_text(one) for one in page] == ["3", "4", "5"]


@pytest.mark.parametrize(("limit", "found"), [(1, 1), (3, 3), (7, 7), (8, 7)])
def test_a_limited_query_stops_at_its_limit(rows: Rows, limit: int, found: int) -> None:
    rows.write(make_row(Key("A", f"{n:02d}"), str(n)) for n in range(7))

    page = rows.query("A", limit=limit)

    assert [read_text(one) for one in page] == [str(n) for n in range(found)]


@pytest.mark.parametrize(("limit", "found"), [(None, 30), (29, 29)])
def test_a_query_reads_on_past_a_megabyte(client: Any, limit: int | None, found: int) -> None:
    counting = CountsQueries(client)
    rows = Rows(counting, NAME)
    incompressible = (Random(n).randbytes(50_000).hex() for n in range(30))
    rows_of(client).write(make_row(Key("A", f"{n:02d}"), v) for n, v in enumerate(incompressible))

    page = rows.query("A", limit=limit)

    assert [read_key(one).sk for one in page] == [f"{n:02d}" for n in range(found)]
    assert counting.queries == 2


def test_an_index_is_queried_by_its_own_keys(rows: Rows) -> None:
    rows.write(make_row(Key("A", f"{n}"), "", d_pk="03", d_sk=f"2026-01-0{n}") for n in range(1, 6))
    rows.put(make_row(Key("A", "not due"), ""))

    first = rows.query_index("due", "03", between=("0", "2026-01-04"), limit=3)
    every = rows.query_index("due", "03", between=("0", "2026-01-04"))

    assert [one["sk"]["S"] for one in first] == ["1", "2", "3"]
    assert [one["sk"]["S"] for one in every] == ["1", "2", "3", "4"]


def test_a_put_whose_condition_is_unmet_returns_the_stored_row(rows: Rows) -> None:
    rows.put(make_row(Key("A", "1"), "mine"), "attribute_not_exists(pk)")

    with pytest.raises(ConditionFailed) as failed:
        rows.put(make_row(Key("A", "1"), "yours"), "attribute_not_exists(pk)")

    assert failed.value.row is not None
    assert read_text(failed.value.row) == "mine"


def test_a_counter_counts_from_nothing_and_knows_when_it_expires(rows: Rows) -> None:
    counted = [
        rows.update_counter(keys.counter("org_x", "2026-11-20"), by, expires=1_800_000_000)
        for by in (1, 4)
    ]

    assert counted == [1, 5]
    assert (
        read_number(rows.get_one(keys.counter("org_x", "2026-11-20")) or {}, "expires")
        == 1_800_000_000
    )


def test_the_last_of_several_writes_to_one_key_counts(rows: Rows) -> None:
    rows.put(make_row(Key("A", "gone"), ""))

    rows.write(
        [make_row(Key("A", "1"), "old"), make_row(Key("A", "1"), "new")], deletes=[Key("A", "gone")]
    )

    assert [read_text(one) for one in rows.query("A")] == ["new"]


def test_a_transaction_happens_whole_or_not_at_all_and_says_why(rows: Rows) -> None:
    rows.put(make_row(Key("A", "taken"), "before"))
    both: list[dict[str, dict[str, Any]]] = [
        {"Put": {"Item": make_row(Key("A", "free"), "")}},
        {
            "Put": {
                "Item": make_row(Key("A", "taken"), "after"),
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
    ]

    with pytest.raises(Cancelled) as cancelled:
        rows.transact(both)

    assert cancelled.value.failed_conditions == (1,)
    assert not cancelled.value.is_transient
    assert read_text(cancelled.value.reasons[1].row or {}) == "before"
    assert rows.get_one(Key("A", "free")) is None


class Grudging:
    """A database that handles one item per call and returns the rest, or handles nothing."""

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


def test_what_a_batch_left_undone_is_requested_again() -> None:
    grudging = Grudging(does=2)

    found = Rows(grudging, NAME, pause=lambda seconds: None).get(
        [Key("A", str(n)) for n in range(5)]
    )
    Rows(grudging, NAME, pause=lambda seconds: None).write(
        make_row(Key("A", str(n)), "") for n in range(5)
    )

    assert len(found) == 5
    assert grudging.calls == 3 + 3


def test_a_batch_that_never_ends_is_given_up_with_growing_pauses() -> None:
    pauses: list[float] = []

    with pytest.raises(Unavailable):
        Rows(Grudging(does=0), NAME, pauses.append, lambda: 1.0).get([Key("A", "1")])

    assert pauses == sorted(pauses)
    assert 3 < sum(pauses) < 10


class CountsQueries:
    """A database that counts the queries it answers."""

    def __init__(self, client: Any) -> None:
        self.client, self.queries = client, 0

    def query(self, **asked: Any) -> dict[str, Any]:
        self.queries += 1
        answer: dict[str, Any] = self.client.query(**asked)
        return answer


class Failing:
    """A database that answers every call with one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_item(self, **asked: Any) -> dict[str, Any]:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://db.example"),
        ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem"),
        ClientError({"Error": {"Code": "InternalServerError"}}, "GetItem"),
    ],
)
def test_a_transient_fault_is_reported_as_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable) as raised:
        Rows(Failing(error), NAME).get_one(Key("A", "1"))

    assert raised.value.__cause__ is error


def test_what_the_database_refuses_is_a_bug_and_raises_as_it_came() -> None:
    bug = ClientError({"Error": {"Code": "ValidationException"}}, "GetItem")

    with pytest.raises(ClientError):
        Rows(Failing(bug), NAME).get_one(Key("A", "1"))


CONFLICT = {
    "Error": {"Code": "TransactionCanceledException"},
    "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
}
THROTTLED = CONFLICT | {"CancellationReasons": [{"Code": "ThrottlingError"}, {"Code": "None"}]}
LOST = CONFLICT | {"CancellationReasons": [{"Code": "ConditionalCheckFailed"}, {"Code": "None"}]}
SINGLE = {"Error": {"Code": "TransactionConflictException"}}


class Busy:
    """A database in which another transaction is in the way of the first writes."""

    def __init__(self, *errors: Any) -> None:
        self.errors, self.calls = list(errors), 0

    def transact_write_items(self, **asked: Any) -> dict[str, Any]:
        self.calls += 1
        if self.errors:
            raise ClientError(self.errors.pop(0), "TransactWriteItems")
        return {}

    put_item = transact_write_items


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_a_write_in_the_way_of_another_is_repeated_after_growing_pauses(jitter: float) -> None:
    pauses: list[float] = []
    busy = Busy(CONFLICT, THROTTLED, CONFLICT)

    Rows(busy, NAME, pauses.append, lambda: jitter).transact([])
    Rows(Busy(SINGLE), NAME, pauses.append, lambda: jitter).put(make_row(Key("A", "1"), ""))

    share = {0.0: 0.5, 0.5: 0.75, 1.0: 1.0}[jitter]
    assert busy.calls == 4
    assert pauses == pytest.approx([one * share for one in (0.05, 0.1, 0.2, 0.05)])


def test_a_write_that_stays_in_the_way_is_given_up() -> None:
    pauses: list[float] = []

    with pytest.raises(Cancelled) as cancelled:
        Rows(Busy(*[CONFLICT] * 9), NAME, pauses.append).transact([])
    with pytest.raises(Unavailable):
        Rows(Busy(*[SINGLE] * 9), NAME, pauses.append).put(make_row(Key("A", "1"), ""))

    assert cancelled.value.is_transient
    assert cancelled.value.failed_conditions == ()
    assert len(pauses) == 2 * 4
    assert sum(pauses) < 1.6


def test_a_write_whose_condition_failed_is_decided_again_without_a_pause() -> None:
    pauses: list[float] = []
    busy = Busy(LOST)

    with pytest.raises(Cancelled) as cancelled:
        Rows(busy, NAME, pauses.append).transact([])

    assert cancelled.value.failed_conditions == (0,)
    assert (busy.calls, pauses) == (1, [])


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
        user_keys.user("org_1", "usr_1"),
        keys.receipt("org_1", "key"),
        keys.reviewer("sub"),
        keys.counter("org_1", "hour"),
        sandbox_keys.sandbox_mail("1"),
        sandbox_keys.clock(),
        sandbox_keys.secret("link"),
    ]

    assert len(set(all_of_them)) == len(all_of_them)
    assert keys.history(claim_id, 1).sk == f"H#{claim_id}#00001"
    assert keys.tenant(tag).sk == "S"
