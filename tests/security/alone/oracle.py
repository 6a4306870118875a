"""What nobody may reach alone, written from domain.md: judged by who sent which request, which
mails really arrived where, and what was stored.

Nothing that the service says about consent is believed: whether an address qualifies, who found
it, who agreed and who decided is worked out here from the requests.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from chalicelib.domain.claim import Claim
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.tenant_settings import TenantSettings
from tests.security.alone.people import TENANT
from tests.simulation.directory_data import SENIORS
from tests.simulation.environment import Sent
from tests.simulation.process import CALLERS
from tests.simulation.records import Broken, Changed
from tests.simulation.requests import Request

if TYPE_CHECKING:
    from tests.security.alone.search import Search

WORKING_DAYS = 5
SATURDAY = 5
SKEW = timedelta(seconds=11)  # the clocks of two processes, each off by five seconds at the most
LAPSES = timedelta(days=12)  # no five business days of the programme last longer, holidays included


@dataclass(frozen=True)
class Act:
    """A request that was accepted, in words that the rules use.

    by: the account, '' for the holder of a link. link: the mail whose link was used. about: ids of
    claims, of an association or of a case; `what`: the last part of the path, or the decision.
    """

    what: str
    at: int
    by: str = ""
    link: Sent | None = None
    about: tuple[str, ...] = ()
    value: str = ""


@dataclass
class Oracle:
    """Judges every write. `accepted`: the acts so far. `wanted`: by mail, the act that it asks to
    confirm. `openings`, `ends`: how many there were, all of them allowed.
    """

    search: "Search"
    accepted: list[Act] = field(default_factory=list)
    wanted: dict[str, Act] = field(default_factory=dict)
    settings: dict[str, TenantSettings] = field(default_factory=dict)
    openings: int = 0
    ends: int = 0

    # what happened

    def hear(self, act: Act) -> None:
        self.accepted.append(act)

    def link_confirmations(self, before: set[str]) -> None:
        """Say of each confirmation mail that has gone out since which act it asks to confirm."""
        for sent in self.search.mail_service.sent.values():
            if sent.confirms and sent.mail_id not in before and sent.mail_id not in self.wanted:
                asked = [a for a in self.accepted if a.link and a.what in OPENING]
                if asked:
                    self.wanted[sent.mail_id] = asked[-1]

    # who may what

    def own_contacts(self, claim: Claim) -> frozenset[str]:
        """The tenant's own contacts for a claim: those of the directory, without the claimant's."""
        theirs = claim.partner_contact.email if claim.partner_contact else ""
        own = frozenset(one for one in TENANT.contacts if one != theirs)
        return own or frozenset({f"postmaster@{TENANT.domains[0]}"})

    def has_tenant_link(self, sent: Sent | None, claim: Claim | None = None) -> bool:
        contacts = self.own_contacts(claim) if claim else frozenset(TENANT.contacts)
        return sent is not None and sent.to in contacts | {f"postmaster@{TENANT.domains[0]}"}

    def check(self, change: Changed, act: Act | None) -> None:
        """Raise Broken when a write opens or removes something that its causes do not allow."""
        for rule in (
            self._opened,
            self._ended,
            self._answered,
            self._reopened,
            self._moved,
        ):
            if wrong := rule(change, act):
                raise Broken(f"{wrong}: {change.after.id} by {act or 'time'}")

    def check_settings(self, tenant: str, after: TenantSettings, act: Act | None) -> None:
        """A lock or block is set by tenant link, and lifted by a confirmed act of one."""
        before = self.settings.get(tenant)
        self.settings[tenant] = after
        locked, blocked = (before.locked, before.blocked) if before else (False, ())
        confirmed = self._confirmed(act)
        if after.locked and not locked and not self._set_by(act, "lock"):
            raise Broken(f"a tenant was locked by {act or 'time'}")
        if set(after.blocked) - set(blocked) and not self._set_by(act, "block"):
            raise Broken(f"a partner was blocked by {act or 'time'}")
        if locked and not after.locked and not self._set_by(confirmed, "unlock"):
            raise Broken(f"a lock was lifted by {act or 'time'} without a confirmation")
        if set(blocked) - set(after.blocked) and not self._set_by(confirmed, "allow-again"):
            raise Broken(f"a block was lifted by {act or 'time'} without a confirmation")

    def check_mail(self, mail: MailRecord) -> None:
        """A notice goes to an address outside the tenant's domains with a second person's word."""
        if mail.kind != "notice" or mail.recipient.partition("@")[2] in TENANT.domains:
            return
        claims = [self.search.records.claims[one] for one in mail.claim_ids]
        if not any(mail.recipient in self._found_addresses(claim) for claim in claims):
            raise Broken(f"one person had a notice sent to {mail.recipient}")

    def check_reading(self, request: Request, status: int) -> None:
        """Figures are read by the holder alone; a partner reads its own claims alone."""
        if status != 200 or request.method != "GET":
            return
        parts = request.path.split("/")
        caller = CALLERS.get(request.who)
        if parts[-1] == "journal":
            if not self.has_tenant_link(self.search.find_link(parts[2])):
                raise Broken(f"the journal was read without a tenant link: {request.label}")
            return
        claim = self.search.records.claims.get(request.about)
        if claim is None or caller is None:
            return
        is_own = caller.organisation_id == claim.organisation_id
        if parts[-1] in ("seats", "usage"):
            made = claim.association
            if not is_own or made is None or made.state not in ("active", "grace"):
                raise Broken(f"figures were read without an association: {request.label}")
        elif parts[2] == "claims" and caller.organisation_id and not is_own:
            raise Broken(f"a claim of somebody else was read: {request.label}")

    # the rules

    def _opened(self, change: Changed, act: Act | None) -> str | None:
        """Figures open only with a reviewed claim and the customer's consent."""
        claim, before = change.after, change.before
        if not claim.has_association_in_force or (before and before.has_association_in_force):
            return None
        self.openings += 1
        if not self._is_reviewed(claim, act):
            return "figures opened without a review by somebody else"
        if self._has_consent(claim, act, change.at) or self._is_resumed_by_two(claim, act):
            return None
        return "figures opened without the customer's agreement or silence"

    def _ended(self, change: Changed, act: Act | None) -> str | None:
        """Nobody ends another's association but as the table of domain.md says."""
        made, before = change.after.association, change.before and change.before.association
        if made is None or made.state != "ended" or (before and before.state == "ended"):
            return None
        self.ends += 1
        claim = change.after
        is_allowed = {
            "partner_ended": lambda: self._is_own(claim, act, "end", "withdraw"),
            "customer_opted_out": lambda: self._is_objection(claim, act),
            "subscription_ended": lambda: act is None,
            "contact_unreachable": lambda: act is None,
            "superseded": lambda: self._is_decided_by_two(change.before or claim),
            "lost_arbitration": lambda: self._is_decided_by_two(change.before or claim),
            "revoked": lambda: self._is_revoked_by_two(made.ordinal, claim, act),
        }.get(made.end_reason or "")
        if is_allowed is None:
            return f"an association ended for {made.end_reason}"
        return None if is_allowed() else f"an association ended for {made.end_reason} by one person"

    def _answered(self, change: Changed, act: Act | None) -> str | None:
        """The customer's answer is the customer's, or silence."""
        claim, before = change.after, change.before
        if before is None or claim.answer.state == before.answer.state:
            return None
        if claim.answer.state == "agreed" and not self._agreed(claim, act):
            return "an agreement without a confirmation by an own contact"
        if claim.answer.state == "not_objected" and not self._is_silent(claim, change.at):
            return "silence counted without five business days after a delivery"
        if claim.answer.state == "opted_out" and not self._is_objection(claim, act):
            return "an objection that no link made"
        return None

    def _reopened(self, change: Changed, act: Act | None) -> str | None:
        """An objection is undone by a confirmed act of a link that may, and not when blocked."""
        claim, before = change.after, change.before
        if before is None or before.answer.state != "opted_out" == claim.answer.state:
            return None
        if claim.answer.state == "opted_out" or before.answer.state != "opted_out":
            return None
        confirmed = self._confirmed(act) if act else self._last_confirmed(claim)
        if confirmed is None or confirmed.what != "undo":
            return "an objection was undone without a confirmation"
        if claim.organisation_id in self._blocked_by_acts():
            return "an objection to a blocked partner was undone"
        objection = self._last(lambda a: self._objects(a, claim))
        was_tenant = objection is not None and (
            objection.what == "block" or self.has_tenant_link(objection.link, claim)
        )
        if was_tenant and not self.has_tenant_link(confirmed.link, claim):
            return "a claim link has undone an objection by tenant link"
        return None

    def _moved(self, change: Changed, act: Act | None) -> str | None:
        """A claim's status is moved by those alone who may."""
        claim, before = change.after, change.before
        if before is None or claim.status == before.status:
            return None
        if claim.status == "withdrawn" and not self._is_own(claim, act, "withdraw", "end"):
            return "a claim was withdrawn by somebody else"
        if claim.status == "approved" and before.status in ("under_review", "disputed"):
            if not (act and act.what in ("approve", "decide-dispute") and self._is_reviewer(act)):
                return "a claim was approved by nobody of the programme"
            if act.by in {one.by for one in self._about(claim, "customer-address")}:
                return "a claim was approved by whoever found an address of the customer's"
        is_won = claim.status == "approved" and before.status == "in_arbitration"
        if is_won and act is not None and not self._is_decided_by_two(before):
            return "a contested claim was approved by one person"
        if claim.status == "rejected" and act and act.by and not self._is_reviewer(act):
            return "a claim was rejected by somebody outside the programme"
        return None

    # consent

    def _has_consent(self, claim: Claim, act: Act | None, at: int) -> bool:
        return self._agreed(claim, act) or self._is_silent(claim, at)

    def _agreed(self, claim: Claim, act: Act | None) -> bool:
        """An own contact agreed by tenant link, confirmed by mail, and has not undone it."""
        last = self._last_confirmed(claim, act)
        if last is None or last.what != "agree" or not self.has_tenant_link(last.link, claim):
            return False
        undone = self._last(lambda a: a.what in ("undo", "opt_out") and self._names(a, claim))
        return undone is None or undone.at <= last.at

    def _is_silent(self, claim: Claim, at: int) -> bool:
        """Five business days have passed since a notice arrived at an address that qualifies and
        that nothing has struck out.
        """
        service, records = self.search.mail_service, self.search.records
        qualifying = self.own_contacts(claim) | self._found_addresses(claim)
        for mail in records.mails.values():
            if mail.kind != "notice" or claim.id not in mail.claim_ids:
                continue
            events = service.events_at
            arrived = events.get((mail.id, "Delivery"))
            is_struck = any(
                (mail.id, kind) in events and events[mail.id, kind] <= at for kind in STRIKING
            )
            if mail.recipient not in qualifying or mail.round != claim.answer.round:
                continue
            if arrived is None or is_struck:
                continue
            if count_working_days(arrived, at) >= WORKING_DAYS:
                return True
        return False

    def _found_addresses(self, claim: Claim) -> frozenset[str]:
        """List what reviewers found in a verified domain, or what a second senior confirmed."""
        found = set()
        for act in self._about(claim, "customer-address"):
            if act.value.partition("@")[2] in TENANT.domains or any(
                a.value == act.value and a.by != act.by and a.by in SENIORS
                for a in self._about(claim, "confirm-address")
            ):
                found.add(act.value)
        return frozenset(found)

    # the programme

    def _is_reviewed(self, claim: Claim, act: Act | None) -> bool:
        """A reviewer who found no address of the claim's has approved it."""
        finders = {a.by for a in self._about(claim, "customer-address")}
        known = [*self._about(claim, "approve", "decide-dispute"), *([act] if act else [])]
        return any(
            a.what in ("approve", "decide-dispute")
            and claim.id in a.about
            and self._is_reviewer(a)
            and a.by not in finders
            for a in known
        )

    @staticmethod
    def _is_reviewer(act: Act) -> bool:
        caller = CALLERS.get(act.by)
        return caller is not None and caller.organisation_id is None and "reviewer" in caller.roles

    def _is_resumed_by_two(self, claim: Claim, act: Act | None) -> bool:
        if act is None or act.what != "resume" or not self._is_reviewer(act):
            return False
        earliest = act.at - LAPSES / timedelta(milliseconds=1)
        return any(
            a.by != act.by and a.at >= earliest and self._is_reviewer(a)
            for a in self._about(claim, "resume")
        )

    def _is_revoked_by_two(self, ordinal: int, claim: Claim, act: Act | None) -> bool:
        if act is None or act.what != "confirm-revocation" or act.by not in SENIORS:
            return False
        proposals = [a for a in self._about(claim, "revoke") if a.by in SENIORS]
        return bool(proposals) and proposals[-1].by != act.by

    def _is_decided_by_two(self, claim: Claim) -> bool:
        """Two seniors who decided on no party's claim named the same winner."""
        for case in self.search.records.cases.values():
            ids = {one for party in case.parties for one in party.claim_ids}
            if claim.id not in ids:
                continue
            acts = [*self.accepted, *([self.search.act] if self.search.act else [])]
            votes = [a for a in acts if case.id in a.about]
            proposers = {a.by for a in votes if a.what == "propose" and a.by in SENIORS}
            confirmers = {a.by for a in votes if a.what == "confirm" and a.by in SENIORS}
            deciders = {
                a.by
                for a in acts
                if a.what in ("approve", "reject", "decide-dispute")
                if ids & set(a.about)
            }
            if any(c != p and not {c, p} & deciders for c in confirmers for p in proposers):
                return True
        return False

    # acts

    def _is_own(self, claim: Claim, act: Act | None, *what: str) -> bool:
        caller = CALLERS.get(act.by) if act else None
        return bool(
            act and act.what in what and caller and caller.organisation_id == claim.organisation_id
        )

    def _is_objection(self, claim: Claim, act: Act | None) -> bool:
        """An objection by a link that shows the claim, or a block; the worker may finish it."""
        known = [act] if act else self.accepted
        return any(self._objects(a, claim) for a in known if a)

    def _objects(self, act: Act, claim: Claim) -> bool:
        if act.link is None:
            return False
        if act.what == "block":
            return act.value == claim.organisation_id and self.has_tenant_link(act.link)
        return act.what == "opt_out" and self._names(act, claim)

    def _names(self, act: Act, claim: Claim) -> bool:
        """Whether an act by link covers a claim: a claim link covers those of its mail alone."""
        if act.link is None or not {claim.id, "all"} & set(act.about):
            return False
        if self.has_tenant_link(act.link, claim):
            return True
        mail = self.search.records.mails.get(act.link.mail_id)
        filing = [c for c in self.search.records.claims.values() if c.filing_id == claim.filing_id]
        return mail is not None and any(c.id in mail.claim_ids for c in filing)

    def _confirmed(self, act: Act | None) -> Act | None:
        """The act that this one confirms, when it came through a mail that asks to confirm it."""
        if act is None or act.what != "confirm_link" or act.link is None:
            return None
        return self.wanted.get(act.link.mail_id)

    def _last_confirmed(self, claim: Claim, act: Act | None = None) -> Act | None:
        done = [a for a in (*self.accepted, *([act] if act else ())) if a.what == "confirm_link"]
        found = [w for a in done if (w := self._confirmed(a)) and self._names(w, claim)]
        return found[-1] if found else None

    def _set_by(self, act: Act | None, what: str) -> bool:
        return act is not None and act.what == what and self.has_tenant_link(act.link)

    def _blocked_by_acts(self) -> set[str]:
        return {one for settings in self.settings.values() for one in settings.blocked}

    def _about(self, claim: Claim, *what: str) -> list[Act]:
        return [a for a in self.accepted if a.what in what and claim.id in a.about]

    def _last(self, fits: Callable[[Act], bool]) -> Act | None:
        found = [a for a in self.accepted if fits(a)]
        return found[-1] if found else None


OPENING = ("agree", "undo", "unlock", "allow-again")
STRIKING = ("Bounce", "Complaint")


def count_working_days(start: int, end: int) -> int:
    """Count the days from Monday to Friday, in the tenant's zone, that began after the day of the
    first moment (ms) and were over at the second one. Holidays count here, so this is the least.
    """
    zone = ZoneInfo(TENANT.time_zone or "")
    until = datetime.fromtimestamp(end / 1000, zone) + SKEW
    day = datetime.fromtimestamp(start / 1000, zone).date() + timedelta(days=1)
    counted = 0
    while datetime.combine(day + timedelta(days=1), time(), zone) <= until:
        counted += day.weekday() < SATURDAY
        day += timedelta(days=1)
    return counted
