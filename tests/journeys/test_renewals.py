"""What the daily look-up of a subscription means for an association: grace, pauses, the end, and
the renewal.
"""

from datetime import date, datetime, timedelta

import pytest

from chalicelib.text.i18n import translate
from chalicelib.usecases.renewals import MOST, renew
from tests.support import feed


def state_after_a_day(service, customer, claim, **subscription):
    """Return the association's state after the next daily look-up."""
    customer.subscription(**subscription)
    service.advance("P1DT1H")
    return customer.claim(claim)["association"]["state"]


def figures(service, customer, claim):
    """Return the answer to a request for figures."""
    return service.call(
        "GET", f"/v1/associations/{claim['association']['id']}/usage", by=customer.by()
    ).status


def today(service):
    return date.fromisoformat(service.now()[:10])


def another_subscription(service, customer, end="beef"):
    """Add the subscription that follows, with its own id."""
    some_id = customer.tenant_id[:-4] + end
    feed.write(
        service.rows,
        subscriptions=[feed.a_subscription(tenant_id=customer.tenant_id, subscription_id=some_id)],
    )
    return some_id


def drafts(service, customer):
    return service.get("/v1/claims?status=draft&limit=100", by=customer.by())["data"]


def test_an_association_follows_its_subscription_into_grace_and_back(service):
    customer = service.customer()
    claim = customer.active()

    in_grace = state_after_a_day(service, customer, claim, state="in_grace")
    readable = figures(service, customer, claim)

    assert (in_grace, readable) == ("grace", 200)
    assert state_after_a_day(service, customer, claim) == "active"
    assert [a for a in customer.acts(claim) if a.startswith("association.")] == [
        "association.pending",
        "association.activated",
        "association.grace",
        "association.resumed",
    ]


@pytest.mark.parametrize("state", ["suspended", "locked_out", "unknown"])
def test_a_subscription_that_cannot_be_used_pauses_the_association_until_it_can(service, state):
    customer = service.customer()
    claim = customer.active()

    paused = state_after_a_day(service, customer, claim, state=state)

    assert (paused, figures(service, customer, claim)) == ("paused", 403)
    assert translate("en", "mail.paused.next") in service.mails(claim["id"], "paused")[0]["text"]
    assert state_after_a_day(service, customer, claim, state="in_grace") == "grace"
    assert service.mails(claim["id"], "resumed")


def test_the_partner_learns_what_a_pause_waits_for_when_its_first_cause_is_gone(service):
    customer = service.customer()
    claim = customer.active()
    (notice,) = service.mails(claim["id"], "notice", customer.admin)
    customer.subscription(state="suspended")
    service.advance("P1DT1H")
    service.became(notice, "bounce")
    customer.subscription()
    service.advance("P1DT1H")

    told = [mail["text"] for mail in service.mails(claim["id"], "paused")]

    assert customer.claim(claim)["association"]["state"] == "paused"
    assert ["two reviewers" in text for text in told] == [True, False]


@pytest.mark.parametrize("how", ["missing", "deleted"])
def test_a_missing_subscription_pauses_at_the_first_lookup_and_ends_at_the_third(service, how):
    customer = service.customer()
    claim = customer.active()
    if how == "missing":
        customer.without_subscriptions()
    else:
        customer.subscription(state="deleted")

    states = []
    for _ in range(3):
        service.advance("P1D")
        states.append(customer.claim(claim)["association"]["state"])

    assert states == ["paused", "paused", "ended"]
    paused = service.mails(claim["id"], "paused")[0]["text"]
    assert translate("en", "mail.paused.next_gone") in paused
    ended = service.get(f"/v1/associations/{claim['association']['id']}", by=customer.by())
    assert (ended["end_reason"], customer.claim(claim)["status"]) == ("subscription_ended", "ended")


def test_a_tenant_that_may_not_be_read_any_more_pauses_the_association_until_it_may(service):
    customer = service.customer()
    claim = customer.active()
    customer.unreadable()

    states = []
    for _ in range(4):
        service.advance("P1D")
        states.append(customer.claim(claim)["association"]["state"])
    closed = figures(service, customer, claim)
    customer.tenant()
    service.advance("P1D")

    assert (states, closed) == (["paused"] * 4, 403)
    assert customer.claim(claim)["association"]["state"] == "active"
    paused = service.mails(claim["id"], "paused")
    assert [translate("en", "mail.paused.next_not_readable") in one["text"] for one in paused] == [
        True
    ]
    assert translate("en", "reason.tenant_not_readable") in paused[0]["text"]


def test_a_subscription_that_comes_back_in_between_restarts_the_count(service):
    customer = service.customer()
    claim = customer.active()
    customer.without_subscriptions()
    service.advance("P2D")

    back = state_after_a_day(service, customer, claim)
    customer.without_subscriptions()
    service.advance("P2D")

    assert back == "active"
    assert customer.claim(claim)["association"]["state"] == "paused"


def test_a_directory_out_of_reach_closes_nothing_and_opens_nothing(local_service):
    customer = local_service.customer()
    active, pending = customer.active(1), None
    other = local_service.customer()
    pending = other.file(1)
    other.approve(pending)
    filing, by = other.filing(2), other.by(2)

    local_service.services.directory.unavailable = True
    local_service.advance("P10D")
    refused = local_service.call("POST", "/v1/claims", filing, by=by)

    assert customer.claim(active)["association"]["state"] == "active"
    assert (
        other.claim(pending)["customer_answer"],
        other.claim(pending)["association"]["state"],
    ) == ("not_objected", "pending")
    assert (refused.status, refused.json["code"]) == (503, "directory_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    local_service.services.directory.unavailable = False
    local_service.advance("P1D")
    assert other.claim(pending)["association"]["state"] == "active"


def test_the_end_is_announced_thirty_fourteen_seven_and_one_days_ahead(service):
    customer = service.customer()
    claim = customer.active()
    customer.subscription(ends_on=today(service) + timedelta(days=33))

    service.advance("P35D")

    warnings = sorted(service.mails(claim["id"], "renewal_warning"), key=lambda m: m["sent_at"])
    ahead = [
        today(service) - timedelta(days=2) - datetime.fromisoformat(m["sent_at"]).date()
        for m in warnings
    ]
    assert [a.days for a in ahead] == [30, 14, 7, 1]


@pytest.mark.parametrize("closed", ["tenant_locked", "partner_blocked"])
def test_a_partner_is_not_asked_to_claim_what_the_customer_has_closed(service, closed):
    customer = service.customer()
    claim = customer.active()
    path = service.link(claim["id"], customer.admin)
    what = {"tenant_locked": "lock", "partner_blocked": "block"}[closed]
    assert customer.switch(path, what, customer.partner(1)).status == 303

    customer.subscription(ends_on=today(service) + timedelta(days=20))
    another_subscription(service, customer)
    service.advance("P1DT1H")
    (draft,) = drafts(service, customer)
    refused = customer.act(draft, "submit")
    customer.without_subscriptions()
    service.advance("P1D")

    assert [one["code"] for one in refused.json["errors"]] == [closed]
    for kind in ("renewal_warning", "renewal_draft"):
        (mail,) = service.mails(claim["id"], kind)
        assert translate("en", f"mail.{kind}.next_{closed}") in mail["text"]
        assert translate("en", f"mail.{kind}.next") not in mail["text"]
    paused = service.mails(claim["id"], "paused")[0]["text"]
    assert translate("en", "mail.paused.next_gone_closed") in paused


def test_the_subscription_that_follows_becomes_a_draft_with_everything_copied(service):
    customer = service.customer()
    claim = customer.active()
    customer.subscription(ends_on=today(service) + timedelta(days=20))
    following = another_subscription(service, customer)

    service.advance("P3D")

    [draft] = drafts(service, customer)
    assert (draft["item"]["subscription_id"], draft["item"]["product"]) == (
        following,
        claim["item"]["product"],
    )
    assert draft["customer_contact"] == claim["customer_contact"]
    assert [e["id"] for e in draft["evidence"]] == [e["id"] for e in claim["evidence"]]
    assert len(service.mails(claim["id"], "renewal_draft")) == 1
    submitted = customer.act(draft, "submit")
    assert (submitted.status, submitted.json["status"], submitted.json["association"]) == (
        200,
        "submitted",
        None,
    )


def test_two_workers_at_the_same_moment_make_one_draft(local_service):
    customer = local_service.customer()
    claim = customer.active()
    another_subscription(local_service, customer)
    seen = local_service.services.store.claims.get(claim["id"]).claim

    for _ in range(2):
        renew(local_service.services, seen, local_service.services.clock.now())

    assert len(drafts(local_service, customer)) == 1


def test_a_subscription_that_becomes_sixty_gets_its_drafts_in_several_lookups(local_service):
    customer = local_service.customer()
    customer.active()
    customer.subscription(ends_on=today(local_service) + timedelta(days=20))
    for number in range(60):
        another_subscription(local_service, customer, f"{number:04x}")

    local_service.advance("P1DT1H")
    first = len(drafts(local_service, customer))
    local_service.advance("P3D")

    assert first == MOST
    assert (
        len({draft["item"]["subscription_id"] for draft in drafts(local_service, customer)}) == 60
    )


def test_a_draft_is_also_made_when_the_new_subscription_shows_after_the_end(service):
    customer = service.customer()
    claim = customer.active()
    customer.without_subscriptions()
    service.advance("P4D")
    assert customer.claim(claim)["status"] == "ended"
    assert drafts(service, customer) == []

    following = another_subscription(service, customer)
    service.advance("P2D")

    assert [d["item"]["subscription_id"] for d in drafts(service, customer)] == [following]


def test_a_new_subscription_long_before_the_end_is_no_renewal(service):
    customer = service.customer()
    customer.active()
    customer.subscription(ends_on=today(service) + timedelta(days=200))
    another_subscription(service, customer)

    service.advance("P2D")

    assert drafts(service, customer) == []


def test_the_subscription_that_follows_one_that_is_suspended_becomes_a_draft(local_service):
    customer = local_service.customer()
    claim = customer.active()
    state = state_after_a_day(
        local_service,
        customer,
        claim,
        state="suspended",
        ends_on=today(local_service) - timedelta(days=5),
    )

    new = another_subscription(local_service, customer)
    local_service.advance("P1DT1H")

    assert state == "paused"
    assert [draft["item"]["subscription_id"] for draft in drafts(local_service, customer)] == [new]
