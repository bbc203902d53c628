"""The tests column of docs/requirements.md and docs/threat-model.md, from the marks on the tests.

Run as a program (`make docs`) it writes the column; test_doctables.py fails while it is stale.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLES = {"sentence": ROOT / "docs/requirements.md", "threat": ROOT / "docs/threat-model.md"}
NONE_YET = "none yet"
_ROW = re.compile(r"^\| *(\d+) *\|")


def marked_tests() -> dict[str, dict[int, list[str]]]:
    """For `sentence` and `threat`: number → tests, each as `path::name`, in order of the files."""
    found: dict[str, dict[int, list[str]]] = {kind: defaultdict(list) for kind in TABLES}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        relative = path.relative_to(ROOT / "tests").as_posix()
        tree = ast.parse(path.read_text("utf-8"))
        of_all = _of_all(tree)
        for name, decorators in _tests(tree):
            for kind, number in _marks([*of_all, *decorators]):
                test = f"{relative}::{name}"
                if test not in found[kind][number]:
                    found[kind][number].append(test)
    return found


def _tests(tree: ast.Module) -> Iterator[tuple[str, list[ast.expr]]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test_"):
                yield node.name, node.decorator_list
        elif isinstance(node, ast.ClassDef):
            for name, decorators in _tests(ast.Module(node.body, [])):
                yield f"{node.name}::{name}", [*node.decorator_list, *decorators]


def _of_all(tree: ast.Module) -> list[ast.expr]:
    """What a module says of all its tests: `pytestmark`."""
    return [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(each, ast.Name) and each.id == "pytestmark" for each in node.targets)
    ]


def _marks(decorators: list[ast.expr]) -> Iterator[tuple[str, int]]:
    """Marks on the test itself, and on the cases of its `parametrize`."""
    for decorator in decorators:
        for node in ast.walk(decorator):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="threat" | "sentence" as kind),
                    args=[ast.Constant(value=int(number))],
                ):
                    yield kind, number


def cells(tests: list[str]) -> str:
    """The text of one cell."""
    return "<br>".join(f"`{test}`" for test in tests) if tests else NONE_YET


def column(text: str) -> int:
    """The place of the tests column in a table's rows."""
    header = next(line for line in text.splitlines() if line.startswith("| Number"))
    return [cell.strip() for cell in header.split("|")].index("Tests")


def rows(text: str) -> dict[int, list[str]]:
    """Number → the cells of its row, as they stand."""
    return {
        int(match[1]): [cell.strip() for cell in line.split("|")]
        for line in text.splitlines()
        if (match := _ROW.match(line))
    }


def filled(kind: str, text: str) -> str:
    """The document with its tests column written anew."""
    tests = marked_tests()[kind]
    at = column(text)
    lines = []
    for line in text.splitlines():
        if match := _ROW.match(line):
            parts = line.split("|")
            parts[at] = f" {cells(tests.get(int(match[1]), []))} "
            line = "|".join(parts)  # noqa: PLW2901 - the row, written anew
        lines.append(line)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both documents."""
    for kind, path in TABLES.items():
        path.write_text(filled(kind, path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
