"""The checks at entry (domain.md, "Checks at entry"): pure, all findings at once, codes and values only.

Values that sentences and hints may use, beside `pointer` (every other code has none):

| code | values |
|---|---|
| `domain_unknown`, `directory_unavailable` | `domain`, `support_url` |
| `domain_tenant_mismatch` | `domain`, `tenant_id`, `support_url` |
| `tenant_not_business` | `tenant_id`, `support_url` |
| `tenant_id_invalid` | `tenant_id`, `support_url` |
| `tenant_is_yours` | `tenant_id`, `support_url` |
| `tenant_not_readable` | `tenant_id`, `support_url` |
| `submitter_not_allowed` | `allowed` (roles, comma-separated), `edition` |
| `location_not_yours` | `location_id` |
| `location_not_enrolled` | `location_id`, `engagement`, `enrolment_url`, `support_url` |
| `partner_type_unusual` | `location_id`, `partner_type` |
| `both_names` | `name` (the current one), `old_name` |
| `solution_area_unknown` | `solution_area` |
| `partner_role_not_in_solution_area` | `partner_role`, `solution_area`, `allowed` (roles, comma-separated) |
| `product_not_in_solution_area` | `product` (a product's or workload's code), `solution_area` |
| `too_many_items` | `count`, `most` |
| `duplicate_item` | `product` (proper name), `first` (number of the item it repeats, from 1) |
| `product_not_in_tenant` | `product` (proper name), `support_url`, and `subscription_id` if one was sent |
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
| `purchase_channel_not_eligible` | `product`, `allowed` (channels, comma-separated), `support_url` |
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

No value tells a subscription's state or channel: details belong only to a subscription that passes.

Beyond the specification's table: `missing` (a field that submission needs), `both_names`, `duplicate_item`,
`tenant_id_invalid` (no GUID) and `solution_area_unknown`.
"""

from chalicelib.domain.checks.context import Aim, Known, aimed, normalize_domain
from chalicelib.domain.checks.entry import check, check_draft, recheck
from chalicelib.domain.checks.partner import submitter
from chalicelib.domain.checks.subscriptions import best, looked_at, resolve
from chalicelib.domain.checks.verdict import only_unavailable, only_waiting, waits
from chalicelib.domain.checks.verify import Verified, VerifiedSubscription, verify

__all__ = [
    "Aim",
    "Known",
    "Verified",
    "VerifiedSubscription",
    "aimed",
    "best",
    "check",
    "check_draft",
    "looked_at",
    "normalize_domain",
    "only_unavailable",
    "only_waiting",
    "recheck",
    "resolve",
    "submitter",
    "verify",
    "waits",
]
