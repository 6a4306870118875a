"""What the service does with decisions that the vendor's own portal sends."""

from datetime import UTC, datetime, timedelta

from standardwebhooks.webhooks import Webhook

from chalicelib.domain.standard_webhooks import format_secret
from tests.journeys.portal_decisions import a_decision, portal, send_decision


def test_a_signed_decision_counts_like_the_tenants_own(service):
    customer = service.customer()
    claim = customer.file()

    done = send_decision(
        service, a_decision(service, customer, claim), portal(service), f"msg_{customer.fresh}"
    )

    assert (done.status, done.json) == (200, {"accepted": True})
    assert customer.claim(claim)["customer_answer"] == "opted_out"
    assert service.mails(claim["id"], "customer_opted_out", customer.admin)
    assert "Anna Adler" not in str(customer.history(claim))


def test_a_replay_changes_nothing(service):
    customer = service.customer()
    claim = customer.file()
    said, name = a_decision(service, customer, claim), f"msg_{customer.fresh}"
    send_decision(service, said, portal(service), name)
    customer.answer(claim, "undo")

    again = send_decision(service, said, portal(service), name)

    assert (again.status, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert customer.claim(claim)["customer_answer"] == "open"


def test_a_stale_or_false_signature_changes_nothing(service):
    customer = service.customer()
    claim = customer.file()
    said = a_decision(service, customer, claim)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    ahead = datetime.fromisoformat(service.now()) + timedelta(hours=1)

    stale = send_decision(service, said, portal(service), "msg_a", at=long_ago)
    early = send_decision(service, said, portal(service), "msg_b", at=ahead)
    forged = send_decision(
        service, said, Webhook(format_secret(b"another key of the right length.")), "msg_c"
    )
    changed = send_decision(
        service, said, portal(service), "msg_d", body={**said, "decision": "agree"}
    )
    unsigned = service.call("POST", "/webhooks/opt-out", said)

    assert {r.status for r in (stale, early, forged, changed, unsigned)} == {401}
    assert customer.claim(claim)["customer_answer"] == "open"


def test_another_tenants_claim_is_unknown(service):
    customer, other = service.customer(), service.customer()
    claim = customer.file()

    refused = send_decision(
        service,
        {**a_decision(service, customer, claim), "tenant_id": other.tenant_id},
        portal(service),
        f"msg_{customer.fresh}",
    )

    assert refused.status == 404
    assert customer.claim(claim)["customer_answer"] == "open"


def test_an_agreement_from_before_an_amendment_is_no_agreement_to_it(service):
    customer = service.customer()
    claim = customer.file()
    said = {
        **a_decision(service, customer, claim),
        "decision": "agree",
        "decided_at": service.now(),
    }
    service.advance("PT1M")
    customer.amend(claim, partner_role="build_intent_advisor")
    service.settle()

    refused = send_decision(service, said, portal(service), f"msg_{customer.fresh}")
    later = send_decision(
        service, {**said, "decided_at": service.now()}, portal(service), f"msg_{customer.fresh}b"
    )

    assert (refused.status, refused.json["code"], later.status) == (409, "asked_anew", 200)
    assert customer.claim(claim)["customer_answer"] == "agreed"
