"""The landing page: what the service is, with links for each kind of visitor."""

from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.pages.demo_claims import has_demonstration
from chalicelib.web.pages.shell import public


def show_landing(call: Call) -> Answer[str]:
    shown = {"has_demonstration": has_demonstration(call)}
    return public.show(call, "shell/landing.html", "landing.title", shown)
