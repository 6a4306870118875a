"""The elements of an HTML document, without its text."""

from html.parser import HTMLParser

HEADERS = [
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "X-Reference",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]


class Skeleton(HTMLParser):
    """Elements and attributes of a page without its text: what a browser would act on."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_starttag(self, tag, attrs):
        fixed = {
            "value",
            "id",
            "for",
            "aria-label",
            "lang",
            "content",
        }  # they may quote what people wrote
        self.found.append(
            (tag, tuple((name, "" if name in fixed else value) for name, value in attrs))
        )

    def handle_endtag(self, tag):
        self.found.append(("/" + tag, ()))

    def handle_comment(self, data):
        self.found.append(("comment", data))

    def handle_decl(self, decl):
        self.found.append(("decl", decl))

    handle_pi = unknown_decl = handle_decl


def skeleton(html, breaks=True):
    parser = Skeleton()
    parser.feed(html)
    parser.close()
    return parser.found if breaks else [one for one in parser.found if one[0] != "br"]
