"""`cpor claims`."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.text import spreadsheets
from cpor.bulk_filing import Result, file_all
from cpor.claim_export import COLUMNS, to_row
from cpor.errors import CommandError
from cpor.exit_codes import DONE, PARTIAL, finish, report_errors
from cpor.http import Api
from cpor.local_service import find_local_service
from cpor.options import AsJson
from cpor.output import row_progress

PAGE = "100"  # claims in one response

app = typer.Typer(no_args_is_help=True, help="A partner's claims, over HTTP.")

Url = Annotated[
    str, typer.Option("--url", envvar="CPOR_URL", help="The service's address: https://…")
]
Token = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="CPOR_TOKEN",
        help="The partner's token; - reads standard input.",
        show_envvar=True,
    ),
]


@app.callback()
def claims() -> None:
    """A partner's claims, over HTTP, with the partner's own token."""


@app.command("file")
def file_command(
    source: Annotated[Path, typer.Argument(metavar="FILE.csv", help="One claim a row.")],
    url: Url = "",
    token: Token = "",
    results: Annotated[
        Path | None,
        typer.Option(help="The file for the rows with their results; default FILE.results.csv."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """File a claim for each row of a CSV file, and write the rows with a column `result`.

    The result is the claim's id, or codes. Columns: location_id, tenant_id, domain, solution_area,
    partner_role, product or workload, subscription_id, customer_contact.name .title .email,
    technical_contact.…, partner_contact.…, name, external_reference, comment, evidence (files in
    the list's folder, or evd_… ids; several with ;), evidence_kind, acknowledged_on, covers,
    revenue_details.solution_seller .isv_solution_name, submit (false leaves a draft).

    Can be run again: rows that have their claim are skipped, and a row whose response was lost is
    recognised by its idempotency key, which is made of the row. Exit codes: 0 every row has its
    claim, 1 some have none, 2 could not run.
    """
    with report_errors(as_json):
        target = results or source.with_suffix(".results.csv")
        if target.resolve() == source.resolve():
            raise CommandError("The results cannot be written into the file itself.")
        api = open_api(url, token)
        with row_progress(source, is_shown=not as_json) as advance:
            done = file_all(api, source, target, advance)
        ok = all(result.claim_id for result in done)
        data = {"ok": ok, "results": str(target), "rows": list(map(_result_as_json, done))}
        finish(as_json, data, _describe(done, target), DONE if ok else PARTIAL)


@app.command("export")
def export(  # noqa: PLR0913 - one parameter per option
    url: Url = "",
    token: Token = "",
    output: Annotated[Path | None, typer.Option(help="The file; default standard output.")] = None,
    status: Annotated[str, typer.Option(help="Only claims with this status.")] = "",
    tenant_id: Annotated[str, typer.Option(help="Only claims on this customer.")] = "",
    updated_since: Annotated[
        str, typer.Option(help="Only claims changed since, as 2026-11-20T00:00:00Z.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Export the partner's claims as CSV (RFC 4180, UTF-8), or with --json as the API returns them.

    Cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    with report_errors(as_json):
        filters = {"status": status, "tenant_id": tenant_id, "updated_since": updated_since}
        query = {name: value for name, value in filters.items() if value} | {"limit": PAGE}
        found = list(open_api(url, token).pages("/v1/claims", query))
        opened = output.open("w", encoding="utf-8", newline="") if output else None
        with opened or nullcontext(sys.stdout) as file:
            if as_json:
                json.dump({"ok": True, "data": found}, file, ensure_ascii=False)
            else:
                spreadsheets.write_csv(file, COLUMNS, map(to_row, found))
    if output:
        print(f"{len(found)} claims in {output}.", file=sys.stderr)


def open_api(url: str, token: str) -> Api:
    """Return the API at an address, by default at that of the service on this machine."""
    local = None if url else find_local_service()
    return Api(local.url if local else url, sys.stdin.readline().strip() if token == "-" else token)


def _result_as_json(result: Result) -> dict[str, object]:
    return {
        "line": result.line,
        "claim_id": result.claim_id or None,
        "codes": list(result.codes),
        "detail": result.detail,
    }


def _describe(done: list[Result], target: Path) -> Iterator[str]:
    for result in done:
        if result.codes:
            yield f"line {result.line}: {' '.join(result.codes)}  {result.detail}"
    before = sum(result.before for result in done)
    filed = sum(bool(result.claim_id) for result in done) - before
    failed = len(done) - filed - before
    yield f"{filed} filed, {before} filed before, {failed} not filed. All rows: {target}"
