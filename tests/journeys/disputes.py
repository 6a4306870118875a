"""Claims that are rejected, and disputes that are decided."""


def file_and_reject(customer, who="Rita"):
    """File a claim and let a reviewer reject it."""
    claim = customer.file()
    customer.review(claim, "start", who=who)
    customer.review(
        claim, "reject", {"codes": ["insufficient_poe"], "message": "not enough"}, who=who
    )
    return claim


def decide_dispute(customer, claim, outcome, who="Sena", expect=(200,), **more):
    """Let a senior answer the dispute."""
    return customer.review(
        claim, "decide-dispute", {"outcome": outcome, **more}, who, "senior_reviewer", expect=expect
    )
