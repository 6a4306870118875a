"""What people copy from a mail into the mail check."""

import pytest

from chalicelib.web.pages.copied_texts import find_address, find_reference

DIGITS = "xs9ss33bcp7d63ry5gqqt310v5mpz7tnv0q98n"
REFERENCE = f"mai_{DIGITS}"


@pytest.mark.parametrize(
    "text",
    [
        REFERENCE.upper(),
        f"„{REFERENCE}“",
        f"<code>{REFERENCE}</code>",
        f"*{REFERENCE}*",
        f"mai\\_{DIGITS}",  # Markdown
        f"mai-{DIGITS}",
        f"ｍａｉ_{DIGITS}",  # a Japanese keyboard's wide letters
        f"{REFERENCE[:20]}\r\n{REFERENCE[20:]}",  # broken at the end of a line
        f"{REFERENCE[:20]}=\r\n{REFERENCE[20:]}",
        f"{REFERENCE[:20]}\u00ad{REFERENCE[20:]}",
        f"Geben Sie zur Prüfung die Referenz {REFERENCE} und Ihre E-Mail-Adresse ein unter https://x",
    ],
)
def test_the_reference_is_found_in_what_was_copied(text):
    assert find_reference(text) == REFERENCE


@pytest.mark.parametrize("text", ["", "mail", REFERENCE[:-1], f"clm_{DIGITS}", "mai_" + "l" * 38])
def test_what_has_no_reference_stays_what_it_is(text):
    assert find_reference(text) == text


ADDRESS = "ada.o'brien+x@fabrikam.example"


@pytest.mark.parametrize(
    "text",
    [
        f"Ada <{ADDRESS}>",
        f"Ada Lovelace <{ADDRESS}>;",  # Outlook
        f"'ada@home.example' via List <{ADDRESS}>",
        f"{ADDRESS};",
        f"{ADDRESS},",
        f"{ADDRESS}.",
        f"MAILTO:{ADDRESS}?subject=x",
        f"'{ADDRESS}'",
        f'"{ADDRESS}"',
        f"„{ADDRESS}“",
        f"「{ADDRESS}」",
        f"To: {ADDRESS}",
        f"宛先：{ADDRESS}",
        f"{ADDRESS} (Ada Lovelace)",
        f"Ada Lovelace ({ADDRESS})",
        f"Ada Lovelace [{ADDRESS}]",  # Outlook on the web
        f"[{ADDRESS}](mailto:{ADDRESS})",
        f"{ADDRESS}<mailto:{ADDRESS}>",
        ADDRESS.replace("@", "＠"),
    ],
)
def test_the_address_is_found_in_what_was_copied(text):
    assert find_address(text) == ADDRESS


@pytest.mark.parametrize("text", ["", "ada", "@", "ada@", "jürgen@größe.example"])
def test_what_is_no_more_than_an_address_stays_what_it_is(text):
    assert find_address(text) == text
