"""Format the keys of totals, and of how far they were counted."""

from chalicelib.aws.keys import HIGHEST, Key
from chalicelib.domain.insight_totals import PROGRAMME, format_tally_id

DAY = 10  # characters of a day; a month has fewer


def tally(owner: str) -> Key:
    """How far the feed of a partner was counted, or the programme was summed."""
    return Key(_partition(owner), format_tally_id(owner))


def totals(owner: str, period: str, split: str) -> Key:
    """The totals of a period: of a partner in one row, of the programme in one for each split."""
    return Key(_partition(owner), f"{_prefix(owner, len(period) == DAY, split)}{period}")


def totals_between(owner: str, first: str, last: str, split: str) -> tuple[str, tuple[str, str]]:
    """The partition, and the bounds of the sort keys, of the totals of days or of months."""
    prefix = _prefix(owner, len(first) == DAY, split)
    return _partition(owner), (f"{prefix}{first}", f"{prefix}{last}")


def all_totals(owner: str) -> tuple[str, tuple[str, str]]:
    """The partition, and the bounds of the sort keys, of all totals of a partner."""
    return _partition(owner), ("D#", f"M#{HIGHEST}")


def partners_of(period: str) -> str:
    """Index `feed`: the partners that have totals in a period."""
    return f"G#{period}"


def _partition(owner: str) -> str:
    return f"G#{owner}"


def _prefix(owner: str, is_day: bool, split: str) -> str:
    """Days, and months, of a split are read in one query."""
    of_split = f"{split}#" if owner == PROGRAMME else ""
    return f"{'D' if is_day else 'M'}#{of_split}"
