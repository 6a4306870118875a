"""What the desk's pages read: names, who may decide, and the letter before it is sent."""

import pytest

from tests.journeys.arbitrations import open_case

CODES = ["poe_date_missing", "poe_item_missing"]


def name_of(organisation_id):
    """Return the name that tests/support/feed.py gives a partner."""
    return organisation_id.replace("_", " ").title()


def show_case(service, claim, who="Rita Reviewer", role="reviewer"):
    by = service.token(None, role, name=who)
    return service.call("GET", f"/v1/review/claims/{claim['id']}", by=by).json


def preview(service, claim, act, codes=(), message=None, language="en"):
    return service.call(
        "POST",
        f"/v1/review/claims/{claim['id']}/letter",
        {"act": act, "codes": list(codes), "message": message},
        by=service.token(None, "reviewer", name="Rita Reviewer"),
        headers={"Accept-Language": language},
    )


def test_queue_rows_name_customer_partner_and_item(service):
    customer = service.customer(name="Fabrikam Werke")
    claim = customer.file(1)

    by = service.token(None, "reviewer")
    rows = service.call("GET", "/v1/review/queue", {"limit": 100}, by=by).json["data"]

    row = next(row for row in rows if row["id"] == claim["id"])
    named = (row["customer_name"], row["partner_name"], row["item_name"], row["questions"])
    assert named == (
        "Fabrikam Werke",
        name_of(customer.partner(1)),
        "Dynamics 365 Sales Enterprise",
        0,
    )


def test_the_row_of_a_case_names_its_parties(service):
    customer = service.customer()
    *_, case = open_case(service, customer)

    by = service.token(None, "senior_reviewer")
    rows = service.call("GET", "/v1/review/queue", {"limit": 100}, by=by).json["data"]

    row = next(row for row in rows if row["id"] == case["id"])
    assert row["partner_name"] == ", ".join(name_of(customer.partner(n)) for n in (1, 2))
    assert row["organisation_id"] is None


def test_a_case_says_what_its_reader_may_do(service):
    customer = service.customer()
    claim = customer.file(1)

    before = show_case(service, claim)
    customer.review(claim, "start")
    after = show_case(service, claim)
    auditor = show_case(service, claim, "Audrey", "auditor")

    assert before["next_actions"] == ["comment", "assign", "start"]
    assert after["next_actions"] == ["comment", "assign", "request_info", "approve", "reject"]
    assert (after["may_decide"]["allowed"], after["may_decide"]["code"]) == (True, None)
    assert auditor["next_actions"] == []
    assert auditor["may_decide"]["code"] == "forbidden"
    assert after["subscription"]["state"] == "active"
    assert after["rivals"] == []


def test_a_case_names_its_rivals(service):
    customer = service.customer()
    claim, rival = customer.file(1), customer.file(2)

    case = show_case(service, claim)

    assert [(one["claim_id"], one["partner_name"]) for one in case["rivals"]] == [
        (rival["id"], name_of(customer.partner(2)))
    ]


@pytest.mark.parametrize(
    ("act", "kind"),
    [("request_info", "info_requested"), ("reject", "rejected"), ("approve", "approved")],
)
def test_the_letter_is_the_mail_that_the_decision_sends(service, act, kind):
    customer = service.customer()
    claim = customer.file(1)
    customer.review(claim, "start")
    codes = () if act == "approve" else CODES
    body = {"message": "On page 4."} | ({"codes": codes} if codes else {})

    letter = preview(service, claim, act, codes, "On page 4.").json
    untouched = show_case(service, claim)["claim"]["version"]
    customer.review(claim, act.replace("_", "-"), body)

    sent = service.mails(claim["id"], kind)[0]
    assert sent["subject"] == letter["subject"]
    assert sent["text"].split("\n\n")[:3] == letter["text"].split("\n\n")[:3]
    assert untouched == customer.claim(claim)["version"] - 1


def test_the_letter_is_also_in_the_reviewers_language(service):
    customer = service.customer()
    claim = customer.file(1)
    customer.review(claim, "start")

    letter = preview(service, claim, "request_info", CODES, "Seite 4", language="de").json

    assert (letter["language"], letter["for_you"]["language"]) == ("en", "de")
    assert letter["for_you"]["text"] != letter["text"]
    assert "Seite 4" in letter["text"] and "Seite 4" in letter["for_you"]["text"]


def test_no_letter_is_written_for_a_decision_that_is_not_possible(service):
    customer = service.customer()
    claim = customer.file(1)

    reply = preview(service, claim, "approve")

    assert (reply.status, reply.json["code"]) == (409, "wrong_state")


@pytest.mark.parametrize("code", ["insufficient_poe", "partner_request", "fraud", "duplicate"])
def test_no_letter_asks_for_what_only_rejects(service, code):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")

    asked = preview(service, claim, "request_info", ["poe_date_missing", code])
    rejected = preview(service, claim, "reject", ["poe_date_missing", code])

    assert [(e["code"], e["pointer"]) for e in asked.json["errors"]] == [("not_one_of", "/codes/1")]
    assert rejected.status == 200
