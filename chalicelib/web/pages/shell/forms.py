"""Forms of pages: what was typed, as a body for the API, and back again with what was refused.

A field is named by where its value goes in the body: `items/0/product`, `customer_contact/email`.
So a form needs no code to become a body, and a problem's pointer (`/items/0/product`) names the
field that it is about.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from chalicelib.usecases.callers import Caller
from chalicelib.web.auth.oidc import encode

OWN = ("once", "version")  # fields that are not part of a body
LISTS = ("codes", "covers", "roles", "types")  # fields that have several values: ticked boxes
TYPED_AS_ONE = ("from_addresses", "types")  # lists that one field holds
ONCE_BYTES = 16
ONCE = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})")
COUNT = re.compile(r"[0-9]{1,9}")  # `int` refuses very long texts, and other digits mean nothing
NUMBER = re.compile(r"0|[1-9][0-9]{0,2}")
MAX_STEPS = 3  # of a name: `items/0/product`; what follows belongs to the last step, and is unknown


@dataclass(frozen=True)
class Form:
    """What a form holds: nothing, or what was typed into it before it was refused.

    Attributes:
        fields: name to values; an empty field is left out.
        problem: the problem document (RFC 9457) of the refusal.
        act: which of the page's forms it is: the last step of the path that it is sent to.
    """

    fields: Mapping[str, list[str]] = field(default_factory=dict)
    problem: Mapping[str, Any] | None = None
    act: str = ""

    def text(self, name: str, default: Any = "") -> str:
        """Return the value of a field, or `default` where nothing was sent at all."""
        if not self.fields:
            return "" if default is None else str(default)
        return self.fields.get(name, [""])[-1]

    def all(self, name: str) -> list[str]:
        """Return all values of a field, as several ticked boxes have them."""
        return list(self.fields.get(name, ()))

    def count(self, name: str, default: int) -> int:
        """Return the number in a field, or `default` for any other text."""
        text = self.text(name)
        return int(text) if COUNT.fullmatch(text) else default

    @property
    def errors(self) -> dict[str, list[Mapping[str, str]]]:
        """What is wrong, by the name of the field that it is about."""
        found: dict[str, list[Mapping[str, str]]] = {}
        for error in (self.problem or {}).get("errors", ()):
            found.setdefault(name_field(error["pointer"]), []).append(error)
        return found

    def to_body(self, names: Iterable[str] = ()) -> dict[str, Any]:
        """Return the values as the API takes them.

        names: fields, or the beginnings of their paths; all but our own if there are none.
        """
        wanted = tuple(names)
        body: dict[str, Any] = {}
        for name, values in self.fields.items():
            steps = name.split("/", MAX_STEPS - 1)
            if name in OWN or (wanted and steps[0] not in wanted):
                continue
            _put(body, steps, list(values) if steps[-1] in LISTS else values[-1])
        result = _make_lists(body)
        assert isinstance(result, dict)
        return result


def name_field(pointer: str) -> str:
    """Return the name of the field that a pointer is about; of a preference its own name."""
    name = pointer.strip("/").removeprefix("preferences/")
    first = name.split("/")[0]
    return first if first in TYPED_AS_ONE else name


def make_once(random_bytes: Callable[[int], bytes], key: bytes, caller: Caller) -> str:
    """Return what makes a form count once, for this person only."""
    random = encode(random_bytes(ONCE_BYTES))
    return f"{random}.{_sign(key, caller, random)}"


def is_own_once(once: str, keys: Iterable[bytes], caller: Caller) -> bool:
    """Return whether a form was made for this person."""
    parts = ONCE.fullmatch(once)
    return parts is not None and any(
        hmac.compare_digest(_sign(key, caller, parts[1]), parts[2]) for key in keys
    )


def _sign(key: bytes, caller: Caller, random: str) -> str:
    person = f"once\0{caller.organisation_id or ''}\0{caller.sub}\0{random}"
    return encode(hmac.digest(key, person.encode(), sha256)[:ONCE_BYTES])


def _put(body: dict[str, Any], steps: list[str], value: str | list[str]) -> None:
    """Put a value where the steps lead. A text where the form also has a group gives way to it."""
    for step in steps[:-1]:
        inner = body.get(step)
        if not isinstance(inner, dict):
            inner = body[step] = {}
        body = inner
    if not isinstance(body.get(steps[-1]), dict):
        body[steps[-1]] = value


def _make_lists(value: Any) -> Any:
    """Make a list of each group whose names are numbers, in their order."""
    if not isinstance(value, dict):
        return value
    inner = {name: _make_lists(one) for name, one in value.items()}
    if inner and all(NUMBER.fullmatch(name) for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
