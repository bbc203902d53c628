"""Pictures of every screen of the staff app, for the pages of docs/ and for whoever changes it.

    PYTHONPATH=src:tests .venv/bin/python tests/web/app_pictures.py

writes one sheet a group and theme to docs/pictures/phone/; `--single FOLDER` keeps each screen
as a picture of its own.
"""

from __future__ import annotations

import argparse
import base64
import tempfile
from pathlib import Path
from typing import Final, Literal

import appworld
import webworld
from appscreens import Walk
from appworld import WorkPhone

OUT: Final = Path(__file__).resolve().parents[2] / "docs/pictures/phone"
Theme = Literal["light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
GROUPS: Final = {
    "begin": ["enrol", "sign-in", "choose-pin", "locked", "wrong-pin", "blocked"],
    "day": ["day", "day-running", "day-after", "search", "waiting", "menu"],
    "door": ["visit", "door-waiting", "door-refused", "entrance-open", "visit-running", "alarm"],
    "visit": ["end-sheet", "visit-done", "client", "reason-sheet", "deviation-sheet", "help"],
}
"""What stands on each sheet."""
ACROSS: Final = 3
SHOWN: Final = 270
"""Screens in a row of a sheet, and how wide each is there, pixels."""


def main() -> None:
    """Walk once, and take each screen in both themes."""
    parser = argparse.ArgumentParser(description="Take pictures of the staff app.")
    parser.add_argument("--single", type=Path, help="a folder for one picture a screen")
    parser.add_argument("--language", default="sv", choices=("sv", "en"))
    asked = parser.parse_args()
    shots: dict[tuple[str, Theme], bytes] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        webworld.driver() as driver,
        appworld.morning(Path(folder), driver) as here,
    ):
        phones: list[WorkPhone] = []

        def new_phone() -> WorkPhone:
            made = here.stack.enter_context(here.phone())
            made.page.clock.set_fixed_time(here.now)
            made.tell("answer first")
            made.open()
            phones.append(made)
            return made

        here.move(appworld.NEAR)
        for name, phone in Walk(here, new_phone, asked.language).stops():
            phone.page.evaluate("scrollTo(0, 0)")
            for theme in THEMES:
                phone.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                shots[name, theme] = phone.page.screenshot(animations="disabled", caret="hide")
                if asked.single:
                    asked.single.mkdir(parents=True, exist_ok=True)
                    (asked.single / f"{name}-{theme}.png").write_bytes(shots[name, theme])
        if asked.single:
            return
        OUT.mkdir(parents=True, exist_ok=True)
        for group, names in GROUPS.items():
            for theme in THEMES:
                _sheet(
                    phones[0], [shots[name, theme] for name in names], OUT / f"{group}-{theme}.png"
                )


def _sheet(phone: WorkPhone, shots: list[bytes], target: Path) -> None:
    """Lay pictures side by side."""
    page = phone.context.new_page()
    images = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(shot).decode()}">' for shot in shots
    )
    page.set_content(
        f"<style>body{{margin:0;padding:16px;display:grid;gap:16px;background:#8a938e;"
        f"grid-template-columns:repeat({ACROSS},{SHOWN}px);width:max-content}}"
        f"img{{width:100%;display:block;border-radius:12px}}</style>{images}"
    )
    page.set_viewport_size({"width": ACROSS * (SHOWN + 16) + 16, "height": 800})
    page.screenshot(path=target, full_page=True)
    page.close()


if __name__ == "__main__":
    main()
