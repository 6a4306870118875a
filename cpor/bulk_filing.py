"""Files claims row by row, one claim a row. Run again it goes on: rows that have their claim are
passed over, and a row whose answer was lost is recognised by the service, for its idempotency key
is made of the row.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.domain.ids import Kind, kind_of
from chalicelib.text import spreadsheets
from cpor.exit_codes import Unusable
from cpor.feeds.reading import LONGEST, Line, read
from cpor.http import Api, codes, problem

PLAIN = (
    "location_id",
    "tenant_id",
    "domain",
    "solution_area",
    "partner_role",
    "name",
    "external_reference",
    "comment",
)
ITEM = ("product", "workload", "subscription_id")
PERSONS = ("customer_contact", "technical_contact", "partner_contact")
NESTED = tuple(f"{who}.{what}" for who in PERSONS for what in ("name", "title", "email")) + (
    "revenue_details.solution_seller",
    "revenue_details.isv_solution_name",
)
PROOF = ("evidence", "evidence_kind", "acknowledged_on", "covers")
COLUMNS = (*PLAIN, *ITEM, *NESTED, *PROOF, "submit")
ADDED = ("result", "detail", "key")
TYPES = {
    ".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".eml": "message/rfc822",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}  # fmt: skip
TRUTH = {"": True, "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
FORMS = 3  # upload forms asked for, when one has run out meanwhile
EVERY = 50  # rows after which the results are saved


class Result(NamedTuple):
    """What became of a row: its claim, or why it has none (codes, sentences)."""

    line: int
    columns: Mapping[str, str]
    key: str
    claim_id: str = ""
    wrong: tuple[str, ...] = ()
    detail: str = ""
    before: bool = False

    def row(self) -> dict[str, Any]:
        """The row with its result."""
        return {
            **self.columns,
            "result": self.claim_id or " ".join(self.wrong),
            "detail": self.detail,
            "key": self.key,
        }


class Wrong(Exception):
    """A row that cannot be sent: a code and a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def file_all(api: Api, source: Path, target: Path, advance: Callable[[], None]) -> list[Result]:
    """Files every row of `source`; the rows with their results are in `target`, also when it was
    stopped. Raises Unusable.
    """
    lines, done = _lines(source), _claims_in(target)
    results = [_before(line, done) for line in lines]
    try:
        for at, line in enumerate(lines):
            if not results[at].claim_id:
                results[at] = _filed(api, source.parent, line)
            advance()
            if at % EVERY == EVERY - 1:
                _save(target, results)
    finally:
        _save(target, results)
    return results


def key_of(columns: Mapping[str, Any]) -> str:
    """The name of a row: the same for the same cells, in whatever order the columns stand."""
    return hashlib.sha256(
        json.dumps(columns, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()


def body(columns: Mapping[str, str], proofs: tuple[str, ...]) -> dict[str, Any]:
    """The filing that a row says. Raises Wrong."""
    whole: dict[str, Any] = {name: columns[name] for name in PLAIN if name in columns}
    for name in NESTED:
        if name in columns:
            outer, _, inner = name.partition(".")
            whole.setdefault(outer, {})[inner] = columns[name]
    item = {name: columns[name] for name in ITEM if name in columns}
    said = columns.get("submit", "").lower()
    if said not in TRUTH:
        raise Wrong("submit_malformed", "submit is true or false.")
    covers = _parts(columns.get("covers", "")) or [item.get("workload") or item.get("product", "")]
    about = {"kind": columns.get("evidence_kind", "other"), "covers": covers}
    about |= {"acknowledged_on": columns["acknowledged_on"]} if "acknowledged_on" in columns else {}
    return {
        **whole,
        "items": [item],
        "submit": TRUTH[said],
        "evidence": [{"id": one, **about} for one in proofs],
    }


def _filed(api: Api, folder: Path, line: Line) -> Result:
    key = key_of(line.columns)
    result = Result(line.number, line.columns, key)
    if line.wrong:
        return result._replace(wrong=("row_malformed",), detail=line.wrong)
    try:
        proofs = tuple(
            _proof(api, folder, part, line.columns)
            for part in _parts(line.columns.get("evidence", ""))
        )
        answer = api.call(
            "POST",
            "/v1/claims",
            body(line.columns, proofs),
            key=key_of({"row": key, "evidence": proofs}),
        )
    except Wrong as wrong:
        return result._replace(wrong=(wrong.code,), detail=str(wrong))
    if answer.status_code == 201:
        return result._replace(claim_id=answer.json()["claims"][0]["id"])
    return result._replace(wrong=codes(answer), detail=_sentences(problem(answer)))


def _proof(api: Api, folder: Path, named: str, columns: Mapping[str, str]) -> str:
    """The id of a proof: as it stands, or of the file of that name beside the list, uploaded now.
    Raises Wrong.
    """
    if kind_of(named) is Kind.EVIDENCE:
        return named
    path = folder / named
    if path.suffix.lower() not in TYPES:
        raise Wrong(
            "evidence_type_not_allowed", f"{named}: one of {', '.join(sorted(TYPES))} is taken."
        )
    try:
        content = path.read_bytes()
    except OSError as gone:
        raise Wrong("evidence_unreadable", f"{named}: {gone.strerror}.") from gone
    told = {
        "file_name": path.name,
        "content_type": TYPES[path.suffix.lower()],
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return _uploaded(api, told, content, key_of(told | {"tenant": columns.get("tenant_id", "")}))


def _uploaded(api: Api, told: dict[str, Any], content: bytes, key: str) -> str:
    for _ in range(FORMS):
        answer = api.call("POST", "/v1/evidence", told, key=key)
        if answer.status_code != 201:
            raise Wrong(" ".join(codes(answer)), _sentences(problem(answer)))
        made = answer.json()
        if api.upload(made["upload"]["url"], made["upload"]["fields"], content):
            return str(made["id"])
        key = key_of(
            {"instead_of": key, "expired": made["expires_at"]}
        )  # an old form, from a run that was stopped
    raise Wrong(
        "evidence_not_uploaded", f"{told['file_name']}: the object storage does not take it."
    )


def _lines(source: Path) -> list[Line]:
    """The rows; results and keys of an earlier run are no part of them. Raises Unusable."""
    try:
        lines = list(read(source))
    except OSError as gone:
        raise Unusable(f"{source} cannot be read: {gone.strerror}.") from gone
    if lines and lines[0].number == 1 and lines[0].wrong:
        raise Unusable(f"{source}: its first line {lines[0].wrong}.")
    if unknown := sorted({name for line in lines for name in line.columns} - {*COLUMNS, *ADDED}):
        raise Unusable(
            f"{source} has columns that nobody knows: {', '.join(unknown)}. Known are: {', '.join(COLUMNS)}."
        )
    return [
        line._replace(
            columns={name: cell for name, cell in line.columns.items() if name not in ADDED}
        )
        for line in lines
    ]


def _claims_in(target: Path) -> dict[str, str]:
    """The claims that an earlier run has filed, by row."""
    if not target.exists():
        return {}
    csv.field_size_limit(LONGEST)
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["key"]: row["result"]
        for row in rows
        if kind_of(row.get("result") or "") is Kind.CLAIM and row.get("key")
    }


def _before(line: Line, done: Mapping[str, str]) -> Result:
    key = key_of(line.columns)
    claim = "" if line.wrong else done.get(key, "")
    return Result(
        line.number, line.columns, key, claim, () if claim else ("not_sent",), before=bool(claim)
    )


def _save(target: Path, results: list[Result]) -> None:
    """Writes the results in one move, so that a stop leaves the old or the new ones."""
    seen = [name for name in COLUMNS if any(name in one.columns for one in results)]
    growing = target.with_suffix(".growing")
    with growing.open("w", encoding="utf-8-sig", newline="") as file:
        spreadsheets.write_csv(file, (*seen, *ADDED), (one.row() for one in results))
    growing.replace(target)


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _sentences(told: Mapping[str, Any]) -> str:
    """What the service says, and what it advises."""

    def each() -> Iterator[str]:
        for one in told.get("errors", []):
            yield f"{one.get('detail', '')} {one.get('hint') or ''}".strip()

    return " ".join(dict.fromkeys(each())) or str(told.get("detail", ""))
