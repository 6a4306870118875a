"""Check filings at entry (domain.md, "Checks at entry").

The checks are pure and yield all findings at once, as codes and values only.

Values that sentences and hints may use, in addition to `pointer` (other codes have none):

| code | values |
|---|---|
| `domain_unknown`, `directory_unavailable` | `domain`, `support_url` |
| `domain_tenant_mismatch` | `domain`, `tenant_id`, `support_url` |
| `tenant_not_business` | `tenant_id`, `support_url` |
| `tenant_id_invalid` | `tenant_id`, `support_url` |
| `tenant_is_yours` | `tenant_id`, `support_url` |
| `tenant_not_readable` | `tenant_id`, `support_url` |
| `submitter_not_allowed` | `allowed` (roles), `edition` |
| `location_not_yours` | `location_id` |
| `location_not_enrolled` | `location_id`, `engagement`, `enrolment_url`, `support_url` |
| `partner_type_unusual` | `location_id`, `partner_type` |
| `both_names` | `name` (the current one), `old_name` |
| `solution_area_unknown` | `solution_area` |
| `partner_role_not_in_solution_area` | `partner_role`, `solution_area`, `allowed` (roles) |
| `product_not_in_solution_area` | `product` (code of a product or workload), `solution_area` |
| `too_many_items` | `count`, `most` |
| `duplicate_item` | `product` (proper name), `first` (number of the item it repeats, from 1) |
| `product_not_in_tenant` | `product` (proper name), `support_url`, `subscription_id` (if sent) |
| `subscription_required` | `product`, `support_url` |
| `subscription_not_provisioned` | `product`, `support_url` |
| `subscription_state_unknown` | `product`, `support_url` |
| `subscription_id_invalid` | `product`, `subscription_id`, `support_url` |
| `subscription_not_in_tenant` | `product`, `subscription_id`, `support_url` |
| `subscription_not_business_applications` | `product`, `subscription_id`, `support_url` |
| `subscription_wrong_product` | `product`, `subscription_id`, `support_url` |
| `subscription_is_csp` | `product`, `support_url` |
| `purchase_channel_unknown` | `product`, `support_url` |
| `subscription_not_active` | `product`, `support_url` |
| `purchase_channel_not_eligible` | `product`, `allowed` (channels), `support_url` |
| `contact_domain_not_customer` | `email_domain` |
| `evidence_not_yours`, `evidence_not_uploaded` | `evidence_id` |
| `evidence_type_not_allowed`, `evidence_checksum_mismatch` | `evidence_id`, `file_name` |
| `evidence_too_large` | `evidence_id`, `file_name`, `most` (bytes) |
| `evidence_too_old` | `evidence_id`, `acknowledged_on`, `not_before` (dates) |
| `evidence_date_in_future` | `evidence_id`, `acknowledged_on` |
| `evidence_item_not_covered`, `evidence_acknowledgement_missing` | `product` (proper name) |
| `already_claimed` | `product`, `claim_id` |
| `contested` | `product` |
| `cooling_off` | `product`, `until` (RFC 3339, UTC) |
| `calendar_ended` (pre-flight only; filing is 503) | `calendar`, `until` (year), `support_url` |

No value reveals a subscription's state or channel: details are given only of a subscription that
passes. Lists (`allowed`) are comma-separated.

Beyond the specification's table: `missing` (a field that submission needs), `both_names`,
`duplicate_item`, `tenant_id_invalid` (no GUID) and `solution_area_unknown`.
"""

from chalicelib.domain.checks.context import (
    AreaAndRole,
    CheckContext,
    find_area_and_role,
    normalize_domain,
)
from chalicelib.domain.checks.entry import check_draft, check_filing, recheck_claim
from chalicelib.domain.checks.partner import check_submitter
from chalicelib.domain.checks.subscriptions import (
    find_best_subscription,
    find_subscription,
    resolve_item,
)
from chalicelib.domain.checks.verdict import has_only_waiting_errors, is_only_unavailable, must_wait
from chalicelib.domain.checks.verify import (
    VerificationResult,
    VerifiedSubscription,
    verify_subscription,
)

__all__ = [
    "AreaAndRole",
    "CheckContext",
    "VerificationResult",
    "VerifiedSubscription",
    "check_draft",
    "check_filing",
    "check_submitter",
    "find_area_and_role",
    "find_best_subscription",
    "find_subscription",
    "has_only_waiting_errors",
    "is_only_unavailable",
    "must_wait",
    "normalize_domain",
    "recheck_claim",
    "resolve_item",
    "verify_subscription",
]
