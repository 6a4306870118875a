"""The form that amends a claim, or goes on with a draft."""

from typing import Any

from chalicelib.text.i18n import translate
from chalicelib.web.pages.portal.claim import find_change
from chalicelib.web.pages.shell.files import FileRow, list_files
from chalicelib.web.pages.shell.visit import View, Visit


def show_amendment(visit: Visit) -> View:
    claim_id = visit.path["claim_id"]
    claim = visit.api.get("/v1/claims/{claim_id}", claim_id=claim_id)
    body = claim.body
    files = list_files(visit.form) if visit.form.fields else _list_own_files(body["evidence"])
    title = translate(visit.language, "ui.amend.title")
    shown = {
        "claim": body,
        "version": claim.etag,
        "files": files,
        "editable": set(body["editable_fields"]),
        "changed": _read_change(visit),
    }
    return View("portal/amend.html", title, shown, nav="GET /portal/claims")


def _read_change(visit: Visit) -> Any:
    """Return what happened last, when the form was refused because of a newer version."""
    if not visit.form.problem:
        return None
    name = "/v1/claims/{claim_id}/history"
    history = visit.api.get(name, claim_id=visit.path["claim_id"]).body["data"]
    return find_change(visit, history)


def _list_own_files(evidence: list[dict[str, object]]) -> list[FileRow]:
    return [
        FileRow(
            number,
            str(one["id"]),
            str(one["file_name"] or one["id"]),
            str(one["kind"]),
            str(one["acknowledged_on"] or ""),
        )
        for number, one in enumerate(evidence)
    ]
