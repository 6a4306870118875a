"""Which refusal comes first: whether a caller may see a claim, then its version, then the step."""

import pytest

STALE = '"999"'


def test_a_foreign_claim_looks_unknown_with_any_version(service):
    customer = service.customer()
    claim, path = customer.file(1), "/v1/claims/{}/withdraw"

    foreign = service.call(
        "POST", path.format(claim["id"]), {"reason": "x"}, by=customer.by(2), match=STALE
    )
    unknown = service.call(
        "POST", path.format("clm_0"), {"reason": "x"}, by=customer.by(2), match=STALE
    )

    assert (foreign.status, foreign.json["code"]) == (404, "not_found")
    assert (unknown.status, unknown.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(("match", "expected"), [(STALE, 412), (None, 403)])
def test_the_version_is_compared_before_what_a_role_may_do_in_this_state(service, match, expected):
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)
    user = customer.by(1, "incentives_user")
    path = f"/v1/claims/{claim['id']}/withdraw"

    refused = service.call("POST", path, {"reason": "x"}, by=user, match=match)

    assert refused.status == expected


def test_an_organisation_and_a_person_of_one_name_share_no_idempotency_keys(service):
    """The key of the one is not the other's, whatever names the feed has (audit, S13)."""
    customer = service.customer()
    claim, key = customer.file(), "one-key-for-two"
    file = {
        "file_name": "sow.pdf",
        "content_type": "application/pdf",
        "size": 1,
        "sha256": "0" * 64,
    }
    partner = service.token("programme:Rita", name="Rita")
    reviewer = service.token(None, "reviewer", name="Rita")
    comment = {"text": "Look.", "visibility": "internal"}
    path = f"/v1/review/claims/{claim['id']}/comments"

    announced = service.call("POST", "/v1/evidence", file, by=partner, key=key)
    commented = service.call("POST", path, comment, by=reviewer, key=key)

    assert (announced.status, commented.status) == (201, 201)
