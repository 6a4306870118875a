"""The webhook receivers of a sandbox, in the table."""

from datetime import datetime

from chalicelib.aws import sandbox_keys
from chalicelib.aws.rows import Rows, make_row, read_text
from chalicelib.aws.store.values import encode
from chalicelib.domain.ids import RandomBytes
from chalicelib.domain.sandbox_hook import KEPT, HookMessage, SandboxHook


class StoredHooks:
    """`ports.SandboxHooks`. Hooks are found by an id that cannot be guessed."""

    def __init__(self, rows: Rows, random_bytes: RandomBytes) -> None:
        self._rows = rows
        self._random_bytes = random_bytes

    def save(self, hook: SandboxHook) -> None:
        """Write a hook."""
        key = sandbox_keys.hook(hook.id)
        self._rows.put(make_row(key, encode(hook), expires=_end(hook.created_at)))

    def get(self, hook_id: str) -> SandboxHook | None:
        """Return a hook."""
        found = self._rows.get_one(sandbox_keys.hook(hook_id))
        return SandboxHook.model_validate_json(read_text(found)) if found else None

    def add(self, hook: SandboxHook, message: HookMessage) -> None:
        """Store a received message."""
        key = sandbox_keys.hook_message(hook.id, message.at, self._random_bytes(4).hex())
        self._rows.put(make_row(key, encode(message), expires=_end(message.at)))

    def list(self, hook_id: str, limit: int) -> tuple[HookMessage, ...]:
        """List the newest messages, newest first."""
        prefix = sandbox_keys.HOOK_MESSAGES
        found = self._rows.query(sandbox_keys.hook(hook_id).pk, prefix, limit=limit, backwards=True)
        return tuple(HookMessage.model_validate_json(read_text(one)) for one in found)


def _end(since: datetime) -> int:
    """Return when the table may delete a row, in epoch seconds."""
    return int((since + KEPT).timestamp())
