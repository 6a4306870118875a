"""Where a page of a list starts, and where the next one does."""

from chalicelib.domain.refusals import Malformed
from chalicelib.web.api.request_models import Page
from chalicelib.web.http.call import Call
from chalicelib.web.http.cursors import read_cursor, write_cursor

LAST = "last"


def read_start(call: Call, query: Page) -> str | None:
    """Return the key after which the page begins; None for the first page.

    Raises Malformed for a cursor that was not made for this caller and query.
    """
    if query.cursor is None:
        return None
    keys = call.services.secrets.cursor_keys()
    last = read_cursor(keys, query.cursor, _get_owner(call), query).get(LAST)
    if not isinstance(last, str):
        raise Malformed([])
    return last


def write_next(call: Call, query: Page, last: str | None) -> str | None:
    """Return the cursor of the next page; None at the end."""
    if last is None:
        return None
    return write_cursor(call.services.secrets.cursor_key(), {LAST: last}, _get_owner(call), query)


def _get_owner(call: Call) -> str | None:
    return call.caller.organisation_id if call.caller else None
