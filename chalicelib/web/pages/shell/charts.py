"""Charts as SVG, drawn on the server: bars and a line over months.

Series differ by pattern besides colour, and a missing month stays blank. The numbers are in a table
below each chart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

WIDTH, HEIGHT = 438, 150  # of the drawing area, whose left top corner is at (42, 20)
LEFT, TOP = 42, 20
STEPS = (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100)  # that a scale ends at, times 1, 10, 100 …
Month = Mapping[str, Any]


@dataclass(frozen=True)
class Mark:
    """One month of a chart: its place, and the height of each series; None: not known.

    Attributes:
        y: of the top of each series.
        height: of each series.
    """

    month: str
    x: float
    y: tuple[float | None, ...]
    height: tuple[float | None, ...]


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        top: the highest value of the scale.
        first, last: of the last series, for the sentence about the trend; None: nothing is known.
        segments: of a line, each without a gap: points as `x,y`.
    """

    marks: tuple[Mark, ...]
    top: int
    first: float | None
    last: float | None
    segments: tuple[str, ...] = ()


def draw_bars(months: Sequence[Month], *names: str) -> Chart:
    """Draw bars of several series side by side."""
    values = [one[name] for one in months for name in names if one[name] is not None]
    return _draw(months, names, round_up(max(values, default=0)))


def draw_line(months: Sequence[Month], name: str) -> Chart:
    """Draw a line of percentages."""
    chart = _draw(months, (name,), 100)
    segments: list[list[str]] = [[]]
    for mark in chart.marks:
        if mark.y[0] is None:
            segments.append([])
        else:
            segments[-1].append(f"{mark.x:.1f},{mark.y[0]:.1f}")
    lines = tuple(" ".join(points) for points in segments if len(points) > 1)
    return Chart(chart.marks, chart.top, chart.first, chart.last, lines)


def _draw(months: Sequence[Month], names: Sequence[str], top: int) -> Chart:
    step = WIDTH / max(1, len(months))
    marks = []
    for number, one in enumerate(months):
        heights = tuple(_scale(one[name], top) for name in names)
        tops = tuple(None if high is None else TOP + HEIGHT - high for high in heights)
        marks.append(Mark(str(one["month"]), LEFT + step * (number + 0.5), tops, heights))
    known = [one[names[-1]] for one in months if one[names[-1]] is not None]
    return Chart(tuple(marks), top, known[0] if known else None, known[-1] if known else None)


def _scale(value: float | None, top: int) -> float | None:
    return None if value is None else round(HEIGHT * value / top, 1)


def round_up(value: float) -> int:
    """Return the end of the scale: a round number whose half is one, too, where there is room."""
    if value <= 10:
        return max(1, ceil(value))
    unit: int = 10 ** (len(str(int(value))) - 2)
    return next(step * unit for step in STEPS if value <= step * unit)
