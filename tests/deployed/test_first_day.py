"""The first day of an account on an emulator of its own, from nothing to a first claim."""

import re
from collections.abc import Iterator

import pytest

from tests.support import first_day
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
    with empty_account() as made:
        yield made


def test_who_follows_the_first_day_reaches_a_first_claim(account):
    for step in first_day.STEPS.values():
        step(account)
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

    first_day.connect_functions(account)
    programme = Programme(account)
    programme.sign_in(PIA, "openid cpor/partner")
    programme.sign_in(RITA, "openid cpor/reviewer")
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
    (notice,) = (one for one in account.ses.taken if one.to == "it@fabrikam.example")
    assert "Northlight Consulting GmbH" in programme.open_link(notice)
    programme.decide(claim, "start", RITA)
    approved = programme.decide(claim, "approve", RITA)

    assert approved["status"] == "approved"
    assert approved["association"]["state"] == "pending"
    programme.wait_until_idle()
    assert set(account.ses.count_copies().values()) == {1}
    assert {q: n for q, n in programme.count_messages().items() if n} == {}
