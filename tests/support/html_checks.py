"""What is wrong with a page as HTML, and with where its links and forms lead."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from chalicelib.web.http.routing import RouteTable, find_route
from chalicelib.web.pages.page_table import PAGES
from chalicelib.web.pages.shell.page import find_page
from chalicelib.web.routes import ROUTES
from tests.support.pages import BASE, VOID

# What may not be inside a paragraph, a heading, a label or a button (HTML standard, "phrasing").
BLOCKS = {
    *("address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "figure"),
    *("footer", "form", "h1", "h2", "h3", "h4", "header", "main", "nav", "ol", "p", "pre"),
    *("section", "table", "ul"),
}
PHRASING = {"p", "h1", "h2", "h3", "h4", "label", "button", "span", "summary", "b", "strong", "dt"}
PARENTS = {
    "li": {"ul", "ol"},
    "option": {"select", "optgroup", "datalist"},
    "tr": {"tbody", "thead"},
    "td": {"tr"},
    "th": {"tr"},
    "dt": {"div", "dl"},
    "dd": {"div", "dl"},
    "legend": {"fieldset"},
    "caption": {"table"},
    "summary": {"details"},
}
ONLY = {"ul": {"li"}, "ol": {"li"}, "dl": {"div", "dt", "dd"}, "tr": {"td", "th"}}
CONTROLS = {"input", "select", "textarea"}
TABLE = RouteTable(ROUTES)


class Checker(HTMLParser):
    """Collects the faults of a document."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.referred: list[str] = []
        self.controls: list[tuple[str, dict[str, str]]] = []
        self.headings: list[int] = []
        self.links: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        if self.open:
            self.faults.append(f"never closed: {self.open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if len(attributes) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        self._check_place(tag)
        self._check_inline(tag, attributes)
        self._note(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}, line {self.getpos()[0]}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def _check_place(self, tag: str) -> None:
        where = f"line {self.getpos()[0]}"
        parent = self.open[-1] if self.open else ""
        if tag in BLOCKS and (outer := PHRASING.intersection(self.open)):
            self.faults.append(f"<{tag}> inside {sorted(outer)}, {where}")
        if tag in PARENTS and parent not in PARENTS[tag]:
            self.faults.append(f"<{tag}> inside <{parent}>, {where}")
        if parent in ONLY and tag not in ONLY[parent]:
            self.faults.append(f"<{tag}> inside <{parent}>, {where}")
        if tag in ("form", "a", "button") and tag in self.open:
            self.faults.append(f"<{tag}> inside <{tag}>, {where}")

    def _check_inline(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "style" or (tag == "script" and not attributes.get("src")):
            self.faults.append(f"inline <{tag}>")
        self.faults += [
            f"<{tag} {name}>" for name in attributes if name == "style" or name.startswith("on")
        ]

    def _note(self, tag: str, attributes: dict[str, str]) -> None:
        if "id" in attributes:
            self.ids.append(attributes["id"])
        for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
            self.referred += attributes.get(name, "").split()
        if tag == "label":
            self.labelled.add(attributes.get("for", ""))
            self.referred += [attributes["for"]] if "for" in attributes else []
        if tag in CONTROLS and attributes.get("type") != "hidden":
            self.controls.append((tag, attributes | {"inside": " ".join(self.open)}))
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag == "a" and "href" in attributes:
            self.links.append(("GET", attributes["href"]))
        if tag == "form":
            self.links.append((attributes.get("method", "get").upper(), attributes["action"]))


def find_faults(html: str) -> list[str]:
    """Return what is wrong with a page."""
    seen = Checker(html)
    return [*seen.faults, *_find_wrong_names(seen), *_find_wrong_headings(seen)]


def find_dead_links(html: str, address: str, roles: frozenset[str]) -> list[str]:
    """Return the links and forms of ours that lead nowhere, or where these roles may not go."""
    return [
        f"{method} {target}"
        for method, target in Checker(html).links
        if not _leads_somewhere(method, target, address, roles)
    ]


def _find_wrong_names(seen: Checker) -> Iterator[str]:
    yield from (f"id twice: {one}" for one in {i for i in seen.ids if seen.ids.count(i) > 1})
    yield from (f"no such id: {one}" for one in seen.referred if one not in seen.ids)
    for tag, attributes in seen.controls:
        if attributes.get("id", "-") not in seen.labelled and "label" not in attributes["inside"]:
            yield f"<{tag} name={attributes.get('name')}> has no label"


def _find_wrong_headings(seen: Checker) -> Iterator[str]:
    if seen.headings.count(1) != 1:
        yield f"{seen.headings.count(1)} main headings"
    for before, after in zip([0, *seen.headings], seen.headings, strict=False):
        if after > before + 1:
            yield f"h{after} after h{before}"


def _leads_somewhere(method: str, target: str, address: str, roles: frozenset[str]) -> bool:
    if target.startswith(("#", "?", "mailto:")) or not target.startswith((BASE, "/")):
        return bool(target)
    path = urlsplit(target.removeprefix(BASE)).path
    if path.startswith(("/portal", "/desk")) and path not in ("/portal", "/desk"):
        found = find_page(PAGES, method, path)
        return found is not None and bool(found[0].roles & roles)
    return any(
        find_route(routes, method) is not None and _fits(pattern, path)
        for pattern, routes in TABLE.paths.items()
    )


def _fits(pattern: str, path: str) -> bool:
    wanted, given = pattern.split("/"), path.split("/")
    if pattern.endswith("+}"):
        given = [*given[: len(wanted) - 1], "/".join(given[len(wanted) - 1 :])]
    return len(wanted) == len(given) and all(
        step == want or want.startswith("{") for want, step in zip(wanted, given, strict=True)
    )
