"""Who may what, written down a second time and independently of the routes: the contract's table,
one row per route.

A route that has no row here fails the tests: add one here with who may call it, and on
whose things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

EVERYONE: frozenset[str] = frozenset()  # no token is asked for
PARTNER = frozenset({"incentives_admin", "incentives_user", "billing_admin", "global_admin"})
ACTING = frozenset({"incentives_admin", "incentives_user"})
ADMIN = frozenset({"incentives_admin"})
REVIEWER = frozenset({"reviewer", "senior_reviewer"})
SENIOR = frozenset({"senior_reviewer"})
READER = REVIEWER | {"auditor"}
PROGRAMME = READER | {"operator"}

TEXT, MESSAGE, REASON = {"text": "x"}, {"message": "x"}, {"reason": "x"}
CODED = {"codes": ["insufficient_poe"], "message": "x"}
AWARD = {
    "winner": None,
    "reasons": {"coverage": "x", "recency": "x", "customer": "x", "continuity": "x"},
}
LOOK_UP = {
    "tenant_id": "11111111-1111-4111-8111-111111111111",
    "domain": "fabrikam.example",
    "product": "x",
}
FILE = {"file_name": "a.pdf", "content_type": "application/pdf", "size": 1, "sha256": "0" * 64}
PERSON = {"name": "Pat", "email": "pat@partner.example", "roles": ["incentives_user"]}
API_KEY = {
    "name": "ERP",
    "role": "incentives_user",
    "expires_on": (date.today() + timedelta(days=200)).isoformat(),
}
ENDPOINT = {"url": "https://127.0.0.1/", "contact": "ops@partner.example"}
SWITCH = {"form": "0" * 32, "confirm": "yes", "organisation_id": "x"}


@dataclass(frozen=True)
class Rule:
    """`of`: the kind of thing that the path's first variable names, `own` which of the owner's.
    `body`: one in order.
    """

    who: frozenset[str]
    of: str = ""
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None
    sandbox: bool = False
    own: str = ""


RULES: dict[str, Rule] = {
    "GET /v1/catalogue": Rule(PARTNER | PROGRAMME),
    "GET /v1/locations": Rule(PARTNER),
    "POST /v1/subscriptions/verify": Rule(ACTING, body=LOOK_UP),
    "POST /v1/claims/check": Rule(PARTNER, body={}),
    "POST /v1/evidence": Rule(PARTNER, body=FILE),
    "POST /v1/claims": Rule(PARTNER, body={}),
    "GET /v1/claims": Rule(PARTNER),
    "GET /v1/claims/{claim_id}": Rule(PARTNER, "claim"),
    "PATCH /v1/claims/{claim_id}": Rule(ACTING, "claim", {"reason": "x", "name": "y"}),
    "POST /v1/claims/{claim_id}/submit": Rule(PARTNER, "claim", {}),
    "POST /v1/claims/{claim_id}/withdraw": Rule(ACTING, "claim", REASON, own="open"),
    "POST /v1/claims/{claim_id}/respond": Rule(ACTING, "claim", MESSAGE),
    "POST /v1/claims/{claim_id}/dispute": Rule(ADMIN, "claim", REASON),
    "GET /v1/claims/{claim_id}/bundle": Rule(PARTNER | READER, "claim"),
    "GET /v1/claims/{claim_id}/evidence/{evidence_id}": Rule(PARTNER | READER, "claim"),
    "GET /v1/claims/{claim_id}/comments": Rule(PARTNER, "claim"),
    "POST /v1/claims/{claim_id}/comments": Rule(ACTING, "claim", TEXT),
    "GET /v1/claims/{claim_id}/history": Rule(PARTNER, "claim"),
    "GET /v1/filings/{filing_id}": Rule(PARTNER, "filing"),
    "POST /v1/filings/{filing_id}/submit": Rule(PARTNER, "filing", {}),
    "GET /v1/customers": Rule(PARTNER),
    "GET /v1/todo": Rule(PARTNER),
    "GET /v1/associations": Rule(PARTNER),
    "GET /v1/associations/{association_id}": Rule(PARTNER, "association"),
    "POST /v1/associations/{association_id}/end": Rule(ADMIN, "association", REASON),
    "GET /v1/associations/{association_id}/seats": Rule(ACTING, "association"),
    "GET /v1/associations/{association_id}/usage": Rule(ACTING, "association"),
    "GET /v1/associations/{association_id}/figures.csv": Rule(ACTING, "association"),
    "GET /v1/events": Rule(PARTNER),
    "GET /v1/insights": Rule(PARTNER | {"operator", "senior_reviewer", "auditor"}),
    "GET /v1/users": Rule(ADMIN),
    "POST /v1/users": Rule(ADMIN, body=PERSON),
    "PATCH /v1/users/{user_id}": Rule(ADMIN, "user", {"state": "disabled"}),
    "DELETE /v1/users/{user_id}": Rule(ADMIN, "user"),
    "GET /v1/api-keys": Rule(ADMIN),
    "POST /v1/api-keys": Rule(ADMIN, body=API_KEY),
    "DELETE /v1/api-keys/{key_id}": Rule(ADMIN, "api_key"),
    "GET /v1/me": Rule(PARTNER | PROGRAMME),
    "PATCH /v1/me": Rule(PARTNER | PROGRAMME, body={"preferences": {"shortcuts": True}}),
    "GET /v1/webhook-endpoints": Rule(ADMIN),
    "POST /v1/webhook-endpoints": Rule(ADMIN, body=ENDPOINT),
    "GET /v1/webhook-endpoints/{endpoint_id}": Rule(ADMIN, "endpoint"),
    "PATCH /v1/webhook-endpoints/{endpoint_id}": Rule(ADMIN, "endpoint", {"description": "x"}),
    "POST /v1/webhook-endpoints/{endpoint_id}/rotate-secret": Rule(ADMIN, "endpoint", {}),
    "POST /v1/webhook-endpoints/{endpoint_id}/test": Rule(ADMIN, "endpoint"),
    "GET /v1/webhook-endpoints/{endpoint_id}/deliveries": Rule(ADMIN, "endpoint"),
    "POST /v1/webhook-endpoints/{endpoint_id}/deliveries/{event_id}/resend": Rule(
        ADMIN, "endpoint"
    ),
    "POST /v1/webhook-endpoints/{endpoint_id}/replay": Rule(
        ADMIN, "endpoint", {"since": "2026-11-20T00:00:00Z"}
    ),
    "POST /v1/webhook-endpoints/{endpoint_id}/enable": Rule(ADMIN, "endpoint", {}),
    "POST /v1/webhook-endpoints/{endpoint_id}/disable": Rule(ADMIN, "endpoint"),
    "DELETE /v1/webhook-endpoints/{endpoint_id}": Rule(ADMIN, "endpoint"),
    "GET /v1/review/queue": Rule(PROGRAMME),
    "GET /v1/review/find": Rule(READER),
    "GET /v1/review/tenants/{tenant_id}": Rule(READER),
    "GET /v1/review/partners/{organisation_id}": Rule(READER),
    "GET /v1/review/reviewers": Rule(READER),
    "GET /v1/review/claims/{claim_id}": Rule(READER, "claim"),
    "POST /v1/review/next": Rule(REVIEWER, body={}),
    "POST /v1/review/claims/{claim_id}/assign": Rule(REVIEWER, "claim", {}),
    "POST /v1/review/claims/{claim_id}/start": Rule(REVIEWER, "claim", {}),
    "POST /v1/review/claims/{claim_id}/request-info": Rule(
        REVIEWER, "claim", {"codes": ["poe_date_missing"], "message": "x"}
    ),
    "POST /v1/review/claims/{claim_id}/approve": Rule(REVIEWER, "claim", {}),
    "POST /v1/review/claims/{claim_id}/reject": Rule(REVIEWER, "claim", CODED),
    "POST /v1/review/claims/{claim_id}/letter": Rule(
        REVIEWER, "claim", {"act": "request_info", "codes": ["poe_date_missing"], "message": "x"}
    ),
    "POST /v1/review/claims/{claim_id}/comments": Rule(
        REVIEWER, "claim", TEXT | {"visibility": "internal"}
    ),
    "GET /v1/review/claims/{claim_id}/evidence/{evidence_id}": Rule(READER, "claim"),
    "POST /v1/review/claims/{claim_id}/decide-dispute": Rule(
        SENIOR, "claim", CODED | {"outcome": "reject"}
    ),
    "POST /v1/review/claims/{claim_id}/customer-address": Rule(
        REVIEWER, "claim", {"email": "a@b.example", "source": "x"}
    ),
    "POST /v1/review/associations/{association_id}/revoke": Rule(SENIOR, "association", MESSAGE),
    "POST /v1/review/associations/{association_id}/confirm-revocation": Rule(
        SENIOR, "association", MESSAGE
    ),
    "POST /v1/review/associations/{association_id}/decline-revocation": Rule(
        SENIOR, "association", MESSAGE
    ),
    "POST /v1/review/claims/{claim_id}/confirm-address": Rule(
        SENIOR, "claim", {"email": "ceo@customer.example", "source": "the register"}
    ),
    "POST /v1/review/associations/{association_id}/resume": Rule(REVIEWER, "association", MESSAGE),
    "GET /v1/operations/health": Rule(frozenset({"operator", "auditor"})),
    "GET /v1/operations/feeds": Rule(frozenset({"operator", "auditor"})),
    "GET /v1/operations/dead-letters": Rule(frozenset({"operator", "auditor"})),
    "GET /v1/operations/catalogue": Rule(frozenset({"operator", "auditor"})),
    "GET /v1/arbitrations": Rule(ACTING | READER),
    "GET /v1/arbitrations/{arbitration_id}": Rule(ACTING | READER, "arbitration"),
    "POST /v1/arbitrations/{arbitration_id}/statement": Rule(ADMIN, "arbitration", TEXT),
    "POST /v1/arbitrations/{arbitration_id}/request-info": Rule(
        SENIOR, "arbitration", {"party": "x", "message": "x"}
    ),
    "POST /v1/arbitrations/{arbitration_id}/propose": Rule(SENIOR, "arbitration", AWARD),
    "POST /v1/arbitrations/{arbitration_id}/confirm": Rule(SENIOR, "arbitration", AWARD),
    "GET /o/{token}": Rule(EVERYONE, "link"),
    "POST /o/{token}": Rule(
        EVERYONE, "link", form={"decision": "opt_out", "claim": "all", "form": "0" * 32}
    ),
    "POST /o/{token}/lock": Rule(EVERYONE, "link", form=SWITCH),
    "POST /o/{token}/unlock": Rule(EVERYONE, "link", form=SWITCH),
    "POST /o/{token}/block": Rule(EVERYONE, "link", form=SWITCH),
    "POST /o/{token}/allow-again": Rule(EVERYONE, "link", form=SWITCH),
    "GET /o/{token}/confirm": Rule(EVERYONE, "link"),
    "POST /o/{token}/confirm": Rule(EVERYONE, "link", form=SWITCH),
    "GET /o/{token}/journal": Rule(EVERYONE, "link"),
    "GET /verify-mail": Rule(EVERYONE),
    "POST /verify-mail": Rule(EVERYONE, form={"reference": "mai_x", "address": "a@b.example"}),
    "POST /webhooks/opt-out": Rule(EVERYONE, body={}),
    "POST /sandbox/tokens": Rule(EVERYONE, body={"roles": []}, sandbox=True),
    "GET /sandbox/issuer/jwks": Rule(EVERYONE, sandbox=True),
    "GET /sandbox/issuer/.well-known/openid-configuration": Rule(EVERYONE, sandbox=True),
    "GET /sandbox/issuer/authorize": Rule(EVERYONE, sandbox=True),
    "POST /sandbox/issuer/authorize": Rule(EVERYONE, form={"who": "x"}, sandbox=True),
    "POST /sandbox/issuer/token": Rule(EVERYONE, form={"grant_type": "x"}, sandbox=True),
    "POST /sandbox/issuer/revoke": Rule(EVERYONE, form={"token": "x"}, sandbox=True),
    "POST /sandbox/demo": Rule(EVERYONE, form={}, sandbox=True),
    "POST /sandbox/bar": Rule(EVERYONE, form={"move": "PT1S"}, sandbox=True),
    "GET /sandbox/clock": Rule(EVERYONE, sandbox=True),
    "POST /sandbox/clock": Rule(EVERYONE, body={"advance": "PT1S"}, sandbox=True),
    "GET /sandbox/mail": Rule(EVERYONE, sandbox=True),
    "POST /sandbox/mail/{mail_id}/events": Rule(EVERYONE, body={"type": "delivery"}, sandbox=True),
    "POST /sandbox/hooks": Rule(EVERYONE, body={}, sandbox=True),
    "GET /sandbox/hooks/{hook_id}": Rule(EVERYONE, sandbox=True),
    "POST /sandbox/hooks/{hook_id}": Rule(EVERYONE, body={}, sandbox=True),
    "GET /sandbox/mailbox": Rule(EVERYONE, sandbox=True),
    "GET /sandbox/mailbox/{mail_id}/html": Rule(EVERYONE, sandbox=True),
    "GET /favicon.ico": Rule(EVERYONE),
    "GET /robots.txt": Rule(EVERYONE),
    "POST /sandbox/mailbox/{mail_id}": Rule(EVERYONE, form={"type": "delivery"}, sandbox=True),
    "GET /v1/health": Rule(EVERYONE),
    "GET /.well-known/cpor-history-keys.json": Rule(EVERYONE),
    "GET /openapi.json": Rule(EVERYONE),
    "GET /static/{file}": Rule(EVERYONE),
    # Pages say by a redirect or in the page who may open them: tests/pages/test_page_access.py
    "GET /": Rule(EVERYONE),
    "GET /docs": Rule(EVERYONE),
    "GET /docs/{page+}": Rule(EVERYONE),
    "GET /sign-in": Rule(EVERYONE),
    "GET /signed-in": Rule(EVERYONE),
    "POST /sign-out": Rule(EVERYONE, form={}),
    "GET /portal": Rule(EVERYONE),
    "GET /portal/{page+}": Rule(EVERYONE),
    "POST /portal/{page+}": Rule(EVERYONE, form={"once": "x"}),
    "GET /desk": Rule(EVERYONE),
    "GET /desk/{page+}": Rule(EVERYONE),
    "POST /desk/{page+}": Rule(EVERYONE, form={"once": "x"}),
}
