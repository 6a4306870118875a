"""What checking a filing, or a subscription, has found."""

from chalicelib.domain import checks
from chalicelib.domain.base import rfc3339
from chalicelib.domain.catalogue import Edition
from chalicelib.domain.deadlines import Clock
from chalicelib.domain.filing import Filing, FilingItem
from chalicelib.domain.findings import Finding
from chalicelib.usecases.filing_checks import CheckedFiling
from chalicelib.web.api.response_models import filings as models
from chalicelib.web.api.response_models.claims import Becomes
from chalicelib.web.api.serializers.catalogue import describe_role
from chalicelib.web.http.problems import describe_findings

_HELD: Becomes = "awaiting_provisioning"


def serialize_verification(result: checks.VerificationResult, language: str) -> models.Verified:
    """Write what a look-up of one subscription has found."""
    errors, warnings = describe_findings(result.findings, language)
    found = result.subscription
    subscription: models.VerifiedSubscription | None = found and {
        "id": found.id,
        "product": found.product,
        "state": found.state,
        "channel": found.channel,
        "provisioned": found.provisioned,
    }
    return {
        "ok": result.ok,
        "subscription": subscription,
        "errors": errors,
        "warnings": warnings,
    }


def serialize_check(
    filing: Filing, checked: CheckedFiling, edition: Edition, language: str
) -> models.Checked:
    """Write the expected result of a filing, as a whole and item by item.

    Whether an item is contested is not known of a filing that has an error: only a claim that could
    be filed learns it (domain.md, "Competing claims").
    """
    findings = checked.findings
    errors, warnings = describe_findings(findings, language)
    is_held = checks.has_only_waiting_errors(findings)
    role = checks.find_area_and_role(filing, edition).role
    applicable_for = describe_role(edition, role.code, language) if role else None
    outcome: Becomes | None = None if errors and not is_held else "submitted"
    items = [
        _serialize_item(
            item,
            contested=None if errors else _is_contested(findings, at),
            would_become=_HELD if is_held and checks.must_wait(findings, at) else outcome,
            applicable_for=applicable_for,
        )
        for at, item in enumerate(filing.items)
    ]
    return {
        "ok": not errors,
        "would_become": _HELD if is_held else outcome,
        "errors": errors,
        "warnings": warnings,
        "items": items,
        "expected": _serialize_expected(*checked.expected) if checked.expected else None,
    }


def _serialize_expected(objection: Clock, review: Clock) -> models.ExpectedDates:
    return {
        "objection_ends_at": rfc3339(objection.due_at),
        "objection_time_zone": objection.zone,
        "review_ends_at": rfc3339(review.due_at),
        "review_time_zone": review.zone,
    }


def _serialize_item(
    item: FilingItem,
    contested: bool | None,
    would_become: Becomes | None,
    applicable_for: str | None,
) -> models.CheckedItem:
    """Write an item with the members that were sent, and its expected result."""
    tried: models.CheckedItem = {
        "contested": contested,
        "would_become": would_become,
        "applicable_for": applicable_for,
    }
    if item.product is not None:
        tried["product"] = item.product
    if item.workload is not None:
        tried["workload"] = item.workload
    if item.subscription_id is not None:
        tried["subscription_id"] = item.subscription_id
    return tried


def _is_contested(findings: tuple[Finding, ...], at: int) -> bool:
    return any(
        finding.code == "contested" and f"{finding.pointer}/".startswith(f"/items/{at}/")
        for finding in findings
    )
