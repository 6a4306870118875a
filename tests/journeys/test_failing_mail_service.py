"""A mail service that refuses, is over quota, or answers too late."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.ids import format_tenant_settings_id, tenant_key
from chalicelib.ports.mail import MailPostponed, OutcomeUnknown, RecipientRefused
from chalicelib.runtime.queue_handlers import handle_mail_events
from chalicelib.usecases.due_work import run_due_work
from tests.journeys.disputes import decide_dispute
from tests.journeys.mail_outages import run_outages
from tests.support.in_process import in_process
from tests.support.service import Service


class FailingSender:
    """A `MailSender` that fails for some addresses; counts the attempts, and what arrived."""

    def __init__(self, real, fault, address="", arrives=False):
        self.real, self.fault, self.address, self.arrives = real, fault, address, arrives
        self.attempts = 0
        self.ids = []

    def send(self, mail, now):
        if self.address and mail.to != self.address:
            return self.real.send(mail, now)
        self.attempts += 1
        if self.arrives:
            self.ids.append((mail.id, self.real.send(mail, now)))
        raise self.fault


@pytest.fixture
def quiet_service() -> Iterator[Service]:
    with in_process() as made:
        made.kick = lambda: None
        yield made


def file_with(service: Service, **failing):
    """File a claim while the mail service fails; return customer, claim and the sender."""
    customer = service.customer()
    sender = FailingSender(service.services.mail_sender, **failing)
    service.exchange(mail_sender=sender)
    claim = service.post("/v1/claims", customer.filing(), by=customer.by())["claims"][0]
    return customer, claim, sender


def work(service: Service, claim, at: datetime) -> None:
    run_due_work(service.services, claim["id"], at)


def read_claim(service: Service, claim):
    return service.services.store.claims.get_many([claim["id"]])[0]


def live_through(service: Service, claim, start: datetime, hours: int) -> None:
    """Do what the sweep would: process the claim whenever it is due."""
    at, end = start, start + timedelta(hours=hours)
    while at <= end:
        work(service, claim, at)
        due = read_claim(service, claim).due_at
        at = max(due or end + timedelta(1), at + timedelta(minutes=1))


def test_a_service_that_refuses_for_a_day_is_called_rarely_and_gets_everything_afterwards(
    quiet_service,
):
    customer, claim, sender = file_with(quiet_service, fault=MailPostponed())
    start = quiet_service.services.clock.now()

    live_through(quiet_service, claim, start, hours=24)
    rounds = read_claim(quiet_service, claim).outbox_attempts
    quiet_service.exchange(mail_sender=sender.real)
    work(quiet_service, claim, read_claim(quiet_service, claim).outbox_retry)

    # Delays double from two minutes: 2 + 4 + … + 256 minutes are 8.5 hours, then every six hours.
    assert 8 <= rounds <= 12
    assert read_claim(quiet_service, claim).outbox == ()
    to = [mail.to for mail in quiet_service.services.mailbox.list()]
    assert to.count(customer.admin) == 1


def test_a_refused_recipient_is_a_bounce_and_keeps_no_other_from_its_mail(quiet_service):
    customer = quiet_service.customer()
    sender = FailingSender(quiet_service.services.mail_sender, RecipientRefused(), customer.admin)
    quiet_service.exchange(mail_sender=sender)
    claim = quiet_service.post("/v1/claims", customer.filing(), by=customer.by())["claims"][0]

    work(quiet_service, claim, quiet_service.services.clock.now())
    work(quiet_service, claim, quiet_service.services.clock.now())

    after = read_claim(quiet_service, claim)
    assert sender.attempts == 1
    assert after.outbox == ()
    assert [a.state for a in after.answer.addresses if a.qualifying] == ["struck"]
    assert customer.admin not in [mail.to for mail in quiet_service.services.mailbox.list()]


def test_a_slow_answer_sends_no_second_copy_once_the_service_reports_the_mail(quiet_service):
    customer = quiet_service.customer()
    real = quiet_service.services.mail_sender
    sender = FailingSender(real, OutcomeUnknown(), customer.admin, arrives=True)
    quiet_service.exchange(mail_sender=sender)
    claim = quiet_service.post("/v1/claims", customer.filing(), by=customer.by())["claims"][0]
    now = quiet_service.services.clock.now()

    work(quiet_service, claim, now)
    (mail_id, provider_id), *_ = sender.ids
    report = {
        "eventType": "Send",
        "send": {},
        "mail": {
            "timestamp": now.isoformat(),
            "messageId": provider_id,
            "tags": {"mail": [mail_id]},
        },
    }
    handle_mail_events(quiet_service.services, [{"messageId": "1", "body": json.dumps(report)}])
    live_through(quiet_service, claim, now, hours=2)

    assert sender.attempts == 1
    assert read_claim(quiet_service, claim).outbox == ()
    assert quiet_service.services.store.mails.get(mail_id).provider_id == provider_id


def test_without_a_report_a_second_copy_goes_out_after_half_an_hour_and_not_earlier(quiet_service):
    customer = quiet_service.customer()
    real = quiet_service.services.mail_sender
    sender = FailingSender(real, OutcomeUnknown(), customer.admin, arrives=True)
    quiet_service.exchange(mail_sender=sender)
    claim = quiet_service.post("/v1/claims", customer.filing(), by=customer.by())["claims"][0]
    now = quiet_service.services.clock.now()

    live_through(quiet_service, claim, now, hours=0)
    for minutes in range(1, 30):
        work(quiet_service, claim, now + timedelta(minutes=minutes))
    early = sender.attempts
    work(quiet_service, claim, now + timedelta(minutes=31))

    assert early == 1
    assert sender.attempts == 2


class Interrupted:
    """A `MailSender` that runs another act while it sends its first mail."""

    def __init__(self, real, happen):
        self.real, self.happen = real, happen

    def send(self, mail, now):
        happen, self.happen = self.happen, lambda: None
        happen()
        return self.real.send(mail, now)


def test_what_is_set_while_mails_are_sent_is_not_postponed(quiet_service):
    customer = quiet_service.customer()
    claim = customer.file()
    path = quiet_service.link(claim["id"], customer.admin)
    real = quiet_service.services.mail_sender
    quiet_service.exchange(
        mail_sender=Interrupted(real, lambda: customer.switch(path, "block", customer.partner(1)))
    )

    customer.switch(path, "lock")
    settings_id = format_tenant_settings_id(tenant_key(customer.tenant_id))
    run_due_work(quiet_service.services, settings_id, quiet_service.services.clock.now())
    after = quiet_service.services.store.tenants.get_settings(customer.tenant_id)

    assert [one.kind for one in after.outbox] == ["partner_blocked"]
    assert after.outbox_attempts == 0


def test_no_random_outage_of_a_day_loses_or_repeats_a_mail():
    figures = run_outages(24)

    print(figures)
    assert "0 second copies where the service reported in time" in figures


def test_what_follows_a_mail_waits_until_that_one_has_gone_out(local_service):
    """Who is to hear that a claim goes on has heard that it has ended, in this order."""
    service = local_service
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    service.to(customer.clock(claim, "customer_opt_out"))
    real = service.services.mail_sender
    service.exchange(mail_sender=FailingSender(real, MailPostponed()))
    customer.review(claim, "reject", {"codes": ["insufficient_poe"]})
    customer.act(claim, "dispute", {"reason": "It is enough."})
    decide_dispute(customer, claim, "approve")

    service.exchange(mail_sender=real)
    service.advance("PT8H")

    told = [m["kind"] for m in service.mails(claim["id"], to=customer.admin)]
    assert told[:2] == ["claim_goes_on", "claim_ended"]
    assert read_claim(service, claim).outbox == ()
