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
    is_sandbox: bool = False,
) -> str:
    """Render a problem document (RFC 9457) as a page.

    route: of the request. A form that was refused is no page that does not exist.
    is_sandbox: whether the sandbox's bar is shown. It shows no time, because all wrong links get
        one answer.
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
        now=datetime.now(UTC),
        zone=chosen.programme_time_zone,
        bar=SandboxBar() if is_sandbox else None,
    )
    shown = {
        "problem": problem,
        "is_missing": is_missing,
        "is_form": is_form,
        "is_link": path.startswith(LINKS),
    }
    return render("error.html", frame, shown)
