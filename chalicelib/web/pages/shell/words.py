"""Codes of the API as people read them: no page shows a code where a sentence exists."""

from collections.abc import Mapping
from typing import Any

from chalicelib.text.i18n import has_text, list_placeholders, translate

# Where the sentence of a reason, warning or finding is, in the order in which it is looked for.
REASONS = ("review_code.{}", "reason.{}", "ui.warning.{}", "clock.{}", "finding.{}.detail")
# What people wrote, by its name in the private part of a row of the history.
WORDS = ("message", "reason", "comment")
UNKNOWN = "…"  # in a mail's subject, for values that only the mail itself has


def name_reason(language: str, code: str) -> str:
    """Return the sentence of a reason code; the code itself if there is none."""
    for pattern in REASONS:
        key = pattern.format(code)
        if has_text(key) and not list_placeholders(key):
            return translate(language, key)
    return code


def name_outcome(language: str, outcome: str) -> str:
    """Name how a claim was decided: the state it has led to, or a sentence."""
    key = f"status.{outcome}"
    return translate(language, key) if has_text(key) else name_reason(language, outcome)


def name_own_clock(language: str, kind: str) -> str:
    """Name a clock of a claim to its partner: what waits for the reader is theirs."""
    key = f"ui.own_clock.{kind}"
    return translate(language, key if has_text(key) else f"clock.{kind}")


def name_mail(language: str, kind: str, **known: str) -> str:
    """Return the subject that mails of a kind have, as far as its values are known."""
    key = f"mail.{kind}.subject"
    if not has_text(key):
        return kind
    return translate(language, key, **dict.fromkeys(list_placeholders(key), UNKNOWN) | known)


def find_words(row: Mapping[str, Any]) -> str:
    """Return the text of an act, from a row of the history with its private part."""
    private = row.get("private") or {}
    return next((private[name] for name in WORDS if private.get(name)), "")
