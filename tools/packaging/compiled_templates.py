"""The templates of pages and mails as Python modules, next to their sources.

Jinja compiles a template when it is first used, in every new process; here it is done once
(https://jinja.palletsprojects.com/en/stable/api/#jinja2.Environment.compile_templates). The sources
stay, because records of mails hold a hash of the layout.
"""

from pathlib import Path

from jinja2 import FileSystemLoader

from chalicelib.text import templates
from tools.packaging.chalice_project import empty


def compile_templates(folder: Path) -> None:
    """Compile the templates of the application that is in a folder.

    Raises jinja2's TemplateSyntaxError.
    """
    text = folder / "chalicelib" / "text"
    compiled = text / templates.COMPILED.name
    empty(compiled)
    environment = templates.make_environment(FileSystemLoader(text / templates.TEMPLATES.name))
    environment.compile_templates(compiled, zip=None, ignore_errors=False)
