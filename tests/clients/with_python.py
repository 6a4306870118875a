"""File a claim with evidence through a client that openapi-python-client has generated.

    .clients/bin/python with_python.py ADDRESS CUSTOMER

CUSTOMER is JSON: organisation, location, tenant, domain, product, subscription, day. Prints the
claim as the client reads it. The folder of the generated package `cpor_client` is on PYTHONPATH.
"""

import datetime
import hashlib
import json
import sys
import uuid

import httpx
from cpor_client.api.claims import check_filing, file_claims, list_history, show_claim
from cpor_client.api.evidence import announce_evidence
from cpor_client.api.sandbox import make_token
from cpor_client.client import AuthenticatedClient, Client
from cpor_client.models import (
    Announced,
    Checked,
    Claim,
    Contact,
    FileClaimsBody,
    Filed,
    Filing,
    FilingItem,
    History,
    Problem,
    ProofReference,
    ProofReferenceKind,
    Token,
    TokenRequest,
    Upload,
)

PDF = b"%PDF-1.7\nproof of execution\n%%EOF\n"


def main(address, customer):
    client = sign_in(address, customer["organisation"])
    refused = check_filing.sync(client=client, body=Filing(tenant_id=customer["tenant"]))
    assert isinstance(refused, Checked)
    assert {"location_unknown", "evidence_missing"} & {one.code for one in refused.errors}

    evidence = upload(client)
    filing = describe(customer, evidence)
    filed = file_claims.sync(client=client, body=filing, idempotency_key=str(uuid.uuid4()))
    assert isinstance(filed, Filed), filed
    claim = show_claim.sync(filed.claims[0].id, client=client)
    assert isinstance(claim, Claim), claim
    history = list_history.sync(claim.id, client=client)
    assert isinstance(history, History), history
    unknown = show_claim.sync("clm_unknown", client=client)
    assert isinstance(unknown, Problem), unknown

    acts = [one.act for one in history.data[:2]]
    print(json.dumps({"id": claim.id, "status": claim.status, "acts": acts, "code": unknown.code}))


def sign_in(address, organisation):
    body = TokenRequest(roles=["incentives_admin"], organisation_id=organisation)
    token = make_token.sync(client=Client(base_url=address), body=body)
    assert isinstance(token, Token), token
    return AuthenticatedClient(base_url=address, token=token.access_token)


def upload(client):
    """Announce a file, send it to the storage, and return its id."""
    digest = hashlib.sha256(PDF).hexdigest()
    body = Upload(file_name="sow.pdf", content_type="application/pdf", size=len(PDF), sha256=digest)
    announced = announce_evidence.sync(client=client, body=body, idempotency_key=str(uuid.uuid4()))
    assert isinstance(announced, Announced), announced
    fields = announced.upload.fields.to_dict()
    answer = httpx.post(announced.upload.url, data=fields, files={"file": PDF})
    assert answer.status_code == 204, answer.text
    return announced.id


def describe(customer, evidence):
    person = Contact(name="Anna Adler", title="CIO", email=f"anna@{customer['domain']}")
    return FileClaimsBody(
        tenant_id=customer["tenant"],
        domain=customer["domain"],
        solution_area="business_applications",
        partner_role="usage_recognition",
        location_id=customer["location"],
        items=[FilingItem(product=customer["product"], subscription_id=customer["subscription"])],
        customer_contact=person,
        technical_contact=person,
        partner_contact=Contact(name="Pia Partner", email="pia@partner.example"),
        evidence=[
            ProofReference(
                id=evidence,
                kind=ProofReferenceKind.SIGNED_SOW,
                acknowledged_on=datetime.date.fromisoformat(customer["day"]),
                covers=[customer["product"]],
            )
        ],
    )


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
