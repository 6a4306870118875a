"""Where a page of a list starts, and where the next one does."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from chalicelib.domain.refusals import Malformed
from chalicelib.web.api.request_models import Page, WholeList
from chalicelib.web.http.call import Call
from chalicelib.web.http.cursors import Listing, read_cursor, write_cursor

LAST = "last"


class HasId(Protocol):
    """What is listed by its id."""

    @property
    def id(self) -> str: ...


Listed = TypeVar("Listed")
Named = TypeVar("Named", bound=HasId)


def read_start(call: Call, query: WholeList) -> str | None:
    """Return the key after which the page begins; None for the first page.

    Raises Malformed for a cursor that was not made for this caller and query.
    """
    if query.cursor is None:
        return None
    keys = call.services.secrets.cursor_keys()
    last = read_cursor(keys, query.cursor, _identify(call, query)).get(LAST)
    if not isinstance(last, str):
        raise Malformed([])
    return last


def write_next(call: Call, query: WholeList, last: str | None) -> str | None:
    """Return the cursor of the next page; None at the end."""
    if last is None:
        return None
    return write_cursor(call.services.secrets.cursor_key(), {LAST: last}, _identify(call, query))


def take_page(
    call: Call, query: Page, everything: Sequence[Named]
) -> tuple[Sequence[Named], str | None]:
    """Return a page of a short list that is read whole, in the order of ids, and the next cursor.

    Raises Malformed for a cursor that was not made for this caller and query.
    """
    return take_part(call, query, everything, lambda one: one.id)


def take_part(
    call: Call, query: WholeList, everything: Sequence[Listed], key: Callable[[Listed], str]
) -> tuple[Sequence[Listed], str | None]:
    """Return what a query wants of a list that is read whole, and the cursor of what follows.

    key: by which the list is sorted; a text of each element's own.
    Raises Malformed for a cursor that was not made for this caller and query.
    """
    start = read_start(call, query) or ""
    later = [one for one in everything if key(one) > start]
    page = later[: query.limit]
    last = key(page[-1]) if len(later) > len(page) else None
    return page, write_next(call, query, last)


def _identify(call: Call, query: WholeList) -> Listing:
    owner = call.caller.organisation_id if call.caller else None
    return Listing(owner, call.route, call.path, query)
