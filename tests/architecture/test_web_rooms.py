"""The rooms of the staff phone app: who may know whom, and what pure rooms leave alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

WEB: Final = Path(__file__).resolve().parents[2] / "src/nyckelfri/web"
MAY_KNOW: Final = {
    "base": set(),
    "texts": set(),
    "edhoc": {"base"},
    "door": {"base", "edhoc"},
    "day": {"base"},
    "radio": {"base", "door"},
    "phone": {"base", "door", "radio"},
    "screens": {"base", "door", "radio", "phone", "day", "texts"},
    "app": {"base", "door", "radio", "phone", "day", "texts", "screens"},
}
"""Each room and the rooms it may import from, beside itself."""
MAY_MENTION: Final = {"screens": {"app"}}
"""Rooms of which only types are known: a screen is given the app, and does not fetch it."""
SERVED: Final = {".js", ".css", ".svg", ".png"}
PURE: Final = ("base", "edhoc", "door", "day", "texts")
ASKING: Final = re.compile(
    r"\b(Date\.now|new Date\(\)|performance\.|Math\.random|fetch\(|XMLHttpRequest|indexedDB"
    r"|localStorage|navigator\.|setTimeout|setInterval|console\.)"
)
"""Asking for time, chance, a network, a store or a device; base/clock.js is there to ask."""
IMPORT: Final = re.compile(
    r"^(?:import|export)\b[^;'\"]*\bfrom\s*['\"]([^'\"]+)"  # a static one
    r"|\bimport\(?\s*['\"]([^'\"]+)"  # one for its effects, a dynamic one, one of a type
    r"|@import\b[^'\"]*['\"]([^'\"]+)",  # one of types
    re.MULTILINE,
)


def files() -> list[Path]:
    return sorted(WEB.rglob("*.js"))


def code(path: Path) -> str:
    """A file without its comments."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"(?m)(?:^|\s)//.*$", "", text)


def room(path: Path) -> str:
    return path.relative_to(WEB).parts[0]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(WEB).as_posix())
def test_a_module_imports_what_is_there_and_what_its_room_may_know(path: Path) -> None:
    here = room(path)
    may_know = {here, *MAY_KNOW.get(here, ())}
    for text, allowed in (
        (code(path), may_know),
        (path.read_text("utf-8"), may_know | MAY_MENTION.get(here, set())),
    ):
        for names in IMPORT.findall(text):
            name = "".join(names)
            assert name.startswith(("./", "../")), f"{name} is not of this program"
            target = (path.parent / name).resolve()
            assert target.is_relative_to(WEB), name
            # One that the server writes has only its types here.
            assert target.is_file() or target.with_suffix(".d.ts").is_file(), name
            assert room(target) in allowed, f"{here} may not know {name}"


def test_the_table_names_every_room() -> None:
    rooms = {room(path) for path in files() if path.parent != WEB}
    assert rooms
    assert rooms - set(MAY_KNOW) == set()


@pytest.mark.parametrize("name", PURE)
def test_pure_rooms_do_not_ask_for_time_chance_or_devices(name: str) -> None:
    modules = [path for path in (WEB / name).glob("*.js") if path != WEB / "base/clock.js"]
    found = {path.name: sorted(set(ASKING.findall(code(path)))) for path in modules}
    assert {path: asked for path, asked in found.items() if asked} == {}


def test_nothing_makes_code_or_markup_out_of_text() -> None:
    forbidden = re.compile(r"\beval\(|\bnew Function\b|\.(?:inner|outer)HTML\b|insertAdjacentHTML")
    assert [path.name for path in files() if forbidden.search(code(path))] == []


def test_an_installed_package_has_the_same_files(tmp_path: Path) -> None:
    """Built as a stranger would install it, from a copy that building may litter."""
    root, source, target = WEB.parents[2], tmp_path / "source", tmp_path / "installed"
    shutil.copytree(root / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, source / name)
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*install, "--no-index", "--disable-pip-version-check", "--target", target, source],
        check=True,
        capture_output=True,
    )
    served = {path.relative_to(WEB) for path in WEB.rglob("*") if path.suffix in SERVED}
    installed = target / "nyckelfri/web"
    assert served
    assert served <= {path.relative_to(installed) for path in installed.rglob("*")}
