"""Every page below `/portal` and `/desk`: what shows it or carries it out, and for whom.

A page may be opened by whoever may make the calls of the API that it makes; the API decides that
once more with each call. docs/pages.md says how a page is added.
"""

from chalicelib.usecases.callers import PARTNER_ROLES, PROGRAMME_ROLES
from chalicelib.web.pages.shell.page import Page

PARTNERS = PARTNER_ROLES
PROGRAMME = PROGRAMME_ROLES
EDITORS = frozenset({"incentives_admin", "incentives_user"})
ADMINS = frozenset({"incentives_admin"})
REVIEWERS = frozenset({"reviewer", "senior_reviewer"})
READERS = REVIEWERS | {"auditor"}
OPERATORS = frozenset({"operator", "auditor"})
SENIORS = frozenset({"senior_reviewer"})

NEW = "GET /portal/claims/new"
CLAIM = "GET /portal/claims/{claim_id}"
PERSON = "GET /portal/account/people/{user_id}"
CASE = "GET /desk/claims/{claim_id}"

ENDPOINT = "GET /portal/integration/endpoints/{endpoint_id}"
ARBITRATION = "GET /desk/arbitrations/{arbitration_id}"

# One page a row; the formatter would make a column of each.
# fmt: off
PAGES: tuple[Page, ...] = (
    # The portal
    Page("GET /portal", "portal.home:show_home", PARTNERS),
    Page("GET /portal/claims", "portal.claims:show_claims", PARTNERS),
    Page("GET /portal/claims/new", "portal.filing:show_form", PARTNERS, shows_files=True),
    Page("POST /portal/claims/new", "portal.filing:change", PARTNERS, form_of=NEW,
         shows_files=True),
    Page("POST /portal/claims/preflight", "portal.filing:try_out", PARTNERS, form_of=NEW),
    Page("POST /portal/claims/check", "portal.filing:check", PARTNERS, form_of=NEW,
         shows_files=True),
    Page("POST /portal/claims/draft", "portal.filing:keep_draft", PARTNERS, form_of=NEW),
    Page("POST /portal/claims/file", "portal.filing:file", PARTNERS, form_of=NEW),
    Page("GET /portal/claims/export.csv", "portal.claims:export_claims", PARTNERS),
    Page("POST /portal/claims/views", "portal.claims:save_view", PARTNERS,
         form_of="GET /portal/claims"),
    Page("POST /portal/claims/views/remove", "portal.claims:remove_view", PARTNERS,
         form_of="GET /portal/claims"),
    Page("GET /portal/filings/{filing_id}", "portal.filing:show_filing", PARTNERS),
    Page("POST /portal/filings/{filing_id}/submit", "portal.filing:submit_filing", PARTNERS,
         form_of="GET /portal/filings/{filing_id}"),
    Page("POST /portal/evidence", "portal.filing:announce_file", PARTNERS),
    Page("GET /portal/claims/{claim_id}", "portal.claim:show_claim", PARTNERS, shows_files=True),
    Page("GET /portal/claims/{claim_id}/bundle", "downloads:download_bundle", PARTNERS),
    Page("GET /portal/claims/{claim_id}/evidence/{evidence_id}", "downloads:open_evidence",
         PARTNERS),
    Page("POST /portal/claims/{claim_id}/submit", "portal.claim_acts:submit", PARTNERS,
         form_of=CLAIM),
    Page("POST /portal/claims/{claim_id}/respond", "portal.claim_acts:respond", EDITORS,
         form_of=CLAIM),
    Page("POST /portal/claims/{claim_id}/withdraw", "portal.claim_acts:withdraw", EDITORS,
         form_of=CLAIM),
    Page("POST /portal/claims/{claim_id}/dispute", "portal.claim_acts:dispute", ADMINS,
         form_of=CLAIM),
    Page("POST /portal/claims/{claim_id}/comments", "portal.claim_acts:comment", EDITORS,
         form_of=CLAIM),
    Page("GET /portal/claims/{claim_id}/amend", "portal.amending:show_amendment", EDITORS,
         shows_files=True),
    Page("POST /portal/claims/{claim_id}/amend", "portal.claim_acts:amend", EDITORS,
         form_of="GET /portal/claims/{claim_id}/amend"),
    Page("GET /portal/arbitrations", "cases:show_cases", EDITORS),
    Page("GET /portal/arbitrations/{arbitration_id}", "portal.arbitrations:show_arbitration",
         EDITORS, shows_files=True),
    Page("POST /portal/arbitrations/{arbitration_id}/statement",
         "portal.arbitrations:give_statement", ADMINS,
         form_of="GET /portal/arbitrations/{arbitration_id}"),
    Page("GET /portal/associations", "portal.associations:show_associations", PARTNERS),
    Page("GET /portal/associations/{association_id}", "portal.associations:show_association",
         PARTNERS),
    Page("GET /portal/associations/{association_id}/figures.csv",
         "portal.associations:export_figures", EDITORS),
    Page("POST /portal/associations/{association_id}/end", "portal.associations:end", ADMINS,
         form_of="GET /portal/associations/{association_id}"),
    Page("GET /portal/renewals", "portal.associations:show_renewals", PARTNERS),
    Page("GET /portal/insights", "insights:show_insights", PARTNERS),
    Page("GET /portal/insights/export.csv", "insights:export_insights", PARTNERS),

    Page("GET /portal/events", "portal.events:show_events", PARTNERS),
    Page("GET /portal/integration", "portal.integration:show_integration", ADMINS),
    Page("GET /portal/integration/keys/new", "portal.integration:show_key_form", ADMINS),
    Page("POST /portal/integration/keys", "portal.integration:create_key", ADMINS,
         form_of="GET /portal/integration/keys/new"),
    Page("POST /portal/integration/keys/{key_id}/revoke", "portal.integration:revoke_key", ADMINS,
         form_of="GET /portal/integration"),
    Page("GET /portal/integration/endpoints/new", "portal.integration:show_endpoint_form", ADMINS),
    Page("POST /portal/integration/endpoints", "portal.integration:create_endpoint", ADMINS,
         form_of="GET /portal/integration/endpoints/new"),
    Page("GET /portal/integration/endpoints/{endpoint_id}", "portal.endpoint:show_endpoint",
         ADMINS),
    Page("POST /portal/integration/endpoints/{endpoint_id}/test", "portal.endpoint:test", ADMINS,
         form_of=ENDPOINT),
    Page("POST /portal/integration/endpoints/{endpoint_id}/change", "portal.endpoint:change",
         ADMINS, form_of=ENDPOINT),
    Page("POST /portal/integration/endpoints/{endpoint_id}/rotate", "portal.endpoint:rotate",
         ADMINS, form_of=ENDPOINT),
    Page("POST /portal/integration/endpoints/{endpoint_id}/enable", "portal.endpoint:enable",
         ADMINS, form_of=ENDPOINT),
    Page("POST /portal/integration/endpoints/{endpoint_id}/disable", "portal.endpoint:disable",
         ADMINS, form_of=ENDPOINT),
    Page("POST /portal/integration/endpoints/{endpoint_id}/replay", "portal.endpoint:replay",
         ADMINS, form_of=ENDPOINT),
    Page("POST /portal/integration/endpoints/{endpoint_id}/resend", "portal.endpoint:resend",
         ADMINS, form_of=ENDPOINT),
    Page("POST /portal/integration/endpoints/{endpoint_id}/remove", "portal.endpoint:remove",
         ADMINS, form_of=ENDPOINT),

    Page("GET /portal/account", "account:show_account", PARTNERS),
    Page("POST /portal/account/preferences", "account:save_preferences", PARTNERS,
         form_of="GET /portal/account"),
    Page("POST /portal/account/people", "portal.people:invite", ADMINS,
         form_of="GET /portal/account"),
    Page("GET /portal/account/people/{user_id}", "portal.people:show_person", ADMINS),
    Page("POST /portal/account/people/{user_id}/roles", "portal.people:change_roles", ADMINS,
         form_of=PERSON),
    Page("POST /portal/account/people/{user_id}/state", "portal.people:change_state", ADMINS,
         form_of=PERSON),
    Page("POST /portal/account/people/{user_id}/remove", "portal.people:remove", ADMINS,
         form_of=PERSON),

    # The desk
    Page("GET /desk/account", "account:show_account", PROGRAMME),
    Page("POST /desk/account/preferences", "account:save_preferences", PROGRAMME,
         form_of="GET /desk/account"),
    Page("GET /desk", "desk.queue:show_queue", READERS | {"operator"}),
    Page("POST /desk/next", "desk.queue:start_next", REVIEWERS, form_of="GET /desk"),
    Page("POST /desk/claims/{claim_id}/take", "desk.queue:take", REVIEWERS, form_of="GET /desk"),
    Page("GET /desk/claims/{claim_id}", "desk.case:show_case", READERS, shows_files=True),
    Page("GET /desk/claims/{claim_id}/evidence/{evidence_id}", "downloads:open_evidence",
         READERS),
    Page("GET /desk/claims/{claim_id}/bundle", "downloads:download_bundle", READERS),
    Page("POST /desk/claims/{claim_id}/letter", "desk.case:show_letter", REVIEWERS, form_of=CASE),
    Page("POST /desk/claims/{claim_id}/start", "desk.case_acts:start", REVIEWERS, form_of=CASE),
    Page("POST /desk/claims/{claim_id}/assign", "desk.case_acts:assign", REVIEWERS, form_of=CASE),
    Page("POST /desk/claims/{claim_id}/approve", "desk.case_acts:approve", REVIEWERS,
         form_of=CASE),
    Page("POST /desk/claims/{claim_id}/request-info", "desk.case_acts:ask", REVIEWERS,
         form_of=CASE),
    Page("POST /desk/claims/{claim_id}/reject", "desk.case_acts:reject", REVIEWERS, form_of=CASE),
    Page("POST /desk/claims/{claim_id}/comments", "desk.case_acts:comment", REVIEWERS,
         form_of=CASE),
    Page("POST /desk/claims/{claim_id}/decide-dispute", "desk.case_acts:decide_dispute", SENIORS,
         form_of=CASE),
    Page("POST /desk/claims/{claim_id}/customer-address", "desk.case_acts:record_address",
         REVIEWERS, form_of=CASE),
    Page("POST /desk/claims/{claim_id}/confirm-address", "desk.case_acts:confirm_address",
         SENIORS, form_of=CASE),
    Page("POST /desk/claims/{claim_id}/resume", "desk.case_acts:resume", REVIEWERS, form_of=CASE),
    Page("POST /desk/claims/{claim_id}/revoke", "desk.case_acts:revoke", SENIORS, form_of=CASE),
    Page("POST /desk/claims/{claim_id}/confirm-revocation", "desk.case_acts:confirm_revocation",
         SENIORS, form_of=CASE),
    Page("POST /desk/claims/{claim_id}/decline-revocation", "desk.case_acts:decline_revocation",
         SENIORS, form_of=CASE),
    Page("GET /desk/find", "desk.find:show_search", READERS),
    Page("GET /desk/tenants/{tenant_id}", "desk.find:show_customer", READERS),
    Page("GET /desk/partners/{organisation_id}", "desk.find:show_partner", READERS),
    Page("GET /desk/insights", "insights:show_insights", SENIORS | OPERATORS),
    Page("GET /desk/insights/export.csv", "insights:export_insights", SENIORS | OPERATORS),
    Page("GET /desk/workload", "desk.workload:show_workload", READERS | {"operator"}),
    Page("GET /desk/operations", "desk.operations:show_operations", OPERATORS),
    Page("GET /desk/disputes", "desk.queue:show_disputes", READERS),
    Page("GET /desk/tasks", "desk.queue:show_tasks", READERS),
    Page("GET /desk/arbitrations", "cases:show_cases", READERS),
    Page("GET /desk/arbitrations/{arbitration_id}", "desk.arbitration:show_arbitration", READERS,
         shows_files=True),
    Page("POST /desk/arbitrations/{arbitration_id}/propose", "desk.arbitration:propose", SENIORS,
         form_of=ARBITRATION),
    Page("POST /desk/arbitrations/{arbitration_id}/confirm", "desk.arbitration:confirm", SENIORS,
         form_of=ARBITRATION),
    Page("POST /desk/arbitrations/{arbitration_id}/ask", "desk.arbitration:ask", SENIORS,
         form_of=ARBITRATION),
)
# fmt: on
