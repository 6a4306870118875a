"""Finding by one field, and looking at a customer or a partner as a whole."""

import json

import pytest

from chalicelib.aws import keys
from chalicelib.aws.rows import make_row
from tests.support.service import Service

IN_PROCESS_ONLY = True


def make_related_reviewer(service: Service, organisation_id: str) -> str:
    """A reviewer who is related to a partner."""
    name = f"Karl {organisation_id}"
    row = json.dumps({"sub": name, "related_partners": [organisation_id]})
    service.rows.write([make_row(keys.reviewer(name), row, f_pk=keys.REVIEWERS, f_sk=name)])
    return service.token(None, "reviewer", name=name)


def find(service: Service, text: str, by: str = "") -> dict[str, list[str]]:
    """Return the ids of what is found, by kind; kinds without anything are left out."""
    found = service.get(f"/v1/review/find?q={text}", by=by or service.token(name="Rita"))
    names = {"tenants": "tenant_id", "partners": "organisation_id"}
    return {
        kind: [row[names.get(kind, "id")] for row in rows] for kind, rows in found.items() if rows
    }


def test_a_claim_is_found_by_every_id_that_leads_to_it(service):
    customer = service.customer()
    claim = customer.active()
    mail = service.mails(claim["id"], "notice", customer.admin)[0]
    reference = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))
    association = customer.claim(claim)["association"]["id"]

    for text in (claim["id"], claim["filing_id"], association, reference["mails"][0]["id"]):
        assert find(service, text) == {"claims": [claim["id"]]}, text
    assert mail["claim_ids"] == [claim["id"]]


def test_a_customer_is_found_by_its_id_and_its_domain(service):
    customer = service.customer()

    assert find(service, customer.tenant_id.upper()) == {"tenants": [customer.tenant_id]}
    assert find(service, customer.domain) == {"tenants": [customer.tenant_id]}


def test_a_partner_is_found_by_its_id_and_a_reference_by_the_claim(service):
    customer = service.customer()
    claim = customer.file(external_reference="CRM-4711")

    assert find(service, customer.partner(1))["partners"] == [customer.partner(1)]
    assert find(service, "crm-4711") == {"claims": [claim["id"]]}


@pytest.mark.parametrize("text", ["clm_x", "fil_", "mai_1", "arb_zzz", "%25", "…", "x.invalid"])
def test_what_does_not_exist_is_not_found(service, text):
    assert find(service, text) == {}


def test_nothing_is_found_for_somebody_who_is_related(service):
    customer = service.customer()
    claim = customer.file(external_reference="CRM-0815")
    by = make_related_reviewer(service, customer.partner(1))
    path = f"/v1/review/partners/{customer.partner(1)}"

    assert find(service, claim["id"], by) == {}
    assert find(service, "CRM-0815", by) == {}
    assert service.get(f"/v1/review/tenants/{customer.tenant_id}", by=by)["claims"] == []
    assert service.call("GET", path, by=by).json["code"] == "conflict_of_interest"


def test_a_customer_is_shown_with_its_claims_and_no_drafts(service):
    customer = service.customer(name="Fabrikam Werke")
    first, second = customer.file(1), customer.file(2)
    customer.file(3, submit=False)

    shown = service.get(f"/v1/review/tenants/{customer.tenant_id}", by=service.token(name="Rita"))

    assert shown["name"] == "Fabrikam Werke"
    assert [row["id"] for row in shown["claims"]] == [second["id"], first["id"]]
    assert shown["locked"] is False


def test_a_look_at_a_customer_is_in_its_journal_once_an_hour(service):
    customer = service.customer()
    claim = customer.file()
    path = f"/v1/review/tenants/{customer.tenant_id}"
    for name in ("Rita", "Rita", "Ralf"):
        service.get(path, by=service.token(name=name))

    link = service.link(claim["id"], customer.admin)
    journal = service.call("GET", f"{link}/journal?lang=en").text

    assert journal.count("Looked at all requests about you") == 2
    assert journal.count("<strong>Partner Programme</strong>") == 2


def test_a_partner_is_shown_with_its_claims_searched_by_a_reference(service):
    customer = service.customer()
    claim = customer.file(external_reference="CRM-1")
    path, by = f"/v1/review/partners/{customer.partner(1)}", service.token(name="Rita")

    everything, none = service.get(path, by=by), service.get(f"{path}?q=CRM-2", by=by)

    assert [row["id"] for row in everything["claims"]] == [claim["id"]]
    assert none["claims"] == []
    assert service.call("GET", "/v1/review/partners/org-unknown", by=by).status == 404


def test_the_reviewers_are_listed_with_whom_they_keep_away_from(service):
    customer = service.customer()
    make_related_reviewer(service, customer.partner(1))

    listed = service.get("/v1/review/reviewers", by=service.token(name="Rita"))["data"]

    mine = [one for one in listed if one["sub"] == f"Karl {customer.partner(1)}"]
    assert [one["organisation_id"] for one in mine[0]["related_partners"]] == [customer.partner(1)]
