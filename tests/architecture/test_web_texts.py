"""The texts of the staff app: the same in both languages, and each said somewhere."""

from __future__ import annotations

import re
from typing import Final

import pytest

from appscreens import WEB, texts

MADE: Final = re.compile(
    r"^(standing|how|reason|deviation|fault|stage)_\w+$"
    r"|^(do_)?(unlock|lock)_(front|entrance)$|^(front|entrance)_door$"
)
"""Keys that are put together from a code."""


def test_both_languages_say_the_same() -> None:
    swedish, english = texts("sv"), texts("en")
    assert swedish.keys() == english.keys()
    assert all(text.strip() for text in (swedish | english).values())
    for key, text in swedish.items():
        asks = [sorted(re.findall(r"\{(\w+)\}", one)) for one in (text, english[key])]
        assert asks[0] == asks[1], key


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_text_is_left_that_nobody_says(language: str) -> None:
    rooms = [path for room in ("app", "screens") for path in (WEB / room).glob("*.js")]
    said = set(re.findall(r"'([a-z_]+)'", "\n".join(path.read_text("utf-8") for path in rooms)))
    left = {key for key in texts(language) if key not in said and not MADE.match(key)}
    assert left == set()
