"""Showing what is stored under an id: readable, complete, and without secrets."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.domain import ids
from cpor.cli import app
from cpor.commands.show import escape_controls
from tests.support.embedded_aws import ENVIRONMENT
from tests.support.in_process import in_process
from tests.support.service import Service
from tests.support.tables import NAME


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with in_process(moto=True) as made:
        yield made


def show(*words: str) -> Any:
    return CliRunner().invoke(app, ["show", *words, "--table", NAME], env=ENVIRONMENT)


def rows(*words: str) -> list[dict[str, Any]]:
    ended = show(*words, "--json")
    assert ended.exit_code == 0, ended.output
    found: list[dict[str, Any]] = json.loads(ended.stdout)["rows"]
    return found


def test_a_claim_is_shown_with_its_value_and_its_indexes(service):
    customer = service.customer()
    claim = customer.file(name="Fabrikam Müller")

    (row,) = rows(claim["id"])

    assert row["sk"] == claim["id"]
    assert row["value"]["name"] == "Fabrikam Müller"
    assert row["value"]["tenant_id"] == customer.tenant_id
    assert row["attributes"]["f_pk"] == f"C#{claim['organisation_id']}"


def test_people_read_the_same(service):
    claim = service.customer().file(name="Fabrikam Müller")

    shown = show(claim["id"])

    assert shown.exit_code == 0
    assert f"sk={claim['id']}" in shown.stdout
    assert '"name": "Fabrikam Müller"' in shown.stdout


def test_a_history_is_shown_with_its_claim_but_without_salts(service):
    customer = service.customer()
    claim = customer.file(comment="between us")

    found = rows(claim["id"], "--history")

    entries = [entry for row in found if row["sk"].startswith("H#") for entry in row["value"]]
    comments = [row["value"]["text"] for row in found if row["sk"].startswith("K#")]
    assert [entry["act"] for entry in entries] == customer.acts(claim)
    assert comments == ["between us"]
    assert not [entry for entry in entries if "salt" in entry]


def test_a_filing_is_shown_by_its_claims(service):
    customer = service.customer()
    first, other = customer.files(), service.customer().files()
    filing_id = first[0]["filing_id"]

    found = rows(filing_id)

    assert [row["sk"] for row in found] == [claim["id"] for claim in first]
    assert other[0]["id"] not in {row["sk"] for row in found}


def test_an_association_is_shown_by_its_claim(service):
    customer = service.customer()
    claim = customer.active()
    association = customer.claim(claim)["association"]["id"]

    (row,) = rows(association)

    assert row["sk"] == claim["id"]
    assert row["value"]["association"]["state"] == "active"


def test_a_mail_is_shown_with_the_hash_of_its_link_only(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    token = path.rpartition("/")[2]
    (mail, *_) = service.services.store.mails.list_of_claim(
        ids.tenant_key(customer.tenant_id), claim["id"]
    )

    shown = show(mail.id)

    assert shown.exit_code == 0
    assert mail.recipient in shown.stdout
    assert token not in shown.output
    assert token[ids.TENANT :] not in shown.output


def test_evidence_slots_and_settings_are_shown(service):
    customer = service.customer()
    evidence_id = customer.evidence()
    claim = customer.file()
    keys = ids.parse_claim_id(claim["id"])
    assert customer.switch(service.link(claim["id"], customer.admin), "lock").status < 400

    evidence = rows(evidence_id)
    slot = rows(ids.format_slot_id(keys))
    settings = rows(ids.format_tenant_settings_id(keys.tenant))
    tenant = rows(customer.tenant_id.upper())

    assert evidence[0]["value"]["id"] == evidence_id
    assert slot[0]["value"]["tenant_id"] == customer.tenant_id
    assert settings[0]["value"]["locked"] is True
    assert [row["sk"] for row in tenant] == ["S", "M"]
    assert tenant[0]["value"]["tenant_id"] == customer.tenant_id


def test_an_arbitration_case_is_shown(service):
    customer = service.customer()
    for number in (1, 2):
        customer.approve(customer.file(number), who=f"Reviewer {number}")
    service.settle()
    (case_id,) = {
        case.id
        for case in service.services.store.tenants.list_cases(ids.tenant_key(customer.tenant_id))
    }

    (row,) = rows(case_id)

    assert row["value"]["id"] == case_id


@pytest.mark.parametrize(
    "some_id",
    [
        f"clm_{'0' * 40}",
        f"mai_{'0' * 38}",
        f"evd_{'0' * 20}",
        "22222222-2222-4222-8222-222222222222",
    ],
)
def test_nothing_stored_ends_with_one(service, some_id):
    shown = show(some_id)

    assert (shown.exit_code, shown.stdout) == (1, "Nothing is stored for this id.\n")


@pytest.mark.parametrize(
    ("some_id", "part"),
    [
        ("", "not the id of"),
        ("fabrikam", "not the id of"),
        ("xyz_000", "not the id of"),
        ("SECRET", "not the id of"),
        ("CLOCK", "not the id of"),
        ("clm_", "not a complete id"),
        ("clm_000", "not a complete id"),
        (f"clm_{'u' * 40}", "not a complete id"),
        ("asc_0", "not a complete id"),
        ("tsk_0", "not a complete id"),
        ("fil_0", "not a complete id"),
        ("plc_0", "not a complete id"),
        ("hnd_0", "not a complete id"),
        ("mai_0", "not a complete id"),
        (f"evt_{'0' * 20}", "--history"),
        (f"cmt_{'0' * 20}", "--history"),
        (f"box_{'0' * 38}", "/sandbox/mail"),
    ],
)
def test_an_id_of_an_unknown_kind_ends_with_two_and_a_sentence(service, some_id, part):
    shown, for_machines = show(some_id), show(some_id, "--json")

    assert (shown.exit_code, for_machines.exit_code) == (2, 2)
    assert part in shown.stderr
    assert part in json.loads(for_machines.stdout)["error"]


def test_a_terminal_obeys_nothing_that_a_partner_wrote():
    text = 'a\x1b[2Jb\x9b31mc\u202ed\u200be\r"Müller 東京"\n'

    assert escape_controls(text) == (
        'a\\u001b[2Jb\\u009b31mc\\u202ed\\u200be\\u000d"Müller 東京"\n'
    )
