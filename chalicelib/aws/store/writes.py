"""The rows of a change, each with the condition under which it may be written."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from chalicelib.aws import keys, mail_keys, user_keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import make_row
from chalicelib.aws.store.values import ENTRIES, encode, receipt_row
from chalicelib.domain.additions import Additions
from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Entry
from chalicelib.domain.ids import ItemKeys, format_task_id, item_key, tenant_key
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.organisation_ids import organisation_key
from chalicelib.domain.slot import Slot
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Change, Receipt
from chalicelib.runtime.lazy_import import load

# Mails wait for a service that is away for days at most; then these rows are of no use.
KEPT_TOGETHER = timedelta(days=90)
KEPT_ADDITIONS = timedelta(days=1)  # chosen: longer than any request; without the row it is as new
Put = dict[str, Any]  # the parameters of a put: `Item` and its condition
# Conditions: no row exists, or one that has expired and is still in the table.
NEW = "attribute_not_exists(pk)"
NEW_OR_EXPIRED = f"{NEW} OR expires <= :made"


def puts(change: Change) -> Iterator[Put]:
    """Yield every row of a change with its condition."""
    yield from _claim_puts(change)
    for slot in change.slots:
        yield put_version(slot_row(slot), slot.rev)
    yield from _arbitration_puts(change)
    yield from _history_puts(change)
    for comment in change.comments:
        yield new(make_row(keys.comment(comment.claim_id, comment.id), encode(comment)))
    for evidence in change.evidence:
        yield new(make_row(keys.evidence(evidence.id), encode(evidence)))
    for user in change.users:
        row = make_row(user_keys.user(user.organisation_id, user.id), encode(user), rev=user.rev)
        yield put_version(row, user.rev)
    yield from _integration_puts(change)
    for mail in change.mails:
        yield new(mail_row(mail))
    for sha256, tenant in dict.fromkeys(change.uses):
        yield {"Item": use_row(sha256, tenant)}
    if change.tenant_settings:
        yield put_version(settings_row(change.tenant_settings), change.tenant_settings.rev)
    for tenant, added in change.journal:
        yield new(make_row(keys.journal(tenant, added.id), added.model_dump_json()))
    yield from _request_puts(change)


def new(item: Row) -> Put:
    """Write a row only where none exists."""
    return {"Item": item, "ConditionExpression": NEW}


def _put_receipt(receipt: Receipt) -> Put:
    """Write a receipt where none is that still counts: the table may keep an expired row for days
    (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html).
    """
    return {
        "Item": receipt_row(receipt),
        "ConditionExpression": NEW_OR_EXPIRED,
        "ExpressionAttributeValues": {":made": {"N": str(receipt.made_at)}},
    }


def put_version(item: Row, rev: int) -> Put:
    """Write a row only over the version that was read; version 1 only where no row exists."""
    if rev == 1:
        return new(item)
    return {
        "Item": item,
        "ConditionExpression": "rev = :before",
        "ExpressionAttributeValues": {":before": {"N": str(rev - 1)}},
    }


def claim_row(claim: Claim) -> Row:
    """Return the row of a claim.

    It is in the due index while a clock runs, in its partner's list, and in the review queue. Once
    it has led to an association, it is in its partner's associations instead of the queue.
    """
    index = {"f_pk": keys.claims_of(claim.organisation_id), "f_sk": claim.id}
    if claim.due_at:
        index |= {"d_pk": keys.shard(claim.id), "d_sk": keys.moment(claim.due_at)}
    if claim.answer.state == "not_asked":
        index["draft"] = "1"  # lets the customer's page leave it out
    if claim.status == "draft":
        drafts = keys.drafts_of(claim.organisation_id, tenant_key(claim.tenant_id))
        index |= {"q_pk": drafts, "q_sk": claim.id}
    elif claim.review.due_at:
        index |= {
            "q_pk": keys.review_partition(claim.id),
            "q_sk": keys.position(claim.review.due_at, claim.id),
        }
    elif claim.association_id:
        index |= {"q_pk": keys.associations_of(claim.organisation_id), "q_sk": claim.id}
    return make_row(keys.claim(claim.id), encode(claim), rev=claim.rev, **index)


def slot_row(slot: Slot) -> Row:
    """Return the row of an item's register, due at once while a settlement is pending."""
    item = ItemKeys(tenant_key(slot.tenant_id), item_key(slot.item.name))
    due = {}
    if slot.pending_settlement_since:
        # The shard of a slot is that of its id without the prefix, as in all stored rows.
        due = {
            "d_pk": keys.shard("".join(item)),
            "d_sk": keys.moment(slot.pending_settlement_since),
        }
    return make_row(keys.slot(item), encode(slot), rev=slot.rev, **due)


def settings_row(settings: TenantSettings) -> Row:
    """Return the row of what a customer set, due while contacts have still to be notified."""
    tenant = tenant_key(settings.tenant_id)
    due = {}
    if settings.outbox and settings.outbox_retry:
        due = {"d_pk": keys.shard(tenant), "d_sk": keys.moment(settings.outbox_retry)}
    return make_row(keys.tenant_settings(tenant), encode(settings), rev=settings.rev, **due)


def history_row(entries: tuple[Entry, ...], organisation_id: str) -> Row:
    """Return the row of history entries that are written together, listed as partner's events."""
    first = entries[0]
    return make_row(
        keys.history(first.claim_id, first.seq),
        ENTRIES.dump_json(entries, exclude_defaults=True).decode(),
        f_pk=keys.event_partition(organisation_id, first.claim_id),
        f_sk=entries[-1].id,
    )


def mail_row(mail: MailRecord) -> Row:
    """Return the row of a mail record."""
    return make_row(keys.mail(mail.id), encode(mail))


def use_row(sha256: str, tenant: str) -> Row:
    """Return the row that says: a file with this content is used for this tenant (key)."""
    return make_row(keys.evidence_use(sha256, tenant), "{}")


def _request_puts(change: Change) -> Iterator[Put]:
    if change.additions:
        yield put_version(_additions_row(change.additions), change.additions.rev)
    if change.receipt:
        yield _put_receipt(change.receipt)


def _additions_row(additions: Additions) -> Row:
    ends = int((additions.at + KEPT_ADDITIONS).timestamp()) if additions.at else 0
    key = keys.additions(additions.subject)
    return make_row(key, encode(additions), rev=additions.rev, expires=ends)


# What few changes have is written by modules that are imported for the first of them.
def _arbitration_puts(change: Change) -> Iterator[Put]:
    if change.arbitration:
        yield from load("aws.store.arbitration_writes:yield_puts")(change, change.arbitration)


def _integration_puts(change: Change) -> Iterator[Put]:
    parts = (change.api_keys, change.endpoints, change.deliveries, change.tally, change.totals)
    if any(parts):
        yield from load("aws.store.integration_writes:yield_puts")(change)


def _claim_puts(change: Change) -> Iterator[Put]:
    for claim in change.claims:
        yield put_version(claim_row(claim), claim.rev)
    for claim in change.claims:
        if claim.task_rev and claim.task_rev == claim.rev:  # the task changes with this version
            yield {"Item": _task_row(claim)}
    for claim in change.claims:
        yield from ({"Item": row} for row in _shared_mail_rows(claim))


def _shared_mail_rows(claim: Claim) -> Iterator[Row]:
    """Yield the rows by which a mail about several claims finds this one."""
    for one in claim.outbox:
        if one.not_before:
            owner = organisation_key(claim.organisation_id)
            key = mail_keys.shared_mail(
                tenant_key(claim.tenant_id), owner, one.not_before, claim.id
            )
            yield make_row(key, "{}", expires=int((one.not_before + KEPT_TOGETHER).timestamp()))


def _task_row(claim: Claim) -> Row:
    """Return the row of a claim's task: in the review queue while there is a task."""
    index = {}
    if claim.task:
        one = format_task_id(claim.id)
        index = {
            "q_pk": keys.review_partition(one),
            "q_sk": keys.position(claim.task.due_at, one),
        }
    return make_row(keys.task(claim.id), "{}", **index)


def _history_puts(change: Change) -> Iterator[Put]:
    owners = {claim.id: claim.organisation_id for claim in change.claims}
    for entries in change.entries:
        if entries:
            yield new(history_row(entries, owners[entries[0].claim_id]))
