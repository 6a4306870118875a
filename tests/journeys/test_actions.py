"""`next_actions` is exact: the caller may do what it names, and is refused what it leaves out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from chalicelib.aws import keys
from chalicelib.aws.rows import read_text
from chalicelib.domain.ids import tenant_key
from tests.support.customer import SALES

IN_PROCESS_ONLY = True  # the tests restore rows in the service's table

QUESTION = {"codes": ["poe_date_missing"], "message": "When?"}
REJECTION = {"codes": ["insufficient_poe"], "message": "no"}
WORDS = {
    "comment": {"text": "hello"},
    "amend": None,
    "submit": {},
    "respond": {"message": "In May."},
    "withdraw": {"reason": "not ours"},
    "dispute": {"reason": "look again"},
    "end_association": {"reason": "handed over"},
    "statement": {"text": "We do the work."},
}
ROLES = ("incentives_admin", "incentives_user")


def start_review(customer):
    claim = customer.file()
    customer.review(claim, "start")
    return claim


def hold_claim(service, customer):
    customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})
    return customer.file()


def expire_claim(service, customer):
    claim = hold_claim(service, customer)
    service.to(customer.clock(claim, "provisioning"))
    return claim


def request_information(service, customer):
    claim = start_review(customer)
    customer.review(claim, "request-info", QUESTION)
    return claim


def reject_claim(service, customer):
    claim = start_review(customer)
    customer.review(claim, "reject", REJECTION)
    return claim


def dispute_claim(service, customer):
    claim = reject_claim(service, customer)
    customer.act(claim, "dispute", {"reason": "look again"})
    return claim


def contest_claim(service, customer):
    customer.file(2)
    claim = start_review(customer)
    customer.review(claim, "approve")
    return claim


def approve_claim(service, customer):
    claim = customer.file()
    customer.approve(claim)
    return claim


def withdraw_claim(service, customer):
    claim = customer.file()
    customer.act(claim, "withdraw", {"reason": "x"})
    return claim


def opt_out_of_claim(service, customer):
    claim = customer.file()
    customer.answer(claim, "opt_out")
    return claim


def end_association(service, customer):
    claim = customer.active()
    service.post(
        f"/v1/associations/{claim['association']['id']}/end", {"reason": "x"}, by=customer.by()
    )
    return claim


def in_case(service, customer):
    """Return a claim whose case is open, within the window for a statement."""
    claim = customer.file()
    for one, reviewer in ((claim, "Ruth"), (customer.file(2), "Rolf")):
        customer.approve(one, who=reviewer)
    service.settle()
    return claim


def after_the_window(service, customer):
    claim = in_case(service, customer)
    service.to(customer.clock(claim, "arbitration_statement"))
    return claim


def holder_in_case(service, customer):
    claim = customer.active()
    customer.approve(customer.file(2), who="Rolf")
    service.settle()
    return claim


STAGES = {
    "draft": lambda service, customer: customer.file(submit=False),
    "awaiting_provisioning": hold_claim,
    "submitted": lambda service, customer: customer.file(),
    "under_review": lambda service, customer: start_review(customer),
    "action_required": request_information,
    "in_arbitration": contest_claim,
    "in_case": in_case,
    "after_the_window": after_the_window,
    "holder_in_case": holder_in_case,
    "disputed": dispute_claim,
    "approved": approve_claim,
    "official": lambda service, customer: customer.active(),
    "rejected": reject_claim,
    "opted_out": opt_out_of_claim,
    "withdrawn": withdraw_claim,
    "expired": expire_claim,
    "ended": end_association,
}


@contextmanager
def restore_rows(service, customer) -> Iterator[None]:
    """Restore the tenant's rows at the end of the block."""
    pk = keys.tenant_partition(tenant_key(customer.tenant_id))
    before = service.rows.query(pk)
    yield
    service.settle()
    there = {read_text(one, "sk") for one in before}
    fresh = [
        keys.Key(pk, read_text(one, "sk"))
        for one in service.rows.query(pk)
        if read_text(one, "sk") not in there
    ]
    service.rows.write(before, fresh)


def perform_action(service, customer, claim, action, role):
    """Make the call that an action stands for."""
    by, path = customer.by(1, role), f"/v1/claims/{claim['id']}"
    if action == "end_association":
        association = (claim["association"] or {}).get("id") or f"asc_{claim['id'][4:]}1"
        return service.call("POST", f"/v1/associations/{association}/end", WORDS[action], by=by)
    if action == "statement":
        cases = service.get("/v1/arbitrations", by=customer.by())["data"]
        case = cases[0]["id"] if cases else f"arb_{claim['id'][4:]}"
        return service.call("POST", f"/v1/arbitrations/{case}/statement", WORDS[action], by=by)
    if action == "amend":
        change = (
            {"name": "x"}
            if claim["status"] != "approved"
            else {
                "evidence": [{"id": customer.evidence(), "kind": "supporting", "covers": [SALES]}]
            }
        )
        tag = service.call("GET", path, by=customer.by()).etag
        return service.call("PATCH", path, {"reason": "it has changed", **change}, by=by, match=tag)
    return service.call(
        "POST", f"{path}/{action if action != 'comment' else 'comments'}", WORDS[action], by=by
    )


@pytest.mark.parametrize("stage", STAGES)
def test_what_is_named_can_be_done_and_what_is_not_is_refused(service, stage):
    customer = service.customer()
    claim = STAGES[stage](service, customer)
    service.settle()

    assert (
        service.get(f"/v1/claims/{claim['id']}", by=customer.by(1, "billing_admin"))["next_actions"]
        == []
    )
    for role in ROLES:
        seen = service.get(f"/v1/claims/{claim['id']}", by=customer.by(1, role))
        for action in WORDS:
            with restore_rows(service, customer):
                reply = perform_action(service, customer, seen, action, role)
            said = (stage, role, action, reply.status, reply.text[:300])
            if action in seen["next_actions"]:
                assert reply.status in (200, 201), said
            else:
                assert 400 <= reply.status < 500, said


def test_a_statement_is_offered_while_a_window_is_open(service):
    offered = {}
    for stage in ("in_arbitration", "in_case", "after_the_window", "holder_in_case"):
        customer = service.customer()
        claim = STAGES[stage](service, customer)
        service.settle()
        offered[stage] = "statement" in customer.claim(claim)["next_actions"]

    assert offered == {
        "in_arbitration": False,
        "in_case": True,
        "after_the_window": False,
        "holder_in_case": True,
    }


@pytest.mark.parametrize(
    "edition, role, may",
    [
        ("2020", "billing_admin", True),
        ("2020", "incentives_user", False),
        ("2024", "incentives_user", True),
        ("2024", "billing_admin", False),
    ],
)
def test_who_may_submit_is_what_todays_edition_says(service, edition, role, may):
    customer = service.customer()
    draft = customer.file(submit=False)
    service.exchange(settings=replace(service.services.settings, catalogue_edition=edition))

    named = (
        "submit"
        in service.get(f"/v1/claims/{draft['id']}", by=customer.by(1, role))["next_actions"]
    )
    reply = perform_action(service, customer, draft, "submit", role)

    assert named == may
    assert ("submitter_not_allowed" in reply.text) == (not may)


@pytest.mark.parametrize(
    "edition, role, status",
    [
        ("2020", "billing_admin", 201),
        ("2020", "incentives_user", 201),
        ("2024", "incentives_user", 201),
        ("2024", "billing_admin", 422),
    ],
)
def test_every_role_that_may_submit_or_answer_today_may_upload(service, edition, role, status):
    customer = service.customer()
    service.exchange(settings=replace(service.services.settings, catalogue_edition=edition))
    file = {
        "file_name": "sow.pdf",
        "content_type": "application/pdf",
        "size": 10,
        "sha256": "0" * 64,
    }

    reply = service.call("POST", "/v1/evidence", file, by=customer.by(1, role))

    assert (reply.status, "submitter_not_allowed" in reply.text) == (status, status == 422)
