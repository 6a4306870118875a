"""One line of JSON per request: what came, how it ended, how long it took.

No token, no value of a path and no text that people wrote is ever logged.
"""

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from chalicelib.runtime import metrics
from chalicelib.usecases.callers import Caller

# What tools make; nothing that a spreadsheet takes for a formula, and no mail address.
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=+-]{0,127}")


def choose_request_id(header: str | None, context: Mapping[str, object]) -> str:
    """Return the caller's id for a request if it may be logged, else the gateway's or a new one."""
    for known in (header, context.get("requestId")):
        if isinstance(known, str) and _HARMLESS.fullmatch(known):
            return known
    return uuid4().hex


@dataclass
class LogLine:
    """Filled while a request is served, printed once at its end.

    Attributes:
        route: the path with its variables, never their values.
        code: of the refusal, if there was one.
        reason: why a token was refused; it is not sent to callers.
        error: type and place of an unforeseen error.
        page: which page it was, where one route serves many; with its variables.
    """

    request_id: str
    method: str
    route: str
    started: float = field(default_factory=time.perf_counter)
    caller: Caller | None = None
    code: str | None = None
    reason: str | None = None
    error: list[str] | None = None
    page: str | None = None

    def record_error(self, bug: BaseException) -> None:
        """Note an unforeseen error: its type and where it happened, never its message."""
        self.error = metrics.describe_error(bug)

    def print(self, status: int) -> None:
        """Write the line to the log."""
        fields = {
            "level": "error" if self.error else "info",
            "request_id": self.request_id,
            "method": self.method,
            "route": self.route,
            "page": self.page,
            "status": status,
            "ms": round((time.perf_counter() - self.started) * 1000, 1),
            "organisation_id": self.caller and self.caller.organisation_id,
            "caller": self.caller and hashlib.sha256(self.caller.sub.encode()).hexdigest()[:12],
            "code": self.code,
            "reason": self.reason,
            "error": self.error,
        }
        metrics.print_json({name: value for name, value in fields.items() if value is not None})
