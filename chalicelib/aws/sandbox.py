"""What sandbox stages have and production never has: a test clock, a mailbox, and secrets kept in
the table.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.aws import keys
from chalicelib.aws.errors import ConditionFailed, Row
from chalicelib.aws.rows import Rows, make_row, read_text
from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.ids import RandomBytes, format_boxed_mail_id
from chalicelib.domain.refusals import Unavailable
from chalicelib.ports import Mail


class ClockState(Frozen):
    """How far the test clock is ahead of the real one (milliseconds), and where it is on its way
    to.
    """

    ahead: int = 0
    target: Instant | None = None
    asked: str | None = None


class TestClock:
    """`ports.Clock` that can be moved forward.

    It lives in the table, because every function is a process of its own.
    """

    __test__ = False  # for pytest: not a test

    def __init__(self, rows: Rows, real: Callable[[], datetime]) -> None:
        self._rows = rows
        self._real = real

    def now(self) -> datetime:
        return self._real() + timedelta(milliseconds=self.read_state().ahead)

    def read_state(self) -> ClockState:
        found = self._rows.get_one(keys.clock())
        return ClockState.model_validate_json(read_text(found)) if found else ClockState()

    def set(self, now: datetime, target: datetime | None = None, asked: str | None = None) -> None:
        """Moves the clock to a moment, on its way to `target` for the call `asked`."""
        state = ClockState(
            ahead=-((self._real() - now) // timedelta(milliseconds=1)), target=target, asked=asked
        )
        self._rows.put(make_row(keys.clock(), state.model_dump_json()))


class BoxedMail(Frozen):
    """A mail in the sandbox's mailbox. `told`: what the mail service has said of it."""

    id: str
    mail_id: str
    at: Instant
    to: str
    subject: str
    text: str
    html: str
    kind: str
    language: str
    claim_ids: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


class Mailbox:
    """`ports.Post` that keeps mails instead of sending them.

    What became of a mail falls due like any deadline.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def send(self, mail: Mail, now: datetime) -> str:
        kept = BoxedMail(
            id=format_boxed_mail_id(mail.id),
            mail_id=mail.id,
            at=now,
            to=mail.to,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            kind=mail.kind,
            language=mail.language,
            claim_ids=mail.claim_ids,
            links=mail.links,
        )
        due = {"d_pk": keys.shard(kept.id), "d_sk": keys.moment(now)}
        try:
            self._rows.put(_boxed(kept, **due), "attribute_not_exists(pk)")
        except ConditionFailed:
            return kept.id  # the identical mail again: one is enough to look at
        return kept.id

    def mail(self, box_id: str) -> BoxedMail | None:
        found = self._rows.get_one(keys.boxed_mail(box_id))
        return BoxedMail.model_validate_json(read_text(found)) if found else None

    def told(self, box_id: str, event: str) -> None:
        """Notes what was told of a mail; nothing of it is due any more."""
        if mail := self.mail(box_id):
            after = mail.evolve(told=(*mail.told, event))
            self._rows.put(_boxed(after))

    def mails(self, limit: int = 200) -> tuple[BoxedMail, ...]:
        """The mails, newest first."""
        page = self._rows.query_index("feed", keys.boxed_mail("").pk, backwards=True, limit=limit)
        wanted = [keys.boxed_mail(read_text(one, "sk")) for one in page]
        found = self._rows.get(wanted)
        return tuple(
            BoxedMail.model_validate_json(read_text(found[key])) for key in wanted if key in found
        )


def _boxed(mail: BoxedMail, **due: str) -> Row:
    """A mail's row, listed by its time in the index that lists a partner's claims."""
    box = keys.boxed_mail(mail.id)
    return make_row(
        box,
        mail.model_dump_json(exclude_defaults=True),
        f_pk=box.pk,
        f_sk=keys.position(mail.at, mail.id),
        **due,
    )


class KeptSecrets:
    """`ports.Secrets` in the table: made once, by whoever needs them first. For sandbox stages
    only.
    """

    def __init__(self, rows: Rows, random_bytes: RandomBytes) -> None:
        self._rows = rows
        self._chance = random_bytes
        self._known: dict[str, bytes] = {}

    def link_key(self) -> bytes:
        return self.keep("link", lambda: self._chance(32))

    def link_keys(self) -> tuple[bytes, ...]:
        return (self.link_key(),)

    def cursor_key(self) -> bytes:
        return self.keep("cursor", lambda: self._chance(32))

    def cursor_keys(self) -> tuple[bytes, ...]:
        return (self.cursor_key(),)

    def live_client_secret(self) -> str:
        """A sandbox has no application of its own in anybody's cloud."""
        raise Unavailable()

    def webhook_keys(self) -> tuple[bytes, ...]:
        return (self.keep("webhook", lambda: self._chance(32)),)

    def keep(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The secret of this name; the first to ask makes it."""
        if name not in self._known:
            self._known[name] = self._found(name) or self._made(name, make())
        return self._known[name]

    def _found(self, name: str) -> bytes | None:
        found = self._rows.get_one(keys.secret(name))
        return bytes.fromhex(read_text(found)) if found else None

    def _made(self, name: str, fresh: bytes) -> bytes:
        try:
            self._rows.put(make_row(keys.secret(name), fresh.hex()), "attribute_not_exists(pk)")
        except ConditionFailed:
            return self._found(name) or fresh
        return fresh
