"""The codes by which a reviewer asks or rejects, in the order of the reviewers' page."""

QUESTION_CODES = (
    "poe_missing_or_wrong_file",
    "poe_customer_acknowledgement_missing",
    "poe_date_missing",
    "poe_date_too_old",
    "poe_service_description_missing",
    "poe_item_missing",
    "poe_tenant_mismatch",
    "poe_signature_unverifiable",
    "poe_public_sector_disclosure_missing",
    "poe_unavailable",
)
REJECTION_CODES = (*QUESTION_CODES, "insufficient_poe", "partner_request", "fraud", "duplicate")
