"""Evidence in a form: the files that were uploaded while it was filled in."""

import re
from dataclasses import dataclass
from typing import Any

from chalicelib.web.pages.shell.forms import Form

ID = re.compile(r"evidence/([0-9]{1,2})/id")
# What people call the kinds of files that are taken.
TYPE_NAMES = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "message/rfc822": "EML",
}


@dataclass(frozen=True)
class FileRow:
    """One file of a form.

    Attributes:
        number: its place in the form's names (`evidence/3/id`).
        id: of the uploaded file.
        name: as the person calls it.
        kind, acknowledged_on: what was said of it.
        question: the number of the question that it answers, as text; '' for none.
        covers: the numbers of the form's items that it proves, as text; empty: all of them.
    """

    number: int
    id: str
    name: str
    kind: str = ""
    acknowledged_on: str = ""
    question: str = ""
    covers: tuple[str, ...] = ()


def add_covers(body: dict[str, Any], codes: list[str]) -> None:
    """Let each file of a body prove these items, unless the form says otherwise."""
    evidence = body.get("evidence")
    for proof in evidence if isinstance(evidence, list) else ():
        if isinstance(proof, dict):
            proof.setdefault("covers", codes)


def list_files(form: Form) -> list[FileRow]:
    """Return the files of a form that was sent."""
    numbers = sorted(int(found[1]) for name in form.fields if (found := ID.fullmatch(name)))
    return [
        FileRow(
            number,
            form.text(f"evidence/{number}/id"),
            form.text(f"names/{number}") or form.text(f"evidence/{number}/id"),
            form.text(f"evidence/{number}/kind"),
            form.text(f"evidence/{number}/acknowledged_on"),
            form.text(f"answers/{number}"),
            tuple(form.all(f"covers/{number}")),
        )
        for number in numbers
    ]
