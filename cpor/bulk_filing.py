"""Files claims row by row, one claim a row.

Run again it continues: rows that have their claim are skipped, and a row whose response was lost is
recognised by the service, because its idempotency key is made of the row.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.domain.ids import Kind, kind_of
from chalicelib.text import spreadsheets
from cpor.claim_rows import COLUMNS, RowError, find_column, row_key, split_cell, to_filing
from cpor.errors import CommandError
from cpor.feeds.csv_reading import csv_lines
from cpor.feeds.lines import Line
from cpor.http import Api, error_codes, parse_problem

OOXML = "application/vnd.openxmlformats-officedocument"
CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jfif": "image/jpeg",  # as browsers on Windows save them
    ".eml": "message/rfc822",
    ".docx": f"{OOXML}.wordprocessingml.document",
    ".xlsx": f"{OOXML}.spreadsheetml.sheet",
    ".pptx": f"{OOXML}.presentationml.presentation",
}
RESULT_COLUMNS = ("result", "detail", "key")
MAX_FORMS = 3  # upload forms that are requested for a file, in case one has expired
SAVE_EVERY = 50  # rows


class Result(NamedTuple):
    """The result of a row: its claim, or why it has none (codes and sentences).

    `before`: its claim was filed by an earlier run.
    """

    line: int
    columns: Mapping[str, str]
    key: str
    claim_id: str = ""
    codes: tuple[str, ...] = ()
    detail: str = ""
    before: bool = False

    def to_row(self) -> dict[str, Any]:
        """Return the row with its result."""
        result = self.claim_id or " ".join(self.codes)
        return {**self.columns, "result": result, "detail": self.detail, "key": self.key}


def file_all(api: Api, source: Path, target: Path, advance: Callable[[], None]) -> list[Result]:
    """File every row of `source` and save the rows with their results in `target`.

    The results are saved also when the run is interrupted. `advance` is called after each row.
    Raises CommandError.
    """
    lines, claims = _read_lines(source), _read_claims(target)
    results = [_earlier_result(line, claims) for line in lines]
    try:
        for index, line in enumerate(lines):
            if not results[index].claim_id:
                results[index] = _file_row(api, source.parent, line)
            advance()
            if index % SAVE_EVERY == SAVE_EVERY - 1:
                _save(target, results)
    finally:
        _save(target, results)
    return results


def _file_row(api: Api, folder: Path, line: Line) -> Result:
    key = row_key(line.columns)
    result = Result(line.number, line.columns, key)
    if line.error:
        return result._replace(codes=("row_malformed",), detail=line.error)
    try:
        cells = split_cell(line.columns.get("evidence", ""))
        evidence = tuple(_evidence_id(api, folder, cell, line.columns) for cell in cells)
        filing = to_filing(line.columns, evidence)
        request_key = row_key({"row": key, "evidence": evidence})
        response = api.call("POST", "/v1/claims", filing, key=request_key)
    except RowError as error:
        return result._replace(codes=(error.code,), detail=str(error))
    if response.status_code == 201:
        return result._replace(claim_id=response.json()["claims"][0]["id"])
    detail = _sentences(parse_problem(response))
    return result._replace(codes=error_codes(response), detail=detail)


def _evidence_id(api: Api, folder: Path, cell: str, columns: Mapping[str, str]) -> str:
    """Return an evidence id as it is, or upload the file of that name. Raises RowError."""
    if kind_of(cell) is Kind.EVIDENCE:
        return cell
    content_type = CONTENT_TYPES.get(Path(cell).suffix.lower())
    if not content_type:
        allowed = ", ".join(sorted(CONTENT_TYPES))
        raise RowError("evidence_type_not_allowed", f"{cell}: allowed are {allowed}.")
    name, content = _read_file(folder, cell)
    announcement = {
        "file_name": name,
        "content_type": content_type,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    key = row_key(announcement | {"tenant": columns.get("tenant_id", "")})
    return _upload(api, announcement, content, key)


def _read_file(folder: Path, cell: str) -> tuple[str, bytes]:
    """Return the name and content of a file in the list's own folder. Raises RowError.

    A list may come from someone else: it must not name other files of this machine, neither by its
    path nor by a link.
    """
    try:
        path = (folder / cell).resolve()
        if Path(cell).is_absolute() or not path.is_relative_to(folder.resolve()):
            raise RowError("evidence_outside_folder", f"{cell}: not in the folder of the list.")
        return path.name, path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise RowError("evidence_unreadable", f"{cell}: {reason}.") from error


def _upload(api: Api, announcement: dict[str, Any], content: bytes, key: str) -> str:
    for _ in range(MAX_FORMS):
        response = api.call("POST", "/v1/evidence", announcement, key=key)
        if response.status_code != 201:
            codes = " ".join(error_codes(response))
            raise RowError(codes, _sentences(parse_problem(response)))
        evidence = response.json()
        if api.upload(evidence["upload"]["url"], evidence["upload"]["fields"], content):
            return str(evidence["id"])
        # The form has expired: it is of a run that was interrupted.
        key = row_key({"instead_of": key, "expired": evidence["expires_at"]})
    name = announcement["file_name"]
    raise RowError("evidence_not_uploaded", f"{name}: the object storage refuses it.")


def _read_lines(source: Path) -> list[Line]:
    """Return the rows without results and keys of an earlier run. Raises CommandError."""
    lines = _read_table(source)
    names = {name for line in lines for name in line.columns}
    if unknown := sorted(names - {*COLUMNS, *RESULT_COLUMNS}):
        known = ", ".join(COLUMNS)
        raise CommandError(f"{source} has unknown columns: {', '.join(unknown)}. Known: {known}.")
    return [line._replace(columns=_without_results(line.columns)) for line in lines]


def _read_table(path: Path) -> list[Line]:
    """Return the rows of a list of claims. Raises CommandError."""
    try:
        lines = list(csv_lines(path, (*COLUMNS, *RESULT_COLUMNS)))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    if lines and lines[0].is_header:
        raise CommandError(f"{path} {lines[0].error}.")
    return lines


def _without_results(columns: Mapping[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in columns.items() if name not in RESULT_COLUMNS}


def _read_claims(target: Path) -> dict[str, str]:
    """Return the claims that an earlier run has filed, by the keys of their rows."""
    rows = [line.columns for line in _read_table(target)] if target.exists() else []
    return {
        row["key"]: row["result"]
        for row in rows
        if row.get("key") and kind_of(row.get("result", "")) is Kind.CLAIM
    }


def _earlier_result(line: Line, claims: Mapping[str, str]) -> Result:
    key = row_key(line.columns)
    claim_id = "" if line.error else claims.get(key, "")
    if claim_id:
        return Result(line.number, line.columns, key, claim_id, before=True)
    return Result(line.number, line.columns, key, codes=("not_sent",))


def _save(target: Path, results: list[Result]) -> None:
    """Replace the file with the results in one step, so that it is never half written."""
    columns = [name for name in COLUMNS if any(name in result.columns for result in results)]
    partial = target.with_suffix(".partial")
    with partial.open("w", encoding="utf-8-sig", newline="") as file:
        rows = (result.to_row() for result in results)
        spreadsheets.write_csv(file, (*columns, *RESULT_COLUMNS), rows)
    partial.replace(target)


def _sentences(problem: Mapping[str, Any]) -> str:
    """Return what the service says and advises, each sentence with the column it is about."""
    sentences = (
        f"{_place(error)}{error.get('detail', '')} {error.get('hint') or ''}".strip()
        for error in problem.get("errors", [])
    )
    return " ".join(dict.fromkeys(sentences)) or str(problem.get("detail", ""))


def _place(error: Mapping[str, Any]) -> str:
    column = find_column(str(error.get("pointer") or ""))
    return f"{column}: " if column else ""
