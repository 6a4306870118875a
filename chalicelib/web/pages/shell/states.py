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
# Acts of others, and of time, that are news for a partner.
ACT = {
    "claim.info_requested": "wait",
    "claim.contested": "duel",
    "claim.returned": "wait",
    "claim.approved": "good",
    "claim.rejected": "bad",
    "notice.bounced": "bad",
    "notice.undeliverable": "bad",
    "customer.agreed": "good",
    "customer.not_objected": "good",
    "customer.opted_out": "bad",
    "customer.undone": "info",
    "arbitration.opened": "duel",
    "arbitration.info_requested": "wait",
    "arbitration.decided": "duel",
    "association.activated": "good",
    "association.grace": "wait",
    "association.paused": "wait",
    "association.resumed": "good",
    "association.ended": "bad",
    "association.renewal_suggested": "wait",
}

# Of webhook endpoints and deliveries.
WEBHOOK = {
    "enabled": "good",
    "unproven": "wait",
    "failing": "bad",
    "delivered": "good",
    "retrying": "wait",
    "failed": "bad",
}
TABLES = (CLAIM, ANSWER, ASSOCIATION, WEBHOOK)


def find_class(state: str) -> str:
    """Return the class of a state; '' for one that has none."""
    return next((one[state] for one in TABLES if state in one), "")
