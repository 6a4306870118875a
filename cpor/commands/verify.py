"""`cpor verify`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cpor.bundle import HASH, Verdict
from cpor.exit_codes import DONE, NOT_RUN, PARTLY, Unusable, answer, stop
from cpor.options import Machines


def verify(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="The file; - reads standard input.")
    ],
    head: Annotated[
        str,
        typer.Option(help="A head you know of, from an older bundle: the history must contain it."),
    ] = "",
    as_json: Machines = False,
) -> None:
    """Check a case's bundle (GET /v1/claims/{id}/bundle) offline: is its history whole and
    unchanged?

    Needs no network and no account. Each fault is named with its row. 0: whole, 1: faults, 2: no
    bundle.

    The hashes cover the history, and what it says of the claim is compared with the claim. Names,
    files and comments beside the history are not covered. Whoever can rewrite a whole history can
    make good hashes: keep the head of a bundle and give it with --head later.
    """
    from cpor.bundle import verify as check

    try:
        if head and (len(head) != HASH or not set(head.lower()) <= set("0123456789abcdef")):
            raise Unusable(f"A head has {HASH} hexadecimal digits.")
        verdict = check(_text(bundle), head)
    except (OSError, UnicodeDecodeError, Unusable) as wrong:
        stop(str(wrong), as_json, NOT_RUN)
        return
    machines = {"ok": not verdict.faults, **verdict._asdict()}
    answer(as_json, machines, _lines(verdict), PARTLY if verdict.faults else DONE)


def _text(bundle: Path) -> str:
    raw = sys.stdin.buffer.read() if str(bundle) == "-" else bundle.read_bytes()
    return raw.decode("utf-8-sig")


def _lines(verdict: Verdict) -> Iterator[str]:
    if verdict.faults:
        yield f"{verdict.claim_id}: this is not what the service wrote."
        yield from (f"  {fault}" for fault in verdict.faults)
    else:
        yield f"{verdict.claim_id}: whole. {verdict.rows} rows, each following the one before; nothing changed."
        yield f"head {verdict.head}"
