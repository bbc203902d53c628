"""Pictures of pages, for people to look at while they make them.

    PYTHONPATH=src:tests .venv/bin/python tests/web/pictures.py / /oppningar/ --role planner

Each page wide and narrow; `--all` adds dark and English. Data is made once, in
`--data`; `--fresh` makes it anew.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import webtown
import webworld

_PLACE = Path(tempfile.gettempdir())


def main() -> None:
    """Take the pictures that the arguments ask for."""
    asked = _arguments()
    if asked.fresh or not (asked.data / webtown.ROLES).exists():
        shutil.rmtree(asked.data, ignore_errors=True)
        webworld.build(asked.data)
    asked.out.mkdir(parents=True, exist_ok=True)
    with (
        webworld.running(asked.data) as site,
        webworld.driver() as driver,
        webworld.chromium(driver) as browser,
    ):
        for name, options in _ways(asked):
            with webworld.visitor(browser, site, asked.role, **options) as seen:
                for path in asked.paths:
                    seen.go(path)
                    shown = re.sub(r"\W+", "-", path).strip("-") or "start"
                    picture = asked.out / f"{shown}-{asked.role}-{name}.png"
                    seen.page.screenshot(path=picture, full_page=not asked.fold)
                    wide = f", {seen.sideways()} px too wide" if seen.sideways() > 0 else ""
                    print(f"{picture}{wide} {'; '.join(seen.complaints)}")  # noqa: T201 -- a terminal program


def _ways(asked: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "wide", {"width": webworld.WIDE}
    yield "narrow", {"width": webworld.NARROW}
    if asked.all:
        yield "dark", {"width": webworld.WIDE, "color_scheme": "dark"}
        yield "narrow-dark", {"width": 360, "color_scheme": "dark"}
        yield "english", {"width": webworld.WIDE, "language": "en"}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Take pictures of pages of the console.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="such as /oppningar/")
    parser.add_argument("--role", default="planner", help="whose session; '' for nobody's")
    parser.add_argument("--out", type=Path, default=_PLACE / "pictures")
    parser.add_argument("--data", type=Path, default=_PLACE / "nyckelfri-pictures")
    parser.add_argument("--fresh", action="store_true", help="make the data anew")
    parser.add_argument("--all", action="store_true", help="dark and English too")
    parser.add_argument("--fold", action="store_true", help="only what shows without scrolling")
    return parser.parse_args()


if __name__ == "__main__":
    main()
