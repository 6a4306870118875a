"""A run of its own: how it starts, what it says when it cannot, and what it leaves behind."""

import os
import signal
import socket
import time

import pytest
import requests

from tools import embedded
from tools.errors import ToolError

pytestmark = pytest.mark.deployed
SECONDS_UNTIL_SAVED = 4.0  # the emulator saves three seconds after a change


def test_a_port_that_is_taken_is_reported_before_anything_is_started():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        with pytest.raises(ToolError, match="cannot be used") as stopped:
            embedded.start(other.getsockname()[1], None)

    assert "make run PORT=" in stopped.value.advice


def test_a_feed_that_is_no_folder_is_reported_and_everything_is_stopped(tmp_path):
    with pytest.raises(ToolError, match="is not a folder"):
        embedded.start(0, tmp_path / "nothing")


def test_a_bad_row_of_a_feed_does_not_keep_the_good_ones_out(tmp_path, capfd):
    (tmp_path / "partners.jsonl").write_text("this is no row\n")

    with embedded.running(0, tmp_path) as running:
        assert requests.get(f"{running.url}/health").status_code == 200

    assert "Some rows were not imported" in capfd.readouterr().out


def test_kept_data_outlive_a_stop_and_even_a_kill(tmp_path):
    with embedded.running(0, None, tmp_path) as first:
        write(first, "stopped")
        first.client("s3").put_object(
            Bucket=first.outputs["EvidenceBucketName"], Key="a", Body=b"file"
        )
        with pytest.raises(ToolError, match="Another run keeps its data"):
            embedded.start(0, None, tmp_path)
    with embedded.running(0, None, tmp_path) as second:
        write(second, "killed")
        time.sleep(SECONDS_UNTIL_SAVED)
        os.kill(second.emulator_pid, signal.SIGKILL)
    with embedded.running(0, None, tmp_path) as third:
        assert requests.get(f"{third.url}/health").status_code == 200
        assert [read(third, name) for name in ("stopped", "killed", "never")] == [True, True, False]
        stored = third.client("s3").get_object(Bucket=third.outputs["EvidenceBucketName"], Key="a")
        assert stored["Body"].read() == b"file"


def test_without_keeping_nothing_is_left_behind():
    with embedded.running(0, None) as running:
        assert list(running.scratch.iterdir())

    assert not running.scratch.exists()
    assert running.emulator_ended()
    with pytest.raises(requests.ConnectionError):
        requests.get(running.url)


def test_two_runs_do_not_see_each_other():
    with embedded.running(0, None) as one, embedded.running(0, None) as other:
        write(one, "mine")

        assert read(one, "mine")
        assert not read(other, "mine")


def write(running: embedded.Running, name: str) -> None:
    row = {"pk": {"S": name}, "sk": {"S": "row"}}
    running.client("dynamodb").put_item(TableName=running.table_name, Item=row)


def read(running: embedded.Running, name: str) -> bool:
    key = {"pk": {"S": name}, "sk": {"S": "row"}}
    return "Item" in running.client("dynamodb").get_item(TableName=running.table_name, Key=key)
