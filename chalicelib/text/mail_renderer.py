"""Render mails as text and HTML from facts, in the reader's language.

What a mail of each kind says, and in which order, is in `mail_layouts`; the texts are in the locale
files. A paragraph marked `?` is left out when one of its facts is not known; any other missing fact
raises KeyError.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from chalicelib.domain.steps.customer import BLOCK
from chalicelib.text.cleaning import clean_line, clean_lines
from chalicelib.text.colours import lighten
from chalicelib.text.countries import name_country
from chalicelib.text.i18n import format_day, format_moment, has_text, list_placeholders, translate
from chalicelib.text.mail_facts import NotificationFacts, NotificationItem
from chalicelib.text.mail_layouts import (
    FRAME,
    PLANS,
    TO_ADMINISTRATORS,
    TO_CUSTOMER,
    TO_PROGRAMME,
)
from chalicelib.text.templates import TEMPLATES, load_templates

# Findings that a partner cannot correct: the customer accepts no claims.
CLOSED = frozenset({"tenant_locked", "partner_blocked"})
RENEWALS = ("renewal_warning", "renewal_draft")  # mails that ask for a new claim
LINKED = ("verify_url", "support_url", "privacy_url", "imprint_url")
DATED = ("until", "dispute", "undo")  # parts of a mail that state a deadline
VERSION = "2"  # of the layout; the hash identifies the texts
# Ours, of a programme without a colour of its own (web/pages/static/tokens.css, --brand).
COLOUR, COLOUR_ON_DARK = "#0a559e", "#8cc2f5"


class RenderedMail(NamedTuple):
    """A mail ready to be sent, with version and hash (SHA-256, hex) of its template."""

    subject: str
    text: str
    html: str
    template_version: str
    template_hash: str


class Block(NamedTuple):
    """A part of a mail's body. `kind`: `paragraph`, `until`, `list`, `quote` or `link`."""

    kind: str
    text: str = ""
    rows: tuple[str, ...] = ()
    url: str = ""


class Rendering(NamedTuple):
    """What the parts of one mail are built from. `values`: the facts as text."""

    kind: str
    language: str
    facts: NotificationFacts
    values: dict[str, str]

    @property
    def is_for_customer(self) -> bool:
        """Whether it is a mail to the customer."""
        return self.kind in TO_CUSTOMER

    def translate(self, key: str, **values: str) -> str:
        """Return a text in the reader's language."""
        return translate(self.language, key, **values)


def render_mail(kind: str, language: str, facts: NotificationFacts) -> RenderedMail:
    """Render a mail of a kind in a language.

    Raise KeyError for an unknown kind, and for a fact that it needs.
    """
    plan = PLANS[kind]
    mail = Rendering(kind, language, facts, _format_facts(language, facts))
    subject = mail.translate(f"mail.{kind}.subject", **mail.values)
    content = {
        "language": language,
        "subject": subject,
        "programme": mail.values["programme"],
        "greeting": mail.translate(f"mail.greeting.{_find_reader(kind)}"),
        "blocks": [block for word in plan for block in _build_blocks(mail, word)],
        "closing": mail.translate("mail.closing"),
        "logo_url": facts.logo_url,
        "colour": facts.brand_colour or COLOUR,
        "colour_on_dark": lighten(facts.brand_colour) if facts.brand_colour else COLOUR_ON_DARK,
        "pair": lambda label: mail.translate("mail.pair", label=label, value="").rstrip(),
        "footer": [
            _split_links(mail, text) for word in FRAME for text in _build_sentence(mail, word)
        ],
    }
    templates = load_templates()
    return RenderedMail(
        subject=subject,
        text=templates.get_template("mail.txt").render(content),
        html=templates.get_template("mail.html").render(content),
        template_version=f"{kind}-{VERSION}",
        template_hash=hash_template(kind, language),
    )


@cache
def hash_template(kind: str, language: str) -> str:
    """Hash layout, plan and texts of a kind of mail in a language."""
    words = (*PLANS[kind], *FRAME)
    keys = [f"mail.{kind}.subject", *(_find_key(kind, word.rstrip("?")) for word in words)]
    wording = [(key, _translate_unfilled(language, key)) for key in keys if has_text(key)]
    layout = [(TEMPLATES / name).read_text(encoding="utf-8") for name in ("mail.html", "mail.txt")]
    return hashlib.sha256(
        json.dumps([PLANS[kind], wording, layout], ensure_ascii=False).encode()
    ).hexdigest()


def _translate_unfilled(language: str, key: str) -> str:
    return translate(language, key, **{name: f"{{{name}}}" for name in list_placeholders(key)})


def _find_reader(kind: str) -> str:
    if kind in TO_CUSTOMER:
        return "customer"
    return "programme" if kind in TO_PROGRAMME else "partner"


def _find_key(kind: str, word: str) -> str:
    """Return the key of a word of a plan: the kind's own text, or one that several kinds share."""
    own, shared = f"mail.{kind}.{word}", f"mail.shared.{word}"
    return next((key for key in (own, shared) if has_text(key)), f"mail.{word}")


def _format_facts(language: str, facts: NotificationFacts) -> dict[str, str]:
    """Return the facts as text, without those that are not known."""
    names = (
        "programme",
        "vendor",
        "partner",
        "tenant",
        "address",
        "claim_id",
        "external_reference",
        "name",
    )
    values = {name: clean_line(getattr(facts, name), 120) for name in names}
    values |= {name: getattr(facts, name) for name in (*LINKED, "reference", "head")}
    instants = {"due": facts.due_at, "undo_until": facts.undo_until, "until": facts.until}
    values |= {name: format_moment(language, at, facts.zone) for name, at in instants.items() if at}
    values["partner_country"] = name_country(language, facts.partner_country)
    values["partner_domains"] = ", ".join(
        clean_line(domain, 120) for domain in facts.partner_domains
    )
    if facts.ends_on:
        values["ends_on"] = format_day(language, facts.ends_on)
    if facts.clock:
        values["clock"] = translate(language, f"clock.{facts.clock}")
    return {name: text for name, text in values.items() if text}


def _build_blocks(mail: Rendering, word: str) -> Iterator[Block]:
    if word in _BLOCK_BUILDERS:
        yield from _BLOCK_BUILDERS[word](mail)
        return
    variants = {"scope": f"scope_{mail.facts.scope}", "by?": f"by.{mail.facts.answered_with}?"}
    if mail.kind.startswith("notice") and not mail.facts.clock_started:
        variants["until"] = "until_unknown" if mail.facts.is_due_unknown else "until_not_started"
    if mail.kind == "customer_opted_out" and BLOCK in mail.facts.codes:
        variants["undo?"] = "undo_blocked"
    variants["next"] = _choose_next(mail)
    if mail.kind == "paused":
        variants["until?"] = f"until_{mail.facts.codes[0]}?"
    if word == "again?" and not mail.facts.may_claim_again:
        return
    kind = "until" if word.startswith(DATED) else "paragraph"
    for text in _build_sentence(mail, variants.get(word, word)):
        yield Block(kind, text)


def _choose_next(mail: Rendering) -> str:
    """Choose the next step for a partner: nothing that the customer has closed."""
    if mail.kind == "paused":
        word = _NEXT_OF_PAUSE.get(mail.facts.codes[0], "next")
        return f"{word}_closed" if word == "next_gone" and mail.facts.obstacle else word
    if mail.kind == "held_wanting" and (closed := CLOSED.intersection(mail.facts.codes)):
        return f"next_{min(closed)}"
    if mail.kind in RENEWALS and mail.facts.obstacle:
        return f"next_{mail.facts.obstacle}"
    return "next"


def _build_sentence(mail: Rendering, word: str) -> Iterator[str]:
    key = _find_key(mail.kind, word.rstrip("?"))
    is_optional = word.endswith("?")
    if not is_optional or (has_text(key) and list_placeholders(key) <= mail.values.keys()):
        yield mail.translate(key, **mail.values)


def _split_links(mail: Rendering, text: str) -> list[tuple[str, str]]:
    """Split a sentence below the mail into pieces (text, address); our own addresses are links."""
    pieces = [(text, "")]
    for name in LINKED:
        url = mail.values.get(name, "")
        if url and len(pieces) == 1 and url in text:
            before, _, after = text.partition(url)
            pieces = [(before, ""), (url, url), (after, "")]
    return [piece for piece in pieces if piece[0]]


def _build_items(mail: Rendering) -> Iterator[Block]:
    rows = tuple(_format_item(mail, item) for item in mail.facts.items)
    key = f"mail.{mail.kind}.items"
    if rows:
        yield Block("list", mail.translate(key) if has_text(key) else "", rows)


def _format_item(mail: Rendering, item: NotificationItem) -> str:
    edition = f".{item.edition}" if item.edition else ""
    role = mail.translate(f"partner_role.{item.partner_role}.name{edition}")
    name = clean_line(item.name, 120)
    if not mail.is_for_customer:
        return mail.translate("mail.item", name=name, role=role)
    meaning = mail.translate(f"partner_role.{item.partner_role}.for_customer")
    return mail.translate("mail.item_for_customer", name=name, role=role, for_customer=meaning)


def _build_case(mail: Rendering) -> Iterator[Block]:
    """Build the list that identifies the claim for a partner."""
    labels = {"customer": "tenant", "claim": "claim_id", "reference": "external_reference"}
    rows = [
        mail.translate(
            "mail.pair", label=mail.translate(f"mail.label.{label}"), value=mail.values[name]
        )
        for label, name in labels.items()
        if name in mail.values
    ]
    yield Block("list", rows=tuple(rows))


def _build_codes(mail: Rendering) -> Iterator[Block]:
    if mail.facts.codes:
        rows = tuple(_format_code(mail, code) for code in mail.facts.codes)
        yield Block("list", mail.translate("mail.reasons"), rows)


def _format_code(mail: Rendering, code: str) -> str:
    """Return the text of a code.

    A code without a text is shown as it is, so that the mail goes out.
    """
    keys = (
        f"webhook_reason.{code}",
        f"review_code.{code}",
        f"reason.{code}",
        f"finding.{code}.detail",
    )
    key = next((key for key in keys if has_text(key)), "")
    if key and list_placeholders(key) <= mail.values.keys():
        return mail.translate(key, **mail.values)
    return clean_line(code, 80)


def _build_message(mail: Rendering) -> Iterator[Block]:
    if mail.facts.message.strip():
        yield Block("quote", mail.translate("mail.message"), clean_lines(mail.facts.message))


def _build_grounds(mail: Rendering) -> Iterator[Block]:
    for name, text in mail.facts.grounds.items():
        yield Block("quote", f"{mail.translate(f'ground.{name}')}:", clean_lines(text))


def _build_link(mail: Rendering) -> Iterator[Block]:
    if mail.facts.link:
        is_confirmation = mail.kind.startswith("confirm_")
        page = "mail.open_confirmation" if is_confirmation else "mail.open_page"
        own = "mail.open_integration" if mail.kind in TO_ADMINISTRATORS else "mail.open_claim"
        label = page if mail.is_for_customer else own
        yield Block("link", mail.translate(label), url=mail.facts.link)


# What a paused association waits for, by the cause of the pause (domain.md, "Continuity").
_NEXT_OF_PAUSE = {
    "agreement_undone": "next_agreement_undone",
    "deleted": "next_gone",
    "late_bounce": "next_late_bounce",
    "missing": "next_gone",
    "tenant_not_readable": "next_not_readable",
}
_BLOCK_BUILDERS: dict[str, Callable[[Rendering], Iterator[Block]]] = {
    "items": _build_items,
    "case": _build_case,
    "codes": _build_codes,
    "message": _build_message,
    "grounds": _build_grounds,
    "link": _build_link,
}
