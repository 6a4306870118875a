"""Dates and moments as requests write them.

Without this, pydantic would take "0" for the first of January 1970.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"  # of which microseconds are read
_MOMENT = re.compile(rf"{_DAY.pattern}[Tt]{_TIME}([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})")  # RFC 3339


def _read_as(
    form: re.Pattern[str], read: Callable[[str], Any], refusal: str
) -> Callable[[Any], Any]:
    def validate(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if form.fullmatch(value):
            with suppress(ValueError):  # the 30th of February
                return read(value.upper())
        raise PydanticCustomError(refusal, "not as the contract writes it")

    return validate


Day = Annotated[date, BeforeValidator(_read_as(_DAY, date.fromisoformat, "not_a_date"))]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_read_as(_MOMENT, datetime.fromisoformat, "not_a_moment"))
]
