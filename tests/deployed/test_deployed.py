"""The packaged application on the emulator, and the emulator itself: what it answers, and what it
keeps closed.
"""

import json
import time
from typing import Any

import pytest
import requests

from cpor.doctor.finding import Finding
from cpor.stage import Stage
from tools.deployment import deploy, destroy, stack
from tools.deployment.stack import StackUpdate
from tools.embedded import deployment
from tools.errors import ToolError
from tools.packaging.package import Package, package
from tools.packaging.target import HOST

POLL = 0.05  # seconds; the emulator deploys at once
pytestmark = [pytest.mark.deployed, pytest.mark.xdist_group("ministack")]


def test_it_is_healthy(deployed_stage):
    answer = requests.get(f"{deployed_stage.url}/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "path",
    ["/nothing/here", "/login", "/logout", "/oauth2/nothing", "/_ministack/reset", "/v2/email"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_not_found_even_if_the_emulator_has_it(deployed_stage, method, path):
    answer = requests.request(method, deployed_stage.url + path, allow_redirects=False)

    if answer.status_code == 404:
        assert answer.headers["Content-Type"].startswith(
            ("application/problem+json", "application/json", "text/html")
        )
        assert "credential" not in answer.text.lower()
    else:
        assert answer.status_code in {200, 303, 307, 405}, "the application has a page there"
    assert requests.get(f"{deployed_stage.url}/health").status_code == 200


def test_rows_expire_and_can_be_restored(deployed_stage):
    database = deployed_stage.client("dynamodb")

    lives = database.describe_time_to_live(TableName=deployed_stage.table_name)[
        "TimeToLiveDescription"
    ]
    backups = database.describe_continuous_backups(TableName=deployed_stage.table_name)[
        "ContinuousBackupsDescription"
    ]

    assert lives == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_no_web_page_can_erase_the_emulator(deployed_stage):
    assert requests.post(f"{deployed_stage.aws_endpoint}/_ministack/reset").status_code == 403
    assert requests.get(f"{deployed_stage.aws_endpoint}/_ministack/ses/messages").status_code == 403


def test_the_emulator_answers_to_this_machines_names_only(deployed_stage):
    answer = requests.get(
        f"{deployed_stage.aws_endpoint}/_ministack/health", headers={"Host": "evil.example"}
    )

    assert answer.status_code == 403


def test_evidence_is_not_readable_without_a_signature(deployed_stage):
    bucket = deployed_stage.outputs["EvidenceBucketName"]
    deployed_stage.client("s3").put_object(Bucket=bucket, Key="closed", Body=b"secret")

    assert requests.get(f"{deployed_stage.aws_endpoint}/{bucket}/closed").status_code == 403


def test_only_our_own_pages_may_upload_from_a_browser(deployed_stage):
    address = f"{deployed_stage.aws_endpoint}/{deployed_stage.outputs['EvidenceBucketName']}"
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }

    ours = requests.options(address, headers=asked | {"Origin": deployed_stage.url})
    foreign = requests.options(address, headers=asked | {"Origin": "http://evil.example"})

    assert ours.headers["Access-Control-Allow-Origin"] == deployed_stage.url
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_a_message_that_cannot_be_read_ends_as_a_dead_letter(deployed_stage):
    queues = deployed_stage.client("sqs")
    work, dead = (
        deployed_stage.outputs["WorkQueueUrl"],
        deployed_stage.outputs["WorkDeadLettersUrl"],
    )
    queues.set_queue_attributes(QueueUrl=work, Attributes={"VisibilityTimeout": "0"})

    queues.send_message(QueueUrl=work, MessageBody="not json")

    until = time.monotonic() + 60
    while not (found := queues.receive_message(QueueUrl=dead, WaitTimeSeconds=1).get("Messages")):
        assert time.monotonic() < until, "it is still tried again"
    queues.set_queue_attributes(QueueUrl=work, Attributes={"VisibilityTimeout": "360"})
    assert [message["Body"] for message in found] == ["not json"]


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ({"Type": "AWS::Nothing::AtAll"}, "AWS::Nothing::AtAll"),
        (
            {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Id": "a"}]}},
            r"Broken \(AWS::CloudWatch::Alarm\): .",
        ),
    ],
)
def test_a_deployment_that_fails_says_which_part_and_why(
    deployed_stage, tmp_path, resource, reason
):
    made = Package(tmp_path / "x.zip", tmp_path / "x.json")
    made.zip.write_bytes(b"")
    made.template.write_text(json.dumps({"Resources": {"Broken": resource}}))

    with pytest.raises(ToolError, match=reason):
        stack.deploy(
            StackUpdate("broken", made, deployment.ARTEFACTS, poll=POLL), deployed_stage.client
        )


def test_the_operator_deploys_with_one_command_and_again_without_repeating_its_parameters(
    deployed_stage, capsys
):
    command = ["--stage", "sandbox", "--bucket", deployment.ARTEFACTS]

    asked: list[str] = []

    def snapshot(stage: Stage) -> list[Finding]:
        asked.append(stage.settings_of("APIHandler").public_base_url)
        return []

    assert (
        deploy.main(
            [*command, "PublicBaseUrl=https://por.example", "Target=emulator"],
            deployed_stage.client,
            snapshot,
            for_host,
            POLL,
        )
        == 0
    )
    first = capsys.readouterr().out
    assert (
        deploy.main(
            [*command, "ProgrammeName=Ours"], deployed_stage.client, snapshot, for_host, POLL
        )
        == 0
    )
    assert deploy.main(command, deployed_stage.client, snapshot, for_host, POLL) == 0

    parameters = stack.describe(deployed_stage.client("cloudformation"), "cpor-sandbox")[
        "Parameters"
    ]
    known = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in parameters}
    assert (known["PublicBaseUrl"], known["ProgrammeName"]) == ("https://por.example", "Ours")
    assert "Add     Table (AWS::DynamoDB::Table)" in first
    assert "RestAPIId" in first
    assert "Add     Table" not in capsys.readouterr().out
    assert asked == ["https://por.example"] * 3


def test_the_operator_takes_a_stage_off_again_and_what_was_stored_stays(deployed_stage, capsys):
    clients = deployed_stage.client
    table = stage_of(clients).output("TableName")

    with pytest.raises(ToolError, match="would be deleted"):
        destroy.main(["--stage", "sandbox"], clients)
    clients("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=True)
    with pytest.raises(ToolError, match="protected from deletion") as refused:
        destroy.main(["--stage", "sandbox", "--confirm", "sandbox"], clients)
    clients("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=False)
    assert destroy.main(["--stage", "sandbox", "--confirm", "sandbox"], clients, POLL) == 0
    assert destroy.main(["--stage", "sandbox"], clients) == 0

    assert f"--no-deletion-protection-enabled --table-name {table}" in refused.value.advice
    assert clients("dynamodb").describe_table(TableName=table)["Table"]["TableStatus"] == "ACTIVE"
    said = capsys.readouterr().out
    assert f"delete-table --table-name {table}" in said
    assert "There is no cpor-sandbox" in said
    clients("dynamodb").delete_table(TableName=table)


def for_host(stage: str) -> Package:
    """The package of a stage as the emulator can run it."""
    return package(stage, HOST)


def stage_of(clients: Any) -> Stage:
    """The sandbox stage, deployed if it is not there."""
    command = [
        "--stage",
        "sandbox",
        "--bucket",
        deployment.ARTEFACTS,
        "PublicBaseUrl=https://por.example",
        "Target=emulator",
    ]
    deploy.main(command, clients, lambda stage: [], for_host, POLL)
    return Stage("sandbox", make_client=clients)
