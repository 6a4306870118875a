"""The portal's first page: what waits for the organisation."""

from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.visit import View, Visit


def show_home(visit: Visit) -> View:
    return View("portal/home.html", translate(visit.language, "ui.nav.needs_you"))
