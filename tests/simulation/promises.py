"""The promises that hold for every claim after every write."""

from datetime import timedelta
from typing import Any

from chalicelib.aws.rows import read_number
from chalicelib.domain.claim import Claim
from chalicelib.domain.events import ACTS
from chalicelib.domain.history import GENESIS, hash_row
from chalicelib.domain.state_machines import AWAITING_ANSWER
from tests.simulation.records import Broken, Changed
from tests.support.memory_dynamodb import RowChange

OVER = ("rejected", "withdrawn", "expired", "ended")
REVIEWED = ("submitted", "under_review", "disputed")
# Counters that grow by the items of a look-up, and those that what is refused is taken from.
LOOK_UP_COUNTERS = ("Q#partner:", "Q#pair:", "Q#tenant:")
TAKEN_BACK = ("Q#letters:", "Q#comments:", "Q#amendments:")
MAX_ITEMS = 10  # of a filing
ALL_GONE = {"evidence", "notices_and_history"}


def check(change: Changed) -> None:
    """Check everything about one claim that follows from the claim and what was written with it."""
    for promise in (
        grows,
        chain_entries,
        check_clocks,
        check_review_queue,
        check_question_has_clock,
        check_end,
        check_opt_out,
        check_official,
        check_announced_deadline,
        check_references,
        check_entries,
        check_revocations,
    ):
        if (wrong := promise(change)) is not None:
            raise Broken(
                f"{wrong}: {change.after.id} by {change.by}\n{describe_claim(change.after)}"
            )


def grows(change: Changed) -> str | None:
    """Check that a write of a claim follows directly on the version that it has read."""
    before, after = change.before, change.after
    if after.rev != (before.rev if before else 0) + 1:
        return f"rev {after.rev} follows {before.rev if before else 0}"
    if before and (
        after.version < before.version
        or after.updated_at < before.updated_at
        or after.seq < before.seq
    ):
        return "version, time or history went back"
    states = before and (before.status, before.answer.state, before.association)
    if (
        states != (after.status, after.answer.state, after.association)
        and before
        and not change.entries
        and before.association == after.association
    ):
        return "a state has changed without history"
    return None


def chain_entries(change: Changed) -> str | None:
    """Check that the history continues in the same write, and the claim knows its last entry."""
    seq, head = (change.before.seq, change.before.head) if change.before else (0, GENESIS)
    for entry in change.entries:
        if (entry.seq, entry.previous_hash) != (seq + 1, head) or entry.hash != hash_row(
            entry.to_public()
        ):
            return f"history row {entry.seq} does not follow row {seq}"
        seq, head = entry.seq, entry.hash
    return (
        None
        if (change.after.seq, change.after.head) == (seq, head)
        else "the claim does not know the end of its history"
    )


def check_clocks(change: Changed) -> str | None:
    """Check that every state that ends by time has a clock, and every notification to come its
    time.
    """
    claim, running = change.after, {c.kind for c in change.after.clocks}
    wanted = {
        "draft": {"draft"},
        "awaiting_provisioning": {"provisioning", "provisioning_recheck"},
        "action_required": {"partner_answer"},
    }.get(claim.status, set())
    if (
        claim.status == "approved"
        and claim.association
        and (claim.association.state != "pending" or claim.has_consent())
    ):
        wanted = wanted | {"look_up"}
    elif claim.status == "approved" and claim.answer.state not in (
        *AWAITING_ANSWER,
        "not_objected",
    ):  # then a person was notified
        return f"pending for ever: no question is open, the answer is {claim.answer.state}"
    if missing := wanted - running:
        return f"no clock {', '.join(missing)} in {claim.status}"
    if claim.outbox and claim.outbox_retry is None:
        return "something is to be told, at no time"
    return "two clocks of a kind" if len(running) != len(claim.clocks) else None


def check_review_queue(change: Changed) -> str | None:
    """Check that a claim is in the review queue if and only if it waits for a reviewer."""
    claim = change.after
    if claim.status in REVIEWED and claim.review.due_at is None:
        return f"{claim.status} and not in the review queue"
    if claim.status not in REVIEWED and claim.review.due_at is not None:
        return f"{claim.status} and still in the reviewers' queue"
    return None


def _was_active(claim: Claim) -> bool:
    made = claim.association
    return made is not None and made.active_since is not None and made.state != "ended"


def check_question_has_clock(change: Changed) -> str | None:
    """Check that a question to the customer has a clock that ends it."""
    claim, answer = change.after, change.after.answer
    clock = {
        "notice_queued": "notice_delivery",
        "undeliverable": "undeliverable",
        "open": "customer_opt_out",
    }.get(answer.state)
    if answer.state == "undeliverable" and _was_active(claim):
        return None  # an association that was active does not end because no mail arrives
    if clock and claim.find_clock(clock) is None:
        return f"the customer's answer is {answer.state} without a clock"
    if (
        answer.state == "open"
        and (running := claim.find_clock("customer_opt_out"))
        and running.due_at != answer.due_at
    ):
        return "the customer's clock and the due date differ"
    if (
        claim.association
        and claim.association.cause == "agreement_undone"
        and claim.association.state == "paused"
        and claim.has_consent()
    ):
        return "paused for a missing agreement that was given"
    if answer.state not in AWAITING_ANSWER and claim.find_clock("customer_opt_out"):
        return f"the customer's clock runs though the answer is {answer.state}"
    return None


def check_end(change: Changed) -> str | None:
    """Check that a claim that has ended asks nothing, and runs only the clocks of what remains."""
    claim = change.after
    kinds = {c.kind for c in claim.clocks}
    if claim.status not in OVER:
        return "a claim that is not over has a date of deletion" if "retention" in kinds else None
    if kinds - {"retention", "renewal"} or claim.answer.state in AWAITING_ANSWER:
        return f"{claim.status}, and yet {', '.join(kinds) or claim.answer.state}"
    if "retention" not in kinds and not ALL_GONE <= set(claim.redacted):
        return f"{claim.status}, and its private parts are kept for ever"
    if claim.association and claim.association.state != "ended":
        return f"{claim.status} with an association that is {claim.association.state}"
    return None


def check_opt_out(change: Changed) -> str | None:
    """Check that an opt-out remains until the customer undoes it."""
    before, after = change.before, change.after
    if (
        before
        and before.answer.state == "opted_out" != after.answer.state
        and "customer.undone" not in change.acts
    ):
        return "an opt-out was lost"
    if "customer.opted_out" in change.acts and after.answer.state != "opted_out":
        return "an opt-out was overruled in its own write"
    if after.answer.state == "opted_out" and (after.is_open or after.status == "approved"):
        return f"opted out and {after.status}"
    return None


def check_official(change: Changed) -> str | None:
    """Check that an association is official only when the claim is approved, with the customer's
    agreement or without its objection, and after a fresh look-up.
    """
    claim, before = change.after, change.before
    if not claim.has_association_in_force:
        return None
    if claim.status != "approved":
        return f"official, though {claim.status}"
    if before and before.has_association_in_force:
        return None
    if not claim.has_consent() and not (
        before and before.association and before.association.cause == "late_bounce"
    ):
        return f"official, though the answer is {claim.answer.state}"
    if "association.activated" in change.acts and (
        claim.snapshot is None
        or claim.snapshot.state not in ("active", "in_grace")
        or claim.snapshot.at < claim.updated_at - timedelta(hours=24, minutes=1)
    ):
        return "official without a fresh look-up"
    return None


def check_announced_deadline(change: Changed) -> str | None:
    """Check that a deadline that was announced never moves earlier."""
    before, after = change.before, change.after
    if (
        before is None
        or before.answer.round != after.answer.round
        or before.answer.state != "open" != after.answer.state
    ):
        return None
    if (
        before.answer.state == after.answer.state == "open"
        and before.answer.due_at
        and after.answer.due_at
        and after.answer.due_at < before.answer.due_at
    ):
        return "the announced deadline moved earlier"
    return None


def check_references(change: Changed) -> str | None:
    """Check that no two notifications share a reference."""
    refs = [one.ref for one in change.after.outbox]
    return f"two notifications share a reference: {refs}" if len(set(refs)) != len(refs) else None


def check_entries(change: Changed) -> str | None:
    """Check that every move of a state machine has its own entry in the write that makes it."""
    states = _states(change.before)
    for entry in change.entries:
        if len(entry.moves) > 1 or not set(entry.moves) <= {ACTS[entry.act].machine}:
            return f"{entry.act} names {entry.moves}"
        for machine, (left, to) in entry.moves.items():
            if left != states[machine]:
                return f"{entry.act} leaves {machine} {left}, which was {states[machine]}"
            states[machine] = to
    return None if states == _states(change.after) else "a state machine has moved without an entry"


def _states(claim: Claim | None) -> dict[str, str]:
    made = claim.association if claim else None
    return {
        "claim": claim.status if claim else "none",
        "customer_answer": claim.answer.state if claim else "not_asked",
        "association": made.state if made else "none",
    }


def check_revocations(change: Changed) -> str | None:
    """Check that two people revoke, and that the partner cannot see what the first has proposed."""
    before, made = change.before, change.after.association
    if before is None or before.association is None or made is None:
        return None
    known, who = before.association.revocations, change.by.partition(":")[0]
    if made.end_reason == "revoked" and "association.ended" in change.acts:
        proposal = known[-1] if known else None
        is_alone = proposal is None or proposal.outcome is not None or proposal.by == who
        return f"revoked by {who} alone" if is_alone else None
    if made.ordinal != before.association.ordinal or made.revocations == known:
        return None
    if len(made.revocations) > len(known) and made.revocations[-1].by != who:
        return f"a revocation was proposed by {who} in another name"
    if any("revocation" in act for act in change.acts) or (
        not change.entries and change.after.version != before.version
    ):
        return "the partner can see a proposed revocation"
    return None


def describe_claim(claim: Claim) -> str:
    """Describe a claim in a few lines."""
    some: dict[str, Any] = {
        "status": claim.status,
        "answer": claim.answer.state,
        "round": claim.answer.round,
        "association": claim.association and (claim.association.state, claim.association.cause),
        "due": str(claim.answer.due_at),
        "clocks": [(c.kind, c.due_at.isoformat()) for c in claim.clocks],
        "outbox": [one.ref for one in claim.outbox],
        "addresses": [(a.mail_id[-6:], a.qualifying, a.state) for a in claim.answer.addresses],
        "review": str(claim.review.due_at),
        "org": claim.organisation_id,
        "item": claim.item.name,
        "rev": claim.rev,
    }
    return "\n".join(f"    {name}: {value}" for name, value in some.items())


def check_counter(one: RowChange) -> None:
    """Check that every counter continues from its last value.

    A look-up counts for each of its items; what a refused notice, comment or amendment has
    counted is taken back.
    """
    if not one.key[0].startswith("Q#") or not one.after:
        return
    step = read_number(one.after, "n") - read_number(one.before or {}, "n")
    is_known = (
        0 <= step <= MAX_ITEMS if one.key[0].startswith(LOOK_UP_COUNTERS) else step == 1
    ) or (step == -1 and one.key[0].startswith(TAKEN_BACK))
    if not is_known:
        raise Broken(f"a count was lost: {one.key}")
