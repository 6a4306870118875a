"""The declaration of every act: its name, the state machine it moves, and who can see it.

An act is written into a claim's history. Those that are visible to the partner are events of its
feed and of its webhooks, too. Types may be added; one that exists never changes its meaning.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

# How a detail is written: stored as text, published with its own type.
Detail = Literal["text", "number", "boolean", "list"]
Visible = Literal["partner", "programme"]
# Published with an event about an address of the customer's: where it came from, and whether the
# claimant did not choose it.
_ADDRESS: dict[str, Detail] = {"source": "text", "qualifying": "boolean"}


class ActType(NamedTuple):
    """One type of act.

    sentence: what happened, for the published contract.
    machine: the state machine whose transition it names; None: it names no transition.
    visible: `partner`: an event of the partner's feed; `programme`: in the history only.
    details: its further published facts, by name.
    move: its transition, where a claim's rows do not hold it: the case's state before and after.
    """

    sentence: str
    machine: str | None = None
    visible: Visible = "partner"
    details: Mapping[str, Detail] = {}
    move: tuple[str | None, str] | None = None


_CLAIM, _ANSWER, _ASSOCIATION, _CASE = "claim", "customer_answer", "association", "arbitration"

ACTS: dict[str, ActType] = {
    "claim.created": ActType("A claim was created as a draft.", _CLAIM),
    "claim.submitted": ActType("A claim was submitted: its review begins.", _CLAIM),
    "claim.held": ActType("A claim waits until its subscription is provisioned.", _CLAIM),
    "claim.returned": ActType(
        "A claim went back to an earlier state: a held one to draft, or one to the state that it"
        " had left when the customer objected.",
        _CLAIM,
    ),
    "claim.review_started": ActType("A reviewer took the claim up.", _CLAIM),
    "claim.info_requested": ActType("A reviewer asked the partner a question.", _CLAIM),
    "claim.responded": ActType("The partner answered a reviewer's question.", _CLAIM),
    "claim.contested": ActType("The proof is in order, and the claim goes to arbitration.", _CLAIM),
    "claim.approved": ActType("The claim was approved.", _CLAIM),
    "claim.rejected": ActType("The claim was rejected.", _CLAIM),
    "claim.disputed": ActType("The partner disputed the decision.", _CLAIM),
    "claim.withdrawn": ActType("The partner withdrew the claim.", _CLAIM),
    "claim.expired": ActType("The claim expired.", _CLAIM),
    "claim.amended": ActType("The partner amended the claim.", details={"fields": "list"}),
    "claim.ended": ActType("The claim ended together with its association.", _CLAIM),
    "claim.assigned": ActType("The claim was assigned to a reviewer.", visible="programme"),
    "comment.added": ActType(
        "A comment was added to the claim's thread.", details={"comment_id": "text"}
    ),
    "notice.queued": ActType("The customer is to be asked: a notice goes out.", _ANSWER),
    "notice.sent": ActType(
        "The notice was handed to the mail service for some addresses.",
        details={"addresses": "number", "sources": "list", "qualifying": "boolean"},
    ),
    "notice.delivered": ActType(
        "The notice was delivered to a qualifying address.", _ANSWER, details=_ADDRESS
    ),
    "notice.bounced": ActType("The notice came back.", _ANSWER, details=_ADDRESS),
    "notice.undeliverable": ActType("No notice has been delivered in time.", _ANSWER),
    "notice.reminded": ActType("The customer was reminded."),
    "notice.address_found": ActType(
        "A reviewer, or a look into the directory, found an address of the customer's.",
        details=_ADDRESS,
    ),
    "notice.address_proposed": ActType(
        "A reviewer found an address that a senior must confirm.", visible="programme"
    ),
    "notice.links_revoked": ActType(
        "The operator revoked the links in mails about the claim.", visible="programme"
    ),
    "notice.links_reissued": ActType(
        "The operator had new links sent, in place of revoked ones.", visible="programme"
    ),
    "customer.agreed": ActType("The customer agreed.", _ANSWER),
    "customer.left_agreement": ActType("The named contact said that it agrees."),
    "customer.not_objected": ActType("The customer did not object in time.", _ANSWER),
    "customer.opted_out": ActType("The customer objected.", _ANSWER),
    "customer.undone": ActType("The customer undid its answer.", _ANSWER),
    "customer.question_closed": ActType(
        "The customer is not asked any more: the claim is over.", _ANSWER
    ),
    "arbitration.opened": ActType(
        "The claim is part of an arbitration case.", _CASE, move=(None, "open")
    ),
    "arbitration.info_requested": ActType("The partner was asked a question in the case."),
    "arbitration.statement_received": ActType("The partner's statement was received."),
    "arbitration.decided": ActType(
        "The case was decided.", _CASE, details={"outcome": "text"}, move=("open", "decided")
    ),
    "arbitration.closed": ActType(
        "The case ended without a decision.", _CASE, move=("open", "closed")
    ),
    "association.pending": ActType("An association waits until it can be official.", _ASSOCIATION),
    "association.activated": ActType("The association became official.", _ASSOCIATION),
    "association.grace": ActType("The subscription is in its grace period.", _ASSOCIATION),
    "association.paused": ActType("The association is paused: no figures.", _ASSOCIATION),
    "association.resumed": ActType("The association is active again.", _ASSOCIATION),
    "association.ended": ActType("The association ended.", _ASSOCIATION),
    "association.renewal_suggested": ActType(
        "Drafts were made for new subscriptions.", details={"drafts": "list"}
    ),
    "association.resumption_proposed": ActType(
        "A reviewer proposed to resume the association.", visible="programme"
    ),
    "association.revocation_proposed": ActType(
        "A senior proposed to revoke the association.", visible="programme"
    ),
    "clock.warning": ActType("A deadline comes near.", details={"days": "number"}),
    "clock.escalated": ActType("A deadline of the programme's has passed."),
    "retention.deleted": ActType("Private parts were deleted.", visible="programme"),
}
# The types of the events that partners receive.
EVENT_TYPES = tuple(name for name, act in ACTS.items() if act.visible == "partner")

# The name of a transition that another act has caused, by the state that it led to.
_CAUSED = {
    (_CLAIM, "rejected"): "claim.rejected",
    (_CLAIM, "ended"): "claim.ended",
    (_ANSWER, "notice_queued"): "notice.queued",
    (_ANSWER, "void"): "customer.question_closed",
    (_ASSOCIATION, "pending"): "association.pending",
    (_ASSOCIATION, "paused"): "association.paused",
    (_ASSOCIATION, "ended"): "association.ended",
}


def name_caused_move(machine: str, to: str) -> str:
    """Return the act type that names a transition caused by another act.

    A claim that moves to an open state, or to `approved`, returns to a state that it had left.
    Raise KeyError for a transition that no act causes.
    """
    if machine == _CLAIM and (machine, to) not in _CAUSED:
        return "claim.returned"
    return _CAUSED[machine, to]


def find_types(wanted: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the event types that match, and the patterns that match none.

    wanted: types, or patterns such as `claim.*`.
    """
    found: set[str] = set()
    unknown = []
    for one in wanted:
        family = one[:-1] if one.endswith(".*") else None
        types = {name for name in EVENT_TYPES if name == one or family and name.startswith(family)}
        found |= types
        unknown += [] if types else [one]
    return frozenset(found), tuple(unknown)


def read_details(act: str, facts: Mapping[str, str]) -> dict[str, str | int | bool | list[str]]:
    """Return the details that an event of this type publishes, of the public facts of its row."""
    return {
        name: _read_detail(kind, facts[name])
        for name, kind in ACTS[act].details.items()
        if name in facts
    }


def _read_detail(kind: Detail, text: str) -> str | int | bool | list[str]:
    if kind == "number":
        return int(text)
    if kind == "boolean":
        return text == "true"
    return text.split() if kind == "list" else text
