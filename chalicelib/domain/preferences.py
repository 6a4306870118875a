"""What a person has chosen for the pages: language, time zone, shortcuts, saved views."""

from chalicelib.domain.base import Frozen

MAX_VIEWS = 20  # pages.md, section 6, item 12
MAX_QUERY = 500  # characters; chosen: holds every filter of a list


class SavedView(Frozen):
    """A filtered list that a person saved.

    `query`: the query string of its address, without `?`.
    """

    name: str
    query: str


class Preferences(Frozen):
    """The preferences of one person.

    organisation_id, sub: whose they are; no organisation: of the programme.
    language, time_zone: None: those of the token and of the organisation.
    shortcuts: whether single keys do something (WCAG 2.1.4).
    rev: number of the version that is stored; 0: nothing was ever saved.
    """

    organisation_id: str = ""
    sub: str
    language: str | None = None
    time_zone: str | None = None
    shortcuts: bool = True
    views: tuple[SavedView, ...] = ()
    rev: int = 0
