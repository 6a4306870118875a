"""The bar on every page of a sandbox: the test time, the mailbox, and what a jump has caused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.domain.history import Entry
from chalicelib.domain.ids import first_event_at
from chalicelib.text.i18n import has_text
from chalicelib.usecases.step_context import find_current_edition
from chalicelib.web.http.call import Call

MAX_MAILS = 99  # counted
MAX_PARTNERS = 20  # whose events are read after a jump
MAX_EVENTS = 100  # of a partner
MAX_LINES = 8  # shown, the newest


@dataclass(frozen=True)
class SandboxBar:
    """What the bar shows.

    Attributes:
        mails: the number of mails in the mailbox; None: on error pages, which show no time either.
        moved_from: the time before the jump that led to this page; None: there was none.
        happened: moment, act and item of what happened on the way.
        sent: how many mails were sent on the way.
    """

    mails: int | None = None
    moved_from: datetime | None = None
    happened: tuple[tuple[datetime, str, str], ...] = ()
    sent: int = 0


def make_bar(call: Call, query: Mapping[str, str]) -> SandboxBar | None:
    """Return the bar of a page; None in production."""
    services = call.services
    if not services.settings.sandbox:
        return None
    moved_from = _parse(query.get("moved", ""), call.now)
    if moved_from is None:
        return SandboxBar(services.mailbox.count(MAX_MAILS) if services.mailbox else 0)
    mails = services.mailbox.list(MAX_MAILS) if services.mailbox else ()
    sent = sum(moved_from < mail.at <= call.now for mail in mails)
    return SandboxBar(len(mails), moved_from, _list_events(call, moved_from), sent)


def _parse(text: str, now: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo and moment <= now else None


def _list_events(call: Call, since: datetime) -> tuple[tuple[datetime, str, str], ...]:
    """Return what happened to the claims of all partners since a moment."""
    services, after = call.services, first_event_at(since)
    partners = services.partners.list_partners()[:MAX_PARTNERS]
    reads = [partial(_read_events, call, partner.organisation_id, after) for partner in partners]
    found = services.run_parallel(*reads) if reads else ()
    entries = sorted((one for some in found for one in some), key=lambda one: one.at)
    edition = find_current_edition(services, call.now)
    return tuple(
        (one.at, one.act, edition.find_name(one.subject.item.code))
        for one in entries[-MAX_LINES:]
        if one.subject and one.at > since and has_text(f"act.{one.act}")
    )


def _read_events(call: Call, organisation_id: str, after: str) -> tuple[Entry, ...]:
    history = call.services.store.history
    keys = history.list_event_keys(organisation_id, after, MAX_EVENTS)
    return tuple(history.get_events(keys)) if keys else ()
