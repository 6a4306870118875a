"""Print the notes of a release, from CHANGELOG.md. Ends with 1 if the tag is not the version.

python -m tools.release_notes v0.1.0
"""

import re
import sys
from pathlib import Path

from chalicelib.domain.version import VERSION
from tools.errors import ToolError, run

CHANGES = Path(__file__).resolve().parents[1] / "CHANGELOG.md"


def find_notes(text: str, tag: str, version: str) -> str:
    """Return the section of a version. Raises ToolError if it is not there or not finished."""
    if tag != f"v{version}":
        raise ToolError(
            f"The tag {tag} is not the version {version}.",
            f"Change VERSION in chalicelib/domain/version.py, or tag the commit as v{version}.",
        )
    heading, end = rf"^## {re.escape(version)}\n", r"(?=^## |\Z)"
    section = re.search(f"{heading}(.*?){end}", text, re.MULTILINE | re.DOTALL)
    if not section:
        raise ToolError(
            f"CHANGELOG.md has no section `## {version}`.",
            'Name the section by the version alone, without "(unreleased)".',
        )
    return section[1].strip() + "\n"


def main() -> int:
    """Print the notes of the tag that is named."""
    print(find_notes(CHANGES.read_text(encoding="utf-8"), sys.argv[1], VERSION), end="")
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
