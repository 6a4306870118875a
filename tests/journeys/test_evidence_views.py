"""Reading the files of a claim: as a download, shown by the browser, or as text."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.api_client import Reply
from tests.support.customer import SALES, Customer
from tests.support.files import MAIL, PDF, PNG, an_office_file

IN_PROCESS_ONLY = True


def file_with(customer: Customer, content: bytes, content_type: str) -> tuple[str, str]:
    """A claim that rests on a file, and where the file is read."""
    file = customer.evidence(1, content, content_type)
    acknowledged = customer.service.now()[:10]
    proof = {"id": file, "kind": "signed_sow", "acknowledged_on": acknowledged, "covers": [SALES]}
    claim = customer.file(evidence=[proof])
    return str(claim["id"]), f"/v1/claims/{claim['id']}/evidence/{file}"


def read(customer: Customer, path: str, how: str, by: str = "") -> Reply:
    by = by or customer.service.token(None, "reviewer", name="Rita")
    return customer.service.call("GET", f"{path}?as={how}", by=by)


def disposition(reply: Reply) -> tuple[str, str]:
    query = parse_qs(urlsplit(reply.headers["Location"]).query)
    kind = query["response-content-disposition"][0].partition(";")[0]
    return kind, query["response-content-type"][0]


@pytest.mark.parametrize(
    ("content", "content_type"), [(PDF, "application/pdf"), (PNG, "image/png")]
)
def test_a_pdf_and_an_image_are_shown_as_what_they_are(service, content, content_type):
    customer = service.customer()
    _, path = file_with(customer, content, content_type)

    shown, saved = read(customer, path, "inline"), read(customer, path, "download")

    assert shown.status == saved.status == 303
    assert disposition(shown) == ("inline", content_type)
    assert disposition(saved) == ("attachment", "application/octet-stream")


def test_a_mail_is_answered_as_text_and_never_shown(service):
    customer = service.customer()
    _, path = file_with(customer, MAIL, "message/rfc822")

    text, shown = read(customer, path, "text"), read(customer, path, "inline")

    assert text.status == 200
    assert "Subject: ok" in text.json["text"]
    assert text.json["truncated"] is False
    assert (shown.status, shown.json["code"]) == (409, "evidence_not_viewable")


def test_a_spreadsheet_is_downloaded_only(service):
    customer = service.customer()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    _, path = file_with(customer, an_office_file("xlsx"), kind)

    replies = {how: read(customer, path, how) for how in ("inline", "text", "download")}

    assert {how: reply.status for how, reply in replies.items()} == {
        "inline": 409,
        "text": 409,
        "download": 303,
    }


def test_a_partner_reads_its_own_files_only(service):
    customer = service.customer()
    _, path = file_with(customer, PDF, "application/pdf")

    assert read(customer, path, "download", customer.by(1)).status == 303
    assert read(customer, path, "download", customer.by(2)).status == 404
    assert read(customer, f"{path}x", "download", customer.by(1)).status == 404


def test_a_case_says_what_kind_its_files_are(service):
    customer = service.customer()
    claim_id, _ = file_with(customer, PNG, "image/png")

    case = service.get(f"/v1/review/claims/{claim_id}", by=service.token(name="Rita"))

    (file,) = case["evidence"]
    assert (file["content_type"], file["size"]) == ("image/png", len(PNG))
    assert len(file["sha256"]) == 64
    assert file["uploaded_at"] <= service.now()


def test_an_auditor_reads_the_bundle_of_any_claim_and_an_operator_none(service):
    customer = service.customer()
    claim = customer.file()
    path = f"/v1/claims/{claim['id']}/bundle"

    read_by = {
        role: service.call("GET", path, by=service.token(None, role, name=role))
        for role in ("auditor", "reviewer", "operator")
    }

    assert {role: reply.status for role, reply in read_by.items()} == {
        "auditor": 200,
        "reviewer": 200,
        "operator": 403,
    }
    assert read_by["auditor"].json["claim"]["id"] == claim["id"]
    assert read_by["auditor"].json["signature"]


def test_a_case_has_the_checks_as_results_and_the_other_claims_on_the_customer(service):
    customer = service.customer()
    first, second = customer.file(1), customer.file(2)

    case = service.get(f"/v1/review/claims/{second['id']}", by=service.token(name="Rita"))

    outcomes = {one["check"]: one["outcome"] for one in case["checks"]["results"]}
    assert outcomes["competition"] == "look"
    assert outcomes["contacts"] == "passed"
    assert [row["id"] for row in case["other_claims"]] == [first["id"]]


def test_a_question_needs_no_words_besides_its_codes(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")

    customer.review(claim, "request-info", {"codes": ["poe_item_missing", "poe_date_missing"]})

    mail = service.mails(claim["id"], "info_requested")[0]
    assert customer.claim(claim)["status"] == "action_required"
    assert "None" not in mail["text"]
