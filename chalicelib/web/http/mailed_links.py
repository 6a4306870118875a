"""Customers' links as they arrive: mail programs, rewriters and people change them on their way."""

import re
from urllib.parse import unquote

from chalicelib.domain.ids import TOKEN, parse_token

# Left by rewriters that encode an address twice, and by programs that allow a line to break.
_DEBRIS = re.compile("%[0-9A-Fa-f]{2}|</?w?br */?>")
_RUN = re.compile(r"[0-9A-Za-z]+")
_PAGES = re.compile(r"/*(?:(verify-mail)|o/+([^/]*)(?:/+(confirm|journal))?)", re.IGNORECASE)


def cut_token(text: str) -> str:
    """Return the token of a link without what stands around and between its digits.

    Mail programs take a full stop or a bracket for part of an address, and rewriters add
    `&utm_source=…` to it as if it had a query. An address that was broken at the end of a line is
    put together again. A token has letters and digits only.
    """
    runs = _RUN.findall(_DEBRIS.sub(" ", text))
    ends = (number for number in range(1, len(runs)) if len("".join(runs[:number])) >= TOKEN)
    whole = "".join(runs[: next(ends, len(runs))])
    first = runs[0] if runs else text
    return whole if parse_token(whole) and not parse_token(first) else first


def find_page(path: str) -> str | None:
    """Return the path of the page that an unknown path means, None when it means none.

    The end of a link is changed as its token is: `/o/…/confirm.` and `/verify-mail)`.
    """
    found = _PAGES.match(unquote(path))
    if found is None:
        return None
    check, link, page = found.groups()
    if check:
        return "/verify-mail"
    token = cut_token(link)
    if parse_token(token) is None:
        return None
    return f"/o/{token}/{page.lower()}" if page else f"/o/{token}"
