"""`cpor verify`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cpor import bundle
from cpor.errors import CommandError
from cpor.exit_codes import DONE, PARTIAL, finish, reported_errors
from cpor.options import AsJson

HASH = re.compile(rf"[0-9a-fA-F]{{{bundle.HASH_LENGTH}}}")


def verify(
    path: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="The file; - reads standard input.")
    ],
    head: Annotated[
        str,
        typer.Option(help="A head from an older bundle: the history must contain it."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check a case's bundle (GET /v1/claims/{id}/bundle) offline: is its history complete?

    Needs no network and no account. Each fault is printed with its row. Exit codes: 0 complete and
    unchanged, 1 faults, 2 not a bundle.

    The hashes cover the history, and the claim is compared with its history. Names, files and
    comments outside the history are not covered. Somebody who can rewrite a whole history can make
    correct hashes: keep the head of a bundle and give it with --head later.
    """
    with reported_errors(as_json):
        if head and not HASH.fullmatch(head):
            raise CommandError(f"A head has {bundle.HASH_LENGTH} hexadecimal digits.")
        verdict = bundle.verify(_read(path), head)
        data = {"ok": not verdict.faults, **verdict._asdict()}
        finish(as_json, data, _describe(verdict), PARTIAL if verdict.faults else DONE)


def _read(path: Path) -> str:
    raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"This is not a bundle: {error}") from error


def _describe(verdict: bundle.Verdict) -> Iterator[str]:
    if verdict.faults:
        yield f"{verdict.claim_id}: this is not what the service wrote."
        yield from (f"  {fault}" for fault in verdict.faults)
    else:
        yield f"{verdict.claim_id}: complete and unchanged, {verdict.rows} rows."
        yield f"head {verdict.head}"
