"""The error catalogue: every code with its sentence, its hint, and who answers it."""

from dataclasses import dataclass
from functools import cache

from chalicelib.text import i18n
from chalicelib.web.http.documentation import read_texts


@dataclass(frozen=True)
class CatalogueEntry:
    """A code as the catalogue shows it.

    Attributes:
        anchor: the fragment of its place on the page.
        title: of a refusal; '' for a finding.
        hint: of a finding; '' for a refusal.
        statuses: HTTP statuses that every operation may answer with this code.
        operations: method and path of those that name this code as their own.
    """

    code: str
    anchor: str
    title: str
    detail: str
    hint: str
    statuses: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()


def list_errors(language: str, support_url: str) -> list[CatalogueEntry]:
    """Return every refusal by code. Its anchor is what the `type` of a problem links to."""
    texts = read_texts()
    return [
        CatalogueEntry(
            code=code,
            anchor=code,
            title=_describe(language, f"refusal.{code}.title", support_url),
            detail=_describe(language, f"refusal.{code}.detail", support_url),
            hint="",
            statuses=tuple(one for one, codes in texts["codes"].items() if code in codes),
            operations=tuple(
                name for name, one in texts["operations"].items() if code in one["codes"]
            ),
        )
        for code in list_codes("refusal")
    ]


def list_findings(language: str, support_url: str) -> list[CatalogueEntry]:
    """Return every finding by code: an entry of `errors` or `warnings` of a problem."""
    return [
        CatalogueEntry(
            code=code,
            anchor=f"finding-{code}",
            title="",
            detail=_describe(language, f"finding.{code}.detail", support_url),
            hint=_describe(language, f"finding.{code}.hint", support_url),
        )
        for code in list_codes("finding")
    ]


@cache
def list_codes(kind: str) -> tuple[str, ...]:
    """Return the codes that have sentences, in alphabetical order. `kind`: refusal or finding."""
    keys = (key.split(".") for key in i18n.list_keys())
    return tuple(sorted({parts[1] for parts in keys if parts[0] == kind}))


def _describe(language: str, key: str, support_url: str) -> str:
    """Return a sentence with the names of its values in brackets, as they differ by request."""
    if not i18n.has_text(key):
        return ""
    names = {name: f"[{name.replace('_', ' ')}]" for name in i18n.list_placeholders(key)}
    if support_url:
        names["support_url"] = support_url
    return i18n.translate(language, key, **names)
