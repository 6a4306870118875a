"""`cpor doctor` on moto: what is missing or wrong is named, part by part."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, make_row
from chalicelib.runtime.settings import Settings
from cpor.doctor import bucket, examine, queues, secrets, table
from cpor.stage import Stage
from tests.cli.doctor import PROD, Told, doctor, mails, topic, wrong
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.stacks import a_stack

HEX = "0123456789abcdef"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with a_stack(monkeypatch):
        yield Told("prod", PROD)


def test_a_stage_that_does_not_exist_is_reported(stack):
    ended = doctor("--stage", "sandbox", "--json", **ENVIRONMENT)

    assert ended.exit_code == 1
    assert "no stack cpor-sandbox" in json.loads(ended.stdout)["findings"][0]["wrong"]


def test_without_an_answer_it_ends_with_two():
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
    given = f"/cpor/prod/{secrets.OIDC_CLIENT_SECRET}"
    kept.put_parameter(Name=given, Value="what the issuer gave", Type="SecureString")
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


Change = Callable[[Stage], Callable[[], Any]]
