"""Parts of libraries that every process would read and none here runs, left out of the zip: 20 M
instructions each.
"""

import ast

# pydantic asks all installed packages whether they are plugins of it. The zip has no records of
# installation (`archive.UNUSED`), and what Lambda provides has no such plugins, so nobody can
# answer.
WITHOUT_PLUGINS = "pydantic/plugin/_loader.py"
NONE = "def get_plugins():\n    return ()\n"
# The members of the dictionaries that schemas are made of: for type checkers, and a forward
# reference each.
WITHOUT_MEMBERS = "pydantic_core/core_schema.py"


def thinned(path: str, tree: ast.Module) -> ast.Module:
    """A module of a library without what is not run."""
    if path == WITHOUT_PLUGINS:
        return ast.parse(NONE, path)
    if path == WITHOUT_MEMBERS:
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and any(
                isinstance(one, ast.Name) and one.id == "TypedDict" for one in node.bases
            ):
                node.body = [ast.Pass(lineno=node.lineno)]
    return tree
