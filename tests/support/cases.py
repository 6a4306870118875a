"""Recorded cases: inputs with their source and their right answer, in JSON Lines."""

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"


def read_cases(name: str) -> list[dict[str, Any]]:
    """Return the cases of a file below tests/data."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
