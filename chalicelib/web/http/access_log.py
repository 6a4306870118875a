"""One line of JSON per request: what came, how it ended, how long it took. No token, no path value,
nobody's words.
"""

import hashlib
import json
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from chalicelib.runtime import metrics
from chalicelib.web.http.call import Caller

_SANE = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._:=+-]{0,127}"
)  # what tools make; no formula, no address


def request_id(header: str | None, context: Mapping[str, object]) -> str:
    """The caller's id for the request if it is fit to be logged, else the gateway's, else a new
    one.
    """
    for known in (header, context.get("requestId")):
        if isinstance(known, str) and _SANE.fullmatch(known):
            return known
    return uuid4().hex


@dataclass
class LogLine:
    """Filled while a request is served, printed once at its end.

    `route`: the pattern, never the path itself.
    """

    request_id: str
    method: str
    route: str
    started: float = field(default_factory=time.perf_counter)
    caller: Caller | None = None
    code: str | None = None
    reason: str | None = None
    error: list[str] | None = None

    def failed(self, bug: BaseException) -> None:
        """Notes a defect: its type and where it happened, never its message."""
        self.error = metrics.defect(bug)

    def print(self, status: int) -> None:
        """Writes the line to standard output, where the platform's log begins."""
        said = {
            "level": "error" if self.error else "info",
            "request_id": self.request_id,
            "method": self.method,
            "route": self.route,
            "status": status,
            "ms": round((time.perf_counter() - self.started) * 1000, 1),
            "organisation_id": self.caller and self.caller.organisation_id,
            "caller": self.caller and hashlib.sha256(self.caller.sub.encode()).hexdigest()[:12],
            "code": self.code,
            "reason": self.reason,
            "error": self.error,
        }
        line = json.dumps({name: value for name, value in said.items() if value is not None})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()  # the platform may freeze the process as soon as it has the answer
