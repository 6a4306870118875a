"""A request of an actor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """A request as it is sent, and sent again when there is no answer.

    `about`: the claim it is about.
    """

    who: str
    method: str
    path: str
    json: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    token: str | None = None

    @property
    def key(self) -> str:
        return self.headers.get("Idempotency-Key", "")

    @property
    def label(self) -> str:
        return f"{self.who}: {self.method} {self.path}{' ' + self.key if self.key else ''}"
