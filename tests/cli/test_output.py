"""Progress bars."""

from pathlib import Path

import pytest

from cpor.feeds.importing import Source
from cpor.feeds.kinds import KINDS
from cpor.output import file_progress, row_progress


@pytest.mark.parametrize("text", ["a\n\n1\n\n2\n", "a\n1\n2"])
def test_a_bar_ends_at_its_total(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    source = tmp_path / "tenants.csv"
    source.write_text(text)

    with file_progress([Source(source, KINDS[0])], is_shown=True) as advance:
        advance(source.name, 2)
    with row_progress(source, is_shown=True) as advance_row:
        advance_row()
        advance_row()

    ended = capsys.readouterr().err
    assert ended.count("2/2") == 2
