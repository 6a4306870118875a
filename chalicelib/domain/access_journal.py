"""The access journal: look-ups and reads of a tenant, as the customer can see them."""

from chalicelib.domain.base import Frozen, Instant


class JournalRow(Frozen):
    """One access: which partner, when, and what (`what` is a code, `item` a catalogue code).

    organisation_id: empty for a person of the programme.
    """

    id: str
    at: Instant
    organisation_id: str
    what: str
    item: str = ""
