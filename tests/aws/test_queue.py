"""The worker's queue: ten ids to a call, and the calls of a mass of ids side by side."""

import json
from typing import Any

import pytest

from chalicelib.aws.queue import ATTEMPTS, NotQueued, SqsWorkQueue


class Sqs:
    """What was sent, call by call. `refused`: the bodies that each call does not take."""

    def __init__(self, *refused: set[str]) -> None:
        self.calls: list[list[str]] = []
        self._refused = list(refused)

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:
        assert len({one["Id"] for one in Entries}) == len(Entries)
        self.calls.append([one["MessageBody"] for one in Entries])
        refused = self._refused.pop(0) if self._refused else set()
        failed = [one for one in Entries if one["MessageBody"] in refused]
        return {
            "Failed": [
                {"Id": one["Id"], "Code": "InternalError", "SenderFault": False} for one in failed
            ]
        }


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


def body(some_id: str) -> str:
    return json.dumps({"ids": [some_id]})


def test_messages_of_a_batch_that_were_not_taken_are_sent_again_alone():
    pauses: list[float] = []
    sqs = Sqs({body("clm_1"), body("clm_2")}, {body("clm_2")})

    SqsWorkQueue(sqs, "url", pause=pauses.append).send(["clm_0", "clm_1", "clm_2"])

    assert [len(call) for call in sqs.calls] == [3, 2, 1]
    assert 0.05 <= pauses[0] <= 0.1 <= pauses[1] <= 0.2


def test_messages_that_are_never_taken_are_an_error_of_send_and_a_line_of_enqueue(capsys):
    refused = [{body("clm_1")}] * ATTEMPTS
    with pytest.raises(NotQueued) as error:
        SqsWorkQueue(Sqs(*refused), "url", pause=lambda seconds: None).send(["clm_0", "clm_1"])
    SqsWorkQueue(Sqs(*refused), "url", pause=lambda seconds: None).enqueue(["clm_0", "clm_1"])

    assert error.value.count == 1
    assert json.loads(capsys.readouterr().out)["error"][0].endswith("NotQueued")
