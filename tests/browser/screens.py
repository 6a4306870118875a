"""Pictures of pages, small, and written again only when a page looks different."""

import io
from pathlib import Path

from PIL import Image, ImageChops

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
COLOURS = 16  # of each way to choose them
# A date, an id or a time of day may differ; a changed layout moves more than this part of a page.
SAME = 0.03
# A part (pixels) that differs nearly everywhere is an area, such as a button that is filled now:
# other letters leave the most of a part as it was.
PART, AREA = (16, 16), 230  # of 255
LARGEST_FILE, LARGEST_FOLDER = 150_000, 1_000_000  # bytes
CLEARLY = 48  # of 255, by which a point must differ to count


def keep(name: str, picture: bytes, folder: Path = FOLDER) -> bool:
    """Write a picture unless the one that is there shows the same; return whether it is new."""
    fresh = Image.open(io.BytesIO(picture)).convert("RGB")
    path = folder / f"{name}.png"
    if path.exists() and is_same(Image.open(path).convert("RGB"), fresh):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    few = fresh.quantize(palette=choose_colours(fresh), dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    return True


def choose_colours(picture: Image.Image) -> Image.Image:
    """Return a palette of the colours of large areas and of small ones, such as states."""
    ways = (Image.Quantize.MEDIANCUT, Image.Quantize.MAXCOVERAGE)
    chosen = Image.new("P", (1, 1))
    chosen.putpalette(
        [
            value
            for way in ways
            for value in picture.quantize(COLOURS, way).getpalette()[: 3 * COLOURS]
        ]
    )
    return chosen


def is_same(one: Image.Image, other: Image.Image) -> bool:
    """Return whether two pictures differ in a few places only, and nowhere by an area."""
    if one.size != other.size:
        return False
    clearly = ImageChops.difference(one, other).convert("L").point(lambda by: 255 * (by >= CLEARLY))
    if clearly.histogram()[255] > SAME * one.width * one.height:
        return False
    parts = clearly.reduce(PART)  # each point is the share of its part that differs
    return sum(parts.histogram()[AREA:]) == 0
