"""Deliberate defects that the simulation has to find, each switched on for a while."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.aws.keys import SLOTS, Key
from chalicelib.aws.rows import Rows, make_row, read_number
from chalicelib.aws.store import DynamoStore, writes
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.customer_answer import Answer
from chalicelib.domain.history import Actor
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import (
    arbitration_decision,
    association,
    customer,
    deadlines,
    mail,
    revocation,
)
from chalicelib.ports import Change, Conflict, Services
from chalicelib.usecases import mail_events, notifications, unit_of_work
from tests.simulation.environment import MINUTE
from tests.simulation.faulty_clients import FaultyDynamoDB

Defect = Callable[[], Any]


@contextmanager
def replace_attributes(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Set other values of some attributes for the duration of the block."""
    with ExitStack() as stack:
        for owner, name, value in changes:
            stack.callback(setattr, owner, name, owner.__dict__[name])
            setattr(owner, name, value)
        yield


def outbox_outside_the_transaction() -> Any:
    """The claim is written first, then its notifications."""
    commit = DynamoStore.commit

    def apart(self: DynamoStore, change: Change) -> None:
        telling_later = [c for c in change.claims if c.outbox]
        commit(self, replace(change, claims=tuple(c.evolve(outbox=()) for c in change.claims)))
        for claim in telling_later:
            commit(self, Change(claims=(claim.evolve(rev=claim.rev + 1),)))

    return replace_attributes((DynamoStore, "commit", apart))


def receipt_outside_the_transaction() -> Any:
    """The change is written first, then the receipt of its request."""
    commit = DynamoStore.commit

    def apart(self: DynamoStore, change: Change) -> None:
        commit(self, replace(change, receipt=None))
        if change.receipt:
            commit(self, Change(receipt=change.receipt))

    return replace_attributes((DynamoStore, "commit", apart))


def history_outside_the_transaction() -> Any:
    """The claim is written first, then its history."""
    commit = DynamoStore.commit

    def apart(self: DynamoStore, change: Change) -> None:
        commit(self, replace(change, entries=()))
        owners = {c.id: c.organisation_id for c in change.claims}
        self._rows.write(
            [
                writes.history_row(entries, owners[entries[0].claim_id])
                for entries in change.entries
                if entries
            ]
        )

    return replace_attributes((DynamoStore, "commit", apart))


def place_not_written_with_the_claim() -> Any:
    """The slot is written afterwards, over any other version."""
    commit = DynamoStore.commit

    def apart(self: DynamoStore, change: Change) -> None:
        commit(self, replace(change, slots=()))
        self._rows.write([writes.slot_row(slot) for slot in change.slots])

    return replace_attributes((DynamoStore, "commit", apart))


def missing_version_condition() -> Any:
    """A claim is written over any other version."""
    return replace_attributes((writes, "put_version", lambda item, rev: {"Item": item}))


def written_anyway_after_a_conflict() -> Any:
    """An opt-out that lost a race against the timer is written without deciding again."""
    commit = DynamoStore.commit

    def anyway(self: DynamoStore, change: Change) -> None:
        try:
            commit(self, change)
        except Conflict:
            now = {c.id: c for c in self.claims.get_many([c.id for c in change.claims])}
            there = tuple(
                c.evolve(rev=now[c.id].rev + 1, seq=now[c.id].seq, head=now[c.id].head)
                for c in change.claims
                if c.id in now
            )
            if not there:
                raise
            commit(self, Change(claims=there))

    return replace_attributes((DynamoStore, "commit", anyway))


def read_modify_write_counter() -> Any:
    """A counter is read, incremented and written, without a condition."""

    def update_counter(self: Rows, key: Key, by: int = 1, expires: int | None = None) -> int:
        found = self.one(key)
        total = (read_number(found, "n") if found else 0) + by
        self.put(make_row(key, "", n=total))
        return total

    return replace_attributes((Rows, "update_counter", update_counter))


def silence_counted_without_a_delivery() -> Any:
    """A notice counts as delivered after forty-eight hours without a delivery."""

    def undelivered(claim: Claim, r: Any) -> Outcome:
        taken = tuple(
            a.evolve(state="delivered", delivered_at=r.now) for a in claim.answer.addresses
        )
        informed = claim.evolve(answer=claim.answer.evolve(addresses=taken))
        return (
            mail.record_act(
                claim,
                mail._open_objection_period(
                    informed, mail._build_objection_period(informed, r.now, r), r
                ),
                "notice.delivered",
            )
            if taken
            else given_up(claim, r)
        )

    given_up = deadlines.mark_undeliverable
    handlers = {**deadlines._HANDLERS, "notice_delivery": undelivered}
    return replace_attributes((deadlines, "_HANDLERS", handlers))


def struck_address_counts_again() -> Any:
    """A delivery that is reported after a bounce revokes the bounce."""
    return replace_attributes((mail, "ORDER", {"sent": 0, "struck": 1, "delivered": 2}))


def bounce_forgotten() -> Any:
    """A bounce of an address that was reached before is ignored."""
    return replace_attributes(
        (
            Answer,
            "has_standing_delivery",
            property(lambda self: any(a.qualifying and a.delivered_at for a in self.addresses)),
        )
    )


def claimant_picks_the_judge() -> Any:
    """A delivery to the address that the claimant named starts the objection period."""
    return replace_attributes((MailRecord, "is_qualifying", property(lambda self: True)))


def marked_before_the_work() -> Any:
    """A notification is removed from the outbox before it is sent."""
    clear = notifications._record_sent_mails

    def notify(services: Services, claim: Claim, now: datetime, preloaded: Any) -> Claim:
        nothing: dict[str, list[Any]] = {one.ref: [] for one in claim.outbox}
        clear(services, claim, notifications._Attempt(now, nothing, {}, False), preloaded)
        return notify_after(services, claim, now)

    notify_after = notifications.notify
    from chalicelib.usecases import deadlines as ticking

    return replace_attributes((ticking, "notify", notify))


def due_trusted_without_looking() -> Any:
    """The worker takes what a message names as due, without reading the claim again."""

    def next_due(claim: Claim, r: Any) -> Any:
        due = [
            c
            for c in claim.clocks
            if c.due_at <= r.now + timedelta(hours=20) and c.kind in deadlines._HANDLERS
        ]
        return min(due, key=lambda c: c.due_at, default=None)

    return replace_attributes((deadlines, "find_next_due", next_due))


def mail_event_of_another_round() -> Any:
    """A delivery of the notice before an amendment counts for the one after it."""
    apply_event = mail_events._apply_event

    def any_round(claim: Claim, record: Any, event: Any, ctx: Any) -> Outcome:
        return apply_event(claim, record.evolve(round=claim.answer.round), event, ctx)

    return replace_attributes((mail_events, "_apply_event", any_round))


def unknown_mail_event_dropped() -> Any:
    """An event of a mail that is not on record yet is dropped."""
    happened = mail_events.handle_mail_event

    def dropped(services: Services, mail_id: str, event: Any, now: datetime) -> None:
        if services.store.mails.get(mail_id):
            happened(services, mail_id, event, now)

    return replace_attributes((mail_events, "handle_mail_event", dropped))


def clock_from_the_sending() -> Any:
    """The objection period begins when the notice is sent, not when it is delivered."""
    opened = mail._open_objection_period

    def early(claim: Claim, period: Any, r: Any) -> Claim:
        at = min([period.started_at, claim.submitted_at or period.started_at])
        return opened(claim, mail._build_objection_period(claim, at, r), r)

    return replace_attributes((mail, "_open_objection_period", early))


def rivals_overlooked() -> Any:
    """An item that another partner holds is approved for the next partner."""
    return replace_attributes((Slot, "is_contested_for", lambda self, organisation_id: False))


def torn_reads_believed() -> Any:
    """A claim and its slot that were read at two moments are taken as one state.

    Slots are read late: two reads that chance alone tears are too close for a claim to leave its
    slot and come back in between.
    """

    class Torn(Slot):
        def find_contender(self, claim_id: str) -> Any:
            return _Anything()

    return replace_attributes(
        (Slot, "find_contender", Torn.find_contender), *_list_late_reads_of_slots()
    )


@contextmanager
def late_reads_of_slots() -> Iterator[None]:
    """No defect: what `torn_reads_believed` is found with."""
    with replace_attributes(*_list_late_reads_of_slots()):
        yield


def _list_late_reads_of_slots() -> tuple[tuple[Any, str, Any], ...]:
    return ((FaultyDynamoDB, "batch_get_item", _read_slots_late),)


def _read_slots_late(self: FaultyDynamoDB, RequestItems: dict[str, Any]) -> Any:
    """Return all rows, half of the slots as they were a minute ago if they may be read late."""
    ((table, some),) = RequestItems.items()
    engine, found = self._engine, []
    for key in some["Keys"]:
        is_slot = key["sk"]["S"].startswith(SLOTS) and not some.get("ConsistentRead")
        engine.as_of = engine.ms() - MINUTE if is_slot and self._rng.random() < 0.5 else None
        one = engine.batch_get_item(RequestItems={table: {**some, "Keys": [key]}})
        engine.as_of = None
        found += one["Responses"][table]
    answer = {"Responses": {table: found}, "UnprocessedKeys": {}}
    return self._connection.call("batch_get_item", "", lambda: answer)


def settled_only_once() -> Any:
    """A slot is settled by its message only, which may get lost."""
    update_slot = unit_of_work.update_slot

    def forgetful(slot: Slot, outcome: Outcome, now: datetime) -> Slot:
        return update_slot(slot, outcome, now).evolve(pending_settlement_since=None)

    return replace_attributes((unit_of_work, "update_slot", forgetful))


def incumbent_forgotten() -> Any:
    """The winner's association becomes active, and the incumbent's is not ended."""
    return replace_attributes((unit_of_work, "supersede_incumbents", lambda *_: []))


def incumbent_ended_by_the_verdict() -> Any:
    """The incumbent loses the item with the decision, before the winner's association is active."""
    apply = arbitration_decision._apply_verdict

    def at_once(claim: Claim, party: Any, verdict: Any, *rest: Any) -> Outcome:
        outcome = apply(claim, party, verdict, *rest)
        lost = verdict.winner is not None and verdict.winner not in party.ids
        if not lost or not outcome.claim.has_association_in_force:
            return outcome
        return outcome.then(association.end(outcome.claim, rest[1], rest[2], "superseded"))

    return replace_attributes((arbitration_decision, "_apply_verdict", at_once))


def heir_loses_to_its_incumbent() -> Any:
    """An undone objection does not restore a claim while any other partner holds the item, even the
    incumbent that lost the case.
    """
    return replace_attributes((customer, "_is_taken", lambda claim, competitors: bool(competitors)))


def heir_takes_whatever_came_meanwhile() -> Any:
    """An undone objection restores an approval although a rival has come since."""
    return replace_attributes((customer, "_is_taken", lambda claim, competitors: False))


def revoked_by_one_person() -> Any:
    """The person who proposed a revocation may confirm it."""
    confirm = revocation.confirm_revocation

    def alone(claim: Claim, by: Actor, *rest: Any) -> Outcome:
        made = claim.association
        if made and made.open_revocation and made.open_revocation.by == by.sub:
            by = by.evolve(sub=f"{by.sub}, again")
        return confirm(claim, by, *rest)

    return replace_attributes((revocation, "confirm_revocation", alone))


class _Anything:
    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


DEFECTS: tuple[Defect, ...] = (
    outbox_outside_the_transaction,
    receipt_outside_the_transaction,
    history_outside_the_transaction,
    place_not_written_with_the_claim,
    missing_version_condition,
    written_anyway_after_a_conflict,
    read_modify_write_counter,
    silence_counted_without_a_delivery,
    struck_address_counts_again,
    bounce_forgotten,
    claimant_picks_the_judge,
    marked_before_the_work,
    due_trusted_without_looking,
    mail_event_of_another_round,
    unknown_mail_event_dropped,
    clock_from_the_sending,
    rivals_overlooked,
    torn_reads_believed,
    settled_only_once,
    incumbent_forgotten,
    incumbent_ended_by_the_verdict,
    heir_loses_to_its_incumbent,
    heir_takes_whatever_came_meanwhile,
    revoked_by_one_person,
)
