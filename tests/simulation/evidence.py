"""The checker's own record of notices: which were sent, and what really happened to each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.links import mail_id_of, make_token
from chalicelib.domain.notification import Notification
from chalicelib.text.calendars import HolidayCalendars
from tests.simulation.directory_data import TENANTS
from tests.simulation.environment import MailService
from tests.simulation.process import TOKEN_KEY, moment
from tests.simulation.records import Broken, Changed, Records

SKEW = timedelta(seconds=11)  # clocks of two processes differ by ten seconds at most
CONTACTS = {t.tenant_id: t.contacts or (f"postmaster@{t.domains[0]}",) for t in TENANTS}


# Kinds of mails that are sent only to recipients of an earlier mail, and its kinds.
FOLLOWS = {
    "claim_ended": ("notice", "reminder", "new_contact"),
    "claim_goes_on": ("claim_ended",),
}


@dataclass(frozen=True)
class Notice:
    """A notice to one address: for which claims, in which round, and whether it qualifies."""

    claims: tuple[str, ...]
    round: int
    qualifying: bool


@dataclass
class Evidence:
    """What is known of the notices of all claims.

    notices: by the id of their mail, from the outboxes alone.

    owed: by claim and reference, the customer's addresses that a mail has to go to, as known when
    it was written. An address that is found later may get the mail or not.

    rounds: likewise, the round of the customer's answer when the mail was written.

    partner_contacts: by claim, the partner's contacts that it has named since the customer was
    asked. One that is named later does not take away what a contact of the customer's may.
    """

    records: Records
    mail_service: MailService
    ms: Callable[[], int]
    notices: dict[str, Notice] = field(default_factory=dict)
    owed: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    rounds: dict[tuple[str, str], int] = field(default_factory=dict)
    partner_contacts: dict[str, set[str]] = field(default_factory=dict)
    calendars: HolidayCalendars = field(default_factory=lambda: HolidayCalendars("US"))

    def learn(self, claim: Claim) -> None:
        """Record the mails that will be sent for the notices in this outbox, and for those of its
        filing that name this claim.
        """
        if claim.answer.state != "not_asked":
            self.partner_contacts.setdefault(claim.id, set()).add(_find_partner_contact(claim))
        for notification in claim.outbox:
            self.rounds.setdefault((claim.id, notification.ref), claim.answer.round)
            self.owed.setdefault(
                (claim.id, notification.ref),
                [a for a, counts in self._addresses(claim, notification) if counts],
            )
        filing = {
            c.id: c for c in self.records.claims.values() if c.filing_id == claim.filing_id
        } | {claim.id: claim}
        for teller in filing.values():
            for notification in teller.outbox:
                for named in notification.claims if notification.kind == "notice" else ():
                    for address, qualifying in self._addresses(
                        filing.get(named, claim), notification
                    ):
                        self.notices[self.mail(teller, notification, address)] = Notice(
                            notification.claims, notification.round, qualifying
                        )

    def mail(self, claim: Claim, notification: Notification, address: str) -> str:
        tag = tenant_key(claim.tenant_id)
        reference = f"{claim.id}/{notification.ref}/{notification.nonce}/{address.lower()}"
        return mail_id_of(make_token(TOKEN_KEY, tag, reference))

    def check(self, change: Changed) -> None:
        """Check what follows from deliveries.

        The absence of an objection counts only after a delivery that really happened, whose address
        was not struck out, and never before the end of the period. No customer who is asked is
        without a notice.
        """
        before, after = change.before, change.after
        silent = after.answer.state == "not_objected"
        if silent and before and before.answer.state != "not_objected":
            self._not_early(change, after)
        if (
            after.has_association_in_force
            and not (before and before.has_association_in_force)
            and silent
            and not self._list_arrivals(after)
            and not (before and before.association and before.association.cause == "late_bounce")
        ):
            raise Broken(f"official without a standing delivery: {after.id} by {change.by}")
        if after.answer.state in ("notice_queued", "undeliverable") and not self._is_asked(after):
            raise Broken(
                f"the customer is asked, but no notice is on its way: {after.id} by {change.by}"
            )
        if "notice.undeliverable" in change.acts and self._list_arrivals(after, processed=True):
            raise Broken(
                f"given up after 48 hours, though a delivery was told: {after.id} by {change.by}"
            )
        for notification in before.outbox if before else ():
            if notification.ref not in {one.ref for one in after.outbox} and not self._was_told(
                after, notification
            ):
                raise Broken(
                    f"notification {notification.ref} was removed without being sent: "
                    f"{after.id} by {change.by}"
                )

    def find_lost_delivery(self, claim: Claim) -> str | None:
        """Return what is wrong when a delivery was processed and the claim does not know it.

        To be called when no message is left.
        """
        if claim.answer.state in ("notice_queued", "undeliverable") and self._list_arrivals(
            claim, processed=True
        ):
            return f"a delivery was lost: {claim.id} is {claim.answer.state}"
        return None

    def _not_early(self, change: Changed, after: Claim) -> None:
        if not self._list_arrivals(after):
            raise Broken(f"silence counted without a standing delivery: {after.id} by {change.by}")
        delivered = self._list_arrivals(
            after, struck=True
        )  # another address may keep the clock running
        clock = change.before.find_clock("customer_opt_out") if change.before else None
        if (
            clock
            and clock.because == "notice.delivered"
            and all(clock.started_at < moment(at) - SKEW for at in delivered)
        ):
            raise Broken(f"the clock began before any delivery: {after.id} by {change.by}")
        first = self.calendars.end_of_day(moment(min(delivered)) - SKEW, 5, after.customer)
        if moment(change.at) + SKEW < max(first, after.answer.due_at or first):
            raise Broken(f"not objected before the deadline {first}: {after.id} by {change.by}")

    def _list_arrivals(
        self, claim: Claim, processed: bool = False, struck: bool = False
    ) -> list[int]:
        """List when the qualifying notices of the current round arrived, without those struck out
        since.

        processed: only those whose delivery the service has processed.

        struck: also those whose address was struck out since.
        """
        return [
            at
            for mail, notice in self.notices.items()
            if claim.id in self._list_named_claims(mail, notice)
            and notice.qualifying
            and notice.round == claim.answer.round
            and (at := self._find_arrival(mail, processed, struck)) is not None
        ]

    def _list_named_claims(self, mail: str, notice: Notice) -> tuple[str, ...]:
        """List the claims that a notice was about when it was sent: those of its filing that were
        still unanswered.
        """
        record = self.records.mails.get(mail)
        return record.claim_ids if record else notice.claims

    def _find_arrival(self, mail: str, processed: bool, struck: bool) -> int | None:
        """Return when a mail arrived, None where it did not or its address was struck out since.

        A bounce counts from when it happened where the delivery must have been processed: a
        process that stops between recording a bounce and returning has not processed it.
        """
        bounces = self.mail_service.events_at if processed else self.mail_service.processed_at
        if not struck and any(
            bounces.get((one, kind), self.ms() + 1) <= self.ms()
            for one in (mail, *self._list_reminders(mail))
            for kind in ("Bounce", "Complaint")
        ):
            return None
        at = (self.mail_service.processed_at if processed else self.mail_service.events_at).get(
            (mail, "Delivery")
        )
        return at if at is not None and at <= self.ms() else None

    def _list_reminders(self, mail: str) -> list[str]:
        """List the reminders that followed a notice to its address."""
        notice = self.records.mails.get(mail)
        if notice is None:
            return []
        return [
            one.id
            for one in self.records.mails.values()
            if one.kind == "reminder"
            and one.recipient.lower() == notice.recipient.lower()
            and set(one.claim_ids) & set(notice.claim_ids)
            and one.sent_at >= notice.sent_at
        ]

    def _is_asked(self, claim: Claim) -> bool:
        """Return whether a notice of this round is in the outbox of this claim or of its filing, or
        on record.
        """
        filing = [c for c in self.records.claims.values() if c.filing_id == claim.filing_id]
        waiting = any(
            one.kind == "notice" and claim.id in one.claims and one.round == claim.answer.round
            for c in filing
            for one in c.outbox
        )
        return waiting or any(
            claim.id in n.claims and n.round == claim.answer.round and mail in self.records.mails
            for mail, n in self.notices.items()
        )

    def _was_told(self, claim: Claim, notification: Notification) -> bool:
        """Return whether each mail of a notification is on record, or has no recipient left."""
        if notification.kind in ("notice", "reminder"):
            named = [
                c for one in (claim.id, *notification.claims) if (c := self.records.claims.get(one))
            ]
            if notification.kind == "reminder" or not any(
                self._still_asked(c, notification) for c in named
            ):
                return True
        elif notification.to in ("programme", "partner", "contact"):
            return any(
                m.kind == notification.kind and claim.id in m.claim_ids
                for m in self.records.mails.values()
            )
        if notification.not_before and self._tells_later(claim, notification):
            return True
        owed = self.owed[claim.id, notification.ref]
        if before := FOLLOWS.get(notification.kind):
            informed = self._list_informed(claim, (notification.kind,))
            if strangers := informed - self._list_informed(claim, before):
                raise Broken(f"{notification.kind} to somebody who knew of nothing: {strangers}")
            told = self._list_informed(
                claim, before, bounced=False, until=self.rounds[claim.id, notification.ref]
            )
            owed = [one for one in owed if one in told]
        if notification.not_before:
            return set(owed) <= self._list_informed(claim, (notification.kind,))
        return all(
            self.mail(claim, notification, address) in self.records.mails for address in owed
        )

    def _tells_later(self, claim: Claim, notification: Notification) -> bool:
        """Return whether an earlier claim of the partner will tell of this one, too."""
        return any(
            (other.tenant_id, other.organisation_id) == (claim.tenant_id, claim.organisation_id)
            and other.id < claim.id
            and any(one.not_before == notification.not_before for one in other.outbox)
            for other in self.records.claims.values()
        )

    def _list_informed(
        self, claim: Claim, kinds: tuple[str, ...], bounced: bool = True, until: int | None = None
    ) -> set[str]:
        """List the addresses that mails of these kinds about a claim went to.

        bounced: also those that came back. until: without the notices of later rounds.
        """
        return {
            mail.recipient
            for mail in self.records.mails.values()
            if mail.kind in kinds
            and claim.id in mail.claim_ids
            and (bounced or not mail.has_bounced)
            and (until is None or mail.round <= until)
        }

    def _still_asked(self, claim: Claim, notification: Notification) -> bool:
        """Return whether the customer of this claim waits for this notice, and not for another
        one of its round.
        """
        if any(a.qualifying and a.state != "struck" for a in claim.answer.addresses):
            return False
        another = any(
            one.kind == "notice" and one.ref != notification.ref and one.round == notification.round
            for one in claim.outbox
        )
        return (
            claim.answer.state in ("notice_queued", "undeliverable")
            and claim.answer.round == notification.round
            and not another
        )

    def _addresses(self, claim: Claim, notification: Notification) -> list[tuple[str, bool]]:
        if notification.to == "found":
            return [(notification.address or "", True)]
        if notification.to == "new_contacts":
            return [(address, True) for address in notification.addresses]
        named = claim.customer_contact.email if claim.customer_contact else ""
        if notification.to == "contact":
            return [(named, False)] if named else []
        is_first = len(self.partner_contacts.get(claim.id, ())) < 2
        theirs = _find_partner_contact(claim) if is_first else ""
        contacts = tuple(one for one in CONTACTS[claim.tenant_id] if one != theirs)
        contacts = contacts or (f"postmaster@{claim.domain}",)
        own = tuple(dict.fromkeys((*contacts, *claim.found_addresses)))
        return [
            *((a, True) for a in own),
            *(
                ((named, False),)
                if notification.to == "customer" and named and named not in own
                else ()
            ),
        ]


def _find_partner_contact(claim: Claim) -> str:
    return claim.partner_contact.email if claim.partner_contact else ""
