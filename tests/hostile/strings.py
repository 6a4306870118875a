"""Five hundred things that people write into fields to see what happens."""

from itertools import product

PAYLOADS = (  # each is also wrapped, below
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|'/c calc'!A0", '=HYPERLINK("https://evil.invalid","x")', "\t=1+1", "\uff1d1+1", "\u200b=1",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "' onmouseover='alert(1)", "javascript:alert(1)",
    "<a href=https://evil.invalid>x</a>", "<!--", "-->", "]]>", "<![CDATA[x]]>", "</title><script>", "</blockquote></body>", "<base href=//evil.invalid>",
    "<form action=//evil.invalid><input name=form>", "<meta http-equiv=refresh content=0>", "<style>*{display:none}</style>", "&lt;b&gt;", "&#60;b&#62;",
    "{{7*7}}", "{% raw %}", "{{''.__class__.__mro__}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{due}", "{}", "{0}", "{__class__}", "%s%s%s%n", "%(name)s", "$HOME",
    "$(id)", "`id`", "; ls", "| cat /etc/passwd", "' OR '1'='1", "'; DROP TABLE claims; --", '" OR ""="', "1; SELECT 1", "{'$gt': ''}", "#pk = :pk",
    "x\r\nBcc: victim@evil.invalid", "x\nSubject: y", "x\r\n\r\n<html>", "x\r\n.\r\nMAIL FROM:", "x\rSet-Cookie: a=b", "x\n{\"level\": \"error\"}", "x\r\n127.0.0.1 GET /",
    "x\x00y", "x\x1b[31mred", "x\x08\x08y", "x\x7fy", "x\x85y", "x\u2028y", "x\u2029y", "x\x0by", "x\x0cy",
    "\u202egpj.exe", "\u2066x\u2069", "x\u200fy", "\u061cx", "a\u0300" * 60, "\ufeffx", "\u00adx", "x\u200dy", "\U000e0041x", "\u3164", "\uffa0",
    "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1ed\U0001f1fa", "\u0130\u0131\ufb01\u00df", "\u0661\u0662\u0663", "p\u0430yp\u0430l",
    "x" * 199, "x" * 200, "x" * 201, "x" * 4000, "x" * 4001, "\U00010ffff"[0:1], "\ufffd", "\ufffe", "", " ", "   x   ", "\u3000", "\u00a0", "null", "undefined",
    "true", "NaN", "-0", "1e309", "0x10", "../../etc/passwd", "..\\..\\x", "file:///etc/passwd", "https://evil.invalid/", "//evil.invalid", "data:text/html,x",
    "=?utf-8?Q?x=0D=0ABcc:_v@evil.invalid?=", "=?utf-8?B?DQpCY2M6IHZAZXZpbC5pbnZhbGlk?=", "\"quoted\" <v@evil.invalid>", "a, b@evil.invalid", "(comment)",
    "\\u0000", "\\x00", "\\r\\nBcc: x", "%0d%0aBcc:%20x", "%00", "&#10;Bcc: x", "\\", "\\\\", "\"", "'", "`", "\\\"", "\u02b9\u02bc\u2019",
)
WRAPPED = ("{0}", "Adler {0}", "{0} GmbH", "{0}{0}", "é{0}é", "({0})", "{0}@x.example")
STRINGS = tuple(dict.fromkeys(
    wrapping.replace("{0}", payload) for wrapping, payload in product(WRAPPED, PAYLOADS) if len(payload) < 150 or wrapping == "{0}"
))[:500]
assert len(STRINGS) == 500
