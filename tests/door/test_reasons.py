"""The closed list of reasons, held to the protocol's page and to what people need."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nyckelfri.door.reasons import Reason

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
SECTION = PROTOCOL.split("\n## 7. ")[1].split("\n## ")[0]


def test_the_list_is_that_of_the_protocols_page() -> None:
    in_table = re.findall(r"^\| (\d+) \| `(\w+)` \|", SECTION, flags=re.MULTILINE)
    in_text = re.findall(r"(?:^|\. )(\d+) `(\w+)`", SECTION, flags=re.MULTILINE)
    documented = {(int(number), name) for number, name in in_table + in_text}
    listed = {(int(reason), reason.name.lower()) for reason in Reason}
    assert documented == listed - {(255, "unknown")}


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_own_text_in_both_languages(reason: Reason) -> None:
    assert reason.text() == reason.text("sv")
    assert reason.text("sv") != reason.text("en")
    for language in ("sv", "en"):
        same = [other for other in Reason if other.text(language) == reason.text(language)]
        assert same == [reason]


DO = {
    "sv": ["Kontrollera", "Synka", "Vänta", "Ring", "Lämna", "Gå", "Använd", "Uppdatera"],
    "en": ["Check", "Sync", "Wait", "Call", "Hand", "Step", "Use", "Update"],
}


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.GRANTED])
def test_every_refusal_says_what_happened_and_then_what_to_do(reason: Reason) -> None:
    for language, verbs in DO.items():
        what, do = reason.text("sv" if language == "sv" else "en").removesuffix(".").split(". ")
        assert what
        assert do.split()[0] in verbs
        assert len(what) + len(do) < 90, "it is read at a door, on a small screen"


@pytest.mark.parametrize("number", [11, 12, 200, 254, 255, 256, 2**32, 2**64 - 1])
def test_a_number_from_a_newer_lock_is_a_refusal_of_unknown_reason(number: int) -> None:
    assert Reason(number) is Reason.UNKNOWN
    assert Reason(number) is not Reason.GRANTED


def test_what_is_no_number_of_a_reason_is_an_error() -> None:
    for wrong in (-1, -255, "granted", None, 0.5, b"\x00"):
        with pytest.raises(ValueError, match="not a valid Reason"):
            Reason(wrong)  # type: ignore[arg-type]


def test_the_reasons_that_a_retry_may_heal_are_those_of_the_protocols_page() -> None:
    section = PROTOCOL.split("\n## 6. ")[1].split("\n## ")[0]
    sentence = next(line for line in section.splitlines() if line.startswith("A refused phone"))
    named = set(re.findall(r"`(\w+)`", sentence)) | {"not_accepted"}
    assert {reason.name.lower() for reason in Reason if reason.heals_at_the_door} == named
