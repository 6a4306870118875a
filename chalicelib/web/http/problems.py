"""Refusals as RFC 9457 problems.

Codes are for programs, sentences in the caller's language for people.
"""

from collections.abc import Iterable
from typing import Any

from typing_extensions import TypedDict

from chalicelib.domain import findings
from chalicelib.domain.refusals import (
    Invalid,
    Refusal,
    Unauthenticated,
)
from chalicelib.runtime.settings import Settings
from chalicelib.text import i18n


class Finding(TypedDict):
    code: str
    pointer: str
    detail: str
    hint: str


class TooLarge(Refusal):
    """The body is larger than the contract allows (values: limit, in bytes)."""

    code, status = "payload_too_large", 413


class UnsupportedType(Refusal):
    """The body is of another type than this route reads (values: expected)."""

    code, status = "unsupported_media_type", 415


class MethodNotAllowed(Refusal):
    """The path has no such method. `allow`: those that it has."""

    code, status = "method_not_allowed", 405

    def __init__(self, allow: str) -> None:
        super().__init__(allow=allow)
        self.allow = allow


class InternalError(Refusal):
    """A defect of this service. The caller learns only the id under which it is logged."""

    code, status = "internal_error", 500


def describe_problem(
    refusal: Refusal, language: str, request_id: str, settings: Settings
) -> dict[str, Any]:
    """Write the problem document of a refusal, with all its findings as `errors` and `warnings`."""
    values = {"support_url": settings.support_url} | refusal.values
    problem: dict[str, Any] = {
        "type": f"{settings.public_base_url.rstrip('/')}/docs/errors#{refusal.code}",
        "title": _translate(refusal, "title", language, values),
        "status": refusal.status,
        "detail": _translate(refusal, "detail", language, values),
        "code": refusal.code,
        "request_id": request_id,
        "support": settings.support_url,
    }
    if isinstance(refusal, Invalid):
        errors, warnings = describe_findings(refusal.findings, language)
        problem |= {"errors": errors} if errors else {}
        problem |= {"warnings": warnings} if warnings else {}
    return problem


def describe_findings(
    found: Iterable[findings.Finding], language: str
) -> tuple[list[Finding], list[Finding]]:
    """Write errors and warnings for callers."""
    some = tuple(found)
    errors = [describe_finding(one, language) for one in some if not one.warning]
    return errors, [describe_finding(one, language) for one in some if one.warning]


def describe_finding(finding: findings.Finding, language: str) -> Finding:
    """Write a finding for callers. A code without a sentence of its own gets a general one."""
    key = finding.code if i18n.has_text(f"finding.{finding.code}.detail") else "invalid_value"
    return {
        "code": finding.code,
        "pointer": finding.pointer,
        "detail": i18n.translate(language, f"finding.{key}.detail", **finding.values),
        "hint": i18n.translate(language, f"finding.{key}.hint", **finding.values),
    }


def _translate(refusal: Refusal, part: str, language: str, values: dict[str, str]) -> str:
    """Return the sentence for this code, or the one for all refusals of its kind."""
    own = f"refusal.{refusal.code}.{part}"
    return i18n.translate(
        language, own if i18n.has_text(own) else f"refusal.{type(refusal).code}.{part}", **values
    )


def list_headers(refusal: Refusal) -> dict[str, str | list[str]]:
    """Return the headers that HTTP asks for with a refusal's status."""
    if refusal.retry_after is not None:
        return {"Retry-After": str(max(1, refusal.retry_after))}
    if isinstance(refusal, MethodNotAllowed):
        return {"Allow": refusal.allow}
    if isinstance(refusal, Unauthenticated):
        error = "" if refusal.code == "token_missing" else ', error="invalid_token"'
        return {"WWW-Authenticate": f'Bearer realm="cpor"{error}'}
    return {}
