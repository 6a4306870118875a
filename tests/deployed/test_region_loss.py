"""A deleted stack and a lost region: their data gets a new stack, and everything goes on."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import first_day
from tests.support.first_day import Account, empty_account
from tests.support.programme import Programme
from tools.deployment import adopt, destroy

pytestmark = [pytest.mark.deployed, pytest.mark.xdist_group("ministack")]
PIA, RITA = "pia@partner.example", "rita@vendor.example"
ELSEWHERE = "eu-central-1"
GIVEN = [
    "Target=emulator",
    "SecretsPrefix=/cpor/prod",
    "MailFrom=por@vendor.example",
    "ProgrammeMail=claims@vendor.example",
]
OF_A_COPY = ("TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
OF_AN_INDEX = ("IndexName", "KeySchema", "Projection")


@pytest.fixture
def account() -> Iterator[Account]:
    """An account after its first day."""
    with empty_account() as made:
        for step in first_day.STEPS.values():
            step(made)
        first_day.connect_functions(made)
        yield made


def sign_in(account: Account) -> Programme:
    programme = Programme(account)
    programme.sign_in(PIA, "openid cpor/partner")
    programme.sign_in(RITA, "openid cpor/reviewer")
    return programme


def adopt_data(account: Account, *given: str) -> None:
    """`make adopt`, then `make deploy` with the same parameters but what was adopted."""
    arguments = ["--stage", "prod", "--bucket", account.bucket, *GIVEN, *given]
    adopt.main(arguments, account.client, first_day.package_for_host, first_day.POLL)
    deployed = [one for one in given if one.partition("=")[0] not in adopt.ADOPTED]
    first_day.deploy_again(account, *GIVEN, *deployed)


def restore_people(account: Account) -> None:
    """Give the programme's and a partner's people back their roles, or invite them again."""
    assert RITA in account.cpor("users", "restore")
    assert PIA in account.cpor("users", "restore", "--organisation", "org_northlight")


def test_a_new_stack_adopts_table_files_and_people_of_a_deleted_one(account):
    stage = account.stage
    claim = sign_in(account).file(PIA)
    names = ("TableName", "EvidenceBucketName", "UserPoolId")
    before = [stage.output(name) for name in names]
    url = stage.settings_of("APIHandler").public_base_url
    account.client("cloudformation").update_termination_protection(
        StackName="cpor-prod", EnableTerminationProtection=False
    )
    account.client("dynamodb").update_table(TableName=before[0], DeletionProtectionEnabled=False)
    destroy.main(["--stage", "prod", "--confirm", "prod"], account.client, first_day.POLL)

    adopted = [f"{name}={one}" for name, one in zip(adopt.ADOPTED, before, strict=True)]
    adopt_data(account, f"PublicBaseUrl={url}", *adopted)
    restore_people(account)
    first_day.connect_functions(account)
    programme = sign_in(account)

    assert [account.stage.output(name) for name in names] == before
    assert programme.get(f"/v1/claims/{claim['id']}", PIA).json()["id"] == claim["id"]
    assert programme.decide(claim, "start", RITA)["status"] == "under_review"


def test_a_stage_goes_on_in_another_region(account):
    there = account.in_region(ELSEWHERE)
    copies = "copied-evidence"
    replicate_files(account, there, copies)
    programme = sign_in(account)
    claim = programme.file(PIA)
    path = f"/v1/claims/{claim['id']}"
    first_day.wait_for(lambda: any(one.to == "it@fabrikam.example" for one in account.ses.taken))
    programme.wait_until_idle()
    before, history = programme.get(path, PIA).json(), programme.get(f"{path}/history", PIA).json()
    (notice,) = (one for one in account.ses.taken if one.to == "it@fabrikam.example")
    link_key = account.client("ssm").get_parameter(Name="/cpor/prod/link-key", WithDecryption=True)
    url = account.stage.settings_of("APIHandler").public_base_url

    # What AWS Backup would have copied is restored; from here on, only the other region is used.
    table = copy_table(account, there)
    first_day.create_bucket(there)
    there.client("ssm").put_parameter(
        Name="/cpor/prod/link-key", Type="SecureString", Value=link_key["Parameter"]["Value"]
    )
    adopt_data(there, f"Table={table}", f"EvidenceBucket={copies}", f"PublicBaseUrl={url}")
    first_day.make_secrets(there)
    first_day.allow_short_passwords(there)
    restore_people(there)
    first_day.connect_functions(there)
    elsewhere = sign_in(there)

    assert there.stage.output("UserPoolId").startswith(ELSEWHERE)
    assert elsewhere.get(path, PIA).json() == before
    assert elsewhere.get(f"{path}/history", PIA).json() == history
    assert "Northlight Consulting GmbH" in elsewhere.open_link(notice)
    assert there.client("s3").list_objects_v2(Bucket=copies)["KeyCount"] >= 1
    assert elsewhere.decide(claim, "start", RITA)["status"] == "under_review"


def replicate_files(account: Account, there: Account, copies: str) -> None:
    """Copy every new file of the stage's bucket into one of the other region."""
    s3 = there.client("s3")
    first_day.make_bucket(there, copies)
    s3.put_bucket_versioning(Bucket=copies, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{copies}"},
    }
    account.client("s3").put_bucket_replication(
        Bucket=account.stage.output("EvidenceBucketName"),
        ReplicationConfiguration={"Role": "arn:aws:iam::000000000000:role/copy", "Rules": [rule]},
    )


def copy_table(account: Account, there: Account) -> str:
    """Copy the rows as AWS Backup would, into a table of the other region; return its name.

    The emulator replaces an adopted table of another name than a stack would give, with the first
    change; CloudFormation keeps it.
    """
    here = account.client("dynamodb")
    found = here.describe_table(TableName=account.stage.output("TableName"))["Table"]
    copied: dict[str, Any] = {name: found[name] for name in OF_A_COPY}
    copied["GlobalSecondaryIndexes"] = [
        {name: index[name] for name in OF_AN_INDEX} for index in found["GlobalSecondaryIndexes"]
    ]
    database = there.client("dynamodb")
    database.create_table(BillingMode="PAY_PER_REQUEST", **copied)
    for page in here.get_paginator("scan").paginate(TableName=found["TableName"]):
        for row in page["Items"]:
            database.put_item(TableName=found["TableName"], Item=row)
    return str(found["TableName"])
