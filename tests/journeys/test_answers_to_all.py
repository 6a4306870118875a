"""An answer to everything that a link shows: recorded at once, finished by the worker."""

from datetime import datetime, timedelta

from chalicelib.domain.ids import tenant_key
from chalicelib.ports import Change
from chalicelib.usecases.answers_to_all import finish_answers
from chalicelib.usecases.due_work import run_due_work

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
    service.to(customer.clock(claims[1], "review"))
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
