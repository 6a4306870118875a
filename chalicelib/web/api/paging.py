"""Where a list starts and where it goes on."""

from chalicelib.domain.refusals import Malformed
from chalicelib.web.http.call import Call
from chalicelib.web.http.cursors import read_cursor, write_cursor

LAST = "last"


def start(call: Call) -> str | None:
    """The key after which the page begins; None for the first. Raises Malformed for a cursor not
    made for this.
    """
    if call.query.cursor is None:
        return None
    last = read_cursor(
        call.services.secrets.cursor_keys(), call.query.cursor, _owner(call), call.query
    ).get(LAST)
    if not isinstance(last, str):
        raise Malformed([])
    return last


def cursor(call: Call, last: str | None) -> str | None:
    """The cursor of the next page; None at the end."""
    if last is None:
        return None
    return write_cursor(call.services.secrets.cursor_key(), {LAST: last}, _owner(call), call.query)


def _owner(call: Call) -> str | None:
    return call.caller.organisation_id if call.caller else None
