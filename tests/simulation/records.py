"""What is stored, decoded as it is written: the newest version of every claim, slot and case, and
what each write changed.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from chalicelib.aws.rows import read_text
from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Entry
from chalicelib.domain.ids import item_key, tenant_key
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.slot import Slot
from chalicelib.domain.tenant_settings import TenantSettings
from tests.support.memory_dynamodb import MemoryDynamoDB, RowChange

ENTRIES = TypeAdapter(tuple[Entry, ...])


class Broken(AssertionError):
    """A promise that does not hold. The message says which."""


@dataclass(frozen=True)
class Changed:
    """A claim in one write: before (None: it is new), after, and the history that was written with
    it.
    """

    before: Claim | None
    after: Claim
    entries: tuple[Entry, ...]
    at: int
    by: str

    @property
    def acts(self) -> list[str]:
        return [entry.act for entry in self.entries]


@dataclass
class Records:
    """The stored values.

    `seen`: how many writes have been read. `history`: every entry, by claim.
    """

    engine: MemoryDynamoDB
    claims: dict[str, Claim] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    cases: dict[str, Arbitration] = field(default_factory=dict)
    tenant_settings: dict[str, TenantSettings] = field(default_factory=dict)
    mails: dict[str, MailRecord] = field(default_factory=dict)
    history: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    items: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seen: int = 0

    def writes(self) -> list[list[RowChange]]:
        """Return the writes since the last call."""
        fresh, self.seen = self.engine.changes[self.seen :], len(self.engine.changes)
        grouped: dict[int, list[RowChange]] = defaultdict(list)
        for one in fresh:
            grouped[one.write].append(one)
        return list(grouped.values())

    def take(self, write: list[RowChange]) -> tuple[list[Changed], list[str]]:
        """Return the claims of one write, and the keys of the items whose slot may have changed."""
        entries = [
            e
            for one in write
            if one.key[1].startswith("H#") and one.after and one.before is None
            for e in ENTRIES.validate_json(read_text(one.after))
        ]
        changed = [self._claim(one, entries) for one in write if one.key[1].startswith("clm_")]
        touched = [
            self.item_of(c) for change in changed for c in (change.before, change.after) if c
        ]
        return changed, [
            *touched,
            *(self._other(one) for one in write if one.key[1].startswith("P#")),
        ]

    def note(self, write: list[RowChange]) -> None:
        """Record the cases, tenant settings and mails of one write."""
        for one in write:
            # A case's row; what its parties say is in rows of their own, behind a "#".
            is_case = one.key[1].startswith("arb_") and "#" not in one.key[1]
            if one.after and is_case and one.key[0].startswith("T#"):
                self.cases[one.key[1]] = Arbitration.model_validate_json(read_text(one.after))
            elif one.after and one.key[1] == "M":
                self.tenant_settings[one.key[0][2:]] = TenantSettings.model_validate_json(
                    read_text(one.after)
                )
            elif one.after and one.key[1].startswith("L#"):
                mail = MailRecord.model_validate_json(read_text(one.after))
                self.mails[mail.id] = mail

    @staticmethod
    def item_of(claim: Claim) -> str:
        return f"{tenant_key(claim.tenant_id)}{item_key(claim.item.name)}"

    def _claim(self, one: RowChange, entries: list[Entry]) -> Changed:
        if one.after is None:
            raise Broken(f"{one.key[1]} was deleted")
        after, before = Claim.model_validate_json(read_text(one.after)), self.claims.get(one.key[1])
        mine = tuple(e for e in entries if e.claim_id == after.id)
        if before:
            self.items[self.item_of(before)].discard(before.id)
        self.items[self.item_of(after)].add(after.id)
        self.claims[after.id] = after
        self.history[after.id] += mine
        return Changed(before, after, mine, one.at, one.by)

    def _other(self, one: RowChange) -> str:
        if one.after is None:
            raise Broken("a place was deleted")
        where = f"{one.key[0][2:]}{one.key[1][2:]}"
        self.slots[where] = Slot.model_validate_json(read_text(one.after))
        return where
