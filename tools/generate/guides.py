"""Render the guides that `/docs/guides/{name}` shows from Markdown.

python -m tools.generate.guides

A guide is a file in docs/guides, or one of docs that is also read in the repository. Its first
heading is its title.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chalicelib.web.pages.docs.pages import GUIDES_FILE, Guide

DOCS = Path(__file__).resolve().parents[2] / "docs"
# Guides that are not in docs/guides, by name.
OTHERS = {"first-claim": DOCS / "first-claim.md", "feed-columns": DOCS / "feeds.md"}


def find_sources() -> Mapping[str, Path]:
    """Return the files of all guides by name: the first claim, then in alphabetical order."""
    found = {path.stem: path for path in DOCS.glob("guides/*.md")} | OTHERS
    return {
        name: found[name] for name in sorted(found, key=lambda one: (one != "first-claim", one))
    }


def render_guide(text: str, sources: Mapping[str, Path]) -> Guide:
    """Render a guide. Links to other guides stay links; those to other files become text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    text = re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)
    tokens = markdown.parse(text)
    title = tokens[1].content
    body = tokens[3:]
    for token, following in zip(body, [*body[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            token.attrSet("id", _make_anchor(following.content))
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        elif token.type == "fence":
            token.info = ""
        elif token.type == "inline":
            token.children = list(_rewrite_links(token.children or (), sources))
    html = markdown.renderer.render(body, markdown.options, {})
    return Guide(title=_strip_marks(title), html=_let_scroll(html))


def render_guides() -> str:
    """Return the content of the file with all guides."""
    sources = find_sources()
    guides = {
        name: render_guide(path.read_text(encoding="utf-8"), sources)
        for name, path in sources.items()
    }
    return json.dumps(guides, ensure_ascii=False, indent=1) + "\n"


def _rewrite_links(tokens: Sequence[Token], sources: Mapping[str, Path]) -> Iterator[Token]:
    names = {path.name: name for name, path in sources.items()}
    is_open = True
    for token in tokens:
        if token.type == "link_open":
            target = str(token.attrs["href"])
            path, _, anchor = target.partition("#")
            name = names.get(Path(path).name) if path else None
            if name:
                token.attrSet("href", f"{name}#{anchor}" if anchor else name)
            is_open = bool(name) or target.startswith(("https://", "#", "/"))
        if is_open or token.type not in ("link_open", "link_close"):
            yield token


def _let_scroll(html: str) -> str:
    """Let code and wide tables scroll by themselves, by keyboard, too."""
    region = '<div class="scroll" role="region" aria-label="Table" tabindex="0">'
    return (
        html.replace("<pre>", '<pre tabindex="0">')
        .replace("<table>", f"{region}<table>")
        .replace("</table>", "</table></div>")
    )


def _make_anchor(heading: str) -> str:
    """Return the id of a heading as GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _strip_marks(text: str) -> str:
    return text.replace("`", "").replace("*", "")


if __name__ == "__main__":
    GUIDES_FILE.write_text(render_guides(), encoding="utf-8")
