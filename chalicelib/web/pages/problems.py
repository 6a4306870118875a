"""Refusals as pages."""

from collections.abc import Mapping
from typing import Any

from chalicelib.runtime.settings import settings
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.customer_views import Frame


def render_problem(problem: Mapping[str, Any], language: str) -> str:
    """Render a problem document (RFC 9457) as a page."""
    chosen = settings()
    frame = Frame(
        language=language, programme=chosen.programme_name, support_url=chosen.support_url
    )
    return page_renderer.render_error_page(frame, problem)
