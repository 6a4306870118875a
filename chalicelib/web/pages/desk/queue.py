"""The reviewers' queue."""

from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.visit import View, Visit


def show_queue(visit: Visit) -> View:
    visit.api.get("/v1/review/queue")
    return View("desk/queue.html", translate(visit.language, "ui.nav.queue"))
