"""Tokens of links: a guessed one reads nothing of a tenant, and the key alone reveals none."""

import pytest

from chalicelib.aws.rows import read_text
from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import ALPHABET, tenant_key
from chalicelib.domain.links import mail_id_of, make_token
from chalicelib.usecases import links
from tests.simulation.defects import replace_attributes


@pytest.fixture
def service(observed_service):
    return observed_service


@pytest.fixture
def asked(service):
    """A customer that was asked, and the path of its link."""
    customer = service.customer()
    claim = customer.file()
    return customer, claim, service.link(claim["id"], customer.admin)


def change_digit(token, at):
    other = ALPHABET[(ALPHABET.index(token[at]) + 1) % len(ALPHABET)]
    return f"{token[:at]}{other}{token[at + 1 :]}"


def test_a_guessed_token_costs_no_read_of_its_tenant(service, database, asked):
    _, _, path = asked
    token = path.removeprefix("/o/")
    guesses = [change_digit(token, at) for at in range(len(token))]
    database.calls.clear()

    answers = [
        service.call("GET", f"/o/{guess}{page}")
        for guess in guesses
        for page in ("", "/journal", "/confirm")
    ]
    form = {"form": "1.00", "decision": "opt_out", "claim": "all"}
    posted = [service.call("POST", f"/o/{guess}", form=form) for guess in guesses]

    assert {answer.status for answer in (*answers, *posted)} == {404}
    assert database.list_tenant_reads() == []


def test_a_token_without_a_check_value_costs_one_read_of_its_own(service, database, asked):
    customer, _, _ = asked
    token = f"{tenant_key(customer.tenant_id)}{'q' * 26}"
    database.calls.clear()

    answer = service.call("GET", f"/o/{token}")

    assert answer.status == 404
    assert database.list_tenant_reads() == [f"L#{mail_id_of(token)[-26:]}"]


def test_links_that_were_sent_before_there_were_check_values_work(service, asked):
    customer, claim, path = asked
    mails = service.services.store.mails
    record = mails.get(mail_id_of(path.removeprefix("/o/")))
    token = f"{tenant_key(customer.tenant_id)}{'q' * 26}"
    mails.add(record.evolve(id=mail_id_of(token)))

    form = {"form": customer.form(f"/o/{token}"), "decision": "opt_out", "claim": claim["id"]}
    answer = service.call("POST", f"/o/{token}", form=form)

    assert answer.status == 303
    assert customer.claim(claim)["customer_answer"] == "opted_out"


def test_a_token_cut_before_its_check_value_opens_nothing(service, asked):
    _, _, path = asked

    assert service.call("GET", path[: -len("12345678") - len("01")]).status == 404


def test_the_key_alone_reveals_no_link(service, asked):
    customer, claim, path = asked
    key = service.services.secrets.token_key()
    stored = service.services.store.claims.get(claim["id"]).claim

    guesses = [
        make_token(key, tenant_key(customer.tenant_id), f"{claim['id']}/{ref}/{customer.admin}")
        for ref in ("1.notice.customer", "1.notice.customer/")
    ]

    assert [service.call("GET", f"/o/{guess}").status for guess in guesses] == [404, 404]
    assert service.call("GET", path).status == 200
    assert stored.outbox == ()


def test_every_notification_has_its_own_random_bits(service, database, asked):
    customer, claim, _ = asked
    customer.answer(claim, "opt_out")
    customer.answer(claim, "undo")

    stored = [
        Claim.model_validate_json(read_text(change.after))
        for change in database.changes
        if change.key[1] == claim["id"]
    ]
    sent = {(one.ref, one.nonce) for claim in stored for one in claim.outbox}
    refs, nonces = {ref for ref, _ in sent}, {nonce for _, nonce in sent}

    assert len(sent) == len(refs)
    assert len(nonces) == 3  # of the filing, of the objection, of the undo
    assert {len(nonce) for nonce in nonces} == {26}


def test_a_check_value_that_is_not_compared_is_found(service, database, asked):
    """A deliberate defect: any check value is taken for right."""
    _, _, path = asked
    guess = change_digit(path.removeprefix("/o/"), 20)
    database.calls.clear()

    with replace_attributes((links, "has_right_check", lambda parts, secret: True)):
        answer = service.call("GET", f"/o/{guess}")

    assert answer.status == 404
    assert database.list_tenant_reads() != []
