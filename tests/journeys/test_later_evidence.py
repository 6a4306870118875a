"""Files that come after the filing: with an answer, a dispute, a statement."""

import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.journeys.arbitrations import case_of
from tests.support import feed
from tests.support.api_client import Reply
from tests.support.aws_calls import AwsCall, observe_calls
from tests.support.customer import SALES, Customer
from tests.support.embedded_aws import put_upload
from tests.support.files import PDF

IN_PROCESS_ONLY = True  # its clock moves by days, which is slow on the emulator

SERVICE = "dynamics_365_customer_service_enterprise"


def upload_file(customer: Customer, content: bytes, number: int = 1) -> str:
    """Upload a file announced as PDF, with any content."""
    announced = {
        "file_name": "sow.pdf",
        "content_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    made = customer.service.post("/v1/evidence", announced, by=customer.by(number))
    customer.service.put_file(made, content)
    return str(made["id"])


def proof(customer: Customer, file: str, **changes: str) -> dict:
    return {
        "id": file,
        "kind": "signed_sow",
        "acknowledged_on": customer.service.now()[:10],
        "covers": [SALES],
        **changes,
    }


def ask_partner(customer: Customer) -> dict:
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    return claim


def submit_statement(customer: Customer, proofs: list[dict]) -> tuple[dict, Reply]:
    """Open a case, and return its claims and the answer to the first party's statement."""
    claims = {number: customer.file(number) for number in (1, 2)}
    for number, claim in claims.items():
        customer.approve(claim, f"Reviewer {number}")
    customer.service.settle()
    path = f"/v1/arbitrations/{case_of(customer.service, customer, 1)['id']}/statement"
    return claims[1], customer.service.call(
        "POST", path, {"text": "we", "evidence": proofs}, by=customer.by(1)
    )


BAD = [
    ("evidence_type_not_allowed", "/evidence/0/id"),
    ("evidence_date_in_future", "/evidence/1/acknowledged_on"),
    ("evidence_too_old", "/evidence/2/acknowledged_on"),
]


@pytest.mark.parametrize("way", ["respond", "dispute", "statement"])
def test_a_file_that_comes_later_is_checked_like_one_of_a_filing(service, way):
    customer = service.customer()
    bad = [
        proof(customer, upload_file(customer, b"<html><script>alert(1)</script></html>")),
        proof(customer, customer.evidence(), acknowledged_on="2199-01-01"),
        proof(customer, customer.evidence(), acknowledged_on="2019-01-01"),
    ]

    if way == "statement":
        refused = submit_statement(customer, bad)[1]
    else:
        claim = ask_partner(customer)
        if way == "dispute":
            service.advance("P20D")
        words = {"message": "x"} if way == "respond" else {"reason": "x"}
        refused = customer.act(claim, way, {**words, "evidence": bad})

    assert [(e["code"], e["pointer"]) for e in refused.json["errors"]] == BAD


def test_the_age_of_a_file_counts_from_the_day_of_submission(service):
    customer = service.customer()
    submitted = service.now()[:10].replace("-02-29", "-02-28")
    claim = ask_partner(customer)
    a_year_before = f"{int(submitted[:4]) - 1}{submitted[4:]}"
    service.advance("P2D")

    taken = customer.act(
        claim,
        "respond",
        {
            "message": "x",
            "evidence": [proof(customer, customer.evidence(), acknowledged_on=a_year_before)],
        },
    )

    assert taken.status == 200, taken.text


def test_seniors_open_what_a_statement_rests_on_by_way_of_its_own_claim(service):
    customer = service.customer()
    file = customer.evidence()
    claim, answer = submit_statement(customer, [proof(customer, file)])
    rival = customer.service.get("/v1/claims", by=customer.by(2))["data"][0]
    senior = service.token(None, "senior_reviewer", name="Sena")

    opened = [
        service.call("GET", f"/v1/review/claims/{one['id']}/evidence/{file}", by=senior).status
        for one in (claim, rival)
    ]

    assert (answer.status, opened) == (200, [303, 404])


@pytest.mark.parametrize("way", ["respond", "amend", "statement", "second item"])
def test_reviewers_see_that_a_file_was_used_at_another_tenant_however_it_came(service, way):
    content = b"%PDF-1.7 signed by everybody\n%%EOF\n"
    first, second = service.customer(), service.customer()
    proofs = [proof(first, upload_file(first, content))]
    if way == "respond":
        first.act(ask_partner(first), "respond", {"message": "x", "evidence": proofs})
    elif way == "amend":
        first.amend(first.file(), evidence=proofs)
    elif way == "statement":
        submit_statement(first, proofs)
    else:
        file_two_items(first, proofs)
    service.settle()

    filed = second.file(evidence=[proof(second, upload_file(second, content))])

    case = service.get(f"/v1/review/claims/{filed['id']}", by=service.token(name="Rita"))
    assert [one["reused_elsewhere"] for one in case["evidence"]] == [True]


def file_two_items(customer: Customer, proofs: list[dict]) -> None:
    """File two items, of which only the second rests on these files."""
    feed.write(
        customer.service.rows,
        subscriptions=[
            feed.a_subscription(
                tenant_id=customer.tenant_id,
                subscription_id=f"{customer.tenant_id[:-4]}beef",
                sku_part_number="DYN365_ENTERPRISE_CUSTOMER_SERVICE",
                provisioning={"DYN365_ENTERPRISE_CUSTOMER_SERVICE": "Success"},
            )
        ],
    )
    whole = customer.filing()
    second = [{**one, "covers": [SERVICE]} for one in proofs]
    customer.files(
        items=[*whole["items"], {"product": SERVICE}], evidence=[*whole["evidence"], *second]
    )


def test_what_an_answer_was_refused_with_is_used_nowhere(service):
    content = b"%PDF-1.7 signed by everybody\n%%EOF\n"
    first, second = service.customer(), service.customer()
    claim = first.file()
    refused = first.act(
        claim, "respond", {"message": "x", "evidence": [proof(first, upload_file(first, content))]}
    )

    filed = second.file(evidence=[proof(second, upload_file(second, content))])

    case = service.get(f"/v1/review/claims/{filed['id']}", by=service.token(name="Rita"))
    assert (refused.status, [one["reused_elsewhere"] for one in case["evidence"]]) == (409, [False])


@pytest.mark.parametrize("is_draft", [False, True], ids=["filed", "submitted later"])
def test_a_reviewer_downloads_the_version_of_a_file_that_was_checked(service, is_draft):
    s3, bucket = service.s3, {"Bucket": service.services.settings.evidence_bucket}
    s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Enabled"})
    customer = service.customer()
    file = upload_file(customer, PDF)
    claim = customer.file(evidence=[proof(customer, file)], submit=not is_draft)
    s3.delete_object(**bucket, Key=f"unclaimed/{file}")  # as the lifecycle rule does after 7 days
    if is_draft:
        customer.act(claim, "submit", {})

    put_upload(service.s3, file, b"%PDF-1.7 something else\n%%EOF\n")
    assert read_as_reviewer(service, claim, file) == PDF


@pytest.mark.parametrize("way", ["file", "draft", "respond", "amend"])
def test_a_file_is_kept_before_the_claim_that_takes_it_is_written(service, way):
    customer = service.customer()
    claim = ask_partner(customer) if way in ("respond", "amend") else {}
    evidence = [proof(customer, upload_file(customer, PDF))]
    steps = {
        "file": lambda: customer.file(evidence=evidence),
        "draft": lambda: customer.file(evidence=evidence, submit=False),
        "respond": lambda: customer.act(claim, "respond", {"message": "x", "evidence": evidence}),
        "amend": lambda: customer.amend(claim, evidence=evidence),
    }

    order = CallOrder()
    with observe_calls(order):
        steps[way]()

    assert order.steps[:2] == ["kept", "claim written"]


class CallOrder:
    """Records the copies of files and the writes of claims, in the order of their calls."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def before_call(self, call: AwsCall) -> None:
        if call.operation == "CopyObject":
            self.steps.append("kept")
        rows = [next(iter(item.values())) for item in call.parameters.get("TransactItems", ())]
        if any(row.get("Item", {}).get("sk", {}).get("S", "").startswith("clm_") for row in rows):
            self.steps.append("claim written")

    def after_call(self, call: AwsCall) -> None:
        """Only the beginning counts."""


def read_as_reviewer(service, claim, file):
    """Return what is at the address to which a reviewer is sent."""
    path = f"/v1/review/claims/{claim['id']}/evidence/{file}"
    location = service.call("GET", path, by=service.token(name="Rita")).headers["Location"]
    address = urlsplit(location)
    found = service.s3.get_object(
        Bucket=service.services.settings.evidence_bucket,
        Key=address.path.rsplit("/", 1)[1],
        VersionId=parse_qs(address.query)["versionId"][0],
    )
    return found["Body"].read()
