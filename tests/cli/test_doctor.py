"""The doctor: a stage that is well is said to be, and whatever is broken is named, with where and
what to do.
"""

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, make_row
from chalicelib.runtime.settings import Settings
from cpor.cli import app
from cpor.dead_letters import QUEUES
from cpor.doctor import CHECKS, bucket, examine, functions, mail, queues, run_check, secrets, table
from cpor.doctor.finding import Finding
from cpor.stage import Stage
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.emulator import DeployedStage
from tests.support.stacks import a_stack

EMULATOR = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}
PROD = Settings(stage="prod", public_base_url="https://por.example/base", secrets_prefix="/cpor/prod", evidence_bucket="proofs",
                mail_from="por@mail.example", configuration_set="cs")  # fmt: skip
HEX = "0123456789abcdef"


class Told(Stage):
    """A stage whose functions were told what a test says, and whose clients a test may bring."""

    def __init__(self, name: str, chosen: Settings, **clients: Any) -> None:
        super().__init__(name)
        self._chosen = chosen
        self._clients = clients

    def settings_of(self, function: str) -> Settings:
        return self._chosen

    def output(self, name: str) -> str:
        return {"EvidenceBucketName": "proofs"}.get(name) or super().output(name)

    def physical_id(self, name: str) -> str:
        return f"arn:{name}" if "Topic" in name else super().physical_id(name)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with a_stack(monkeypatch):
        yield Told("prod", PROD)


def doctor(*words: str, **environment: str) -> Any:
    return CliRunner().invoke(app, ["doctor", *words], env=EMULATOR | environment)


def wrong(found: Iterator[Finding]) -> str:
    return "\n".join(f"{one.where}: {one.wrong}" for one in found)


def saying(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Asked")


# --- on moto --------------------------------------------------------------------------------------
# ----------------


def test_a_stage_that_is_not_there_is_said_to_be_so(stack):
    ended = doctor("--stage", "sandbox", "--json", **ENVIRONMENT)

    assert ended.exit_code == 1
    assert "no stack cpor-sandbox" in json.loads(ended.stdout)["findings"][0]["wrong"]


def test_where_nobody_can_be_asked_it_ends_with_two():
    ended = doctor("--endpoint", "http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")

    assert (ended.exit_code, "A call to AWS failed" in ended.stderr) == (2, True)


def test_a_stack_that_lacks_most_is_named_part_by_part_and_nothing_is_thrown(stack):
    found = examine(Told("prod", PROD, sesv2=mails(), sns=topic()))

    said = wrong(iter(found))
    assert "APIHandler is missing, which this version has" in said
    assert "point-in-time recovery is off" in said
    assert all(one.do for one in found)


def test_a_table_is_judged_by_index_time_to_live_and_recovery(stack):
    before = wrong(table.check(stack))
    database, name = stack.client("dynamodb"), stack.output("TableName")
    database.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    database.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    database.update_table(TableName=name, DeletionProtectionEnabled=True)
    healthy = wrong(table.check(stack))
    database.update_table(
        TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "due"}}]
    )

    assert all(
        part in before
        for part in ("time to live", "point-in-time recovery is off", "deletion protection is off")
    )
    assert healthy == ""
    assert "no index `due`" in wrong(table.check(stack))


def test_a_deadline_that_waits_is_named_with_how_long(stack):
    rows = Rows(stack.client("dynamodb"), stack.output("TableName"))
    before = list(table.check_deadlines(stack))
    late = keys.moment(datetime(2020, 1, 1, tzinfo=UTC))
    rows.put(make_row(keys.Key("T#0", "clm_late"), "{}", d_pk="03", d_sk=late))

    (found,) = table.check_deadlines(stack)

    assert before == []
    assert "clm_late has been due since 2020-01-01" in found.wrong
    assert "days" in found.wrong


def test_dead_letters_are_counted(stack):
    before = list(queues.check_dead_letters(stack))
    stack.client("sqs").send_message(QueueUrl=stack.output("WorkDeadLettersUrl"), MessageBody="{}")

    assert before == []
    assert wrong(queues.check_dead_letters(stack)) == "dead letters of work: 1 tasks failed."


def test_a_bucket_is_judged_by_who_can_read_and_who_can_upload(stack):
    storage = stack.client("s3")
    storage.create_bucket(Bucket="proofs")
    bare = wrong(bucket.check(stack))
    closed = dict.fromkeys(bucket.ACCESS_BLOCKS, True)
    storage.put_public_access_block(Bucket="proofs", PublicAccessBlockConfiguration=closed)
    storage.put_bucket_versioning(Bucket="proofs", VersioningConfiguration={"Status": "Enabled"})
    cors = {"AllowedMethods": ["POST"], "AllowedOrigins": ["https://por.example"]}
    storage.put_bucket_cors(Bucket="proofs", CORSConfiguration={"CORSRules": [cors]})
    encrypted = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    storage.put_bucket_encryption(Bucket="proofs", ServerSideEncryptionConfiguration=encrypted)
    healthy = wrong(bucket.check(stack))
    storage.put_public_access_block(
        Bucket="proofs", PublicAccessBlockConfiguration=closed | {"BlockPublicPolicy": False}
    )
    storage.put_bucket_cors(
        Bucket="proofs", CORSConfiguration={"CORSRules": [cors | {"AllowedOrigins": ["*"]}]}
    )

    broken = wrong(bucket.check(stack))

    assert all(
        part in bare
        for part in (
            "could be made public",
            "versioning is off",
            "https://por.example may not upload",
        )
    )
    assert healthy == ""
    assert "BlockPublicPolicy off" in broken
    assert "Pages of other sites may upload to it: *" in broken


def test_secrets_are_judged_and_never_shown(stack):
    kept = boto3.client("ssm")
    for at, name in enumerate(secrets.NAMES):
        kept.put_parameter(Name=f"/cpor/prod/{name}", Value=HEX[at] * 64, Type="SecureString")
    healthy = list(secrets.check(stack))
    kept.put_parameter(
        Name="/cpor/prod/link-key", Value="hunter2-hunter2", Type="SecureString", Overwrite=True
    )
    kept.delete_parameter(Name="/cpor/prod/cursor-key")
    kept.delete_parameter(Name="/cpor/prod/webhook-key")
    kept.put_parameter(Name="/cpor/prod/webhook-key", Value="a" * 64, Type="String")

    found = list(secrets.check(stack))

    assert healthy == []
    assert set(wrong(iter(found)).splitlines()) == {
        "secret /cpor/prod/cursor-key: It is missing.",
        "secret /cpor/prod/link-key: It is not 32 bytes or more in hexadecimal.",
        "secret /cpor/prod/webhook-key: It is not encrypted: its type is String.",
    }
    assert "hunter2" not in str(found)
    assert "a" * 64 not in str(found)


def test_the_same_secret_twice_and_none_at_all_are_named(stack):
    for name in secrets.NAMES:
        boto3.client("ssm").put_parameter(
            Name=f"/cpor/prod/{name}", Value="a" * 64, Type="SecureString"
        )

    assert "Two of them are the same" in wrong(secrets.check(stack))
    assert "SECRETS_PREFIX is empty" in wrong(secrets.check(Told("prod", Settings(stage="prod"))))


# --- what no engine has
# ---------------------------------------------------------------------------------------------


def mails(**told: Any) -> Any:
    """SES and SNS in good order, but for what a test says."""

    def identity(EmailIdentity: str) -> dict[str, Any]:
        if EmailIdentity not in told.get("verified", ("mail.example",)):
            raise saying("NotFoundException")
        return {"VerifiedForSendingStatus": True}

    destination = {
        "Enabled": True,
        "MatchingEventTypes": ["DELIVERY", "BOUNCE", "COMPLAINT", *told.get("more", [])],
    } | told.get("destination", {})
    return SimpleNamespace(
        get_email_identity=identity,
        get_account=lambda: told.get(
            "account", {"ProductionAccessEnabled": True, "SendingEnabled": True}
        ),
        get_configuration_set_event_destinations=lambda ConfigurationSetName: {
            "EventDestinations": [destination]
        },
    )


def topic(*subscriptions: dict[str, str]) -> Any:
    return SimpleNamespace(
        list_subscriptions_by_topic=lambda TopicArn: {"Subscriptions": list(subscriptions)}
    )


QUEUE = {"Protocol": "sqs", "Endpoint": "arn:q", "SubscriptionArn": "arn:s"}


@pytest.mark.parametrize(
    ("told", "subscribed", "said"),
    [
        ({}, [QUEUE], ""),
        ({"verified": ("por@mail.example",)}, [QUEUE], ""),
        ({"verified": ()}, [QUEUE], "no notice can be sent"),
        (
            {"account": {"ProductionAccessEnabled": False, "SendingEnabled": True}},
            [QUEUE],
            "its own sandbox",
        ),
        (
            {"account": {"ProductionAccessEnabled": True, "SendingEnabled": False}},
            [QUEUE],
            "sends nothing",
        ),
        (
            {"destination": {"MatchingEventTypes": ["BOUNCE"]}},
            [QUEUE],
            "does not report complaint, delivery",
        ),
        ({"destination": {"Enabled": False}}, [QUEUE], "no notice would count as delivered"),
        ({}, [], "do not reach the queue"),
    ],
)
def test_mail_is_judged_by_sender_and_by_what_comes_back(told, subscribed, said):
    found = wrong(mail.check(Told("prod", PROD, sesv2=mails(**told), sns=topic(*subscribed))))

    assert said in found
    assert bool(found) == bool(said)


def test_alarms_that_nobody_gets_are_named():
    pending = {
        "Protocol": "email",
        "Endpoint": "ops@por.example",
        "SubscriptionArn": "PendingConfirmation",
    }

    assert "No address receives them" in wrong(mail.check_alarms(Told("prod", PROD, sns=topic())))
    assert "ops@por.example has not confirmed" in wrong(
        mail.check_alarms(Told("prod", PROD, sns=topic(pending)))
    )
    assert not list(mail.check_alarms(Told("sandbox", PROD, sns=topic())))


@pytest.mark.parametrize(
    ("issuer", "profile", "mend"),
    [
        (
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x",
            "standard",
            "SET=OidcProfile=cognito",
        ),
        ("https://login.example", "cognito", "SET=OidcProfile=standard"),
    ],
)
def test_an_issuer_whose_tokens_are_read_as_somebody_elses_is_named(issuer, profile, mend):
    chosen = dataclasses.replace(
        PROD, oidc_issuer=issuer, oidc_profile=profile, jwks_url="https://127.0.0.1:9/jwks"
    )

    found = list(CHECKS["issuer"](Told("prod", chosen)))

    assert "nobody can sign in" in found[0].wrong
    assert mend in found[0].do


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_KEY", "x"),
        ("ANYTHING", "0123456789abcdef" * 4),
        ("ANYTHING", "AKIAIOSFODNN7EXAMPLE"),
        ("DB_PASSWORD", "x"),
        ("ANYTHING", "-----BEGIN PRIVATE KEY-----"),
        ("ANYTHING", "https://me:pass@host/"),
        ("ANYTHING", "eyJhbGciOi.eyJzdWIi.sig"),
    ],
)
def test_a_secret_in_clear_is_told_by_its_name_or_its_look(name, value):
    assert functions.find_secrets({name: value}) == {name}


def test_what_functions_are_told_is_no_secret():
    told = {
        "SECRETS_PREFIX": "/cpor/prod",
        "JWKS_URL": "https://login.example/keys",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "LIVE_CLIENT_ID": "11111111-1111-4111-8111-111111111111",
        "TABLE_NAME": "cpor-Table-096243BD56C95",
        "WEBHOOK_KEY": "",
    }

    assert functions.find_secrets(told) == set()


def test_what_it_may_not_see_it_says_and_looks_on():
    def refused(**_: Any) -> Any:
        raise saying("AccessDeniedException")

    stage = Told("prod", PROD, ssm=SimpleNamespace(get_parameters=refused))

    (found,) = run_check("secrets", stage)

    assert found.blind
    assert "could not be checked" in found.wrong


# --- on the emulator
# ------------------------------------------------------------------------------------------------


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
def test_a_deployed_stage_that_is_well_is_said_to_be(deployed):
    ended = doctor("--stage", "local", "--endpoint", deployed.endpoint)

    assert (ended.exit_code, ended.stdout.partition(".")[0]) == (0, "local (cpor) is well")


Change = Callable[[Stage], Callable[[], Any]]


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


def hidden_too_shortly(stage: Stage) -> Callable[[], Any]:
    url, queues_ = stage.physical_id("WorkQueue"), stage.client("sqs")
    queues_.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "10"})
    return lambda: queues_.set_queue_attributes(
        QueueUrl=url, Attributes={"VisibilityTimeout": "360"}
    )


def secret_in_clear(stage: Stage) -> Callable[[], Any]:
    name, functions_ = stage.physical_id("MailEvents"), stage.client("lambda")
    told = functions_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    less = {key: value for key, value in told.items() if key != "MAIL_FROM"}
    functions_.update_function_configuration(
        FunctionName=name,
        Environment={"Variables": less | {"LINK_KEY": "f00d" * 16, "TABLE_NAME": "old"}},
    )
    return lambda: functions_.update_function_configuration(
        FunctionName=name, Environment={"Variables": told}
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
    told = functions_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    away = {"PUBLIC_BASE_URL": "http://127.0.0.1:9", "JWKS_URL": "http://127.0.0.1:9/jwks"}
    functions_.update_function_configuration(
        FunctionName=name, Environment={"Variables": told | away}
    )
    return lambda: functions_.update_function_configuration(
        FunctionName=name, Environment={"Variables": told}
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
        ("queues", hidden_too_shortly, ["could be processed twice at once"]),
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
def test_what_was_broken_is_named_and_what_was_mended_is_not(deployed, snapshot, change, said):
    restore = change(deployed)
    try:
        broken = wrong(CHECKS[snapshot](deployed))
    finally:
        restore()

    assert all(part in broken for part in said), broken
    assert "f00d" not in broken
    assert mended(deployed, snapshot) == ""


def mended(stage: Stage, snapshot: str) -> str:
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

    found = json.loads(ended.stdout)["findings"]
    assert (ended.exit_code, len(found)) == (1, 4)
    assert {one["where"].partition(" ")[0] for one in found} == {
        "table",
        "schedule",
        "event",
        "dead",
    }
    assert doctor("--stage", "local", "--endpoint", deployed.endpoint).exit_code == 0
