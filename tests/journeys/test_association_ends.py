"""The end of drafts, and of private parts at the end of retention.

What remains can still be verified.
"""

from datetime import datetime

from chalicelib.domain.history import find_faults


def forget_tokens(service):
    """Make new tokens: they are valid for a year of the clock."""
    service.tokens.clear()


def whole(service, claim):
    """Return the claim as reviewers see it."""
    return service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))


def test_a_draft_untouched_for_ninety_days_expires(service):
    customer = service.customer()
    draft = customer.file(submit=False)
    service.advance("P60D")
    assert customer.amend(draft, name="still at it").status == 200

    service.advance("P60D")
    kept = customer.claim(draft)["status"]
    service.advance("P31D")

    assert (kept, customer.claim(draft)["status"]) == ("draft", "expired")
    assert customer.act(draft, "submit").status == 409


def test_private_parts_go_after_fifteen_months_and_the_chain_still_verifies(service):
    customer = service.customer()
    claim = customer.file(name="Secret project", comment="between us")
    customer.review(claim, "start")
    customer.review(
        claim, "reject", {"codes": ["insufficient_poe"], "message": "no page has a signature"}
    )
    before = whole(service, claim)["history"]

    service.advance("P14M")
    forget_tokens(service)
    kept = whole(service, claim)["claim"]["name"]
    service.advance("P2M")
    forget_tokens(service)
    case = whole(service, claim)

    assert kept == "Secret project"
    assert find_faults(case["history"]) == []
    assert [row["hash"] for row in case["history"]][: len(before)] == [
        row["hash"] for row in before
    ]
    assert all(row["private"] in (None, {}) for row in case["history"][: len(before)])
    assert (case["claim"]["name"], case["claim"]["customer_contact"], case["comments"]) == (
        None,
        None,
        [],
    )
    assert all(m["recipient"] == "" for m in case["mails"])
    assert case["history"][-1]["act"] == "retention.deleted"
    assert case["history"][-1]["reasons"] == ["notices_and_history"]
    assert "Secret project" not in str(case)


def test_evidence_goes_after_twenty_four_months(service):
    customer = service.customer()
    claim = customer.file()
    customer.act(claim, "withdraw", {"reason": "x"})
    proof = f"/v1/review/claims/{claim['id']}/evidence/{claim['evidence'][0]['id']}"

    service.advance("P23M")
    forget_tokens(service)
    kept = service.call("GET", proof, by=service.token(name="Rita")).status
    service.advance("P2M")
    forget_tokens(service)

    assert (kept, service.call("GET", proof, by=service.token(name="Rita")).status) == (303, 404)
    assert customer.history(claim)[-1]["reasons"] == ["evidence"]
    assert find_faults(customer.history(claim)) == []


def test_the_bundle_holds_the_whole_case_and_can_be_checked_offline(service):
    customer = service.customer()
    claim = customer.file(comment="hello")
    customer.approve(claim)

    bundle = service.get(f"/v1/claims/{claim['id']}/bundle", by=customer.by())

    assert find_faults(bundle["history"]) == []
    assert bundle["head"] == bundle["history"][-1]["hash"]
    assert (bundle["claim"]["id"], [c["text"] for c in bundle["comments"]]) == (
        claim["id"],
        ["hello"],
    )
    assert bundle["evidence"][0]["sha256"]
    assert datetime.fromisoformat(bundle["made_at"])
    broken = [
        {**row, "reasons": ["fraud"]} if row["seq"] == 2 else row for row in bundle["history"]
    ]
    assert find_faults(broken) == ["row 2 was changed"]
