"""`cpor verify`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cpor import bundle
from cpor.bundle_signature import load_keys
from cpor.errors import CommandError
from cpor.exit_codes import DONE, PARTIAL, finish, report_errors
from cpor.options import AsJson

HASH = re.compile(rf"[0-9a-fA-F]{{{bundle.HEAD_LENGTH},{bundle.HASH_LENGTH}}}")


def verify(
    path: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="The file; - reads standard input.")
    ],
    head: Annotated[
        str,
        typer.Option(
            help="A head that the history must contain: from a mail, from an older bundle, or a "
            "file that holds one."
        ),
    ] = "",
    earlier: Annotated[
        Path | None, typer.Option(help="An earlier bundle, which the history must continue.")
    ] = None,
    keys: Annotated[
        str,
        typer.Option(
            envvar="CPOR_HISTORY_KEYS",
            help="The service's public keys: its address, or a file of them "
            "(/.well-known/cpor-history-keys.json).",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check a case's bundle (GET /v1/claims/{id}/bundle), and tell who asked whom for what.

    Needs no account, and no network unless --keys is an address. Each fault is printed with its
    row. Exit codes: 0 complete and unchanged, 1 faults, 2 not a bundle.

    The chain of hashes shows a change of any row. With --keys, the signature shows a change of
    anything in the bundle. --earlier and --head show that a history was cut off or rewritten, even
    by somebody who can sign.
    """
    with report_errors(as_json):
        known = bundle.Known(
            _read_head(head),
            _read(earlier) if earlier else "",
            load_keys(keys) if keys else None,
        )
        verdict = bundle.verify(_read(path), known)
        data = {"ok": not verdict.faults, **verdict._asdict()}
        finish(as_json, data, _describe(verdict), PARTIAL if verdict.faults else DONE)


def _read_head(head: str) -> str:
    """Return a head that was given, or that a file holds. Raises CommandError."""
    text = head if HASH.fullmatch(head) or not Path(head).is_file() else _read(Path(head)).strip()
    if head and not HASH.fullmatch(text):
        raise CommandError(
            f"A head has {bundle.HEAD_LENGTH} to {bundle.HASH_LENGTH} hexadecimal digits."
        )
    return text


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
        yield from (f"  {line}" for line in verdict.story)
    yield from (f"note: {note}" for note in verdict.notes)
    yield f"head {verdict.head}"
