"""The claims of the demonstration, filed with one button of a sandbox's first page.

They fit the feed in cpor/demo. Each is filed as its partner, by the calls that partners make.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.evidence import Evidence
from chalicelib.domain.refusals import Refusal
from chalicelib.usecases.callers import Caller
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.pages.shell import headers, public
from chalicelib.web.pages.shell.api_calls import Api, Conditions

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"  # an empty document
ACKNOWLEDGED = timedelta(days=30)  # before today
SALES = "dynamics_365_sales_enterprise"


@dataclass(frozen=True)
class Role:
    """In which role an item of which kind is claimed."""

    solution_area: str
    partner_role: str
    kind: str
    code: str


@dataclass(frozen=True)
class DemoClaim:
    """One filing of the demonstration: who claims what, at which customer."""

    organisation_id: str
    location_id: str
    tenant_id: str
    domain: str
    role: Role


BUSINESS = Role("business_applications", "usage_recognition", "product", SALES)
WORKLOAD = Role("modern_work_security", "use_or_consume", "workload", "microsoft_teams")
FABRIKAM = ("35b53e48-c4b6-474d-bcc2-9fdb4a3e281a", "fabrikam.example")
HANDEL = ("ede82be2-ebaa-46f0-87ac-b47e422693bc", "fabrikam-handel.example")
TAILSPIN = ("b8ff3f44-1c95-4c7f-a5e3-32f748291b3a", "tailspin.example")
CLAIMS = (
    DemoClaim("org_northlight", "4516001", *FABRIKAM, BUSINESS),
    DemoClaim("org_northlight", "4516001", *FABRIKAM, WORKLOAD),
    DemoClaim("org_contrail", "4620001", *HANDEL, BUSINESS),
    DemoClaim("org_minato", "4950001", *TAILSPIN, BUSINESS),
)


def has_demonstration(call: Call) -> bool:
    """Return whether this is a sandbox with the demonstration's partners."""
    services = call.services
    if not services.settings.sandbox:
        return False
    return services.partners.partner(CLAIMS[0].organisation_id) is not None


def file_demo_claims(call: Call) -> Answer[str]:
    """File every claim of the demonstration that is not there yet, and lead to the mailbox."""
    headers.refuse_other_sites(call.headers, call.services.settings)
    for claim in CLAIMS:
        try:
            _file(call, claim)
        except Refusal:  # it stands already, or this is another feed
            continue
    return public.redirect(call, "/sandbox/mailbox")


def _file(call: Call, claim: DemoClaim) -> None:
    caller = Caller(
        sub="demonstration",
        name="Demonstration",
        organisation_id=claim.organisation_id,
        roles=frozenset({"incentives_admin"}),
    )
    api = Api(call, caller, call.language)
    filing = _make_filing(claim, call.now)
    checked = api.post("/v1/claims/check", filing | {"evidence": []}).body
    if any(error["code"] == "already_claimed" for error in checked["errors"]):
        return
    announced = {
        "file_name": "statement-of-work.pdf",
        "content_type": "application/pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
    }
    moment = f"{call.now:%Y%m%d%H%M%S}-{claim.tenant_id}-{claim.role.code}"
    made = api.post("/v1/evidence", announced, Conditions(key=f"file-{moment}")).body
    evidence: Evidence | None = call.services.store.evidence.get(made["id"])
    if evidence is not None:
        call.services.files.put(evidence, PDF)
    proof = {
        "id": made["id"],
        "kind": "signed_sow",
        "acknowledged_on": (call.now - ACKNOWLEDGED).date().isoformat(),
        "covers": [claim.role.code],
    }
    filed = filing | {"evidence": [proof], "submit": True}
    api.post("/v1/claims", filed, Conditions(key=f"claim-{moment}"))


def _make_filing(claim: DemoClaim, now: datetime) -> dict[str, object]:
    """Return the body of a filing. Invented people at the customer's and the partner's domains."""
    person = {"name": "Alex Adler", "title": "IT", "email": f"alex@{claim.domain}"}
    partner = claim.organisation_id.removeprefix("org_")
    return {
        "location_id": claim.location_id,
        "tenant_id": claim.tenant_id,
        "domain": claim.domain,
        "solution_area": claim.role.solution_area,
        "partner_role": claim.role.partner_role,
        "items": [{claim.role.kind: claim.role.code}],
        "customer_contact": person,
        "technical_contact": person,
        "partner_contact": {"name": "Pia Partner", "email": f"pia@{partner}.example"},
        "name": f"Demonstration {now:%Y-%m-%d}",
    }
