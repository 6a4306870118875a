"""The port for the receivers of webhooks that a sandbox offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.sandbox_hook import HookMessage, SandboxHook


class SandboxHooks(Protocol):
    """Receivers, and what came to them."""

    def save(self, hook: SandboxHook) -> None:
        """Write a hook, or another response of one."""
        ...

    def get(self, hook_id: str) -> SandboxHook | None:
        """Return a hook, None when there is none."""
        ...

    def add(self, hook: SandboxHook, message: HookMessage) -> None:
        """Store what came."""
        ...

    def list(self, hook_id: str, limit: int) -> Sequence[HookMessage]:
        """List the newest messages, newest first."""
        ...
