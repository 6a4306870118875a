"""The store over the one table: values in, values out. What is written together is one conditional
transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from chalicelib.aws import keys
from chalicelib.aws.errors import Cancelled, ConditionFailed, Row
from chalicelib.aws.rows import Rows, number, row, text
from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.customer import JournalRow, MailEvent, MailRecord, TenantFile, TenantSettings
from chalicelib.domain.directory import Partner, Tenant
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.figures import Figures
from chalicelib.domain.history import Comment, Entry
from chalicelib.domain.ids import item_in, item_key, lives_in, tenant_key
from chalicelib.domain.item import Item
from chalicelib.domain.review_tasks import ReviewTask
from chalicelib.domain.slot import Slot
from chalicelib.ports import Change, Conflict, FilingInputs, Receipt

V = TypeVar("V", bound=BaseModel)
Together = Callable[..., tuple[Any, ...]]
ENTRIES = TypeAdapter(tuple[Entry, ...])
FEW_DUE = (
    200  # read of each shard whatever it is asked for: of so few the soonest are known for certain
)
JOURNAL = 200  # rows of a customer's journal on a page
TRIES = 8  # of a change to a mail's record that others keep overtaking
TASK = "tsk_"
CLAIM, CASE = (
    "clm_",
    "arb_",
)  # both lie under their customer's key: an id of the one kind must not open the other


class Table:
    """`ports.Store` over DynamoDB. `noted` hears of every change that has been written."""

    def __init__(
        self,
        rows: Rows,
        run_parallel: Together,
        noted: Callable[[Change], None] = lambda change: None,
    ) -> None:
        self._rows = rows
        self._together = run_parallel
        self._noted = noted

    # --- one case ---------------------------------------------------------------------------------
    # ----------------

    def case(
        self,
        claim_id: str,
        receipt: tuple[str, str] | None = None,
        consistent: bool = True,
    ) -> tuple[Claim, Slot | None, Receipt | None] | None:
        tag, it8 = lives_in(claim_id), item_in(claim_id)
        if not claim_id.startswith(CLAIM) or not tag or not it8:
            return None
        wanted = keys.claim(tag, claim_id), keys.holder(tag, it8)
        slip = keys.receipt(*receipt) if receipt else None
        found = self._rows.get([*wanted, *([slip] if slip else [])], consistent)
        if wanted[0] not in found:
            return None
        claim, slot = value(Claim, found[wanted[0]]), found.get(wanted[1])
        if (
            item_key(claim.item.name) != it8
        ):  # a draft whose subscription was filled in later: its place is elsewhere
            slot = self._rows.one(keys.holder(tag, item_key(claim.item.name)))
        return (
            claim,
            value(Slot, slot) if slot else None,
            _receipt(found.get(slip)) if slip else None,
        )

    def claims(self, ids: Sequence[str]) -> tuple[Claim, ...]:
        wanted = [
            keys.claim(lives_in(one), one) for one in ids if one.startswith(CLAIM) and lives_in(one)
        ]
        found = self._rows.get(wanted)
        return tuple(value(Claim, found[key]) for key in wanted if key in found)

    def slot(self, slot_id: str) -> Slot | None:
        return self._value(Slot, keys.holder(slot_id[4:16], slot_id[16:]))

    def arbitration(self, case_id: str) -> Arbitration | None:
        known = case_id.startswith(CASE) and lives_in(case_id)
        return (
            self._value(Arbitration, keys.arbitration(lives_in(case_id), case_id))
            if known
            else None
        )

    def arbitrations_of(
        self, owner: str, after: str | None, limit: int
    ) -> tuple[tuple[Arbitration, ...], str | None]:
        between = ("!", after) if after else None
        page = self._rows.query(
            keys.member(owner, "").pk, between=between, backwards=True, limit=limit + 2
        )
        ids = [text(one, "sk") for one in page.rows if text(one, "sk") != after]
        wanted = [keys.arbitration(lives_in(one), one) for one in ids[:limit]]
        found = self._rows.get(wanted) if wanted else {}
        cases = tuple(value(Arbitration, found[key]) for key in wanted if key in found)
        return cases, ids[limit - 1] if len(ids) > limit else None

    def history(self, claim_id: str) -> tuple[Entry, ...]:
        page = self._rows.query(keys.slot(lives_in(claim_id)), keys.history_of(claim_id))
        return tuple(entry for one in page.rows for entry in ENTRIES.validate_json(text(one)))

    def comments(self, claim_id: str) -> tuple[Comment, ...]:
        page = self._rows.query(keys.slot(lives_in(claim_id)), keys.comments_of(claim_id))
        return tuple(value(Comment, one) for one in page.rows)

    def slots(self, items: Sequence[tuple[str, Item]]) -> Mapping[tuple[str, str], Slot]:
        wanted = {
            (tid, item.name): keys.holder(tenant_key(tid), item_key(item.name))
            for tid, item in items
        }
        found = self._rows.get(wanted.values(), consistent=False) if wanted else {}
        return {name: value(Slot, found[key]) for name, key in wanted.items() if key in found}

    def tenant_records(self, tenant_key: str) -> tuple[Claim | Arbitration, ...]:
        found = self._rows.query(keys.slot(tenant_key), between=(CASE, f"{CLAIM}~")).rows
        return tuple(value(KINDS[text(one, "sk")[:4]], one) for one in found)

    def forget(self, claim: Claim, mails: Iterable[str]) -> None:
        tag = lives_in(claim.id)
        history = self._rows.query(keys.slot(tag), keys.history_of(claim.id)).rows
        bare = [
            _history_row(
                tuple(e.evolve(private=None, salt=None) for e in ENTRIES.validate_json(text(one))),
                claim.organisation_id,
            )
            for one in history
        ]
        said = self._rows.query(keys.slot(tag), keys.comments_of(claim.id)).rows
        for mail in mails:
            self._mail_changed(mail, lambda record: record.evolve(recipient=""))
        self._rows.write(bare, [keys.Key(text(one, "pk"), text(one, "sk")) for one in said])

    # --- filing -----------------------------------------------------------------------------------
    # ----------------

    def filing_inputs(
        self,
        organisation_id: str,
        tenant_id: str,
        items: Sequence[Item],
        evidence: Sequence[str],
        receipt: tuple[str, str] | None = None,
        counters: Sequence[tuple[str, str]] = (),
        consistent: bool = False,
    ) -> FilingInputs:
        tag = tenant_key(tenant_id)
        partner, tenant_settings = keys.partner(organisation_id), keys.tenant_settings(tag)
        vague = any(
            not item.workload and not item.subscription_id for item in items
        )  # which one, the directory tells
        slots = (
            {} if vague else {item.name: keys.holder(tag, item_key(item.name)) for item in items}
        )
        files = {one: keys.evidence(one) for one in evidence}
        counts = {counter: keys.counter(*counter) for counter in counters}
        slip = [keys.receipt(*receipt)] if receipt else []
        wanted = [
            partner,
            tenant_settings,
            *slots.values(),
            *files.values(),
            *counts.values(),
            *slip,
        ]
        reads: list[Callable[[], Any]] = [lambda: self._rows.get(wanted, consistent)]
        if vague:
            reads.append(lambda: self._rows.query(keys.slot(tag), "P#", consistent=consistent).rows)
        found, *more = self._together(*reads)
        there = [value(Slot, one) for some in more for one in some]
        there += [value(Slot, found[key]) for key in slots.values() if key in found]
        return FilingInputs(
            partner=value(Partner, found[partner]) if partner in found else None,
            tenant_settings=value(TenantSettings, found[tenant_settings])
            if tenant_settings in found
            else TenantSettings(tenant_id=tenant_id),
            slots={slot.item.name: slot for slot in there},
            evidence={
                one: value(Evidence, found[key]) for one, key in files.items() if key in found
            },
            receipt=_receipt(found.get(slip[0])) if slip else None,
            counts={
                counter[0]: number(found[key], "n")
                for counter, key in counts.items()
                if key in found
            },
        )

    def evidence(self, evidence_id: str) -> Evidence | None:
        return self._value(Evidence, keys.evidence(evidence_id))

    def reused(self, proofs: Sequence[tuple[str, str]], tenant_id: str) -> frozenset[str]:
        known = self._together(*(self._uses(sha256) for _, sha256 in proofs)) if proofs else ()
        mine = tenant_key(tenant_id)
        return frozenset(
            one
            for (one, _), tags in zip(proofs, known, strict=True)
            if any(tag != mine for tag in tags)
        )

    def used_at(self, checksums: Iterable[str]) -> frozenset[str]:
        uses = [self._uses(sha256) for sha256 in dict.fromkeys(checksums)]
        return (
            frozenset(tag for tags in self._together(*uses) for tag in tags)
            if uses
            else frozenset()
        )

    def used(self, claims: Iterable[Claim]) -> None:
        self._rows.write(
            _use(p.sha256, tenant_key(c.tenant_id)) for c in claims for p in c.evidence if p.sha256
        )

    def receipt(self, owner: str, key: str) -> Receipt | None:
        return _receipt(self._rows.one(keys.receipt(owner, key)))

    # --- the one write
    # --------------------------------------------------------------------------------------------

    def commit(self, change: Change) -> None:
        """One conditional transaction; a single row without history is a plain conditional put, at
        half the price.
        """
        puts = list(_puts(change))
        try:
            if len(puts) == 1:
                put = puts[0]
                self._rows.put(put.pop("Item"), put.pop("ConditionExpression", ""), **put)
            else:
                self._rows.transact([{"Put": put} for put in puts])
        except (Cancelled, ConditionFailed) as lost:
            raise Conflict(str(lost)) from lost
        self._noted(change)

    # --- mails and links
    # ------------------------------------------------------------------------------------------

    def record(self, mail: MailRecord) -> None:
        try:
            self._rows.put(_mail_row(mail), "attribute_not_exists(pk)")
        except ConditionFailed:
            return  # sent before: the record, and what became of that mail, stays

    def mail(self, mail_id: str) -> MailRecord | None:
        return self.mails([mail_id]).get(mail_id)

    def mails(self, mail_ids: Iterable[str]) -> Mapping[str, MailRecord]:
        wanted = {_mail_key(one): one for one in mail_ids if lives_in_mail(one)}
        found = self._rows.get(wanted)
        return {wanted[key]: value(MailRecord, row) for key, row in found.items()}

    def record_mail_event(
        self, mail_id: str, event: MailEvent, deliveries_of: frozenset[str]
    ) -> MailRecord | None:
        def told(record: MailRecord) -> MailRecord:
            if any(e.type == event.type for e in record.events) or not record.believes(event):
                return record
            if event.type == "delivery" and record.kind not in deliveries_of:
                return record
            return record.evolve(events=(*record.events, event))

        return self._mail_changed(mail_id, told)

    def revoke(self, mail_id: str) -> MailRecord | None:
        return self._mail_changed(mail_id, lambda record: record.evolve(revoked=True))

    def mails_of(self, tenant_key: str, claim_id: str) -> tuple[MailRecord, ...]:
        page = self._rows.query(keys.slot(tenant_key), "L#")
        return tuple(
            mail
            for mail in (value(MailRecord, one) for one in page.rows)
            if claim_id in mail.claim_ids
        )

    def tenant_settings(self, tenant_id: str) -> TenantSettings:
        return self._value(
            TenantSettings, keys.tenant_settings(tenant_key(tenant_id))
        ) or TenantSettings(tenant_id=tenant_id)

    def tenant_file(self, tenant_key: str) -> TenantFile:
        pk = keys.slot(tenant_key)
        claims, others = self._together(
            lambda: self._rows.query(pk, "clm_").rows,
            lambda: self._rows.query(pk, between=("L#", "S")).rows,
        )
        kept = {
            kind: [one for one in others if text(one, "sk").startswith(kind)]
            for kind in ("L#", "M", "P#", "S")
        }
        return TenantFile(
            tenant=value(Tenant, kept["S"][0]) if kept["S"] else None,
            claims=tuple(value(Claim, one) for one in claims),
            tenant_settings=value(TenantSettings, kept["M"][0]) if kept["M"] else TenantSettings(),
            mails=tuple(value(MailRecord, one) for one in kept["L#"]),
            slots=tuple(value(Slot, one) for one in kept["P#"]),
        )

    # --- lists ------------------------------------------------------------------------------------
    # ----------------

    def claims_of(
        self, organisation_id: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]:
        return self._listed("feed", keys.claims_of(organisation_id), after, limit)

    def associations_of(
        self, organisation_id: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]:
        return self._listed("queue", keys.associations_of(organisation_id), after, limit)

    def queue(
        self, after: str | None, limit: int
    ) -> tuple[tuple[Claim | Arbitration | ReviewTask, ...], str | None]:
        pages = self._together(*(self._desk(n, after, limit) for n in range(keys.DESKS)))
        found = sorted((text(one, "q_sk"), text(one, "sk")) for page in pages for one in page.rows)[
            : limit + 1
        ]
        wanted = [
            (one, keys.Key(keys.slot(lives_in(one)), one.replace(TASK, CLAIM)))
            for _, one in found[:limit]
        ]
        rows = self._rows.get(key for _, key in wanted) if wanted else {}
        more = found[limit - 1][0] if len(found) > limit else None
        cases = ((one, value(KINDS[key.sk[:4]], rows[key])) for one, key in wanted if key in rows)
        return tuple(
            ReviewTask(case) if one.startswith(TASK) else case
            for one, case in cases
            if not one.startswith(TASK) or case.task
        ), more

    def events_of(self, organisation_id: str, after: str, limit: int) -> tuple[Entry, ...]:
        pages = self._together(
            *(self._feed(organisation_id, n, after, limit) for n in range(keys.FEEDS))
        )
        found = sorted(
            (text(one, "f_sk"), keys.Key(text(one, "pk"), text(one, "sk")))
            for page in pages
            for one in page.rows
        )
        wanted = [key for _, key in found[: limit + 1]]  # the first may be the one to go on after
        rows = self._rows.get(wanted)
        entries = (
            entry
            for key in wanted
            if key in rows
            for entry in ENTRIES.validate_json(text(rows[key]))
        )
        return tuple(entry for entry in entries if entry.id > after)[:limit]

    def due(self, until: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        bounds, each = ("0", keys.moment(until)), min(limit, FEW_DUE + limit // keys.SHARDS)
        pages = self._together(
            *(
                lambda n=n: self._rows.query_index("due", f"{n:02d}", between=bounds, limit=each)
                for n in range(keys.SHARDS)
            )
        )
        found = sorted(
            (text(one, "d_sk"), keys.id_of(text(one, "pk"), text(one, "sk")))
            for page in pages
            for one in page.rows
        )[:limit]
        return tuple((some_id, datetime.fromisoformat(due)) for due, some_id in found)

    # --- figures, journal, counters
    # -------------------------------------------------------------------------------

    def figures(self, tenant_key: str, item: str, first: str, last: str) -> tuple[Figures, ...]:
        if (
            first > last
        ):  # nothing lies between, and the database refuses bounds the wrong way round
            return ()
        prefix = keys.figures_of(item)
        page = self._rows.query(keys.slot(tenant_key), between=(prefix + first, prefix + last))
        return tuple(value(Figures, one) for one in page.rows)

    def journal(self, tenant_key: str, row_: JournalRow) -> None:
        self._rows.put(row(keys.journal(tenant_key, row_.id), row_.model_dump_json()))

    def journal_of(
        self, tenant_key: str, before: str = ""
    ) -> tuple[tuple[JournalRow, ...], str | None]:
        between = ("J#", keys.journal(tenant_key, before or "~").sk)
        page = self._rows.query(
            keys.slot(tenant_key), between=between, backwards=True, limit=JOURNAL + 2
        )
        found = tuple(
            one for one in (value(JournalRow, row) for row in page.rows) if one.id != before
        )
        return found[:JOURNAL], found[JOURNAL - 1].id if len(found) > JOURNAL else None

    def count(self, subject: str, window: str, expires: int) -> int:
        return self._rows.update_counter(keys.counter(subject, window), expires=expires)

    # --- within -----------------------------------------------------------------------------------
    # ----------------

    def _value(self, kind: type[V], key: keys.Key) -> V | None:
        found = self._rows.one(key)
        return value(kind, found) if found else None

    def _mail_changed(
        self, mail_id: str, change: Callable[[MailRecord], MailRecord]
    ) -> MailRecord | None:
        """Changes a mail's record over the one that was read only: what others noted meanwhile is
        never lost.
        """
        for _ in range(TRIES):
            found = self._rows.one(_mail_key(mail_id)) if lives_in_mail(mail_id) else None
            before = value(MailRecord, found) if found else None
            if found is None or before is None or (after := change(before)) == before:
                return before
            try:
                self._rows.put(
                    _mail_row(after),
                    "v = :before",
                    ExpressionAttributeValues={":before": found["v"]},
                )
                return after
            except ConditionFailed:
                continue
        raise Conflict(mail_id)

    def _listed(
        self, index: str, pk: str, after: str | None, limit: int
    ) -> tuple[tuple[Claim, ...], str | None]:
        bounds = ("!", after) if after else None
        page = self._rows.query_index(index, pk, between=bounds, backwards=True, limit=limit + 2)
        ids = [text(one, "sk") for one in page.rows if text(one, SORTED_BY[index]) != after]
        return self.claims(ids[:limit]), ids[limit - 1] if len(ids) > limit else None

    def _uses(self, sha256: str) -> Callable[[], tuple[str, ...]]:
        return lambda: tuple(
            text(one, "sk") for one in self._rows.query(keys.use(sha256, "").pk).rows
        )

    def _desk(self, number_: int, after: str | None, limit: int) -> Callable[[], Any]:
        bounds = (after + "~", "~") if after else None
        return lambda: self._rows.query_index(
            "queue", keys.review_queue(number_), between=bounds, limit=limit + 1
        )

    def _feed(
        self, organisation_id: str, number_: int, after: str, limit: int
    ) -> Callable[[], Any]:
        pk = keys.events_of(organisation_id, number_)
        return lambda: self._rows.query_index(
            "feed", pk, between=(after or "!", "~"), limit=limit + 1
        )


KINDS: dict[str, Any] = {CLAIM: Claim, CASE: Arbitration}
SORTED_BY = {"feed": "f_sk", "queue": "q_sk"}


def value(kind: type[V], found: Row) -> V:
    """The value that a row carries, with the row's `rev` where it counts writes."""
    return kind.model_validate_json(text(found))


def lives_in_mail(mail_id: str) -> bool:
    return mail_id.startswith("mai_") and len(mail_id) == 4 + 12 + 26


def _mail_key(mail_id: str) -> keys.Key:
    return keys.Key(keys.slot(mail_id[4:16]), f"L#{mail_id[16:]}")


def _mail_row(mail: MailRecord) -> Row:
    return row(_mail_key(mail.id), _json(mail))


def _json(some: BaseModel) -> str:
    return some.model_dump_json(exclude_defaults=True)


def _receipt(found: Row | None) -> Receipt | None:
    if not found:
        return None
    kept: Mapping[str, Any] = TypeAdapter(dict[str, Any]).validate_json(text(found))
    return Receipt(**kept)


def _puts(change: Change) -> list[dict[str, Any]]:
    """Every row of a change with its condition."""
    puts = [_versioned(_claim_row(claim), claim.rev) for claim in change.claims]
    puts += [
        {"Item": _task_row(claim)}
        for claim in change.claims
        if claim.task_rev and claim.task_rev == claim.rev
    ]
    puts += [_versioned(_place_row(slot), slot.rev) for slot in change.slots]
    if change.arbitration:
        puts.append(_versioned(_arbitration_row(change.arbitration), change.arbitration.rev))
        puts += [
            {"Item": row(keys.member(owner, change.arbitration.id), "{}")}
            for owner in change.members
        ]
    owners = {claim.id: claim.organisation_id for claim in change.claims}
    puts += [
        _once(_history_row(entries, owners[entries[0].claim_id]))
        for entries in change.entries
        if entries
    ]
    puts += [
        _once(row(keys.comment(lives_in(c.claim_id), c.claim_id, c.id), _json(c)))
        for c in change.comments
    ]
    puts += [_once(row(keys.evidence(e.id), _json(e))) for e in change.evidence]
    puts += [_once(_mail_row(mail)) for mail in change.mails]
    puts += [{"Item": _use(*use)} for use in dict.fromkeys(change.uses)]
    if change.tenant_settings:
        puts.append(_versioned(_hand_row(change.tenant_settings), change.tenant_settings.rev))
    if change.receipt:
        slip = change.receipt
        kept = TypeAdapter(dict[str, Any]).dump_json(asdict(slip)).decode()
        puts.append(_once(row(keys.receipt(slip.owner, slip.key), kept, expires=slip.expires)))
    return puts


def _claim_row(claim: Claim) -> Row:
    """A claim with what the indexes need: when it is due, its partner's list, and the reviewers'
    queue or, once there is an association, its partner's associations.
    """
    index = {"f_pk": keys.claims_of(claim.organisation_id), "f_sk": claim.id}
    if claim.due_at:
        index |= {"d_pk": keys.shard(claim.id), "d_sk": keys.moment(claim.due_at)}
    if claim.review.due_at:
        index |= {
            "q_pk": keys.review_queue_of(claim.id),
            "q_sk": f"{keys.moment(claim.review.due_at)}#{claim.id}",
        }
    elif claim.association_id:
        index |= {"q_pk": keys.associations_of(claim.organisation_id), "q_sk": claim.id}
    return row(keys.claim(lives_in(claim.id), claim.id), _json(claim), rev=claim.rev, **index)


def _task_row(claim: Claim) -> Row:
    """In the reviewers' queue while there is a task; written with the claim, in the write that
    changes it.
    """
    key = keys.task(lives_in(claim.id), claim.id)
    index = (
        {"q_pk": keys.review_queue_of(key.sk), "q_sk": f"{keys.moment(claim.task.due_at)}#{key.sk}"}
        if claim.task
        else {}
    )
    return row(key, "{}", **index)


def _hand_row(tenant_settings: TenantSettings) -> Row:
    """What the customer set; due while somebody has still to be told of it."""
    tag = tenant_key(tenant_settings.tenant_id)
    due = (
        {"d_pk": keys.shard(tag), "d_sk": keys.moment(tenant_settings.outbox_retry)}
        if tenant_settings.outbox and tenant_settings.outbox_retry
        else {}
    )
    return row(keys.tenant_settings(tag), _json(tenant_settings), rev=tenant_settings.rev, **due)


def _place_row(slot: Slot) -> Row:
    """A place; one that is unsettled is due at once."""
    tag, it8 = tenant_key(slot.tenant_id), item_key(slot.item.name)
    due = (
        {"d_pk": keys.shard(tag + it8), "d_sk": keys.moment(slot.pending_settlement_since)}
        if slot.pending_settlement_since
        else {}
    )
    return row(keys.holder(tag, it8), _json(slot), rev=slot.rev, **due)


def _arbitration_row(case: Arbitration) -> Row:
    """A case: in the seniors' queue while it is open, due when it is to be escalated."""
    index = {}
    if case.state == "open":
        due = keys.moment(case.decision_due_at)
        index = {"q_pk": keys.review_queue_of(case.id), "q_sk": f"{due}#{case.id}"}
        index |= {} if case.escalated else {"d_pk": keys.shard(case.id), "d_sk": due}
    return row(keys.arbitration(lives_in(case.id), case.id), _json(case), rev=case.rev, **index)


def _history_row(entries: tuple[Entry, ...], organisation_id: str) -> Row:
    first = entries[0]
    feed = keys.events_of(organisation_id, keys.feed_of(first.claim_id))
    v = ENTRIES.dump_json(entries, exclude_defaults=True).decode()
    return row(
        keys.history(lives_in(first.claim_id), first.claim_id, first.seq),
        v,
        f_pk=feed,
        f_sk=entries[-1].id,
    )


def _use(sha256: str, tag: str) -> Row:
    return row(keys.use(sha256, tag), "{}")


def _once(new: Row) -> dict[str, Any]:
    return {"Item": new, "ConditionExpression": "attribute_not_exists(pk)"}


def _versioned(new: Row, rev: int) -> dict[str, Any]:
    """Written only over the version that was read; the first one only where nothing is."""
    if rev == 1:
        return _once(new)
    return {
        "Item": new,
        "ConditionExpression": "rev = :before",
        "ExpressionAttributeValues": {":before": {"N": str(rev - 1)}},
    }
