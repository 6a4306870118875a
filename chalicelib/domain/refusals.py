"""Refusals: raised where the reason is known, and translated once, at the edge.

`code` names the refusal for callers; `status` is the HTTP status the contract gives it (api.md,
"Conventions").
"""

from chalicelib.domain.findings import Finding


class Refusal(Exception):
    """The base of every refusal.

    `values` fill the placeholders of its sentence in the locale files. `retry_after`: seconds after
    which the request may be repeated, where that can help; sentences call it `wait`.
    """

    code = "refused"
    status = 409
    retry_after: int | None = None

    def __init__(
        self, code: str | None = None, retry_after: int | None = None, **values: str
    ) -> None:
        super().__init__(code or self.code)
        self.code = code or self.code
        self.values = values
        if retry_after is not None:
            self.retry_after = retry_after
            self.values = values | {"wait": f"PT{retry_after}S"}


class Invalid(Refusal):
    """The request contradicts the rules: 422 with every finding."""

    code, status = "invalid", 422

    def __init__(
        self, findings: tuple[Finding, ...] | list[Finding], code: str | None = None
    ) -> None:
        super().__init__(code)
        self.findings = tuple(findings)


class Malformed(Invalid):
    """The request cannot be parsed: 400 with every finding."""

    code, status = "malformed", 400


class Unauthenticated(Refusal):
    code, status = "unauthenticated", 401


class Forbidden(Refusal):
    code, status = "forbidden", 403


class NotFound(Refusal):
    """It does not exist, or the caller may not see it; the response does not reveal which."""

    code, status = "not_found", 404


class Gone(Refusal):
    """A link that works once was used, replaced, or is too old."""

    code, status = "link_used", 410


class WrongState(Refusal):
    """The state does not allow this (values: status)."""

    code, status = "wrong_state", 409


class LostRace(Refusal):
    """Concurrent writes won on every attempt."""

    code, status = "lost_race", 409


class StaleVersion(Refusal):
    code, status = "version_changed", 412


class VersionRequired(Refusal):
    code, status = "if_match_required", 428


class KeyReused(Refusal):
    """The same idempotency key came with another request."""

    code, status = "idempotency_key_reused", 422


class TooMany(Refusal):
    """A limit is exceeded."""

    code, status = "too_many_requests", 429

    def __init__(self, retry_after: int, code: str | None = None, **values: str) -> None:
        super().__init__(code, retry_after, **values)


class NotScanned(Refusal):
    """A file has not been scanned for malware yet."""

    code, status = "evidence_not_scanned", 409

    def __init__(self, retry_after: int = 60) -> None:
        super().__init__(None, retry_after)


class Infected(Refusal):
    """A file failed the malware scan, and is not shown (values: file)."""

    code, status = "evidence_infected", 409


class NotViewable(Refusal):
    """A file can only be downloaded: it is neither a PDF, an image, a mail nor a Word document."""

    code, status = "evidence_not_viewable", 409


class CalendarEnded(Refusal):
    """A deadline would end after the last year whose holidays are known (domain.md, "Calendars").

    The deadline is not estimated; an update of the service by the operator extends the calendars.
    `retry_after`: chosen: a day, as no update comes sooner.
    """

    code, status, retry_after = "calendar_ended", 503, 86_400

    def __init__(self, calendar: str, until: int) -> None:
        super().__init__(calendar=calendar or "-", until=str(until))
        self.until = until


class UserExists(Refusal):
    """A user with this address exists, in this organisation or in another one."""

    code, status = "user_exists", 409


class UsersManagedElsewhere(Refusal):
    """Tokens come from an issuer of the operator's own, whose administrators manage people."""

    code, status = "users_managed_elsewhere", 501


class Unavailable(Refusal):
    """Something that the request needs is unavailable.

    `reason`: what happened, in fixed words, for the log and for webhooks.
    """

    code, status = "unavailable", 503

    def __init__(self, code: str | None = None, retry_after: int = 30, **values: str) -> None:
        super().__init__(code, retry_after, **values)
        self.reason = ""
