"""Findings: everything that is wrong with a request or a filing, each with a code and a place."""

from chalicelib.domain.base import Frozen


class Finding(Frozen):
    """One error or warning.

    pointer: an RFC 6901 JSON Pointer into the request.
    warning: it does not block.
    values: fill the placeholders of sentence and hint in the locale files; plain text or ISO dates.
    """

    code: str
    pointer: str = ""
    warning: bool = False
    values: dict[str, str] = {}
