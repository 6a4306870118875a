"""Everything that a simulation checks after every step: each write, and every answer."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation import promises, slots
from tests.simulation.answers import Answers
from tests.simulation.environment import MailService
from tests.simulation.evidence import Evidence
from tests.simulation.records import Changed, Records
from tests.simulation.requests import Request


@dataclass
class Observer:
    """Checks every promise against what was written, and tells the story of the writes.

    Attributes:
        records: what is stored, as plain values.
        mail_service: which mails were sent, and what happened to them.
        ms: the time of the simulation.
        story: gets a line per change of a claim.
        associations: by claim id and in order, every revision with whether its association was in
            force.
    """

    records: Records
    mail_service: MailService
    ms: Callable[[], int]
    story: list[str]
    associations: dict[str, list[tuple[int, bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        self.evidence = Evidence(self.records, self.mail_service, self.ms)
        self.answers = Answers(self.records)
        self.opt_outs = slots.OptOuts(self.records)

    def check_writes(self, request: Request | None) -> None:
        """Check every write since the last call. `request`: the one that is being served."""
        for write in self.records.writes():
            changed, items = self.records.take(write)
            self.opt_outs.check(changed)
            slots.check_superseded(changed)
            self.records.note(write)
            for change in changed:
                self.evidence.learn(change.after)
            for change in changed:
                self._check_change(change)
            for item in dict.fromkeys(items):
                slots.check(self.records, item)
            for row in write:
                promises.check_counter(row)
            if request:
                self.answers.check_write(request, write)
            self.check_changes(changed, request)

    def check_changes(self, changed: list[Changed], request: Request | None) -> None:
        """Check more, in a search that does. `request`: None for what time has done."""

    def _check_change(self, change: Changed) -> None:
        after = change.after
        self.associations[after.id].append((after.rev, after.has_association_in_force))
        promises.check(change)
        self.evidence.check(change)
        moves = (
            f"{e.act} {' '.join(f'{m}: {a} → {b}' for m, (a, b) in e.moves.items())}"
            for e in change.entries
        )
        self.story.append(f"    {after.id[-8:]} of {after.organisation_id}: {'; '.join(moves)}")

    def make_association_check(self) -> Callable[[str], bool]:
        """Return whether a claim's association has been in force at any time from now on."""
        seen = {claim_id: len(revisions) for claim_id, revisions in self.associations.items()}
        return lambda claim_id: any(
            in_force
            for _, in_force in self.associations[claim_id][max(0, seen.get(claim_id, 0) - 1) :]
        )

    def record_mail_event(self, body: str) -> None:
        """Record that the service has processed a message of the mail service.

        A mail that was handed over twice, because a sender stopped in between, has two message ids.
        A delivery under the id that is not on record proves nothing.
        """
        message = json.loads(body)
        event = message.get("eventType")
        if event is None or (event == "Bounce" and message["bounce"]["bounceType"] == "Transient"):
            return
        mail_id = message["mail"]["tags"]["mail"][0]
        record = self.records.mails.get(mail_id)
        is_of_record = record is None or record.provider_id == message["mail"]["messageId"]
        if event != "Delivery" or is_of_record:
            at = self.mail_service.events_at[mail_id, event]
            self.mail_service.processed_at.setdefault((mail_id, event), at)

    def counts(self) -> Counter[str]:
        """Count what the seed has come to so far."""
        acts = Counter(entry.act for entries in self.records.history.values() for entry in entries)
        return Counter(
            {
                "claims": len(self.records.claims),
                "requests accepted under a key": len(self.answers.first),
                "repeats of them": self.answers.repeats,
                "mails handed over": self.mail_service.taken,
                "events of the mail service processed": len(self.mail_service.processed_at),
                "taken as not objected to": acts["customer.not_objected"],
                "opted out": acts["customer.opted_out"],
                "associations activated": acts["association.activated"],
                "cases opened": acts["arbitration.opened"],
            }
        )
