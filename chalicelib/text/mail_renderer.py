"""Mails as text and HTML: pure rendering of facts, in the reader's language.

What a letter of each kind says, in which order, stands in `plans.py`; the sentences stand in the
locale files. A paragraph marked `?` is left out when one of its facts is not known; any other fact
that is missing raises KeyError.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Literal, NamedTuple

from chalicelib.domain.base import Frozen, Instant
from chalicelib.text.i18n import format_day, format_moment, has_text, list_placeholders, translate
from chalicelib.text.mail_layouts import FRAME, PLANS, TO_CUSTOMER, TO_PROGRAMME
from chalicelib.text.templates import TEMPLATES, clean_line, clean_lines, load_templates

VERSION = "1"  # of the layout; the sentences are told apart by the hash


class NotificationItem(Frozen):
    """One item as a letter names it.

    `name`: the product's or workload's proper name; the role by its code.
    """

    name: str
    partner_role: str
    edition: str = ""


class NotificationFacts(Frozen):
    """What a letter can say. Empty: not known. Names come as they are on record and are made
    harmless here.

    `zone` (IANA) is the one in which `due_at`, `undo_until` and `until` are said. For a notice
    `due_at` is the earliest end of the objection period unless `clock_started`. `scope`: what the
    link may do; `answered_with`: the scope of the link that an answer came by. `codes`: reason
    codes, review codes or codes of entry checks.
    """

    programme: str
    partner: str = ""
    tenant: str = ""
    items: tuple[NotificationItem, ...] = ()
    link: str = ""
    scope: Literal["", "claim", "tenant", "none"] = ""
    reference: str = ""
    verify_url: str = ""
    support_url: str = ""
    zone: str = "UTC"
    due_at: Instant | None = None
    clock_started: bool = False
    undo_until: Instant | None = None
    until: Instant | None = None
    ends_on: date | None = None
    codes: tuple[str, ...] = ()
    message: str = ""
    grounds: dict[str, str] = {}
    answered_with: Literal["", "claim", "tenant", "portal"] = ""
    address: str = ""
    clock: str = ""
    claim_id: str = ""
    external_reference: str = ""


class RenderedMail(NamedTuple):
    """A mail ready to be sent, and which template it was made from (`template_hash`: SHA-256, hex)."""

    subject: str
    text: str
    html: str
    template_version: str
    template_hash: str


class Block(NamedTuple):
    """A part of a letter's body: `paragraph`, `list`, `quote` or `link`."""

    kind: str
    text: str = ""
    rows: tuple[str, ...] = ()
    url: str = ""


def render_mail(kind: str, language: str, facts: NotificationFacts) -> RenderedMail:
    """A letter of a kind in a language.

    Raises KeyError for an unknown kind and for a fact that it needs.
    """
    plan, values = PLANS[kind], _format_facts(language, facts)
    subject = translate(language, f"mail.{kind}.subject", **values)
    shown = {
        "language": language,
        "subject": subject,
        "programme": values["programme"],
        "greeting": translate(language, f"mail.greeting.{_find_reader(kind)}"),
        "blocks": [
            block for word in plan for block in _build_blocks(kind, word, language, facts, values)
        ],
        "closing": translate(language, "mail.closing"),
        "footer": [
            text for word in FRAME for text in _build_sentence(kind, word, language, values)
        ],
    }
    pages = load_templates()
    return RenderedMail(
        subject=subject,
        text=pages.get_template("mail.txt").render(shown),
        html=pages.get_template("mail.html").render(shown),
        template_version=f"{kind}-{VERSION}",
        template_hash=hash_template(kind, language),
    )


@cache
def hash_template(kind: str, language: str) -> str:
    """What tells one wording from another: a hash over layout, plan and sentences of a kind in a
    language.
    """
    keys = [
        f"mail.{kind}.subject",
        *(_find_key(kind, word.rstrip("?")) for word in (*PLANS[kind], *FRAME)),
    ]
    wording = [(key, _translate_unfilled(language, key)) for key in keys if has_text(key)]
    layout = [(TEMPLATES / name).read_text(encoding="utf-8") for name in ("mail.html", "mail.txt")]
    return hashlib.sha256(
        json.dumps([PLANS[kind], wording, layout], ensure_ascii=False).encode()
    ).hexdigest()


def _translate_unfilled(language: str, key: str) -> str:
    return translate(language, key, **{name: f"{{{name}}}" for name in list_placeholders(key)})


def _find_reader(kind: str) -> str:
    return "customer" if kind in TO_CUSTOMER else "programme" if kind in TO_PROGRAMME else "partner"


def _find_key(kind: str, word: str) -> str:
    """A word of a plan as a key: this kind's own sentence, or one that several kinds share."""
    own, shared = f"mail.{kind}.{word}", f"mail.shared.{word}"
    return own if has_text(own) else shared if has_text(shared) else f"mail.{word}"


def _format_facts(language: str, facts: NotificationFacts) -> dict[str, str]:
    """The facts as text, those that are not known left out."""
    names = ("programme", "partner", "tenant", "address", "claim_id", "external_reference")
    said = {name: clean_line(getattr(facts, name), 120) for name in names}
    said |= {name: getattr(facts, name) for name in ("reference", "verify_url", "support_url")}
    instants = {"due": facts.due_at, "undo_until": facts.undo_until, "until": facts.until}
    said |= {name: format_moment(language, at, facts.zone) for name, at in instants.items() if at}
    if facts.ends_on:
        said["ends_on"] = format_day(language, facts.ends_on)
    if facts.clock:
        said["clock"] = translate(language, f"clock.{facts.clock}")
    return {name: text for name, text in said.items() if text}


def _build_blocks(
    kind: str, word: str, language: str, facts: NotificationFacts, values: dict[str, str]
) -> Iterator[Block]:
    if word in _BLOCK_BUILDERS:
        yield from _BLOCK_BUILDERS[word](kind, language, facts, values)
    else:
        chosen = (
            {"until": "until" if facts.clock_started else "until_not_started"}
            if kind.startswith("notice")
            else {}
        )
        chosen |= {"scope": f"scope_{facts.scope}", "by?": f"by.{facts.answered_with}?"}
        yield from (
            Block("paragraph", text)
            for text in _build_sentence(kind, chosen.get(word, word), language, values)
        )


def _build_sentence(kind: str, word: str, language: str, values: dict[str, str]) -> Iterator[str]:
    key = _find_key(kind, word.rstrip("?"))
    if not word.endswith("?") or (has_text(key) and list_placeholders(key) <= values.keys()):
        yield translate(language, key, **values)


def _build_items(
    kind: str, language: str, facts: NotificationFacts, values: dict[str, str]
) -> Iterator[Block]:
    to_customer = kind in TO_CUSTOMER
    rows = tuple(_format_item(item, language, to_customer) for item in facts.items)
    if rows:
        yield Block("list", rows=rows)


def _format_item(item: NotificationItem, language: str, to_customer: bool) -> str:
    role = translate(
        language,
        f"partner_role.{item.partner_role}.name{f'.{item.edition}' if item.edition else ''}",
    )
    if not to_customer:
        return translate(language, "mail.item", name=clean_line(item.name, 120), role=role)
    states = translate(language, f"partner_role.{item.partner_role}.for_customer")
    return translate(
        language,
        "mail.item_for_customer",
        name=clean_line(item.name, 120),
        role=role,
        for_customer=states,
    )


def _build_case(
    kind: str, language: str, facts: NotificationFacts, values: dict[str, str]
) -> Iterator[Block]:
    """Which claim a letter to a partner is about."""
    labels = {"customer": "tenant", "claim": "claim_id", "reference": "external_reference"}
    rows = [
        f"{translate(language, f'mail.label.{label}')}: {values[name]}"
        for label, name in labels.items()
        if name in values
    ]
    yield Block("list", rows=tuple(rows))


def _build_codes(
    kind: str, language: str, facts: NotificationFacts, values: dict[str, str]
) -> Iterator[Block]:
    if facts.codes:
        rows = tuple(_format_code(code, language, values) for code in facts.codes)
        yield Block("list", translate(language, "mail.reasons"), rows)


def _format_code(code: str, language: str, values: dict[str, str]) -> str:
    """A code as a sentence.

    One that this version does not know is shown as it is: the letter must go out.
    """
    key = next(
        (
            key
            for key in (f"review_code.{code}", f"reason.{code}", f"finding.{code}.detail")
            if has_text(key)
        ),
        "",
    )
    return (
        translate(language, key, **values)
        if key and list_placeholders(key) <= values.keys()
        else clean_line(code, 80)
    )


def _build_message(
    kind: str, language: str, facts: NotificationFacts, values: dict[str, str]
) -> Iterator[Block]:
    if facts.message.strip():
        yield Block("quote", translate(language, "mail.message"), clean_lines(facts.message))


def _build_grounds(
    kind: str, language: str, facts: NotificationFacts, values: dict[str, str]
) -> Iterator[Block]:
    for name, text in facts.grounds.items():
        yield Block("quote", f"{translate(language, f'ground.{name}')}:", clean_lines(text))


def _build_link(
    kind: str, language: str, facts: NotificationFacts, values: dict[str, str]
) -> Iterator[Block]:
    if facts.link:
        label = "mail.open_page" if kind in TO_CUSTOMER else "mail.open_claim"
        yield Block("link", translate(language, label), url=facts.link)


_BLOCK_BUILDERS = {
    "items": _build_items,
    "case": _build_case,
    "codes": _build_codes,
    "message": _build_message,
    "grounds": _build_grounds,
    "link": _build_link,
}
