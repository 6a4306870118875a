"""The journal of look-ups and reads that the customer can see."""

from chalicelib.domain.base import Frozen, Instant


class JournalRow(Frozen):
    """One access: which partner, when, and what (`what` is a code, `item` a catalogue code).

    organisation_id: empty for somebody of the programme.
    """

    id: str
    at: Instant
    organisation_id: str
    what: str
    item: str = ""
