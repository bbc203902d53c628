"""Joins the modules of the staff app, so that a browser asks for one file and not for seventy.

House rules: what is written runs as it is written; only lines that begin with `import` or `export`
are changed, and those that hold nothing but a comment are left out: a third of all, which each
start would read. Each module becomes a function, called once, after those that it imports. Of what
the language allows we know the forms that we use, and refuse any other.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Final

_FROM: Final = re.compile(
    r"^(import|export) (?:\* as (\w+)|(\{\s*\w+(?:,\s*\w+)*,?\s*\})) from '(\.[\w./]+)';\n",
    re.MULTILINE,
)
_DECLARED: Final = re.compile(
    r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.MULTILINE
)
_COMMENT: Final = r"/\*(?:[^*]|\*(?!/))*\*/"
_COMMENT_LINES: Final = re.compile(rf"^[ \t]*(?:{_COMMENT}|//.*)\n", re.MULTILINE)
_ELSE: Final = re.compile(
    r"^(?:import|export)\b.*|\bimport\s*[(.].*"
    r"|^[^`\n]*(?:`[^`\n]*`[^`\n]*)*`[^`\n]*$",  # a text over lines, which may look like comments
    re.MULTILINE,
)


def join(modules: Mapping[str, str], entry: str) -> str:
    """One module that does what `entry` does, of `modules` by their path; only `entry` may await.

    ValueError for a module that is not there, modules in a circle, and a form that is not known.
    """
    joined: dict[str, str] = {}

    def add(path: str, asking: tuple[str, ...]) -> None:
        way = " > ".join((*asking, path))
        if path not in modules:
            raise ValueError(f"{way}: there is no such module")
        if path in asking:
            raise ValueError(f"{way}: a circle; move what both need to a third module")
        if path not in joined:
            imported, code = _rewritten(path, modules[path], called=bool(asking))
            for other in imported:
                add(other, (*asking, path))
            joined[path] = f"// {path}\n{code}"

    add(entry, ())
    return "".join(joined.values())


def _rewritten(path: str, text: str, *, called: bool) -> tuple[list[str], str]:
    """The modules that this one imports, and its code; in a function that is `called` at once."""
    imported: list[str] = []
    exported: list[str] = []
    known = ""

    def take(form: re.Match[str]) -> str:
        nonlocal known
        verb, whole, names, place = form.groups()
        other = posixpath.normpath(posixpath.join(posixpath.dirname(path), place))
        imported.append(other)
        known += f"const {whole or names} = {_variable(other)};\n"
        if verb == "export":
            exported.extend(re.findall(r"\w+", whole or names))
        return ""

    def declare(form: re.Match[str]) -> str:
        exported.append(form[1])
        return ""

    code = _DECLARED.sub(declare, _FROM.sub(take, _COMMENT_LINES.sub("", text)))
    if odd := _ELSE.search(re.sub(_COMMENT, "", code)):
        raise ValueError(f"{path}: write it as the other modules do: {odd[0]}")
    code = known + code
    if called:
        given = f"return {{ {', '.join(exported)} }};\n"
        code = f"const {_variable(path)} = (() => {{\n{code}{given}}})();\n"
    return imported, code


def _variable(path: str) -> str:
    """A name that no module uses: none of ours has a dollar sign."""
    return "$" + re.sub(r"\W", "$", path)
