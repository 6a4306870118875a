"""Revoking an association: proposed by one senior without the partner's knowledge, decided by a
second one, or lapsed.
"""

from datetime import datetime

IN_PROCESS_ONLY = True  # the queue of reviews is shared on the emulator

FIRST = {"codes": ["fraud"], "message": "I believe that this was forged."}
SECOND = {"codes": ["poe_date_too_old"], "message": "The acknowledgement is from 2019."}


def act(service, claim, what, who, body=SECOND):
    """Make one call of a senior about a claim's association."""
    senior = service.token(None, "senior_reviewer", name=who)
    tag = service.call("GET", f"/v1/review/claims/{claim['id']}", by=senior).etag
    path = f"/v1/review/associations/{claim['association']['id']}/{what}"
    return service.call("POST", path, body, by=senior, match=tag)


def propose(service, claim, who="Sena"):
    assert act(service, claim, "revoke", who, FIRST).status == 200
    service.settle()


def see_everything(service, customer, claim):
    """Return everything that the partner can read about a claim and its association."""
    own = f"/v1/claims/{claim['id']}"
    paths = [own, *(f"{own}/{part}" for part in ("history", "comments", "bundle"))]
    paths += [f"/v1/associations/{claim['association']['id']}", "/v1/associations", "/v1/claims"]
    replies = [service.call("GET", path, by=customer.by()) for path in (*paths, "/v1/events")]
    # A position in the feed moves with time, and a bundle is signed whenever it is read.
    moving = {"made_at", "signature", "next"}
    bodies = [{k: v for k, v in reply.json.items() if k not in moving} for reply in replies]
    return bodies, replies[0].etag, service.mails()


def proposals(service, claim):
    """Return what the desk shows of the proposals."""
    senior = service.token(None, "senior_reviewer", name="Sven")
    case = service.get(f"/v1/review/claims/{claim['id']}", by=senior)
    return case["claim"]["review"]["revocations"]


def waiting(service):
    return service.get("/v1/review/queue", by=service.token(name="Rita"))["data"]


def test_the_partner_sees_nothing_of_a_proposal(service):
    customer = service.customer()
    claim = customer.active()
    before = see_everything(service, customer, claim)

    propose(service, claim)

    assert see_everything(service, customer, claim) == before
    assert [row["status"] for row in waiting(service)] == ["active"]
    case = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))
    assert case["comments"][-1]["text"] == FIRST["message"]
    assert case["comments"][-1]["visibility"] == "internal"


def test_the_second_senior_decides_and_the_partner_is_told_why(service):
    customer = service.customer()
    claim = customer.active()
    propose(service, claim)

    reply = act(service, claim, "confirm-revocation", "Sven")
    service.settle()

    assert reply.status == 200
    after = customer.claim(claim)
    assert after["status"] == "ended"
    decision = {name: after["decision"][name] for name in ("outcome", "codes", "message")}
    assert decision == {"outcome": "revoked", **SECOND}
    ended = {row["act"]: row["reasons"] for row in customer.history(claim)[-2:]}
    reasons = ["revoked", *SECOND["codes"]]
    assert ended == {"association.ended": reasons, "claim.ended": reasons}
    mail = service.mails(claim["id"], "association_ended")[0]["text"]
    assert SECOND["message"] in mail
    assert "The customer's acknowledgement is too old" in mail or "12 months" in mail
    assert FIRST["message"] not in str(see_everything(service, customer, claim))
    assert "fraud" not in str(see_everything(service, customer, claim))
    assert waiting(service) == []


def test_one_person_alone_revokes_nothing(service):
    customer = service.customer()
    claim = customer.active()
    propose(service, claim)

    again = act(service, claim, "revoke", "Sven", FIRST)
    alone = act(service, claim, "confirm-revocation", "Sena")

    assert (again.status, again.json["code"]) == (409, "wrong_state")
    assert (alone.status, alone.json["code"]) == (403, "second_person_needed")
    assert customer.claim(claim)["association"]["state"] == "active"


def test_who_found_an_address_of_the_customers_revokes_nothing(service):
    customer = service.customer()
    claim = customer.file()
    (notice,) = service.mails(claim["id"], "notice", customer.admin)
    service.became(notice, "bounce")
    found = {"email": f"board@{customer.domain}", "source": "the register"}
    customer.review(claim, "customer-address", found, "Fay", "senior_reviewer")
    customer.approve(claim)
    service.to(customer.clock(claim, "customer_opt_out"))
    claim = customer.claim(claim)

    proposed = act(service, claim, "revoke", "Fay", FIRST)
    propose(service, claim)
    confirmed = act(service, claim, "confirm-revocation", "Fay")

    assert [r.json["code"] for r in (proposed, confirmed)] == ["decided_before"] * 2
    assert customer.claim(claim)["association"]["state"] == "active"


def test_a_declined_proposal_leaves_no_trace_for_the_partner(service):
    customer = service.customer()
    claim = customer.active()
    before = see_everything(service, customer, claim)
    propose(service, claim)

    declined = act(service, claim, "decline-revocation", "Sven")
    too_late = act(service, claim, "confirm-revocation", "Sven")

    assert declined.status == 200
    assert (too_late.status, too_late.json["code"]) == (409, "nothing_proposed")
    assert see_everything(service, customer, claim) == before
    assert waiting(service) == []
    closed = [(one["by"], one["outcome"], one["closed_by"]) for one in proposals(service, claim)]
    assert closed == [("Sena", "declined", "Sven")]


def test_a_proposal_lapses_after_five_business_days(service):
    customer = service.customer()
    claim = customer.active()
    propose(service, claim)
    until = proposals(service, claim)[0]["until"]

    service.to(until)
    late = act(service, claim, "confirm-revocation", "Sven")

    assert (late.status, late.json["code"]) == (409, "nothing_proposed")
    assert proposals(service, claim)[0]["outcome"] == "lapsed"
    assert customer.claim(claim)["association"]["state"] == "active"
    assert waiting(service) == []


def test_the_clock_decides_that_a_proposal_has_lapsed_and_not_the_sweep(local_service):
    customer = local_service.customer()
    claim = customer.active()
    propose(local_service, claim)
    until = proposals(local_service, claim)[0]["until"]

    local_service.services.clock.move(datetime.fromisoformat(until))  # no sweep has run
    local_service.tokens.clear()
    late = act(local_service, claim, "confirm-revocation", "Sven")

    assert (late.status, late.json["code"]) == (409, "nothing_proposed")
    assert customer.claim(claim)["association"]["state"] == "active"


def test_a_revocation_can_be_disputed_after_an_earlier_dispute(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "no"})
    customer.act(claim, "dispute", {"reason": "it was enough"})
    answer = {"outcome": "approve", "codes": [], "message": "yes"}
    customer.review(claim, "decide-dispute", answer, "Sina", "senior_reviewer")
    service.settle()
    service.to(customer.clock(claim, "customer_opt_out"))
    claim = customer.claim(claim)
    propose(service, claim)
    assert act(service, claim, "confirm-revocation", "Sven").status == 200

    disputed = customer.act(claim, "dispute", {"reason": "it was not old"})
    again = customer.act(claim, "dispute", {"reason": "really"})

    assert (disputed.status, again.status) == (200, 409)
