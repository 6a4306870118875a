"""Refusals as pages, for browsers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.runtime.settings import settings
from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.bar import SandboxBar
from chalicelib.web.pages.shell.layout import Frame, render

LINKS = "/o/"  # of customers: every 404 below it looks the same


def render_problem(
    problem: Mapping[str, Any],
    language: str,
    route: str = "GET /",
    test_time: datetime | None = None,
) -> str:
    """Render a problem document (RFC 9457) as a page.

    route: of the request. A form that was refused is no page that does not exist.
    test_time: of a sandbox, whose bar is shown; None in production, and where it is not known.
    """
    method, _, path = route.partition(" ")
    is_missing, is_form = problem["status"] == 404, method == "POST"
    title = str(problem["title"])
    if is_missing:
        missing = "missing_page.title" if path.startswith(LINKS) else "error.not_found.title"
        title = translate(language, "error.form" if is_form else missing)
    chosen = settings()
    frame = Frame(
        settings=chosen,
        language=language,
        address=path,
        title=title,
        now=test_time or datetime.now(UTC),
        zone=chosen.programme_time_zone,
        bar=SandboxBar() if test_time else None,
    )
    shown = {
        "problem": problem,
        "is_missing": is_missing,
        "is_form": is_form,
        "is_link": path.startswith(LINKS),
    }
    return render("error.html", frame, shown)
