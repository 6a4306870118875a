"""Events of the mail service about a notice, as the queue's handler takes them."""

import itertools
import json

import pytest

from chalicelib.domain.ids import Kind, kind_of
from chalicelib.runtime.queue_handlers import handle_mail_events, handle_work
from chalicelib.usecases.due_work import run_due_work
from tests.support import feed
from tests.support.in_process import in_process
from tests.support.receiver import CONTACT, URL, Receiver

EVENTS = {"Send": "send", "Delivery": "delivery", "Bounce": "bounce", "Complaint": "complaint"}


@pytest.mark.parametrize(
    "order", [some for n in (1, 2, 3) for some in itertools.permutations(EVENTS, n)]
)
def test_the_send_event_of_a_notice_changes_nothing_in_any_order(order):
    """A notice that was sent stays what it would be without its `Send` event."""
    assert answer_after(order) == answer_after([name for name in order if name != "Send"])


class Wakeups:
    """`ports.WorkQueue` that notes whom it would wake."""

    def __init__(self):
        self.ids = []

    def enqueue(self, ids):
        self.ids += ids


def wait_for_delivery(service):
    """A claim whose notice was sent, an endpoint of its partner, and the wake-ups from now on."""
    wakeups = Wakeups()
    service.exchange(webhooks=Receiver().port._replace(queue=wakeups))
    service.kick = lambda: None
    customer = service.customer()
    partner = feed.a_partner(customer.partner(1), f"45{1:05d}")
    feed.write(service.rows, [partner.evolve(domains=("partner.example",))])
    body = {"url": URL, "contact": CONTACT}
    endpoint = service.post("/v1/webhook-endpoints", body, by=customer.by())
    filed = service.post("/v1/claims", customer.filing(), by=customer.by(), expect=(201,))
    sent = send_notices(service, filed["claims"][0]["id"])
    wakeups.ids.clear()
    return endpoint["id"], next(one for one in sent if one.recipient == customer.admin), wakeups


def test_what_became_of_a_mail_wakes_the_endpoints_of_its_partner():
    with in_process() as service:
        endpoint, notice, wakeups = wait_for_delivery(service)

        handle_mail_events(service.services, [a_message(notice, "Delivery")])

        assert wakeups.ids == [endpoint]


def test_the_sandbox_s_own_reports_wake_endpoints_too():
    with in_process() as service:
        endpoint, _, wakeups = wait_for_delivery(service)

        due = service.services.store.queues.list_due(service.services.clock.now(), 10)
        ids = [due_id for due_id, _ in due if kind_of(due_id) is Kind.BOXED_MAIL]
        handle_work(service.services, [{"messageId": "1", "body": json.dumps({"ids": ids})}])

        assert wakeups.ids == [endpoint]


def test_an_event_with_another_service_s_tag_is_passed_over():
    """Other services of the account may name a tag `mail`, too."""
    with in_process() as service:
        document = {"eventType": "Bounce", "mail": {"tags": {"mail": ["newsletter"]}}}
        message = {"messageId": "1", "body": json.dumps(document)}

        assert handle_mail_events(service.services, [message]) == {"batchItemFailures": []}


def answer_after(names):
    """The customer's answer after these events about the notice to its own contact."""
    with in_process() as service:
        service.kick = lambda: None
        customer = service.customer()
        filed = service.post("/v1/claims", customer.filing(), by=customer.by(), expect=(201,))
        claim = filed["claims"][0]["id"]
        sent = send_notices(service, claim)
        own = next(mail for mail in sent if mail.recipient == customer.admin)
        for name in names:
            handle_mail_events(service.services, [a_message(own, name)])
        return service.services.store.claims.get(claim).claim.answer.state


def send_notices(service, claim_id):
    """Hand the notices over, and return their records; nothing is delivered."""
    run_due_work(service.services, claim_id, service.services.clock.now())
    found = service.services.store.claims.get(claim_id).claim
    return [service.services.store.mails.get(one.mail_id) for one in found.answer.addresses]


def a_message(record, name):
    document = {
        "eventType": name,
        EVENTS[name]: {"bounceType": "Permanent"} if name == "Bounce" else {},
        "mail": {
            "timestamp": record.sent_at.isoformat(),
            "messageId": record.provider_id,
            "tags": {"mail": [record.id]},
        },
    }
    return {"messageId": "1", "body": json.dumps(document)}
