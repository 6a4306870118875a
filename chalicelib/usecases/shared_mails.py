"""Which mails about an answer to several claims, or about a block, are sent once for all of them.

A module of its own, because decisions do not need the modules that compose mails.
"""

from itertools import chain

from chalicelib.domain.claim import Claim, Outcome

REPLACED = "objection_replaced"
# The customer's mails about each decision, and whom they go to.
MAILS = {
    "opt_out": (("customer_opted_out", "tenant"), (REPLACED, "contact")),
    "agree": (("customer_agreed", "tenant"),),
    "undo": (("customer_undone", "customer"),),
}


def without_shared_mails(before: Claim, outcome: Outcome) -> Outcome:
    """Return the outcome without the mails that are sent for several claims together."""
    known, shared = {one.ref for one in before.outbox}, set(chain.from_iterable(MAILS.values()))
    left = tuple(
        one for one in outcome.claim.outbox if one.ref in known or (one.kind, one.to) not in shared
    )
    return outcome.evolve(claim=outcome.claim.evolve(outbox=left))
