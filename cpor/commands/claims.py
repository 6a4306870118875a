"""`cpor claims`."""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpor.exit_codes import DONE, PARTLY, Unusable, answer, refusals
from cpor.options import Machines

if TYPE_CHECKING:
    from cpor.bulk_filing import Result
    from cpor.http import Api

app = typer.Typer(no_args_is_help=True, help="A partner's claims, over HTTP.")

Url = Annotated[
    str, typer.Option("--url", envvar="CPOR_URL", help="Where the service is: https://…")
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
    """A partner's claims, over HTTP, with a token of the partner's own."""


@app.command("file")
def file(
    source: Annotated[Path, typer.Argument(metavar="FILE.csv", help="One claim a row.")],
    url: Url = "",
    token: Token = "",
    results: Annotated[
        Path | None,
        typer.Option(help="Where the rows with their results go; else FILE.results.csv."),
    ] = None,
    as_json: Machines = False,
) -> None:
    """File a claim for each row of a CSV file; the rows come back with a column `result`: the
    claim's id, or codes.

    Columns: location_id, tenant_id, domain, solution_area, partner_role, product or workload,
    subscription_id, customer_contact.name .title .email, technical_contact.…, partner_contact.…,
    name, external_reference, comment, evidence (files beside the list, or evd_… ids; several with
    ;), evidence_kind, acknowledged_on, covers, revenue_details.solution_seller .isv_solution_name,
    submit (false leaves a draft).

    Safe to run again: rows that have their claim are passed over, and a row whose answer got lost
    is recognised by its idempotency key, which is made of the row. 0: every row has its claim, 1:
    some have none, 2: could not run.
    """
    from cpor.bulk_filing import file_all
    from cpor.output import counting

    with refusals(as_json):
        target = results or source.with_suffix(".results.csv")
        if target.resolve() == source.resolve():
            raise Unusable("The results cannot go into the file itself.")
        api = _api(url, token)
        with counting(source, shown=not as_json) as advance:
            done = file_all(api, source, target, advance)
        ok = all(one.claim_id for one in done)
        machines = {
            "ok": ok,
            "results": str(target),
            "rows": [
                {
                    "line": one.line,
                    "claim_id": one.claim_id or None,
                    "codes": list(one.wrong),
                    "detail": one.detail,
                }
                for one in done
            ],
        }
        answer(as_json, machines, _told(done, target), DONE if ok else PARTLY)


@app.command("export")
def export(
    url: Url = "",
    token: Token = "",
    output: Annotated[Path | None, typer.Option(help="The file; else standard output.")] = None,
    status: Annotated[str, typer.Option(help="Only claims in this state.")] = "",
    tenant_id: Annotated[str, typer.Option(help="Only claims on this customer.")] = "",
    updated_since: Annotated[
        str, typer.Option(help="Only claims changed since, as 2026-11-20T00:00:00Z.")
    ] = "",
    as_json: Machines = False,
) -> None:
    """Export the partner's claims as CSV (RFC 4180, UTF-8), or with --json as the service shows
    them.

    Cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    import json

    from chalicelib.text import spreadsheets
    from cpor.claim_export import COLUMNS, row

    with refusals(as_json):
        asked = {
            "status": status,
            "tenant_id": tenant_id,
            "updated_since": updated_since,
            "limit": "100",
        }
        found = list(
            _api(url, token).pages(
                "/v1/claims", {name: value for name, value in asked.items() if value}
            )
        )
        with (
            output.open("w", encoding="utf-8", newline="")
            if output
            else nullcontext(sys.stdout) as file_
        ):
            if as_json:
                json.dump({"ok": True, "data": found}, file_, ensure_ascii=False)
            else:
                spreadsheets.write_csv(file_, COLUMNS, map(row, found))
    if output:
        print(f"{len(found)} claims in {output}.", file=sys.stderr)


def _api(url: str, token: str) -> "Api":
    from cpor.http import Api

    return Api(url, sys.stdin.readline().strip() if token == "-" else token)


def _told(done: "list[Result]", target: Path) -> Iterator[str]:
    for one in done:
        if one.wrong:
            yield f"line {one.line}: {' '.join(one.wrong)}  {one.detail}"
    before, filed = sum(one.before for one in done), sum(bool(one.claim_id) for one in done)
    yield f"{filed - before} filed, {before} had been filed before, {len(done) - filed} not filed. All rows: {target}"
