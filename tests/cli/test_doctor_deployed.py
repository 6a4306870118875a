"""`cpor doctor` on the emulator: what was broken is named, what was repaired is not."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from cpor.dead_letters import QUEUES
from cpor.doctor import CHECKS
from cpor.stage import Stage
from tests.cli.doctor import EMULATOR, doctor, wrong
from tests.support.emulator import DeployedStage


@pytest.fixture
def deployed(deployed_stage: DeployedStage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The deployed stage, with nothing left over from other tests."""
    for name, value in EMULATOR.items():
        monkeypatch.setenv(name, value)
    for line in QUEUES.values():
        deployed_stage.client("sqs").purge_queue(QueueUrl=deployed_stage.outputs[line.dead])
    requests.get(f"{deployed_stage.url}/sandbox/mail", timeout=60)
    return Stage("local", endpoint=deployed_stage.aws_endpoint)


@pytest.mark.deployed
@pytest.mark.xdist_group("ministack")
def test_a_healthy_deployed_stage_is_reported_as_healthy(deployed):
    ended = doctor("--stage", "local", "--endpoint", deployed.endpoint)

    # Notes, such as a calendar that ends within a year, come first.
    last = ended.stdout.splitlines()[-1]
    assert (ended.exit_code, last.partition(".")[0]) == (0, "local (cpor) is well")


def no_time_to_live(stage: Stage) -> Callable[[], Any]:
    def put(on: bool) -> None:
        stage.client("dynamodb").update_time_to_live(
            TableName=stage.output("TableName"),
            TimeToLiveSpecification={"Enabled": on, "AttributeName": "expires"},
        )

    put(False)
    return lambda: put(True)


def no_recovery(stage: Stage) -> Callable[[], Any]:
    def put(on: bool) -> None:
        stage.client("dynamodb").update_continuous_backups(
            TableName=stage.output("TableName"),
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on},
        )

    put(False)
    return lambda: put(True)


def no_schedule(stage: Stage) -> Callable[[], Any]:
    rule, events = stage.physical_id("SweepSweepEvent"), stage.client("events")
    events.disable_rule(Name=rule)
    return lambda: events.enable_rule(Name=rule)


def no_target(stage: Stage) -> Callable[[], Any]:
    rule, events = stage.physical_id("SweepSweepEvent"), stage.client("events")
    targets = events.list_targets_by_rule(Rule=rule)["Targets"]
    events.remove_targets(Rule=rule, Ids=[one["Id"] for one in targets])
    return lambda: events.put_targets(Rule=rule, Targets=targets)


def source_off(stage: Stage) -> Callable[[], Any]:
    uuid, functions_ = stage.physical_id("WorkerWorkerSqsEventSource"), stage.client("lambda")
    functions_.update_event_source_mapping(UUID=uuid, Enabled=False)
    return lambda: functions_.update_event_source_mapping(UUID=uuid, Enabled=True)


def source_without_partial_failures(stage: Stage) -> Callable[[], Any]:
    uuid, functions_ = (
        stage.physical_id("MailEventsMailEventsSqsEventSource"),
        stage.client("lambda"),
    )
    functions_.update_event_source_mapping(UUID=uuid, FunctionResponseTypes=[])
    return lambda: functions_.update_event_source_mapping(
        UUID=uuid, FunctionResponseTypes=["ReportBatchItemFailures"]
    )


def no_redrive(stage: Stage) -> Callable[[], Any]:
    url, queues_ = stage.physical_id("WorkQueue"), stage.client("sqs")
    policy = queues_.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"][
        "RedrivePolicy"
    ]
    queues_.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
    return lambda: queues_.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})


def shorten_visibility(stage: Stage) -> Callable[[], Any]:
    url, queues_ = stage.physical_id("WorkQueue"), stage.client("sqs")
    queues_.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "10"})
    return lambda: queues_.set_queue_attributes(
        QueueUrl=url, Attributes={"VisibilityTimeout": "360"}
    )


def secret_in_clear(stage: Stage) -> Callable[[], Any]:
    name, functions_ = stage.physical_id("MailEvents"), stage.client("lambda")
    variables = functions_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    less = {key: value for key, value in variables.items() if key != "MAIL_FROM"}
    functions_.update_function_configuration(
        FunctionName=name,
        Environment={"Variables": less | {"LINK_KEY": "f00d" * 16, "TABLE_NAME": "old"}},
    )
    return lambda: functions_.update_function_configuration(
        FunctionName=name, Environment={"Variables": variables}
    )


def open_bucket(stage: Stage) -> Callable[[], Any]:
    name, storage = stage.output("EvidenceBucketName"), stage.client("s3")
    block = storage.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    storage.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration=block | {"RestrictPublicBuckets": False}
    )
    return lambda: storage.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration=block
    )


def elsewhere(stage: Stage) -> Callable[[], Any]:
    name, functions_ = stage.physical_id("APIHandler"), stage.client("lambda")
    variables = functions_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    away = {"PUBLIC_BASE_URL": "http://127.0.0.1:9", "JWKS_URL": "http://127.0.0.1:9/jwks"}
    functions_.update_function_configuration(
        FunctionName=name, Environment={"Variables": variables | away}
    )
    return lambda: functions_.update_function_configuration(
        FunctionName=name, Environment={"Variables": variables}
    )


@pytest.mark.deployed
@pytest.mark.xdist_group("ministack")
@pytest.mark.parametrize(
    ("snapshot", "change", "said"),
    [
        ("table", no_time_to_live, ["time to live on `expires` is off"]),
        ("table", no_recovery, ["point-in-time recovery is off"]),
        ("schedule", no_schedule, ["It is disabled"]),
        ("schedule", no_target, ["It starts nothing"]),
        ("event sources", source_off, ["WorkQueue is not read"]),
        ("event sources", source_without_partial_failures, ["ReportBatchItemFailures is off"]),
        ("queues", no_redrive, ["no dead-letter queue"]),
        ("queues", shorten_visibility, ["could be processed twice at once"]),
        (
            "environment",
            secret_in_clear,
            ["MAIL_FROM not set", "TABLE_NAME names old", "LINK_KEY looks like a secret"],
        ),
        ("bucket", open_bucket, ["RestrictPublicBuckets off"]),
        ("public address", elsewhere, ["It does not answer"]),
        ("issuer", elsewhere, ["Its keys cannot be fetched"]),
    ],
)
def test_what_was_broken_is_named_and_what_was_repaired_is_not(deployed, snapshot, change, said):
    restore = change(deployed)
    try:
        broken = wrong(CHECKS[snapshot](deployed))
    finally:
        restore()

    assert all(part in broken for part in said), broken
    assert "f00d" not in broken
    assert wait_until_repaired(deployed, snapshot) == ""


def wait_until_repaired(stage: Stage, snapshot: str) -> str:
    """What is still wrong with a look, once the functions that it changed have started anew on a
    busy machine.
    """
    for _ in range(20):
        if (still := wrong(CHECKS[snapshot](stage))) == "":
            break
        time.sleep(1)
    return still


@pytest.mark.deployed
@pytest.mark.xdist_group("ministack")
def test_three_things_broken_at_once_are_all_found_and_end_with_one(deployed):
    restores = [
        change(deployed)
        for change in (no_time_to_live, no_schedule, source_without_partial_failures)
    ]
    deployed.client("sqs").send_message(
        QueueUrl=deployed.output("SweepDeadLettersUrl"), MessageBody="{}"
    )
    try:
        ended = doctor("--stage", "local", "--endpoint", deployed.endpoint, "--json")
    finally:
        for restore in restores:
            restore()
        deployed.client("sqs").purge_queue(QueueUrl=deployed.output("SweepDeadLettersUrl"))

    found = [one for one in json.loads(ended.stdout)["findings"] if not one["note"]]
    assert (ended.exit_code, len(found)) == (1, 4)
    assert {one["where"].partition(" ")[0] for one in found} == {
        "table",
        "schedule",
        "event",
        "dead",
    }
    assert doctor("--stage", "local", "--endpoint", deployed.endpoint).exit_code == 0
