"""Charts of what happened over time, as SVG: stacked bars, and lines.

Series differ by pattern besides colour, and what is not known stays blank.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from chalicelib.web.pages.shell.charts import HEIGHT, LEFT, TOP, WIDTH, round_up

BAR = 0.62  # of a step that a bar is wide
MAX_BAR = 44.0
CHARACTER = 8.5  # units that a character of a label is wide in a wide font, and a little more
CROWDED = 8  # times with which labels are left out on a phone


@dataclass(frozen=True)
class Label:
    """The label of a time below the chart; `is_left_out`: on a phone."""

    text: str
    x: float
    is_left_out: bool


@dataclass(frozen=True)
class Stack:
    """A bar of several parts on top of each other.

    Attributes:
        x, width: of the bar.
        parts: top and height of each, the lowest first.
        total, top: their sum, and where it is written.
    """

    x: float
    width: float
    parts: tuple[tuple[float, float], ...]
    total: int
    top: float


@dataclass(frozen=True)
class TimeChart:
    """What charts over time share. `scale`: the highest value shown; `middle`: half of it."""

    labels: tuple[Label, ...]
    scale: int

    @property
    def middle(self) -> str:
        return f"{self.scale / 2:g}"


@dataclass(frozen=True)
class StackChart(TimeChart):
    """Stacked bars."""

    stacks: tuple[Stack, ...]


@dataclass(frozen=True)
class Line:
    """A line: its points, and its parts without a gap, each as `x,y x,y`."""

    points: tuple[tuple[float, float], ...]
    segments: tuple[str, ...]


@dataclass(frozen=True)
class LineChart(TimeChart):
    """Lines."""

    lines: tuple[Line, ...]


def draw_stacks(labels: Sequence[str], rows: Sequence[Sequence[int]]) -> StackChart:
    """Draw a bar for each row, of the row's numbers on top of each other."""
    scale = round_up(max((sum(row) for row in rows), default=0))
    scale += scale % 2  # so that half of it is a count, too
    step = WIDTH / max(1, len(rows))
    width = min(MAX_BAR, step * BAR)
    stacks = []
    for number, row in enumerate(rows):
        left = LEFT + step * (number + 0.5) - width / 2
        parts, y = [], float(TOP + HEIGHT)
        for value in row:
            high = HEIGHT * value / scale
            y -= high
            parts.append((round(y, 1), round(high, 1)))
        stacks.append(Stack(round(left, 1), round(width, 1), tuple(parts), sum(row), round(y, 1)))
    return StackChart(_place_labels(labels), scale, tuple(stacks))


def draw_lines(labels: Sequence[str], series: Sequence[Sequence[float | None]]) -> LineChart:
    """Draw a line for each series; None leaves a gap."""
    known = [value for values in series for value in values if value is not None]
    scale = round_up(max(known, default=0))
    places = _place_labels(labels)
    lines = []
    for values in series:
        points = [
            None if value is None else (label.x, round(TOP + HEIGHT * (1 - value / scale), 1))
            for label, value in zip(places, values, strict=True)
        ]
        runs = (list(run) for is_known, run in groupby(points, key=bool) if is_known)
        segments = [" ".join(f"{x},{y}" for x, y in filter(None, run)) for run in runs]
        drawn = tuple(segment for segment in segments if " " in segment)
        lines.append(Line(tuple(filter(None, points)), drawn))
    return LineChart(places, scale, tuple(lines))


def _place_labels(labels: Sequence[str]) -> tuple[Label, ...]:
    """Place a label below each time; where they would touch, below every second one."""
    step, last = WIDTH / max(1, len(labels)), len(labels) - 1
    is_tight = sum(map(len, labels)) * CHARACTER > WIDTH
    return tuple(
        Label(
            "" if is_tight and number % 2 else text,
            round(LEFT + step * (number + 0.5), 1),
            last >= CROWDED and bool(number % 4) and number != last,
        )
        for number, text in enumerate(labels)
    )
