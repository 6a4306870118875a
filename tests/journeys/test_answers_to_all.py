"""An answer to everything that a link shows: recorded at once, finished by the worker."""

from datetime import datetime, timedelta

from chalicelib.domain.ids import format_tenant_settings_id, tenant_key
from chalicelib.ports import Change
from chalicelib.usecases.answers_to_all import finish_answers
from chalicelib.usecases.due_work import run_due_work

ROLES = ("usage_recognition", "build_intent_advisor")
# What the customer is told when a partner is blocked.
TOLD_OF_A_BLOCK = {"partner_blocked", "customer_opted_out", "objection_replaced"}
IN_PROCESS_ONLY = True  # the tests stop the worker, and change how much a request does


def file_rival_claims(service):
    """File three partners' claims on one item."""
    customer = service.customer()
    return customer, {number: customer.file(number) for number in (1, 2, 3)}


def object_to_all(service, customer, claims):
    """Send the form, and let the worker do nothing yet."""
    service.kick = lambda: None
    path = service.link(claims[1]["id"], customer.admin)
    said = {"decision": "opt_out", "claim": "all", "form": customer.form(path)}
    return service.call("POST", path, form=said)


def states(customer, claims):
    return [customer.claim(claim, number)["status"] for number, claim in claims.items()]


def work(service):
    """Let the worker do what is due."""
    services = service.services
    for due, _ in services.store.queues.list_due(services.clock.now() + timedelta(minutes=3), 100):
        run_due_work(services, due, services.clock.now())


def test_what_a_request_does_not_come_to_is_finished_by_the_worker(service, monkeypatch):
    customer, claims = file_rival_claims(service)
    monkeypatch.setattr("chalicelib.usecases.customer.MOST_AT_ONCE", 1)

    reply = object_to_all(service, customer, claims)
    before = states(customer, claims)
    work(service)

    assert reply.status == 303
    assert sorted(before) == ["rejected", "submitted", "submitted"]
    assert states(customer, claims) == ["rejected"] * 3
    settings = service.services.store.tenants.get_settings(customer.tenant_id)
    assert settings.answers == ()
    assert settings.outbox == ()


def test_it_counts_from_the_write_that_recorded_it_also_after_a_deadline(service, monkeypatch):
    customer, claims = file_rival_claims(service)
    due = datetime.fromisoformat(customer.clock(claims[1], "customer_opt_out"))
    service.to((due - timedelta(minutes=1)).isoformat())
    monkeypatch.setattr("chalicelib.usecases.customer.MOST_AT_ONCE", 0)

    object_to_all(service, customer, claims)
    service.services.clock.move(due + timedelta(hours=1))
    service.tokens.clear()
    work(service)

    for number, claim in claims.items():
        stored = service.services.store.claims.get_many([claim["id"]])[0]
        assert stored.answer.state == "opted_out"
        assert stored.answer.acted_at < due
        assert "customer.not_objected" not in customer.acts(claim, number)


def test_an_objection_that_is_undone_is_not_given_again_by_a_late_worker(service):
    customer, claims = file_rival_claims(service)
    kick = service.kick
    object_to_all(service, customer, claims)
    settings = service.services.store.tenants.get_settings(customer.tenant_id)
    recorded = settings.answers[0]
    service.services.clock.move(service.services.clock.now() + timedelta(seconds=10))

    service.kick = kick
    customer.answer(claims[2], "undo")
    undone = customer.claim(claims[2], 2)
    now = service.services.store.tenants.get_settings(customer.tenant_id)
    late = settings.evolve(rev=now.rev + 1)  # as if the worker had not finished it yet
    service.services.store.commit(Change(tenant_settings=late))
    finish_answers(service.services, tenant_key(customer.tenant_id))

    assert recorded.claims == tuple(sorted(c["id"] for c in claims.values()))
    assert undone["status"] == "submitted"
    assert customer.claim(claims[2], 2)["status"] == "submitted"
    assert customer.claim(claims[1], 1)["status"] == "rejected"


def test_an_answer_to_one_claim_records_nothing_of_its_own(service):
    customer = service.customer()
    claim = customer.file()
    rev = service.services.store.tenants.get_settings(customer.tenant_id).rev

    customer.answer(claim, "opt_out", which="all")

    assert service.services.store.tenants.get_settings(customer.tenant_id).rev == rev
    assert customer.claim(claim)["status"] == "rejected"


def list_mails(service, customer, claims, kind):
    """Return the mails of a kind about these claims, each once."""
    found = {m["id"]: m for one in claims.values() for m in service.mails(one["id"], kind)}
    return list(found.values())


def test_each_contact_gets_one_mail_about_all_claims(service):
    customer, claims = file_rival_claims(service)
    path = service.link(claims[1]["id"], customer.admin)
    said = {"decision": "opt_out", "claim": "all", "form": customer.form(path)}

    service.call("POST", path, form=said)
    service.settle()

    mails = list_mails(service, customer, claims, "customer_opted_out")
    assert [m["to"] for m in mails] == [[customer.admin]]
    assert set(mails[0]["claim_ids"]) == {one["id"] for one in claims.values()}
    stored = [service.services.store.claims.get(one["id"]).claim for one in claims.values()]
    names = {one.partner_name for one in stored}
    assert len(names) == 3
    assert all(mails[0]["text"].count(name) >= 2 for name in names)
    assert mails[0]["links"]
    mails = list_mails(service, customer, claims, "customer_opted_out_partner")
    assert sorted(m["claim_ids"] for m in mails) == sorted([one["id"]] for one in claims.values())


def test_what_opens_is_told_once_when_it_is_confirmed(service):
    customer, claims = file_rival_claims(service)

    for decision in ("agree", "undo", "opt_out", "undo"):
        customer.answer(claims[1], decision, which="all")
        service.settle()

    agreed = list_mails(service, customer, claims, "customer_agreed")
    undone = [
        mail
        for mail in list_mails(service, customer, claims, "customer_undone")
        if mail["to"] == [customer.admin]
    ]
    assert [len(m["claim_ids"]) for m in (*agreed, *undone)] == [3, 3, 3]
    assert states(customer, claims) == ["submitted"] * 3


def test_what_is_confirmed_and_finished_late_counts_from_the_customer(service, monkeypatch):
    customer, claims = file_rival_claims(service)
    reply = customer.request_answer(claims[1], "agree", which="all")
    service.settle()
    service.kick = lambda: None
    confirmed_at = service.services.clock.now()
    monkeypatch.setattr("chalicelib.usecases.confirmations._answer_confirmed", stop)
    path = customer.confirmation()
    stopped = service.call("POST", path, form={"form": customer.form(path), "confirm": "yes"})
    monkeypatch.undo()

    run_tenant(service, customer, confirmed_at + timedelta(hours=5))

    stored = [service.services.store.claims.get(one["id"]).claim for one in claims.values()]
    assert (reply.status, stopped.status) == (303, 500)
    assert {one.answer.state for one in stored} == {"agreed"}
    assert {abs(one.answer.acted_at - confirmed_at) < timedelta(minutes=1) for one in stored} == {
        True
    }


def test_what_is_finished_late_has_the_look_up_of_the_day_on_which_it_is(service, monkeypatch):
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)
    customer.request_answer(claim, "agree")
    service.settle()
    service.kick = lambda: None
    finished_at = service.services.clock.now() + timedelta(days=3)
    monkeypatch.setattr("chalicelib.usecases.confirmations._answer_confirmed", stop)
    path = customer.confirmation()
    service.call("POST", path, form={"form": customer.form(path), "confirm": "yes"})
    monkeypatch.undo()

    run_tenant(service, customer, finished_at)

    stored = service.services.store.claims.get(claim["id"]).claim
    assert (stored.association.state, stored.snapshot.at) == ("active", finished_at)
    assert stored.answer.acted_at < finished_at - timedelta(days=2)


class Stopped(Exception):
    """The process stops here."""


def stop(*_):
    raise Stopped


def run_tenant(service, customer, at):
    settings_id = format_tenant_settings_id(tenant_key(customer.tenant_id))
    run_due_work(service.services, settings_id, at)


def file_two_claims(customer):
    """File two claims of one partner, in two roles."""
    return {role: customer.file(partner_role=role) for role in ROLES}


def block(service, customer, claims):
    """Block the partner; the worker does nothing yet."""
    path = service.link(next(iter(claims.values()))["id"], customer.admin)
    form = {"confirm": "yes", "organisation_id": customer.partner(), "form": customer.form(path)}
    service.kick = lambda: None
    return service.call("POST", f"{path}/block", form=form)


def test_a_block_that_is_finished_late_counts_from_the_customers_moment(service, monkeypatch):
    customer = service.customer()
    claims = file_two_claims(customer)
    due = datetime.fromisoformat(customer.clock(claims[ROLES[0]], "customer_opt_out"))
    service.to((due - timedelta(minutes=1)).isoformat())
    blocked_at = service.services.clock.now()
    monkeypatch.setattr("chalicelib.usecases.tenant_settings.MOST_AT_ONCE", 0)

    reply = block(service, customer, claims)
    before = [customer.claim(claim)["status"] for claim in claims.values()]
    service.services.clock.move(due + timedelta(days=2))
    service.tokens.clear()
    work(service)

    assert (reply.status, before) == (303, ["submitted"] * 2)
    for claim in claims.values():
        stored = service.services.store.claims.get(claim["id"]).claim
        assert (stored.status, stored.answer.state) == ("rejected", "opted_out")
        assert blocked_at <= stored.answer.acted_at < due
        assert "customer.not_objected" not in customer.acts(claim)
    settings = service.services.store.tenants.get_settings(customer.tenant_id)
    assert (settings.answers, settings.outbox) == ((), ())


def test_a_block_is_one_mail_to_each_contact_and_names_all_items(service):
    customer = service.customer()
    named = f"anna@{customer.domain}"
    claims = file_two_claims(customer)
    for claim in claims.values():
        customer.answer(claim, "opt_out", to=named)
    mails_before = {m["id"] for one in claims.values() for m in service.mails(one["id"])}
    path = service.link(claims[ROLES[0]]["id"], customer.admin)

    customer.switch(path, "block", customer.partner())
    service.settle()

    found = {m["id"]: m for one in claims.values() for m in service.mails(one["id"])}
    sent = [m for id_, m in found.items() if id_ not in mails_before]
    to_customer = sorted((m["kind"], *m["to"]) for m in sent if m["kind"] in TOLD_OF_A_BLOCK)
    assert to_customer == [("objection_replaced", named), ("partner_blocked", customer.admin)]
    for mail in sent:
        if mail["kind"] in TOLD_OF_A_BLOCK:
            assert set(mail["claim_ids"]) == {one["id"] for one in claims.values()}


def test_a_block_of_one_claim_is_one_mail_too(service):
    customer = service.customer()
    claim = customer.file()

    customer.switch(service.link(claim["id"], customer.admin), "block", customer.partner())
    service.settle()

    sent = [m for m in service.mails(claim["id"]) if m["kind"] in TOLD_OF_A_BLOCK]
    assert [(m["kind"], m["to"]) for m in sent] == [("partner_blocked", [customer.admin])]


def test_a_block_without_an_open_claim_is_told_too(service):
    customer = service.customer()
    claim = customer.active()

    customer.switch(service.link(claim["id"], customer.admin), "block", customer.partner())
    service.settle()

    settings = service.services.store.tenants.get_settings(customer.tenant_id)
    assert (settings.blocked, settings.outbox) == ((customer.partner(),), ())
    assert customer.claim(claim)["association"]["state"] == "active"
