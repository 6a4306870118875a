"""Whoever asks too much waits, and says until when; nobody else notices. Poison stays alone, and
can be taken in later.
"""

import json
from datetime import timedelta

import pytest

from chalicelib.aws import keys
from chalicelib.domain.ids import tenant_key
from chalicelib.runtime import queue_handlers
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.rate_limits import (
    CUSTOMER_NOTICES,
    FILINGS,
    UPLOADS,
)
from tests.support.in_process import in_process

FILE = {"file_name": "a.pdf", "content_type": "application/pdf", "size": 1, "sha256": "0" * 64}


@pytest.fixture
def service():
    with in_process() as made:
        start_hour(made)
        yield made


def start_hour(service):
    """Begin with a new hour of the clock, so that no limit of an hour or a day begins again."""
    hour = service.services.clock.now().replace(minute=0, second=0, microsecond=0)
    service.to((hour + timedelta(hours=1)).isoformat())


def use_up_limit(customer, limit, number=1, evolve=0):
    """As if partner `number` had used a limit up, `but` so many."""
    now, by = (
        customer.service.services.clock.now(),
        Caller("x", organisation_id=customer.partner(number)),
    )
    counter = keys.counter(*limit.make_counter(by, customer.tenant_id, now))
    customer.service.rows.update_counter(counter, limit.most - evolve)


def require_too_many(reply, code):
    assert (reply.status, reply.json["code"]) == (429, code), reply.text
    return int(reply.headers["Retry-After"])


ASKING = {
    "filing": lambda c, n: c.service.call("POST", "/v1/claims", c.filing(n), by=c.by(n)),
    "check": lambda c, n: c.service.call("POST", "/v1/claims/check", c.filing(n), by=c.by(n)),
    "verify": lambda c, n: c.service.call(
        "POST",
        "/v1/subscriptions/verify",
        {"tenant_id": c.tenant_id, "domain": c.domain, "product": "dynamics_365_sales_enterprise"},
        by=c.by(n),
    ),
    "upload": lambda c, n: c.service.call("POST", "/v1/evidence", FILE, by=c.by(n)),
}


@pytest.mark.parametrize(
    ("what", "limit", "code", "within"),
    [
        ("filing", FILINGS, "too_many_filings", 3601),
        ("filing", CUSTOMER_NOTICES, "too_many_letters", 86_401),
        ("upload", UPLOADS, "too_many_uploads", 3601),
    ],
)
def test_one_partner_waits_and_the_others_do_not(service, what, limit, code, within):
    customer = service.customer()
    filing = customer.filing(1) if what == "filing" else None
    use_up_limit(customer, limit, evolve=1)
    last = (
        service.call("POST", "/v1/claims", filing, by=customer.by(1), key="last")
        if what == "filing"
        else ASKING[what](customer, 1)
    )
    before = {k for k in state_of(service) if "T#" in k}

    wait = require_too_many(
        service.call("POST", "/v1/claims", filing, by=customer.by(1))
        if what == "filing"
        else ASKING[what](customer, 1),
        code,
    )

    assert last.status == 201
    assert 1 <= wait <= within
    assert {k for k in state_of(service) if "T#" in k} == before
    assert ASKING[what](customer, 2).status == 201
    if what == "filing":
        assert (
            service.call("POST", "/v1/claims", filing, by=customer.by(1), key="last").headers[
                "Idempotent-Replayed"
            ]
            == "true"
        )
    service.to(
        (service.services.clock.now() + timedelta(seconds=wait)).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    again = (
        service.call(
            "POST",
            "/v1/claims",
            filing | {"partner_role": "build_intent_advisor"},
            by=customer.by(1),
        )
        if what == "filing"
        else ASKING[what](customer, 1)
    )
    assert again.status == 201, again.text


def test_amending_again_and_again_is_no_way_to_flood_a_customer(service):
    customer = service.customer()
    claim = customer.file(1)
    use_up_limit(customer, CUSTOMER_NOTICES)
    tag = service.call("GET", f"/v1/claims/{claim['id']}", by=customer.by(1)).etag

    reply = service.call(
        "PATCH",
        f"/v1/claims/{claim['id']}",
        {"reason": "x", "partner_role": "build_intent_advisor"},
        by=customer.by(1),
        match=tag,
        headers={"Content-Type": "application/merge-patch+json"},
    )

    require_too_many(reply, "too_many_letters")
    assert customer.claim(claim)["partner_role"] == "usage_recognition"


POISON = [
    "",
    "null",
    "[]",
    "{",
    '{"ids": null}',
    '{"ids": ["clm_x"]}',
    '{"ids": [7]}',
    '{"ids": ["arb_"]}',
    '{"nothing": 1}',
    "\x00",
]


@pytest.mark.parametrize("poison", POISON)
def test_a_poisoned_message_fails_alone(service, poison):
    customer = service.customer()
    service.kick = lambda: None
    claims = [file_unsettled(customer, n) for n in (1, 2)]
    bodies = [
        json.dumps({"ids": [claims[0]["id"]]}),
        poison,
        json.dumps({"ids": [claims[1]["id"]]}),
    ]

    response = queue_handlers.handle_work(
        service.services, [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]
    )

    assert {f["itemIdentifier"] for f in response["batchItemFailures"]} <= {"1"}
    assert all(not service.services.store.claims.get(claim["id"]).claim.outbox for claim in claims)


@pytest.mark.parametrize(
    "poison",
    [
        *POISON,
        '{"Message": "x"}',
        '{"Message": "{}"}',
        '{"eventType": "Delivery", "mail": {"tags": {"mail": ["mai_x"]}}}',
    ],
)
def test_a_poisoned_mail_event_fails_alone(service, poison):
    customer = service.customer()
    claim = customer.file(1)
    mail = service.services.store.mails.list_of_claim(tenant_key(customer.tenant_id), claim["id"])[
        0
    ]
    bounced = {
        "eventType": "Bounce",
        "mail": {"tags": {"mail": [mail.id]}, "timestamp": "2099-01-01T00:00:00Z"},
        "bounce": {"bounceType": "Permanent", "timestamp": "2099-01-01T00:00:00Z"},
    }
    records = [
        {"messageId": "0", "body": poison},
        {"messageId": "1", "body": json.dumps({"Message": json.dumps(bounced)})},
    ]

    response = queue_handlers.handle_mail_events(service.services, records)

    assert {f["itemIdentifier"] for f in response["batchItemFailures"]} <= {"0"}
    assert "bounce" in {event.type for event in service.services.store.mails.get(mail.id).events}


def test_dead_letters_come_to_the_same_end_when_they_are_taken_in_again(service):
    ends = []
    for redriven in (False, True):
        customer = service.customer()
        if redriven:
            service.kick = lambda: None
        claim = file_unsettled(customer, 1)
        message = {"messageId": "1", "body": json.dumps({"ids": [claim["id"]]})}
        if (
            redriven
        ):  # three times in vain, while the post is away; then from the dead-letter queue, twice
            broken = service.services.evolve(mail_sender=None)
            assert [
                len(queue_handlers.handle_work(broken, [message])["batchItemFailures"])
                for _ in range(3)
            ] == [1, 1, 1]
            assert [queue_handlers.handle_work(service.services, [message]) for _ in range(2)] == [
                {"batchItemFailures": []}
            ] * 2
        found = service.services.store.claims.get(claim["id"]).claim
        mails = service.services.store.mails.list_of_claim(
            tenant_key(customer.tenant_id), claim["id"]
        )
        ends.append(
            (
                found.status,
                found.outbox,
                len(found.answer.addresses),
                sorted((m.kind, m.source) for m in mails),
            )
        )

    assert ends[0] == ends[1]


def state_of(service):
    return {
        f"{row['pk']['S']} {row['sk']['S']}"
        for row in service.rows._client.scan(TableName="cpor", ConsistentRead=True)["Items"]
    }


def file_unsettled(customer, number):
    """File a claim whose mails are not sent yet, unless a worker is there."""
    return customer.service.post(
        "/v1/claims", customer.filing(number), by=customer.by(number), expect=(201,)
    )["claims"][0]


class Letterbox:
    """`ports.MailSender`: takes every mail and says nothing more of it."""

    def send(self, mail, now):
        return f"ses-{mail.id}"


def test_a_delivery_that_names_another_message_proves_nothing(service):
    service.exchange(mailbox=None, mail_sender=Letterbox())
    customer = service.customer()
    claim = customer.file(1)
    mail = next(
        m
        for m in service.services.store.mails.list_of_claim(
            tenant_key(customer.tenant_id), claim["id"]
        )
        if m.is_qualifying
    )

    def says(message_id):
        now = service.services.clock.now().isoformat()
        response = {
            "eventType": "Delivery",
            "delivery": {"timestamp": now},
            "mail": {"tags": {"mail": [mail.id]}, "messageId": message_id, "timestamp": now},
        }
        assert queue_handlers.handle_mail_events(
            service.services, [{"messageId": "0", "body": json.dumps(response)}]
        ) == {"batchItemFailures": []}
        return customer.claim(claim)["customer_answer"]

    assert (says("somebody-elses"), says(mail.provider_id)) == ("notice_queued", "open")
