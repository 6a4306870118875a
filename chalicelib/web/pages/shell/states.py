"""The class of a state: its colour and shape (docs/pages.md). What it says stands beside it."""

CLAIM = {
    "submitted": "info",
    "under_review": "info",
    "action_required": "wait",
    "in_arbitration": "duel",
    "approved": "good",
    "rejected": "bad",
    "disputed": "duel",
}
ANSWER = {
    "notice_queued": "info",
    "open": "info",
    "not_objected": "good",
    "agreed": "good",
    "opted_out": "bad",
    "undeliverable": "bad",
}
ASSOCIATION = {"pending": "info", "active": "good", "grace": "wait", "paused": "wait"}


def find_class(state: str) -> str:
    """Return the class of a claim's, an answer's or an association's state; '' for the rest."""
    return CLAIM.get(state) or ANSWER.get(state) or ASSOCIATION.get(state) or ""
