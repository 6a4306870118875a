"""Every HTTP route of the service: its name, what handles it, and who may call it.

A handler is named by its module below `chalicelib.web`, which is imported with the first request
for it: a new process reads only what its first request needs. The models of body, query and
response stand in the handler's signature. `tests/web/routes.txt` is the reviewed copy of what this
table means.
"""

from chalicelib.usecases.callers import PARTNER_ROLES, PROGRAMME_ROLES
from chalicelib.web.http.routing import Route
from chalicelib.web.integration_routes import ADMINS, INTEGRATION_ROUTES

PUBLIC = None
PARTNERS = PARTNER_ROLES
EDITORS = frozenset({"incentives_admin", "incentives_user"})
REVIEWERS = frozenset({"reviewer", "senior_reviewer"})
SENIORS = frozenset({"senior_reviewer"})
READERS = REVIEWERS | {"auditor"}
OPERATORS = frozenset({"operator", "auditor"})

# Writes a refusal where people read it.
PROBLEM_PAGE = "pages.problems:render_problem"

# One route a row; the formatter would make a column of each.
# fmt: off
ROUTES = (
    # The catalogue, and the caller's locations
    Route("GET /v1/catalogue", "api.catalogue:show_catalogue", PARTNERS | PROGRAMME_ROLES,
          "What can be claimed, and how"),
    Route("GET /v1/locations", "api.catalogue:list_locations", PARTNERS,
          "The organisation's own location ids"),

    # Filing
    Route("POST /v1/subscriptions/verify", "api.filings:verify_subscription", EDITORS,
          "Look one subscription up"),
    Route("POST /v1/claims/check", "api.filings:check_filing", PARTNERS,
          "Try a filing out; nothing is stored"),
    Route("POST /v1/evidence", "api.evidence:announce_evidence", PARTNERS,
          "Announce a file for upload", creates=True),
    Route("POST /v1/claims", "api.filings:file_claims", PARTNERS,
          "File a claim per item, all or nothing", creates=True),

    # A partner's claims
    Route("GET /v1/claims", "api.claims:list_claims", PARTNERS,
          "The organisation's claims, newest first"),
    Route("GET /v1/claims/{claim_id}", "api.claims:show_claim", PARTNERS, "One claim"),
    Route("PATCH /v1/claims/{claim_id}", "api.claims:amend_claim", EDITORS,
          "Amend a claim (merge patch)", problems=(422,)),
    Route("POST /v1/claims/{claim_id}/submit", "api.claims:submit_claim", PARTNERS,
          "Submit a draft", problems=(422,)),
    Route("POST /v1/claims/{claim_id}/withdraw", "api.claims:withdraw_claim", EDITORS,
          "Take a claim back"),
    Route("POST /v1/claims/{claim_id}/respond", "api.claims:respond_to_question", EDITORS,
          "Answer a reviewer's question"),
    Route("POST /v1/claims/{claim_id}/dispute", "api.claims:dispute_decision", ADMINS,
          "Contradict a decision"),
    Route("GET /v1/claims/{claim_id}/bundle", "api.claims:show_bundle", PARTNERS | READERS,
          "The whole case as one document"),
    Route("GET /v1/claims/{claim_id}/evidence/{evidence_id}", "api.evidence:open_evidence",
          PARTNERS | READERS, "A file: to download, to look at, or as text",
          other_statuses=(303,), problems=(409,)),
    Route("GET /v1/claims/{claim_id}/comments", "api.claims:list_comments", PARTNERS,
          "The claim's thread"),
    Route("POST /v1/claims/{claim_id}/comments", "api.claims:add_comment", EDITORS,
          "Say something", creates=True),
    Route("GET /v1/claims/{claim_id}/history", "api.claims:list_history", PARTNERS,
          "Everything that happened, chained by hash"),

    Route("GET /v1/filings/{filing_id}", "api.filed_claims:show_filing", PARTNERS,
          "The claims of one filing"),
    Route("POST /v1/filings/{filing_id}/submit", "api.filed_claims:submit_filing", PARTNERS,
          "Submit the drafts of a filing", problems=(422,)),
    Route("GET /v1/customers", "api.customers:list_customers", PARTNERS,
          "The customers that the organisation has filed for"),

    Route("GET /v1/todo", "api.todo:list_todo", PARTNERS,
          "What waits for the organisation, soonest first"),

    # A partner's associations and events
    Route("GET /v1/associations", "api.associations:list_associations", PARTNERS,
          "The organisation's associations"),
    Route("GET /v1/associations/{association_id}", "api.associations:show_association", PARTNERS,
          "One association"),
    Route("POST /v1/associations/{association_id}/end", "api.associations:end_association", ADMINS,
          "End an association"),
    Route("GET /v1/associations/{association_id}/seats", "api.associations:list_seats", EDITORS,
          "Seats by month"),
    Route("GET /v1/associations/{association_id}/usage", "api.associations:list_usage", EDITORS,
          "Usage by month"),
    Route("GET /v1/associations/{association_id}/figures.csv", "api.associations:export_figures",
          EDITORS, "Seats and usage by month as CSV", media="text/csv"),
    Route("GET /v1/events", "api.events:list_events", PARTNERS,
          "What happened to the organisation's claims"),

    Route("GET /v1/insights", "api.insights:show_insights",
          PARTNERS | {"operator", "senior_reviewer", "auditor"},
          "What was counted: the organisation's own, or the programme's", other_media="text/csv"),

    # The organisation's people
    Route("GET /v1/users", "api.users:list_users", ADMINS,
          "The organisation's people", problems=(501,)),
    Route("POST /v1/users", "api.users:invite_user", ADMINS,
          "Invite a person", creates=True, problems=(501,)),
    Route("PATCH /v1/users/{user_id}", "api.users:change_user", ADMINS,
          "Change a person's roles, or whether they may sign in", problems=(409, 501)),
    Route("DELETE /v1/users/{user_id}", "api.users:remove_user", ADMINS,
          "Remove a person", status=204, problems=(409, 501)),

    # The caller
    Route("GET /v1/me", "api.me:show_me", PARTNERS | PROGRAMME_ROLES,
          "Who the caller is, and their preferences"),
    Route("PATCH /v1/me", "api.me:change_preferences", PARTNERS | PROGRAMME_ROLES,
          "Change the caller's preferences (merge patch)"),

    *INTEGRATION_ROUTES,

    # Review
    Route("GET /v1/review/queue", "api.review_claims:list_queue", READERS | {"operator"},
          "What waits for a reviewer"),
    Route("GET /v1/review/find", "api.review_lookup:find", READERS,
          "Find claims, cases, customers and partners"),
    Route("GET /v1/review/tenants/{tenant_id}", "api.review_lookup:show_tenant", READERS,
          "A customer with the claims on it"),
    Route("GET /v1/review/partners/{organisation_id}", "api.review_lookup:show_partner", READERS,
          "A partner with its claims"),
    Route("GET /v1/review/reviewers", "api.review_lookup:list_reviewers", READERS,
          "The reviewers, and whom they keep away from"),
    Route("GET /v1/review/claims/{claim_id}", "api.review_claims:show_case", READERS,
          "The whole case"),
    Route("POST /v1/review/next", "api.review_claims:start_next_review", REVIEWERS,
          "Start the case that runs out first"),
    Route("POST /v1/review/claims/{claim_id}/assign", "api.review_claims:assign_claim", REVIEWERS,
          "Give a case to a person", decides=True),
    Route("POST /v1/review/claims/{claim_id}/start", "api.review_claims:start_review", REVIEWERS,
          "Take a case up", decides=True),
    Route("POST /v1/review/claims/{claim_id}/request-info",
          "api.review_claims:ask_partner", REVIEWERS, "Ask the partner", decides=True),
    Route("POST /v1/review/claims/{claim_id}/approve", "api.review_claims:approve_claim", REVIEWERS,
          "Approve", decides=True),
    Route("POST /v1/review/claims/{claim_id}/reject", "api.review_claims:reject_claim", REVIEWERS,
          "Reject, with codes", decides=True),
    Route("POST /v1/review/claims/{claim_id}/letter", "api.review_letters:show_letter", REVIEWERS,
          "Preview the mail that a decision would send", status=200),
    Route("POST /v1/review/claims/{claim_id}/comments", "api.review_claims:add_review_comment",
          REVIEWERS, "Say something", creates=True),
    Route("GET /v1/review/claims/{claim_id}/evidence/{evidence_id}",
          "api.review_claims:download_evidence", READERS, "A short-lived download", status=303,
          problems=(409,)),
    Route("POST /v1/review/claims/{claim_id}/decide-dispute",
          "api.review_claims:decide_dispute", SENIORS, "Answer a dispute", decides=True),
    Route("POST /v1/review/claims/{claim_id}/customer-address",
          "api.review_claims:record_address", REVIEWERS, "Record an independently found address"),
    Route("POST /v1/review/claims/{claim_id}/confirm-address",
          "api.review_claims:confirm_address", SENIORS,
          "Confirm an address outside the customer's domains", decides=True),
    Route("POST /v1/review/associations/{association_id}/revoke",
          "api.review_associations:propose_revocation", SENIORS, "Propose to revoke", decides=True),
    Route("POST /v1/review/associations/{association_id}/confirm-revocation",
          "api.review_associations:confirm_revocation", SENIORS, "Revoke", decides=True),
    Route("POST /v1/review/associations/{association_id}/decline-revocation",
          "api.review_associations:decline_revocation", SENIORS, "Drop a proposal to revoke",
          decides=True),
    Route("POST /v1/review/associations/{association_id}/resume",
          "api.review_associations:resume_association", REVIEWERS,
          "Resume a paused association", decides=True),

    # Operations
    Route("GET /v1/operations/health", "api.operations:show_health", OPERATORS,
          "What waits, and how the stage is set up"),
    Route("GET /v1/operations/feeds", "api.operations:list_imports", OPERATORS,
          "The last imports of the operator's feed"),
    Route("GET /v1/operations/dead-letters", "api.operations:list_dead_letters", OPERATORS,
          "Messages that failed five times"),
    Route("GET /v1/operations/catalogue", "api.operations:list_editions", OPERATORS,
          "The editions of the catalogue side by side"),

    # Arbitrations
    Route("GET /v1/arbitrations", "api.arbitrations:list_arbitrations", EDITORS | READERS,
          "Cases, newest first"),
    Route("GET /v1/arbitrations/{arbitration_id}",
          "api.arbitrations:show_arbitration", EDITORS | READERS, "One case"),
    Route("POST /v1/arbitrations/{arbitration_id}/statement",
          "api.arbitrations:make_statement", ADMINS, "A party's statement"),
    Route("POST /v1/arbitrations/{arbitration_id}/request-info",
          "api.arbitrations:ask_party", SENIORS, "Ask a party", decides=True),
    Route("POST /v1/arbitrations/{arbitration_id}/propose",
          "api.arbitrations:propose_decision", SENIORS, "Propose a decision", decides=True),
    Route("POST /v1/arbitrations/{arbitration_id}/confirm",
          "api.arbitrations:confirm_decision", SENIORS, "Confirm a decision", decides=True),

    # The customer's pages
    Route("GET /o/{token}", "pages.customer:show_page", PUBLIC,
          "The page behind a link", kind="page"),
    Route("POST /o/{token}", "pages.customer:answer_request", PUBLIC,
          "The page's form", kind="page"),
    Route("POST /o/{token}/lock", "pages.customer:lock_tenant", PUBLIC,
          "No new claims on this tenant", kind="page"),
    Route("POST /o/{token}/unlock", "pages.customer:unlock_tenant", PUBLIC,
          "New claims are possible again", kind="page"),
    Route("POST /o/{token}/block", "pages.customer:block_partner", PUBLIC,
          "No claims by this partner", kind="page"),
    Route("POST /o/{token}/allow-again", "pages.customer:allow_partner", PUBLIC,
          "This partner may claim again", kind="page"),
    Route("GET /o/{token}/confirm", "pages.confirmation:show_confirmation", PUBLIC,
          "What a confirmation link will do", kind="page"),
    Route("POST /o/{token}/confirm", "pages.confirmation:confirm_act", PUBLIC,
          "Confirm what opens something, once", kind="page", status=200),
    Route("GET /o/{token}/journal", "pages.customer:show_journal", PUBLIC,
          "Who looked up or read what", kind="page"),
    Route("GET /verify-mail", "pages.customer:show_mail_check", PUBLIC,
          "Ask whether a mail is genuine", kind="page"),
    Route("POST /verify-mail", "pages.customer:check_mail", PUBLIC,
          "Whether a mail is genuine", kind="page", status=200),

    # The pages for people who sign in. The paths are greedy, because each registered path costs
    # every cold start; the pages below them are in chalicelib/web/pages/page_table.py.
    Route("GET /", "pages.landing:show_landing", PUBLIC, "What this is", kind="page",
          published=False),
    Route("GET /docs", "pages.docs.pages:show_reference", PUBLIC, "The API reference",
          kind="page", published=False),
    Route("GET /docs/{page+}", "pages.docs.pages:show_page", PUBLIC, "Errors and guides",
          kind="page", published=False),
    Route("GET /sign-in", "pages.sign_in:begin", PUBLIC,
          "Sign in at the issuer", kind="page", status=303, published=False),
    Route("GET /signed-in", "pages.sign_in:finish", PUBLIC,
          "Return from the issuer", kind="page", status=303, published=False),
    Route("POST /sign-out", "pages.sign_in:sign_out", PUBLIC, "Sign out", kind="page", status=200,
          published=False),
    Route("GET /portal", "pages.entry:show_portal", PUBLIC, "The partner's first page",
          kind="page", published=False),
    Route("GET /portal/{page+}", "pages.entry:show_portal_page", PUBLIC,
          "A page for partners", kind="page", published=False),
    Route("POST /portal/{page+}", "pages.entry:send_portal_form", PUBLIC,
          "A form of a page for partners", kind="page", published=False),
    Route("GET /desk", "pages.entry:show_desk", PUBLIC, "The reviewer's first page", kind="page",
          published=False),
    Route("GET /desk/{page+}", "pages.entry:show_desk_page", PUBLIC,
          "A page for reviewers", kind="page", published=False),
    Route("POST /desk/{page+}", "pages.entry:send_desk_form", PUBLIC,
          "A form of a page for reviewers", kind="page", published=False),

    # Webhooks
    Route("POST /webhooks/opt-out", "api.webhooks:accept_decision", PUBLIC,
          "A customer's decision, passed on", kind="webhook", problems=(401, 404, 409)),

    # What only sandbox stages have
    Route("POST /sandbox/tokens", "api.sandbox:make_token", PUBLIC,
          "A token for the asking", kind="sandbox"),
    Route("GET /sandbox/issuer/jwks", "api.sandbox:show_keys", PUBLIC,
          "The built-in issuer's public keys", kind="sandbox"),
    Route("GET /sandbox/issuer/.well-known/openid-configuration", "pages.issuer:describe_issuer",
          PUBLIC, "What the built-in issuer says of itself", kind="sandbox", published=False),
    Route("GET /sandbox/issuer/authorize", "pages.issuer:show_choice", PUBLIC,
          "Choose who to be", kind="page", published=False),
    Route("POST /sandbox/issuer/authorize", "pages.issuer:choose", PUBLIC,
          "Sign in as the chosen person", kind="page", published=False),
    Route("POST /sandbox/issuer/token", "pages.issuer:issue_tokens", PUBLIC,
          "The built-in issuer's token endpoint", kind="webhook", problems=(400, 401),
          published=False),
    Route("POST /sandbox/issuer/revoke", "pages.issuer:revoke_token", PUBLIC,
          "The built-in issuer's revocation endpoint", kind="webhook", problems=(400, 401),
          published=False),
    Route("GET /sandbox/clock", "api.sandbox:show_clock", PUBLIC, "The test clock", kind="sandbox"),
    Route("POST /sandbox/clock", "api.sandbox:move_clock", PUBLIC,
          "Move time forward", kind="sandbox", other_statuses=(202,)),
    Route("GET /sandbox/mail", "api.sandbox:list_mails", PUBLIC,
          "The mails that were sent, newest first", kind="sandbox"),
    Route("POST /sandbox/mail/{mail_id}/events", "api.sandbox:report_mail_event", PUBLIC,
          "Say what became of a mail", kind="sandbox"),
    Route("POST /sandbox/hooks", "api.sandbox_hooks:create_hook", PUBLIC,
          "An address that receives webhooks", kind="sandbox", status=201),
    Route("GET /sandbox/hooks/{hook_id}", "api.sandbox_hooks:show_hook", PUBLIC,
          "What came to an address, and whether it is signed", kind="sandbox"),
    Route("POST /sandbox/hooks/{hook_id}", "api.sandbox_hooks:receive", PUBLIC,
          "Receive a webhook", kind="webhook", problems=(404,)),
    Route("GET /sandbox/mailbox", "pages.mailbox:show_mailbox", PUBLIC,
          "The mails as a page", kind="page"),
    Route("POST /sandbox/demo", "pages.demo_claims:file_demo_claims", PUBLIC,
          "File the claims of the demonstration", kind="page", published=False),
    Route("POST /sandbox/bar", "pages.sandbox_bar:move_clock_from_bar", PUBLIC,
          "Move time forward, from any page", kind="page", published=False),
    Route("GET /sandbox/mailbox/{mail_id}/html", "pages.mailbox:show_mail", PUBLIC,
          "A mail as its recipient sees it", kind="page", published=False),
    Route("POST /sandbox/mailbox/{mail_id}", "pages.mailbox:report_event_from_mailbox", PUBLIC,
          "Say what became of a mail, from the page", kind="page"),

    # The service itself
    Route("GET /v1/health", "api.service:check_health", PUBLIC, "Whether the service answers"),
    Route("GET /static/{file}", "pages.static_files:show_file", PUBLIC,
          "A file of the pages, by the hash of its content", kind="page", published=False),
    Route("GET /favicon.ico", "pages.static_files:show_icon", PUBLIC,
          "The logo, where browsers look for it", kind="page", published=False),
    Route("GET /robots.txt", "pages.static_files:show_robots", PUBLIC,
          "What search engines may read", kind="page", published=False),
    Route("GET /.well-known/cpor-history-keys.json", "api.service:show_history_keys", PUBLIC,
          "The public keys that bundles were signed with"),
    Route("GET /openapi.json", "api.service:show_contract", PUBLIC, "This contract"),
)
# fmt: on
