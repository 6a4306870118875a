"""What the live directory says when it cannot tell: never "no", always "not now"."""

import logging

from chalicelib.domain.refusals import Unavailable

log = logging.getLogger("cpor")


def away(why: str) -> Unavailable:
    """The refusal to raise, after a line in the log for the operator.

    `why`: a code, never anybody's name or secret.
    """
    log.warning("live directory: %s", why)
    return Unavailable("directory_unavailable")
