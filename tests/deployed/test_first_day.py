"""The first day of an account on an emulator of its own, from nothing to a first claim; and a mail
service in trouble on that day.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chalicelib.aws.queue import run_in_order
from chalicelib.aws.rows import Rows
from chalicelib.aws.store.claims import DynamoClaims
from chalicelib.aws.store.writes import claim_row
from chalicelib.domain.claim import Claim
from cpor.dead_letters import SCHEDULED_EVENT
from tests.support import first_day
from tests.support.fake_ses import PAUSED, THROTTLED, WELL, Behaviour, Taken
from tests.support.first_day import Account, empty_account, read_steps
from tests.support.programme import VALIDATED, Programme
from tools.deployment import stack

pytestmark = [pytest.mark.deployed, pytest.mark.xdist_group("ministack")]
PIA, RITA = "pia@partner.example", "rita@vendor.example"
# What the doctor says here, and would not say on AWS: the emulator has no time to live and no
# backups in a template, runs one Python, verifies no domain, and its names lead nowhere.
ONLY_HERE = (
    "time to live",
    "point-in-time recovery is off",
    "is packaged for",
    "SES has verified neither",
    "It does not answer",
    "Its keys cannot be fetched",
)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """An account in which the steps of the page have been followed."""
    with empty_account() as made:
        for step in first_day.STEPS.values():
            step(made)
        yield made


@pytest.fixture
def programme(account: Account) -> Programme:
    """The people of the account's stage, signed in; its mails go to the test's mail service."""
    first_day.connect_functions(account)
    made = Programme(account)
    made.sign_in(PIA, "openid cpor/partner")
    made.sign_in(RITA, "openid cpor/reviewer")
    return made


def test_the_steps_lead_to_a_stage_in_which_the_doctor_finds_nothing(account):
    parameters = {
        one["ParameterKey"]: one["ParameterValue"]
        for one in stack.describe(account.client("cloudformation"), "cpor-prod")["Parameters"]
    }
    assert parameters["Protected"] == "true"
    assert parameters["PublicBaseUrl"].startswith("https://")

    (command,) = first_day.find_commands(read_steps()[10], "cpor doctor")
    found = account.cpor(*command.split()[1:], ends=1)
    wrong = re.findall(r"^(?!Note|  To do|prod \().+: .+$", found, re.MULTILINE)
    assert [one for one in wrong if not any(words in one for words in ONLY_HERE)] == []


def test_who_follows_the_first_day_reaches_a_first_claim(account, programme):
    claim = programme.file(PIA)
    first_day.wait_for(
        lambda: {one.to for one in account.ses.taken} >= {"it@fabrikam.example", PIA}
    )
    programme.wait_until_idle()
    programme.publish(VALIDATED)
    for mail in account.ses.taken:
        programme.report("Delivery", mail)
    path = f"/v1/claims/{claim['id']}"
    first_day.wait_for(lambda: programme.get(path, PIA).json()["customer_answer"] == "open")
    programme.wait_until_idle()  # every delivery makes a new version of the claim
    (notice,) = (one for one in account.ses.taken if one.to == "it@fabrikam.example")
    assert "Northlight Consulting GmbH" in programme.open_link(notice)
    programme.decide(claim, "start", RITA)
    approved = programme.decide(claim, "approve", RITA)

    assert approved["status"] == "approved"
    assert approved["association"]["state"] == "pending"
    programme.wait_until_idle()
    assert set(account.ses.count_copies().values()) == {1}
    assert {q: n for q, n in programme.count_messages().items() if n} == {}


# The worker's own client waits 25 seconds for SES.
SLOW = Behaviour(seconds=26)  # takes the mail, and answers too late
KARIN, ADMIN = "karin@fabrikam-handel.example", "it@fabrikam-handel.example"
OTHER_CUSTOMER = {
    "tenant_id": "ede82be2-ebaa-46f0-87ac-b47e422693bc",
    "domain": "fabrikam-handel.example",
    "customer_contact": {"name": "Karin Kern", "title": "CIO", "email": KARIN},
    "technical_contact": {
        "name": "Timo Tal",
        "title": "IT",
        "email": "timo@fabrikam-handel.example",
    },
}
# How SES answers the first attempt of the mail to each; the mails to others are taken at once.
TROUBLE = {KARIN: SLOW, ADMIN: PAUSED, PIA: THROTTLED}


def test_mails_outlive_a_mail_service_in_trouble(account, programme):
    before = len(account.ses.taken)
    account.ses.behave = lambda mail, call: TROUBLE.get(mail.to, WELL) if call == 1 else WELL

    claim = programme.file(PIA, **OTHER_CUSTOMER)
    first_day.wait_for(lambda: read_claim(account, claim["id"]).outbox_attempts == 1)
    programme.wait_until_idle()
    tried, taken = account.ses.calls.copy(), account.ses.taken[before:]
    assert {KARIN} == {one.to for one in taken} & TROUBLE.keys()
    assert {q: n for q, n in programme.count_messages().items() if n} == {}

    programme.report("Send", next(one for one in taken if one.to == KARIN))
    programme.wait_until_idle()
    end_back_off(account, claim["id"])
    first_day.wait_for(lambda: not read_claim(account, claim["id"]).outbox)
    programme.wait_until_idle()

    mails: list[Taken] = account.ses.taken[before:]
    assert {one.to for one in mails} >= TROUBLE.keys()
    assert {account.ses.count_copies()[one.mail_id] for one in mails} == {1}
    again = account.ses.calls - tried
    assert {one.to for one in mails if again[one.mail_id]} == {ADMIN, PIA}
    assert set(again.values()) == {1}
    assert {q: n for q, n in programme.count_messages().items() if n} == {}


def read_claim(account: Account, claim_id: str) -> Claim:
    (claim,) = DynamoClaims(open_table(account), run_in_order).get_many([claim_id])
    return claim


def open_table(account: Account) -> Rows:
    return Rows(account.client("dynamodb"), account.stage.output("TableName"))


def end_back_off(account: Account, claim_id: str) -> None:
    """Let the next attempt be due now, and run the sweep."""
    claim = read_claim(account, claim_id)
    open_table(account).write([claim_row(claim.evolve(outbox_retry=datetime.now(UTC)))])
    answer = account.client("lambda").invoke(
        FunctionName=account.stage.physical_id("Sweep"),
        Payload=json.dumps(SCHEDULED_EVENT).encode(),
    )
    assert "FunctionError" not in answer
