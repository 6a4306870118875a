"""Format the keys of the reports of imports, which operators read."""

from datetime import datetime

from chalicelib.aws.keys import Key, moment

FEED_IMPORTS = "FEED-IMPORTS"  # the partition of the reports of imports


def feed_import(at: datetime) -> Key:
    """The report of an import of the operator's feed."""
    return Key(FEED_IMPORTS, moment(at))
