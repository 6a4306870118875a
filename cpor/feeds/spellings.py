"""The closed sets of a feed, whose codes and names are written in many spellings."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache

from chalicelib.catalogue import read_catalogue
from chalicelib.domain.catalogue import CHANNELS
from chalicelib.domain.directory import UNKNOWN
from chalicelib.text.subdivisions import fold
from cpor.feeds.texts import MAX_SHOWN


def _choose(text: str, known: Mapping[str, str], codes: Iterable[str]) -> str:
    """Return the code of a spelling. Raises ValueError with codes like it, or with all."""
    if code := known.get(fold(text)):
        return code
    near = get_close_matches(text.lower(), sorted(codes))
    advice = f"did you mean {' or '.join(near)}?" if near else f"known are {_list(codes)}"
    raise ValueError(f"{text[:MAX_SHOWN]!r} is unknown; {advice}")


def _list(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))


def one_of(spellings: Callable[[], Mapping[str, str]]) -> Callable[[str], str]:
    """Return a validator of a closed set.

    Args:
        spellings: returns the code of each spelling. Case, spaces and punctuation do not matter.
    """

    @cache
    def by_folded_spelling() -> dict[str, str]:
        return {fold(text): code for text, code in spellings().items()}

    return lambda text: _choose(text, by_folded_spelling(), set(by_folded_spelling().values()))


def channel_spellings() -> dict[str, str]:
    """Return the purchase channels; `unknown` is one."""
    names = {code: code for code in (*CHANNELS, UNKNOWN)}
    names |= {"Cloud Solution Provider": "csp", "Cloud Solution Provider (CSP)": "csp"}
    return names | dict.fromkeys(("Enterprise Agreement", "MPSA"), "volume_licensing")


def product_spellings() -> dict[str, str]:
    """Return the products of every edition, by code and by name."""
    editions = read_catalogue().editions
    products = [product for edition in editions for product in edition.offer.products]
    return {text: one.code for one in products for text in (one.name, one.code)}


def workload_spellings() -> dict[str, str]:
    """Return the workloads of every edition, by code and by name."""
    editions = read_catalogue().editions
    workloads = [workload for edition in editions for workload in edition.offer.workloads]
    return {text: one.code for one in workloads for text in (one.name, one.code)}


def engagement_spellings() -> dict[str, str]:
    """Return the engagements of every edition that a location may be enrolled in."""
    areas = [area for edition in read_catalogue().editions for area in edition.solution_areas]
    return {role.engagement: role.engagement for area in areas for role in area.partner_roles}


@cache
def list_part_numbers() -> dict[str, str]:
    """Return the part numbers of every edition by their folded spelling."""
    offers = [edition.offer for edition in read_catalogue().editions]
    known = {number for offer in offers for number in offer.dynamics_family}
    known |= {number for offer in offers for one in offer.products for number in one.skus}
    known |= {number for offer in offers for one in offer.workloads for number in one.skus}
    return {fold(number): number for number in sorted(known)}
