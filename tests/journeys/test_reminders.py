"""One reminder before the end of an objection period."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support import feed
from tests.support.customer import SALES

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_reminder_comes_at_nine_on_the_third_business_day(service):
    customer = service.customer()
    claim = customer.file()
    delivered = datetime.fromisoformat(customer.claim(claim)["clocks"][-1]["started_at"])

    service.to(customer.clock(claim, "customer_opt_out"))

    reminders = service.mails(claim["id"], "reminder")
    assert {m["to"][0] for m in reminders} == {customer.admin, f"anna@{customer.domain}"}
    there = datetime.fromisoformat(reminders[0]["sent_at"]).astimezone(BERLIN)
    assert there.hour == 9
    assert (there.date() - delivered.astimezone(BERLIN).date()).days >= 3
    assert "notice.reminded" in customer.acts(claim)


def test_one_reminder_names_all_items_of_a_filing_that_are_still_open(local_service):
    customer = local_service.customer()
    others = [f"{customer.tenant_id[:-4]}{end}" for end in ("beef", "cafe")]
    made = [
        feed.a_subscription(tenant_id=customer.tenant_id, subscription_id=one) for one in others
    ]
    feed.write(local_service.rows, subscriptions=made)
    items = [
        {"product": SALES, "subscription_id": one} for one in (customer.subscription_id, *others)
    ]
    first, second, third = customer.files(items=items)
    customer.answer(first, "opt_out")

    local_service.to(customer.clock(second, "customer_opt_out"))

    reminders = local_service.mails(kind="reminder")
    assert sorted(m["to"][0] for m in reminders) == [customer.admin, f"anna@{customer.domain}"]
    assert all(set(m["claim_ids"]) == {second["id"], third["id"]} for m in reminders)


@pytest.mark.parametrize("answer", ["opt_out", "agree"])
def test_the_reminder_comes_also_when_an_answer_was_undone_before_its_hour(service, answer):
    customer = service.customer()
    claim = customer.file()
    customer.answer(claim, answer)

    customer.answer(claim, "undo")
    service.to(customer.clock(claim, "customer_opt_out"))

    assert {m["to"][0] for m in service.mails(claim["id"], "reminder")} == {
        customer.admin,
        f"anna@{customer.domain}",
    }
    assert len(service.mails(claim["id"], "reminder")) == 2


def test_an_answer_undone_after_the_hour_of_the_reminder_brings_no_second_one(service):
    customer = service.customer()
    claim = customer.file()
    due = datetime.fromisoformat(customer.clock(claim, "customer_opt_out"))
    service.to((due - timedelta(hours=12)).isoformat())
    customer.answer(claim, "agree")

    customer.answer(claim, "undo")
    service.to(customer.clock(claim, "customer_opt_out"))

    assert len(service.mails(claim["id"], "reminder", customer.admin)) == 1


@pytest.mark.parametrize("what", ["bounce", "complaint"])
def test_a_reminder_that_comes_back_strikes_the_only_address_out(service, what):
    customer = service.customer()
    claim = customer.file()
    due = datetime.fromisoformat(customer.clock(claim, "customer_opt_out"))
    service.to((due - timedelta(hours=1)).isoformat().replace("+00:00", "Z"))
    reminder = service.mails(claim["id"], "reminder", customer.admin)[0]

    service.became(reminder, what)

    after = customer.claim(claim)
    assert after["customer_answer"] == "undeliverable"
    assert customer.acts(claim)[-1] == "notice.bounced"
    assert customer.clock(claim, "customer_opt_out") is None


def test_a_reminder_that_comes_back_strikes_the_address_out_for_the_whole_filing(local_service):
    """Seeds 542 and 768: each item of a filing had a reminder of its own, and one came back."""
    customer = local_service.customer()
    other = f"{customer.tenant_id[:-4]}beef"
    made = feed.a_subscription(tenant_id=customer.tenant_id, subscription_id=other)
    feed.write(local_service.rows, subscriptions=[made])
    items = [
        {"product": SALES, "subscription_id": one} for one in (customer.subscription_id, other)
    ]
    kept, amended = customer.files(items=items)
    local_service.advance("P1D")
    customer.amend(amended, partner_role="build_intent_advisor")
    local_service.settle()
    due = datetime.fromisoformat(customer.clock(amended, "customer_opt_out"))
    local_service.to((due - timedelta(hours=1)).isoformat().replace("+00:00", "Z"))
    (reminder,) = [
        mail
        for mail in local_service.mails(amended["id"], "reminder", customer.admin)
        if mail["claim_ids"] == [amended["id"]]
    ]

    local_service.became(reminder, "bounce")

    assert customer.claim(amended)["customer_answer"] == "undeliverable"
    assert customer.claim(kept)["customer_answer"] in ("undeliverable", "not_objected")
    assert customer.acts(kept)[-1] == "notice.bounced"


def test_a_reminder_that_comes_back_late_pauses_what_rests_on_silence(service):
    customer = service.customer()
    claim = customer.active()
    reminder = service.mails(claim["id"], "reminder", customer.admin)[0]

    service.became(reminder, "bounce")

    assert customer.claim(claim)["association"]["state"] == "paused"


def test_a_reminder_to_the_named_contact_proves_nothing(service):
    customer = service.customer()
    claim = customer.active()
    reminder = service.mails(claim["id"], "reminder", f"anna@{customer.domain}")[0]

    service.became(reminder, "bounce")

    assert customer.claim(claim)["association"]["state"] == "active"
