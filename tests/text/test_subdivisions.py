"""Subdivisions are found by the names that people write."""

import json

import pytest

from chalicelib.text.holiday_table import TABLE
from chalicelib.text.subdivisions import NAMES, find_subdivision
from tools.generate.subdivisions import country_names


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("DE", "Baden-Württemberg", "BW"),
        ("DE", "Baden-Wuerttemberg", "BW"),
        ("DE", "BADEN WURTTEMBERG", "BW"),
        ("DE", "DE-BW", "BW"),
        ("DE", " Thueringen ", "TH"),
        ("DE", "Thuringia", "TH"),
        ("AT", "Niederösterreich", "3"),
        ("AT", "Lower Austria", "3"),
        ("CH", "Genève", "GE"),
        ("CH", "Geneva", "GE"),
        ("CA", "Québec", "QC"),
        ("CA", "on", "ON"),
        ("US", "new york", "NY"),
        ("GB", "Scotland", "SCT"),
        ("AU", "N.S.W.", "NSW"),
        # a city whose name begins with its country's code is no code (Chur is in Grisons)
        ("CH", "Chur", None),
        ("AT", "AT", None),
        ("DE", "", None),
        ("DE", "DE-BY-Augsburg", "Augsburg"),
        ("DE", "BY-Augsburg", None),
        ("DE", "DE-", None),
        ("ZZ", "Bavaria", None),
        ("", "Bavaria", None),
        # two subdivisions in one text are none
        ("CH", "Bern / Zürich", None),
        ("US", "Kansas (Missouri)", None),
        ("DE", "Bayern - Sachsen", None),
        # a name that is another's in English stays what it is in the country
        ("AR", "Buenos Aires", "B"),
        ("DE", "/" * 10_000, None),
    ],
)
def test_a_subdivision_is_found_by_its_names(country, text, code):
    assert find_subdivision(country, text) == code


def test_every_code_has_holidays_of_its_own():
    lines = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    parts = {line["country"]: set(line["parts"]) for line in lines}
    names = json.loads(NAMES.read_text(encoding="utf-8"))

    unknown = {country: set(codes.values()) - parts[country] for country, codes in names.items()}

    assert unknown == {country: set() for country in names}


def test_the_file_is_what_the_library_knows():
    names = json.loads(NAMES.read_text(encoding="utf-8"))

    assert {country: country_names(country) for country in names} == names
