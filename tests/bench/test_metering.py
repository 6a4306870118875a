"""The meter charges by DynamoDB's rules."""

from bench.metering import Meter, size
from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, make_row
from tests.support.memory_dynamodb import MemoryDynamoDB

KEY, OTHER = keys.Key("T#t", "clm_1"), keys.Key("T#t", "clm_2")


def make_table() -> tuple[Meter, Rows]:
    meter = Meter(MemoryDynamoDB())
    return meter, Rows(meter, "cpor")


def test_a_write_costs_a_unit_for_each_started_kilobyte_and_twice_that_in_a_transaction():
    meter, rows = make_table()
    large = make_row(KEY, "{}", padding="x" * 1500)
    assert 1024 < size(large) < 2048

    with meter.count_calls() as put:
        rows.put(large)
    with meter.count_calls() as transaction:
        rows.transact([{"Put": {"Item": large}}, {"Put": {"Item": make_row(OTHER, "{}")}}])

    assert (put.write_units, transaction.write_units) == (2, 6)


def test_an_index_entry_costs_one_to_come_or_go_two_to_move_and_nothing_to_stay():
    meter, rows = make_table()

    def count_written(**index: str) -> int:
        with meter.count_calls() as used:
            rows.put(make_row(KEY, "{}", **index))
        return used.write_units - 1

    assert [
        count_written(d_pk="01", d_sk="a"),
        count_written(d_pk="01", d_sk="a"),
        count_written(d_pk="01", d_sk="b"),
        count_written(),
    ] == [1, 0, 2, 1]


def test_a_read_costs_by_four_kilobytes_half_when_it_may_be_old_and_something_even_for_nothing():
    meter, rows = make_table()
    rows.write([make_row(KEY, "{}", padding="x" * 5000), make_row(OTHER, "{}", padding="x" * 5000)])

    def read(do) -> float:
        with meter.count_calls() as used:
            do()
        return used.read_units

    assert read(lambda: rows.get_one(KEY)) == 2
    assert read(lambda: rows.get([KEY, OTHER], consistent=False)) == 2
    assert read(lambda: rows.query("T#t")) == 3  # 10,000 bytes in all
    assert read(lambda: rows.get_one(keys.Key("T#t", "missing"), consistent=False)) == 0.5
