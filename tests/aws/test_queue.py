"""The worker's queue: ten ids to a call, and the calls of a mass of ids side by side."""

import json
from typing import Any

from chalicelib.aws.queue import SqsWorkQueue


class Sqs:
    """What was sent, call by call."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:
        assert len({one["Id"] for one in Entries}) == len(Entries)
        self.calls.append([one["MessageBody"] for one in Entries])
        return {}


def test_every_id_goes_once_and_alone_in_its_message_ten_messages_to_a_call():
    sqs = Sqs()

    SqsWorkQueue(sqs, "url").send([f"clm_{n % 23}" for n in range(46)])

    assert [len(call) for call in sqs.calls] == [10, 10, 3]
    assert [json.loads(body)["ids"] for call in sqs.calls for body in call] == [
        [f"clm_{n}"] for n in range(23)
    ]


def test_the_calls_are_passed_at_once_so_that_they_can_run_in_parallel():
    sqs, handed = Sqs(), []

    def run_parallel(*calls: Any) -> tuple[Any, ...]:
        handed.append(len(calls))
        return tuple(call() for call in reversed(calls))

    SqsWorkQueue(sqs, "url", run_parallel).send([f"clm_{n}" for n in range(25)])

    assert handed == [3]
    assert sorted(len(call) for call in sqs.calls) == [5, 10, 10]
