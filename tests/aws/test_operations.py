"""The imports of the feed in the table, and dead letters in SQS, as operators see them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.aws.operations import AwsOperations, record_import
from chalicelib.domain.refusals import Unavailable
from tests.support.in_process import in_process

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
NO_ROWS: Any = None
COUNTS = {"written": 3, "unchanged": 1, "bad": 1, "removed": 0}


class Sqs:
    """Answers as SQS does, and keeps what it was asked."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.messages = messages
        self.received: list[dict[str, Any]] = []

    def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
        shown = {"ApproximateNumberOfMessages": str(len(self.messages))}
        return {"Attributes": shown | {"ApproximateNumberOfMessagesNotVisible": "0"}}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.received.append(asked)
        return {"Messages": self.messages}


class Unreachable:
    def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
        raise EndpointConnectionError(endpoint_url="https://sqs.example")


def a_message(body: str, minutes: int = 0, **attributes: str) -> dict[str, Any]:
    sent = NOW + timedelta(minutes=minutes)
    return {
        "MessageId": f"m-{minutes}",
        "Body": body,
        "Attributes": {"SentTimestamp": str(int(sent.timestamp() * 1000))},
        "MessageAttributes": {n: {"StringValue": v} for n, v in attributes.items()},
    }


def test_imports_are_listed_the_newest_first():
    with in_process() as service:
        record_import(service.rows, NOW, {"tenants.jsonl": COUNTS}, ["line 2: no"] * 30)
        record_import(service.rows, NOW + timedelta(hours=1), {"partners.jsonl": COUNTS}, [])

        found = AwsOperations(service.rows, None, {}).list_imports()

    assert [list(one.files) for one in found] == [["partners.jsonl"], ["tenants.jsonl"]]
    assert found[1].at == NOW
    assert found[1].files["tenants.jsonl"] == COUNTS
    assert len(found[1].reasons) == 20


def test_dead_letters_are_read_and_stay_where_they_are():
    body = json.dumps({"ids": ["clm_1"]})
    sqs = Sqs([a_message("no json", 5), a_message(body, ErrorMessage="boom", ErrorCode="500")])

    (queue,) = AwsOperations(NO_ROWS, sqs, {"work": "https://q", "sweep": ""}).list_dead_letters()

    assert (queue.name, queue.count) == ("work", 2)
    assert [letter.about for letter in queue.letters] == [("clm_1",), ()]
    assert queue.letters[0].reason == "boom: 500"
    assert queue.letters[0].sent_at == NOW
    assert sqs.received[0]["VisibilityTimeout"] == 0


@pytest.mark.parametrize("body", ["[]", '{"ids": 1}', '{"ids": [1]}', "null", "[" * 100_000])
def test_a_message_of_another_form_is_about_nothing(body):
    sqs = Sqs([a_message(body)])

    (queue,) = AwsOperations(NO_ROWS, sqs, {"work": "https://q"}).list_dead_letters()

    assert queue.letters[0].about == ()


def test_queues_that_cannot_be_reached_are_unavailable():
    with pytest.raises(Unavailable):
        AwsOperations(NO_ROWS, Unreachable(), {"work": "https://q"}).list_dead_letters()
