"""The files of a case: which one is shown, and how a browser can show it."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from chalicelib.domain import evidence
from chalicelib.domain.file_names import EXTENSIONS
from chalicelib.domain.refusals import Refusal
from chalicelib.text.cleaning import clean_lines
from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.visit import Visit

EVIDENCE = "/v1/claims/{claim_id}/evidence/{evidence_id}"
FRAMED = frozenset({"application/pdf"})
PICTURES = frozenset({"image/png", "image/jpeg"})
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXTS = frozenset({"message/rfc822", DOCX})
MOST_TEXT = 20_000  # characters on the page; the file itself has the rest
# By the ending of a stored file's name, which comes from its verified type (domain.md, "Evidence").
TYPES = {f".{EXTENSIONS.get(kind, kind)}": name for name, kind in evidence.TYPES.items()}


def show_file(
    visit: Visit, claim_id: str, files: Sequence[Mapping[str, Any]], chosen: str | None
) -> dict[str, Any] | None:
    """Return the chosen one of a claim's files, or else the first, and how to show it.

    `how` is `frame`, `picture`, `text`, `download` or `failed`. A file that cannot be shown does
    not keep the page from opening.
    """
    file = next((one for one in files if one["id"] == chosen), files[0] if files else None)
    if file is None:
        return None
    claim_id = file.get("claim_id") or claim_id
    name = file["file_name"] or file["id"]
    shown = {"id": file["id"], "claim_id": claim_id, "name": name, "address": ""}
    try:
        return shown | _read_view(visit, claim_id, file)
    except Refusal as refusal:
        detail = translate(visit.language, f"refusal.{refusal.code}.detail", **refusal.values)
        return shown | {"how": "failed", "detail": detail}


def _read_view(visit: Visit, claim_id: str, file: Mapping[str, Any]) -> dict[str, Any]:
    """Read what is shown of a file. Raises Refusal."""
    ending = PurePosixPath(file["file_name"] or "").suffix
    kind = file.get("content_type") or TYPES.get(ending, "")
    if kind in TEXTS:
        found = _read(visit, claim_id, file, "text").body
        is_cut = found["truncated"] or len(found["text"]) > MOST_TEXT
        lines = clean_lines(found["text"], MOST_TEXT)
        return {"how": "text", "text": "\n".join(lines), "is_cut": is_cut}
    if kind in FRAMED | PICTURES:
        how = "frame" if kind in FRAMED else "picture"
        return {"how": how, "address": _read(visit, claim_id, file, "inline").location}
    return {"how": "download"}


def _read(visit: Visit, claim_id: str, file: Mapping[str, Any], how: str) -> Any:
    return visit.api.get(EVIDENCE, {"as": how}, claim_id=claim_id, evidence_id=file["id"])
