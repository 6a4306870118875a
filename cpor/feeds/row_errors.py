"""Says what is wrong with a row of a feed, column by column."""

from pydantic import ValidationError

from chalicelib.domain.figures import MAX_COUNT
from cpor.feeds.cells import WRITE_COUNT
from cpor.feeds.csv_reading import EXAMPLES

NO_LIST = "Input should be a valid tuple"
# Messages of pydantic that do not say what to do.
MESSAGES = {
    "Field required": "is missing: the row needs a value in this column",
    NO_LIST: 'is no list: write ["one", "two"]',
    "Input should be a valid dictionary": 'is no object: write {"NAME": "value"}',
    "Input should be a valid string": "is no text: write it in quotation marks",
    "Input should be a valid string, unable to parse raw data as a unicode string": (
        "has half a character: write the text as UTF-8"
    ),
    "Input should be greater than or equal to 0": f"is negative: {WRITE_COUNT}",
    f"Input should be less than or equal to {MAX_COUNT}": f"is larger than {MAX_COUNT}",
}


def describe_errors(error: ValidationError) -> str:
    """Return what is wrong with a row, column by column."""
    return "; ".join(_describe(one["loc"], one["msg"]) for one in error.errors(include_url=False))


def _describe(location: tuple[int | str, ...], message: str) -> str:
    text = MESSAGES.get(message, message.removeprefix("Value error, "))
    is_object = location[:1] == ("location_ids",) and len(location) <= len(("location_ids", 0))
    if is_object and text in {MESSAGES[NO_LIST], message}:
        text = f"is no list of objects: {EXAMPLES['location_ids']}"
    return f"{'.'.join(map(str, location))}: {text}" if location else text
