"""docs/feeds.md lists the columns and codes that the importer takes."""

from tools.generate.feeds import TARGET, insert_columns


def test_the_columns_of_the_feed_are_current():
    text = TARGET.read_text(encoding="utf-8")

    assert text == insert_columns(text), "run: python -m tools.generate.feeds"
