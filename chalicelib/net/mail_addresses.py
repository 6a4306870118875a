"""Mail addresses that the mail service accepts."""

import re

from chalicelib.net.domain_names import parse_domain

# A dot-atom (RFC 5322, 3.2.3), at most 64 characters (RFC 5321, 4.5.3.1.1). SES refuses letters
# outside ASCII. Without `?`: `=?…?=` would be an encoded word (RFC 2047), and could decode to a
# line end.
ATOM = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
LOCAL_PART = re.compile(rf"(?=.{{1,64}}$){ATOM}(?:\.{ATOM})*")


def parse_mail_address(text: str) -> str:
    """Return an address as mail can be sent to it.

    A domain outside ASCII becomes A-labels, and loses a final dot: RFC 5321 has none, and SES
    refuses it. Raises ValueError.
    """
    local_part, _, domain = text.rpartition("@")
    if not LOCAL_PART.fullmatch(local_part):
        raise ValueError("not a mail address")
    ascii_domain = parse_domain(domain)
    return text if domain.lower() == ascii_domain else f"{local_part}@{ascii_domain}"
