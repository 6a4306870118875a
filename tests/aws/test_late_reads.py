"""Reads that cost half may see what was there a moment ago; nothing is lost because of it."""

import secrets
from datetime import timedelta
from itertools import count

import pytest

from bench.fixtures import NOW
from bench.metered import Metered
from chalicelib.domain.mail_records import MailEvent, MailRecord
from tests.support.api_gateway import Response, request
from tests.support.mail_records import a_mail_record

MAIL_ID = f"mai_{'0' * 12}{'z' * 26}"


@pytest.fixture
def service() -> Metered:
    made = Metered()
    made.engine.ms = count(1).__next__
    return made


def stop_cheap_reads(service: Metered) -> None:
    """Let every read that need not be consistent see the table as it is now."""
    service.engine.as_of = service.engine.ms()


def make_record(**changes) -> MailRecord:
    tenant = "7c0e5b2a-0000-4000-8000-00000000000a"
    return a_mail_record(**{"id": MAIL_ID, "tenant_id": tenant, "sent_at": NOW, **changes})


def test_an_event_about_a_mail_that_was_recorded_just_now_is_kept(service):
    mails = service.services.store.mails
    stop_cheap_reads(service)
    mails.add(make_record(provider_id="one"))

    mails.add_event(MAIL_ID, MailEvent(type="delivery", at=NOW), frozenset({"notice"}))

    assert [event.type for event in mails.get(MAIL_ID).events] == ["delivery"]


def test_an_event_about_a_mail_that_was_sent_again_just_now_is_kept(service):
    mails = service.services.store.mails
    delivery = MailEvent(type="delivery", at=NOW, provider_id="two")
    mails.add(make_record(unconfirmed_since=NOW))
    mails.add_event(MAIL_ID, MailEvent(type="send", at=NOW, provider_id="one"), frozenset())
    stop_cheap_reads(service)
    mails.add(make_record(provider_id="two"))

    known = mails.add_event(MAIL_ID, delivery, frozenset({"notice"}))

    assert known.provider_id == "one"  # what was confirmed stays
    assert known.events == ()


def test_a_link_that_was_revoked_just_now_keeps_its_events(service):
    mails = service.services.store.mails
    mails.add(make_record(provider_id="one"))
    stop_cheap_reads(service)
    mails.revoke_link(MAIL_ID)

    mails.add_event(MAIL_ID, MailEvent(type="bounce", at=NOW), frozenset())

    record = mails.get(MAIL_ID)
    assert record.revoked
    assert [event.type for event in record.events] == ["bounce"]


def test_who_has_just_changed_a_claim_sees_it_changed(service):
    claim_id = service.file(service.filing())
    service.work()
    before = service.tag(claim_id)
    stop_cheap_reads(service)

    after = service.review(claim_id, "start", before)

    case = service.call("GET", f"/v1/review/claims/{claim_id}", "rita")
    own = service.call("GET", f"/v1/claims/{claim_id}")
    history = service.call("GET", f"/v1/claims/{claim_id}/history").json["data"]
    assert case.headers["ETag"] == own.headers["ETag"] == after
    assert case.json["history"][-1]["act"] == "claim.review_started"
    assert history[-1]["act"] == "claim.review_started"


def test_a_repeat_gets_the_response_of_the_first(service):
    claim_id = service.file(service.filing())
    service.work()
    headers = {"Idempotency-Key": secrets.token_hex(8), "If-Match": service.tag(claim_id)}
    path = f"/v1/review/claims/{claim_id}/start"
    stop_cheap_reads(service)

    first, second = (
        request(service.app, "POST", path, headers=headers, token="rita", json={}) for _ in "12"
    )

    acts = [one.act for one in service.services.store.history.list_entries(claim_id)]
    assert (first.status, second.status) == (200, 200)
    assert second.body == first.body
    assert acts.count("claim.review_started") == 1


def test_a_key_of_another_request_is_refused(service):
    claim_id = service.file(service.filing())
    service.work()
    key, path = secrets.token_hex(8), f"/v1/review/claims/{claim_id}/assign"
    stop_cheap_reads(service)

    def assign(**to: str) -> Response:
        headers = {"Idempotency-Key": key, "If-Match": service.tag(claim_id)}
        return request(service.app, "POST", path, headers=headers, token="rita", json=to)

    first, other = assign(), assign(reviewer="rita")

    assert first.status == 200
    assert other.json["code"] == "idempotency_key_reused"


def test_a_filing_that_is_not_seen_yet_is_notified(service):
    filing = service.filing()
    stop_cheap_reads(service)

    service.file(filing)
    service.work()

    assert [mail.kind for mail in service.outside.mails] == ["notice", "notice", "submitted"]


def test_a_claim_whose_deadline_passed_before_its_mail_was_sent_is_decided(service):
    claim_id = service.file(service.filing())
    service.clock.moment += timedelta(days=400)

    service.work()

    acts = [one.act for one in service.services.store.history.list_entries(claim_id)]
    assert "clock.escalated" in acts  # nobody has reviewed it
    assert all(one.due_at > service.clock.now() for one in service.claim(claim_id).clocks)
