"""Decide what follows from the findings (domain.md, "Waiting for provisioning")."""

from collections.abc import Iterable

from chalicelib.domain.findings import Finding


def has_only_waiting_errors(findings: Iterable[Finding]) -> bool:
    """Return whether there are errors, and all of them are about unfinished provisioning."""
    errors = [finding for finding in findings if not finding.warning]
    return bool(errors) and all(map(_is_waiting_error, errors))


def must_wait(findings: Iterable[Finding], at: int) -> bool:
    """Return whether the claim for item number `at` (from 0) is to be held.

    Valid only when `has_only_waiting_errors` is true of the same findings.
    """
    return any(
        _is_waiting_error(finding) and finding.pointer.startswith(f"/items/{at}/")
        for finding in findings
    )


def is_only_unavailable(findings: Iterable[Finding]) -> bool:
    """Return whether the only error is that the directory was unavailable (answered with 503)."""
    return {finding.code for finding in findings if not finding.warning} == {
        "directory_unavailable"
    }


def _is_waiting_error(finding: Finding) -> bool:
    if finding.code == "product_not_in_tenant":
        return "subscription_id" in finding.values
    return finding.code in {"subscription_not_provisioned", "subscription_not_in_tenant"}
