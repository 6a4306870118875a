"""Refusals as RFC 9457 problems: the code for programs, sentences in the caller's language for
people.
"""

from typing import Any

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid, Refusal, TooMany, Unauthenticated, Unavailable
from chalicelib.runtime.settings import Settings
from chalicelib.text import i18n


class TooLarge(Refusal):
    """The body is larger than the contract allows (values: limit, in bytes)."""

    code, status = "payload_too_large", 413


class UnsupportedType(Refusal):
    """The body is of another type than this route reads (values: expected)."""

    code, status = "unsupported_media_type", 415


class NotAllowed(Refusal):
    """The path has no such method. `allow`: those that it has."""

    code, status = "method_not_allowed", 405

    def __init__(self, allow: str) -> None:
        super().__init__(allow=allow)
        self.allow = allow


class Broken(Refusal):
    """A defect of this service. Nothing about it is told but the id under which it is logged."""

    code, status = "internal_error", 500


def problem(refusal: Refusal, language: str, request_id: str, settings: Settings) -> dict[str, Any]:
    """The problem document of a refusal, with all its findings (`errors`; `warnings` if there are
    such, too).
    """
    values = {"support_url": settings.support_url} | refusal.values
    said = {
        "type": f"{settings.public_base_url.rstrip('/')}/docs#{refusal.code}",
        "title": _sentence(refusal, "title", language, values),
        "status": refusal.status,
        "detail": _sentence(refusal, "detail", language, values),
        "code": refusal.code,
        "request_id": request_id,
        "support": settings.support_url,
    }
    findings = refusal.findings if isinstance(refusal, Invalid) else ()
    for name, warning in (("errors", False), ("warnings", True)):
        if some := [shown(finding, language) for finding in findings if finding.warning is warning]:
            said[name] = some
    return said


def shown(finding: Finding, language: str) -> dict[str, str]:
    """A finding as callers see it.

    One that nobody wrote a sentence for is still a finding, with its code and place.
    """
    said = finding.code if i18n.has_text(f"finding.{finding.code}.detail") else "invalid_value"
    return {
        "code": finding.code,
        "pointer": finding.pointer,
        "detail": i18n.translate(language, f"finding.{said}.detail", **finding.values),
        "hint": i18n.translate(language, f"finding.{said}.hint", **finding.values),
    }


def _sentence(refusal: Refusal, part: str, language: str, values: dict[str, str]) -> str:
    """The sentence for this code, or the one for all refusals of its kind."""
    own = f"refusal.{refusal.code}.{part}"
    return i18n.translate(
        language, own if i18n.has_text(own) else f"refusal.{type(refusal).code}.{part}", **values
    )


def headers_of(refusal: Refusal) -> dict[str, str]:
    """The headers that HTTP wants beside a refusal's status."""
    if isinstance(refusal, TooMany | Unavailable):
        return {"Retry-After": str(max(1, refusal.retry_after))}
    if isinstance(refusal, NotAllowed):
        return {"Allow": refusal.allow}
    if isinstance(refusal, Unauthenticated):
        error = "" if refusal.code == "token_missing" else ', error="invalid_token"'
        return {"WWW-Authenticate": f'Bearer realm="cpor"{error}'}
    return {}
