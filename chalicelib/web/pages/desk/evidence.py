"""The files of a case: which one is shown, and how a browser can show it."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.refusals import Refusal
from chalicelib.text.cleaning import clean_lines
from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.visit import Visit

EVIDENCE = "/v1/claims/{claim_id}/evidence/{evidence_id}"
FRAMED = frozenset({"application/pdf"})
PICTURES = frozenset({"image/png", "image/jpeg"})
TEXTS = frozenset(
    {
        "message/rfc822",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)
MOST_TEXT = 20_000  # characters on the page; the file itself has the rest


def show_file(visit: Visit, files: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the file that is asked for, or the first one, and how to show it.

    `how` is `frame`, `picture`, `text`, `download` or `failed`. A file that cannot be shown does
    not keep the case from opening.
    """
    chosen = visit.query.get("file")
    file = next((one for one in files if one["id"] == chosen), files[0] if files else None)
    if file is None:
        return None
    shown = {"id": file["id"], "name": file["file_name"] or file["id"], "address": ""}
    kind = file["content_type"]
    try:
        if kind in TEXTS:
            found = _read(visit, file, "text").body
            is_cut = found["truncated"] or len(found["text"]) > MOST_TEXT
            lines = clean_lines(found["text"], MOST_TEXT)
            return shown | {"how": "text", "text": "\n".join(lines), "is_cut": is_cut}
        if kind in FRAMED | PICTURES:
            how = "frame" if kind in FRAMED else "picture"
            return shown | {"how": how, "address": _read(visit, file, "inline").location}
    except Refusal as refusal:
        detail = translate(visit.language, f"refusal.{refusal.code}.detail", **refusal.values)
        return shown | {"how": "failed", "detail": detail}
    return shown | {"how": "download"}


def _read(visit: Visit, file: Mapping[str, Any], how: str) -> Any:
    claim_id = visit.path["claim_id"]
    return visit.api.get(EVIDENCE, {"as": how}, claim_id=claim_id, evidence_id=file["id"])
