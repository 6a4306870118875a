"""Dead letters: seen without being taken away, explained, and sent back once."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.aws.store import DynamoStore
from chalicelib.runtime.wiring import run_parallel
from cpor import dead_letters
from cpor.cli import app
from cpor.connection import rows
from cpor.dead_letters import QUEUES, count, peek
from cpor.diagnosis import UNKNOWN, find_error
from cpor.stage import Stage
from tests.support.claims import a_claim
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.emulator import DeployedStage
from tests.support.mail_records import a_mail_record
from tests.support.stacks import a_stack
from tests.support.tables import NAME

CLAIM = a_claim().id
MAIL = f"mai_{'0' * 38}"
BOUNCE = {
    "eventType": "Bounce",
    "bounce": {"bounceType": "Permanent", "timestamp": "2026-11-04T12:00:00Z"},
    "mail": {"timestamp": "2026-11-04T12:00:00Z", "tags": {"mail": [MAIL]}},
}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(dead_letters, "WAIT", 0)
    with a_stack(monkeypatch) as made:
        yield made


def tasks(*words: str, **environment: str) -> Any:
    return CliRunner().invoke(app, ["tasks", *words], env=ENVIRONMENT | environment)


def dead(stage: Stage, name: str, *bodies: str, **attributes: str) -> None:
    sent_attributes = {
        key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()
    }
    for body in bodies:
        stage.client("sqs").send_message(
            QueueUrl=stage.output(QUEUES[name].dead),
            MessageBody=body,
            MessageAttributes=sent_attributes,
        )


def bodies_in(stage: Stage, output: str) -> list[str]:
    found = []
    while (
        sent_attributes := stage.client("sqs")
        .receive_message(QueueUrl=stage.output(output), MaxNumberOfMessages=10)
        .get("Messages")
    ):
        found += [one["Body"] for one in sent_attributes]
    return sorted(found)


def work(number: int) -> str:
    return json.dumps({"ids": [CLAIM], "n": number})


def test_looking_takes_nothing_away(stage):
    dead(stage, "work", *(work(n) for n in range(25)))

    first, second = peek(stage, QUEUES["work"], 100), peek(stage, QUEUES["work"], 100)

    assert len({one.id for one in first}) == len({one.id for one in second}) == 25
    assert count(stage, QUEUES["work"]) == 25
    assert bodies_in(stage, "WorkDeadLettersUrl") == sorted(work(n) for n in range(25))


def test_a_list_says_which_claim_since_when_and_what_it_asks_for(stage):
    dead(stage, "work", work(1))

    ended = tasks("list", "--json")

    answer = json.loads(ended.stdout)
    (task,) = answer["tasks"]
    assert (ended.exit_code, answer["waiting"]) == (
        0,
        {"work": 1, "webhooks": 0, "mail-events": 0, "sweep": 0},
    )
    assert (task["claims"], task["queue"]) == ([CLAIM], "work")
    assert "due of a claim" in task["asks"]
    assert task["since"].startswith("20")


def test_a_mails_event_is_about_the_claims_of_that_mail(stage):
    mail = a_mail_record(id=MAIL, claim_ids=(CLAIM,))
    DynamoStore(rows(NAME, ""), run_parallel).mails.add(mail)
    dead(stage, "mail-events", json.dumps(BOUNCE), json.dumps({"Message": json.dumps(BOUNCE)}))

    ended = tasks("list", "mail-events", "--json")

    found = json.loads(ended.stdout)["tasks"]
    assert [(one["about"], one["claims"], one["asks"]) for one in found] == [
        ([MAIL], [CLAIM], "the bounce of a mail")
    ] * 2


@pytest.mark.parametrize(
    "body", ["no json", "[]", "1", '{"ids": 1}', '{"ids": [1]}', "{}", "[" * 100_000]
)
def test_what_cannot_be_read_is_reported(stage, body):
    dead(stage, "work", body)

    assert "Retrying cannot help" in tasks("list").stdout


@pytest.mark.parametrize(
    "body",
    [
        '{"Message": "x"}',
        '{"Message": 1}',
        '{"mail": 1}',
        '{"mail": {"tags": [1]}, "eventType": "Bounce"}',
    ],
)
def test_an_event_about_no_mail_of_ours_is_reported(stage, body):
    dead(stage, "mail-events", body)

    assert "says nothing about an address" in tasks("list").stdout


def test_a_sweep_that_failed_says_why_itself(stage):
    dead(stage, "sweep", "{}", ErrorMessage="Task timed out", ERROR_CODE="SDK_CLIENT_ERROR")

    assert "Task timed out: SDK_CLIENT_ERROR" in tasks("list", "sweep").stdout


def test_retried_dead_letters_are_back_in_their_queue_only(stage):
    dead(stage, "work", *(work(n) for n in range(23)))
    dead(stage, "mail-events", json.dumps(BOUNCE))

    ended = tasks("retry", "--json")

    assert ended.exit_code == 0
    assert {name: one["moved"] for name, one in json.loads(ended.stdout)["queues"].items()} == {
        "work": 23,
        "webhooks": 0,
        "mail-events": 1,
        "sweep": 0,
    }
    assert bodies_in(stage, "WorkQueueUrl") == sorted(work(n) for n in range(23))
    assert bodies_in(stage, "MailEventsQueueUrl") == [json.dumps(BOUNCE)]
    assert [count(stage, line) for line in QUEUES.values()] == [0, 0, 0, 0]


def test_no_more_are_retried_than_requested(stage):
    dead(stage, "work", *(work(n) for n in range(15)))

    ended = tasks("retry", "work", "--most", "12", "--json")

    assert json.loads(ended.stdout)["queues"]["work"] | {"why": ""} == {
        "moved": 12,
        "failed": 0,
        "left": 3,
        "why": "",
    }


def test_a_dead_letter_that_could_not_be_sent_back_stays(stage, monkeypatch):
    dead(stage, "work", work(1), work(2))
    monkeypatch.setattr(dead_letters, "_send_back", lambda stage, queue, batch: set())

    ended = tasks("retry", "work")

    assert ended.exit_code == 1
    assert "0 sent back, 2 failed, 2 left" in ended.stdout
    assert bodies_in(stage, "WorkDeadLettersUrl") == [work(1), work(2)]


def test_a_dropped_letter_is_printed_and_gone_and_the_others_stay(stage):
    dead(stage, "work", "poison", *(work(n) for n in range(12)))
    (poison,) = [one for one in peek(stage, QUEUES["work"], 100) if one.body == "poison"]

    ended = tasks("drop", "work", poison.id, "--json")
    again = tasks("drop", "all", poison.id)

    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["dropped"] == [{"id": poison.id, "body": "poison"}]
    assert (again.exit_code, f"{poison.id}  is not there" in again.stdout) == (1, True)
    assert bodies_in(stage, "WorkDeadLettersUrl") == sorted(work(n) for n in range(12))


def test_a_stage_that_is_not_there_ends_with_two(stage):
    ended = tasks("list", "--stage", "sandbox")

    assert ended.exit_code == 2
    assert "no stack cpor-sandbox" in ended.stderr


def test_without_an_account_it_ends_with_two(monkeypatch):
    ended = tasks("list", "--endpoint-url", "http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")

    assert ended.exit_code == 2
    assert "A call to AWS failed" in ended.stderr


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (
            [
                (
                    '{"level": "error", "request_id": "m-1", '
                    '"error": ["builtins.KeyError", "a.py:1 outer", "b.py:2 inner"]}'
                )
            ],
            "builtins.KeyError, b.py:2 inner",
        ),
        (
            [
                '{"level": "info", "request_id": "m-1", "act": "claim.approved"}',
                '{"request_id": "m-1", "error": ["x.Y"]}',
            ],
            "x.Y",
        ),
        (
            [
                "ERROR cpor message m-1 failed",
                "Traceback (most recent call last):",
                "  File ...",
                "KeyError: 'a'",
            ],
            "KeyError: 'a'",
        ),
        (["m-1 timed out"], "m-1 timed out"),
    ],
)
def test_the_reason_is_read_from_lines_of_this_version_and_the_ones_before(lines, why):
    assert find_error(lines, "m-1") == why


@pytest.mark.deployed
@pytest.mark.xdist_group("ministack")
class TestDeployed:
    """On the emulator, where functions really fail."""

    def test_the_log_says_why_and_a_sweep_is_run_instead_of_sent_back(
        self, deployed_stage: DeployedStage
    ) -> None:
        where = {
            "AWS_ENDPOINT_URL": deployed_stage.aws_endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        queues = deployed_stage.client("sqs")
        for line in QUEUES.values():
            queues.purge_queue(QueueUrl=deployed_stage.outputs[line.dead])
        body = json.dumps({"ids": ["of_no_kind"]})
        work_queue, ends = (
            deployed_stage.outputs["WorkQueueUrl"],
            deployed_stage.outputs["WorkDeadLettersUrl"],
        )
        queues.set_queue_attributes(QueueUrl=work_queue, Attributes={"VisibilityTimeout": "0"})
        queues.send_message(QueueUrl=work_queue, MessageBody=body)
        for _ in range(60):
            if (
                queues.get_queue_attributes(QueueUrl=ends, AttributeNames=["All"])["Attributes"][
                    "ApproximateNumberOfMessages"
                ]
                == "1"
            ):
                break
            time.sleep(1)
        queues.set_queue_attributes(QueueUrl=work_queue, Attributes={"VisibilityTimeout": "360"})
        queues.send_message(
            QueueUrl=deployed_stage.outputs["SweepDeadLettersUrl"], MessageBody="{}"
        )

        for _ in range(
            60
            # a function that is still starting fails after its message has been given up
        ):
            listed = json.loads(tasks("list", "--stage", "local", "--json", **where).stdout)[
                "tasks"
            ]
            if listed[0]["why"] != UNKNOWN:
                break
            time.sleep(1)
        retried = json.loads(tasks("retry", "sweep", "--stage", "local", "--json", **where).stdout)[
            "queues"
        ]
        queues.purge_queue(QueueUrl=ends)

        assert [one["queue"] for one in listed] == ["work", "sweep"]
        assert re.fullmatch(
            r"chalicelib\.usecases\.due_work\.UnknownId, chalicelib/usecases/due_work\.py:\d+ \w+",
            listed[0]["why"],
        )
        assert retried == {"sweep": {"moved": 1, "failed": 0, "left": 0, "why": ""}}
