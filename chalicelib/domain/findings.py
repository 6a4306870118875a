"""What is wrong with a request or a filing: always all of it, each with a code and the place it
stands.
"""

from chalicelib.domain.base import Frozen


class Finding(Frozen):
    """One thing that is wrong (`error`) or worth knowing (`warning`).

    `pointer` is an RFC 6901 JSON Pointer into the request. `values` fill the placeholders of the
    sentence and the hint in the locale files; they are plain text or ISO dates.
    """

    code: str
    pointer: str = ""
    warning: bool = False
    values: dict[str, str] = {}
