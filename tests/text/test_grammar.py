"""Words take the form that the name after them asks for, whatever the name is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.text.grammar import has_elision, takes_az
from chalicelib.text.i18n import describe_business_days, format_zone, translate
from tests.text.texts import TEXTS

VOWELS = "AÁEÉIÍOÓÖŐUÚÜŰaáeéiíoóöőuúüűÄäÂâÈèÊêÔôÎîÀà"
CONSONANTS = "BCDFGHJKLMNPQRSTVWZbcdfghjklmnpqrstvwz"
REST = st.text("abcdefghijklmnopqrstuvwxyzáéíóöőúüű &.-", min_size=2, max_size=30)
# A text to insert into each language's texts that have a name in them.
PLACEHOLDERS = ("partner", "tenant", "programme", "item")


@pytest.mark.parametrize(
    ("name", "article"),
    [
        ("Acme Kft.", "az"),
        ("Északi Fény Zrt.", "az"),
        ("Őrség Bt.", "az"),
        ("Northlight GmbH", "a"),
        ("„Alma” Kft.", "az"),
        ("MTA", "az"),  # em-té-á
        ("SAP", "a"),
        ("HP", "a"),  # há-pé
        ("RTL", "az"),  # er-té-el
        ("MOL", "a"),
        ("X", "az"),
        ("5 Csillag Kft.", "az"),  # öt
        ("1 Út Kft.", "az"),  # egy
        ("1000 Mester", "az"),  # ezer
        ("10 Mester", "a"),  # tíz
        ("100 Mester", "a"),  # száz
        ("15 Mester", "a"),  # tizenöt
        ("50 Mester", "az"),
        ("2 Fivér", "a"),
        ("Yettel", "a"),
        ("Ypsilon", "az"),
        ("東京商事", "a"),
        ("", "a"),
    ],
)
def test_the_hungarian_article_follows_from_how_a_name_is_read(name, article):
    assert ("az" if takes_az(name) else "a") == article


@given(first=st.sampled_from(VOWELS), rest=REST)
def test_names_with_a_vowel_change_the_words_before_them(first, rest):
    assert takes_az(first + rest)
    assert has_elision(first + rest)


@given(first=st.sampled_from(CONSONANTS), rest=REST)
def test_names_with_a_consonant_do_not(first, rest):
    assert not takes_az(first + rest) or not rest[0].isalnum()
    assert not has_elision(first + rest)


@pytest.mark.parametrize("name", ["Acme", "Northlight", "École des Beaux-Arts", "Östliche Werke"])
def test_no_hungarian_text_shows_both_articles_or_the_wrong_one(name):
    wrong = re.compile(rf"a\(z\)|\b{'a' if takes_az(name) else 'az'} {name}", re.IGNORECASE)

    assert find_texts("hu", name, wrong) == []


@pytest.mark.parametrize("name", ["Acme", "École des Beaux-Arts", "Île-de-France", "Œuvres"])
def test_no_french_text_keeps_a_vowel_before_a_vowel(name):
    assert find_texts("fr", name, re.compile(rf"\b(de|que) {name}", re.IGNORECASE)) == []


def test_french_contracts_before_an_article():
    assert format_zone("fr", "Africa/Cairo") == "heure du Caire"
    assert format_zone("fr", "America/Havana") == "heure de La Havane"
    assert format_zone("fr", "Europe/Amsterdam") == "heure d’Amsterdam"


def test_what_a_value_says_itself_stays():
    said = translate("hu", "page.heading", partner="A(z) Alma de Acme")

    assert said == "Az A(z) Alma de Acme nyilvántartott partnerük kíván lenni"


@pytest.mark.parametrize("code", ["hu", "fr"])
def test_the_marks_of_forms_stand_only_before_values(code):
    lost = [key for key, text in TEXTS[code].items() if re.search(r"\(z\)(?! „?\{)", text)]
    fixed = [key for key, text in TEXTS[code].items() if re.search(r"\b[Aa]z? \{(?!count)", text)]

    assert lost == []
    assert code != "hu" or [key for key in fixed if key.startswith(("mail.", "page."))] == []


def find_texts(code: str, name: str, wrong: re.Pattern[str]) -> list[str]:
    """Return the texts that are wrong with a name in them."""
    found = []
    for key, text in TEXTS[code].items():
        names = set(re.findall(r"\{(\w+)\}", text))
        if names & set(PLACEHOLDERS) and wrong.search(
            translate(code, key, **dict.fromkeys(names, name))
        ):
            found.append(key)
    return found


@pytest.mark.parametrize(
    ("calendar", "weekend", "said"),
    [
        ("GB", {5, 6}, "Business days: Monday to Friday, without public holidays (United Kingdom)"),
        ("DE-BY", {5, 6}, "Monday to Friday, without public holidays (Germany, Bavaria)"),
        ("IL", {4, 5}, "Sunday to Thursday, without public holidays (Israel)"),
        ("IR", {4}, "Saturday to Thursday, without public holidays (Iran)"),
        ("BN", {4, 6}, "Monday, Tuesday, Wednesday, Thursday, Saturday, without"),
    ],
)
def test_business_days_are_those_of_the_region_in_words(calendar, weekend, said):
    assert said in describe_business_days("en", calendar, frozenset(weekend))


def test_no_zone_is_shown_by_its_iana_name():
    assert format_zone("en", "America/St_Johns") == "St. John’s time"
    assert format_zone("de", "Asia/Tokyo") == "Ortszeit Tokio"
    assert format_zone("ja", "Asia/Tokyo") == "日本時間"
    assert format_zone("ja", "Europe/Berlin") == "ベルリン時間"
    assert format_zone("hu", "UTC") == "UTC"
