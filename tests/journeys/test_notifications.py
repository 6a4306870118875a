"""Decisions are mailed to all recipients in parallel, and what could not be sent stays due."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.refusals import Unavailable
from chalicelib.usecases.due_work import run_due_work
from tests.support.in_process import InlineQueue

IN_PROCESS_ONLY = True  # the tests replace its mail service


class Refusing:
    """A `MailSender` that fails for one address."""

    def __init__(self, real, address, fault=None):
        self.real, self.address, self.fault = real, address, fault or Unavailable()

    def send(self, mail, now):
        if mail.to == self.address:
            raise self.fault
        return self.real.send(mail, now)


def snapshot_item(service, claim, at=None):
    """Process a claim as a worker does, at a moment."""
    run_due_work(service.services, claim["id"], at or service.services.clock.now())


def approve_and_activate(service):
    """Return a claim that becomes official without an objection, when, and the mails sent until
    then.
    """
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)
    service.settle()
    due = datetime.fromisoformat(customer.clock(claim, "customer_opt_out"))
    service.to((due - timedelta(hours=1)).isoformat())  # the reminder has been sent
    service.kick = lambda: None
    assert service.services.store.claims.get_many([claim["id"]])[0].association.state == "pending"
    return customer, claim, due, service.services.mail_sender


def test_an_address_that_fails_keeps_no_other_from_its_mail(service):
    customer, real, service.kick = service.customer(), service.services.mail_sender, lambda: None
    service.exchange(mail_sender=Refusing(real, customer.admin))
    claim = service.post("/v1/claims", customer.filing(), by=customer.by())["claims"][0]

    with pytest.raises(Unavailable):
        snapshot_item(service, claim)
    recipients = {mail.to for mail in service.services.mailbox.list()}
    service.exchange(mail_sender=real)
    snapshot_item(service, claim)
    snapshot_item(service, claim)

    everybody = sorted(
        [customer.admin, f"anna@{customer.domain}", f"pia1@partner-{customer.fresh}.example"]
    )
    assert sorted(recipients) == [one for one in everybody if one != customer.admin]
    assert sorted(mail.to for mail in service.services.mailbox.list()) == everybody


def test_what_was_due_stays_where_the_sweep_finds_it_until_it_is_sent(service):
    customer, claim, due, real = approve_and_activate(service)
    service.exchange(mail_sender=Refusing(real, f"pia1@partner-{customer.fresh}.example"))

    with pytest.raises(Unavailable):
        snapshot_item(service, claim, due)
    decided = service.services.store.claims.get_many([claim["id"]])[0]
    found = dict(service.services.store.queues.list_due(due, 100))
    service.exchange(mail_sender=real)
    snapshot_item(service, claim, due)

    assert (decided.answer.state, decided.association.state) == ("not_objected", "active")
    assert found[claim["id"]] == due
    assert claim["id"] not in dict(service.services.store.queues.list_due(due, 100))
    assert [mail.kind for mail in service.services.mailbox.list()].count("activated") == 1


def test_a_process_that_sends_at_once_queues_no_work(service):
    _, claim, due, _ = approve_and_activate(service)
    service.exchange(work_queue=InlineQueue())

    snapshot_item(service, claim, due)

    assert service.services.store.claims.get_many([claim["id"]])[0].association.state == "active"
    assert not [one for one in service.services.work_queue.ids if one[:4] in ("clm_", "out_")]
