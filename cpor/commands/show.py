"""`cpor show`."""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from cpor.exit_codes import DONE, PARTIAL, finish, report_errors
from cpor.options import AsJson, Endpoint, StackName, StageName, Table
from cpor.stage import find_rows_of
from cpor.stored_rows import SHOWN, StoredRow, find_rows


def show(  # noqa: PLR0913 - one parameter per option
    some_id: Annotated[str, typer.Argument(metavar="ID", help=f"The id of {SHOWN}.")],
    history: Annotated[
        bool, typer.Option("--history", help="Also the history and the comments of a claim.")
    ] = False,
    stage: StageName = "",
    stack: StackName = "",
    table: Table = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Print what is stored under an id: key, indexes and value, which the console shows packed.

    Changes nothing. Prints personal data, but no secret: of a link only its hash is stored. Exit
    codes: 0 found, 1 nothing is stored for this id, 2 an id of an unknown kind.
    """
    with report_errors(as_json):
        rows = find_rows_of(stage, stack, table, endpoint_url)
        found = find_rows(rows, some_id.strip(), history)
        data = {"ok": bool(found), "id": some_id, "rows": [row._asdict() for row in found]}
        finish(as_json, data, _describe(found), DONE if found else PARTIAL)


def _describe(found: Iterable[StoredRow]) -> Iterator[str]:
    is_empty = True
    for row in found:
        is_empty = False
        indexes = "".join(f"  {name}={value}" for name, value in sorted(row.attributes.items()))
        yield escape_controls(f"pk={row.pk}  sk={row.sk}{indexes}")
        yield escape_controls(json.dumps(row.value, ensure_ascii=False, indent=2))
    if is_empty:
        yield "Nothing is stored for this id."


def escape_controls(text: str) -> str:
    """Return text that a terminal shows and does not obey; line ends stay.

    Names and comments come from others: they may hold control sequences and marks that change the
    direction of text.
    """
    return "".join(
        character if character.isprintable() or character == "\n" else f"\\u{ord(character):04x}"
        for character in text
    )
