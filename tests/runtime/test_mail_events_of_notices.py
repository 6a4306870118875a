"""Events of the mail service about a notice, as the queue's handler takes them."""

import itertools
import json

import pytest

from chalicelib.runtime.queue_handlers import handle_mail_events
from chalicelib.usecases.due_work import run_due_work
from tests.support.in_process import in_process

EVENTS = {"Send": "send", "Delivery": "delivery", "Bounce": "bounce", "Complaint": "complaint"}


@pytest.mark.parametrize(
    "order", [some for n in (1, 2, 3) for some in itertools.permutations(EVENTS, n)]
)
def test_the_send_event_of_a_notice_changes_nothing_in_any_order(order):
    """A notice that was sent stays what it would be without its `Send` event."""
    assert answer_after(order) == answer_after([name for name in order if name != "Send"])


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
