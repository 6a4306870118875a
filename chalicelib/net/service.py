"""Another system that this one calls, as the log and the refusals name it."""

import logging
from typing import NamedTuple

from chalicelib.domain.refusals import Unavailable

log = logging.getLogger("cpor")


class Service(NamedTuple):
    """A remote service. `name`: in the log; `code`: of the refusal that callers receive."""

    name: str
    code: str

    def unavailable(self, reason: str) -> Unavailable:
        """Log why the service gave no usable answer and return the refusal to raise.

        `reason` is a short fixed text: never the name of a person or tenant, never a secret.
        """
        log.warning("%s: %s", self.name, reason)
        unavailable = Unavailable(self.code)
        unavailable.reason = reason
        return unavailable
