"""Entries and readings that two syncs bring at once."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from labelworld import Chip
from nyckelfri.server.locks import actions_labels
from nyckelfri.server.people.models import Phone
from nyckelfri.server.visits import actions_entries, registered
from nyckelfri.server.visits.actions_entries import Said, Sent
from nyckelfri.server.visits.models import PhoneEntry
from raceworld import at_once, meet_after
from serverworld import Handset

UID = bytes.fromhex("041E3C8A2D6B80")


def sent(number: int, moment: datetime, detail: dict[str, Any], kind: str = "note") -> Sent:
    said = Said(PhoneEntry.Kind(kind), int(moment.timestamp()), "10001", "B0001", None, detail)
    return Sent(json.dumps([number, detail]).encode(), UUID(int=number), said)


def bring(phone: Phone, entries: list[Sent], moment: datetime) -> Any:
    return partial(actions_entries.store, entries, phone=phone, now=moment)


@pytest.mark.threat(54)
def test_same_entries_in_two_syncs_of_one_phone_are_stored_once(
    cast: Any, alices_phone: Handset, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [sent(number, moment, {"text": "x"}) for number in range(20)]
    meet_after(monkeypatch, actions_entries, "_come")
    found = at_once(*[bring(alices_phone.row, entries, moment)] * 2)
    assert not [each for each in found if isinstance(each, Exception)], found
    assert sorted(each[0] for each in found) == ["kept", "known"]
    assert PhoneEntry.objects.count() == 20


@pytest.mark.threat(54)
@pytest.mark.threat(60)
def test_one_reading_through_two_phones_at_once_counts_once(
    cast: Any,
    alices_phone: Handset,
    bobs_phone: Handset,
    moment: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = actions_labels.assign_chip("E0001", UID, actor="test", now=moment)
    detail = {"label": "E0001", "use": "start", **Chip(UID, made.meta, made.file).tap()}
    meet_after(monkeypatch, registered, "look_up")
    found = at_once(
        *[
            bring(phone.row, [sent(number, moment, detail, "tap")], moment)
            for number, phone in enumerate((alices_phone, bobs_phone))
        ]
    )
    assert not [each for each in found if isinstance(each, Exception)], found
    verdicts = PhoneEntry.objects.values_list("verdict", flat=True)
    assert sorted(verdicts) == ["replayed", "signed"]
