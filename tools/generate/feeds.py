"""Write the columns in docs/feeds.md from the models that validate the feed.

python -m tools.generate.feeds
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chalicelib.domain.directory import PROVISIONING_STATUSES, STATES, UNKNOWN
from cpor.feeds.columns import Columns, LocationColumns
from cpor.feeds.kinds import KINDS
from cpor.feeds.spellings import (
    channel_spellings,
    engagement_spellings,
    product_spellings,
    workload_spellings,
)
from cpor.feeds.template import example_row, format_cell

TARGET = Path(__file__).resolve().parents[2] / "docs" / "feeds.md"
JSON_TYPES = {"boolean": "`true` or `false`", "object": "object: service plan → status"}
BEGIN, END = "<!-- columns: begin -->\n", "<!-- columns: end -->"


def insert_columns(text: str) -> str:
    """Replace what is between the marks of a text with the columns and codes."""
    before, _, rest = text.partition(BEGIN)
    sections = [_section(kind.name, kind.columns) for kind in KINDS]
    locations = ["## Objects in `location_ids`\n", *_table(LocationColumns, {}), ""]
    columns = "\n".join([*sections, *locations, *_codes()])
    return f"{before}{BEGIN}\n{columns}\n{END}{rest.partition(END)[2]}"


def _section(name: str, columns: type[Columns]) -> str:
    row = example_row(columns)
    cells = {column: format_cell(column, value) for column, value in row.items()}
    example = f"```json\n{json.dumps(row, ensure_ascii=False)}\n```"
    return "\n".join(
        [f"## `{name}`", "", f"{columns.__doc__}", "", *_table(columns, cells), "", example, ""]
    )


def _table(columns: type[Columns], cells: Mapping[str, str]) -> Iterator[str]:
    schema = columns.model_json_schema()
    yield "| column | required | written as | meaning | example |"
    yield "|---|---|---|---|---|"
    for name, column in schema["properties"].items():
        required = "yes" if name in schema.get("required", []) else ""
        example = f"`{cells[name]}`" if cells.get(name) else ""
        meaning = f"{column['description']}{_default(column.get('default'))}"
        yield f"| `{name}` | {required} | {_describe_values(column)} | {meaning} | {example} |"


def _default(value: Any) -> str:
    return "" if value in (None, [], {}) else f" Default: `{json.dumps(value)}`."


def _describe_values(column: Mapping[str, Any]) -> str:
    """Return how a column's values are written."""
    described = next(iter(column.get("anyOf", [])), column)
    if described["type"] == "array":
        items = described["items"]
        return f"list of: {items.get('format', 'object')}"
    return str(described.get("format") or JSON_TYPES[described["type"]])


def _codes() -> Iterator[str]:
    yield "## Codes\n"
    yield "A name in brackets is accepted for the code before it.\n"
    yield from _code_list("Channels", channel_spellings())
    yield from _code_list("Statuses of a subscription", STATES | {UNKNOWN: UNKNOWN})
    yield from _code_list(
        "Statuses of a service plan", {one: one for one in (*PROVISIONING_STATUSES, UNKNOWN)}
    )
    yield from _code_list("Engagements", engagement_spellings())
    yield from _code_list("Products", product_spellings())
    yield from _code_list("Workloads", workload_spellings())


def _code_list(title: str, spellings: Mapping[str, str]) -> Iterator[str]:
    """Yield a list of codes, each with the names that are accepted for it."""
    yield f"### {title}\n"
    for code in dict.fromkeys(sorted(spellings.values())):
        names = [f"`{name}`" for name, of in spellings.items() if of == code and name != code]
        yield f"- `{code}`" + (f" ({', '.join(names)})" if names else "")
    yield ""


if __name__ == "__main__":
    TARGET.write_text(insert_columns(TARGET.read_text(encoding="utf-8")), encoding="utf-8")
