"""What a reading of a visit label proves, and what it does not."""

from __future__ import annotations

import re
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from labelworld import Chip
from nyckelfri.cli import main
from nyckelfri.server.audit.models import AuditEvent
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.homes.models import CareDecision, Service
from nyckelfri.server.keys import taps
from nyckelfri.server.keys.errors import NotReadyError
from nyckelfri.server.locks import actions_labels
from nyckelfri.server.locks.actions_labels import LabelError
from nyckelfri.server.locks.models import NfcLabel
from nyckelfri.server.visits.models import PhoneEntry
from serverworld import Api, Handset

HOUR = timedelta(hours=1)
UID = bytes.fromhex("041E3C8A2D6B80")
ZERO = bytes(16)


# The published examples (AN12196, all keys zero).


def test_published_example_with_encrypted_chip_number() -> None:
    uid = bytes.fromhex("04DE5F1EACC040")
    picc = bytes.fromhex("EF963FF7828658A599F3041510671E88")
    mac = bytes.fromhex("94EED9EE65337086")
    assert taps.verify(ZERO, ZERO, uid, picc=picc, mac=mac) == 61


def test_published_example_of_the_signature_alone() -> None:
    assert taps.signs(ZERO, UID + (6).to_bytes(3, "little"), bytes.fromhex("4B00064004B0B3D3"))


def test_any_changed_bit_is_no_signature() -> None:
    chip = Chip(UID, ZERO, bytes(range(16)))
    tap = chip.tap()
    picc, mac = bytes.fromhex(tap["picc"]), bytes.fromhex(tap["mac"])
    assert taps.verify(chip.meta, chip.file, UID, picc=picc, mac=mac) == 1
    for bit in range(128):
        changed = (int.from_bytes(picc) ^ 1 << bit).to_bytes(16)
        assert taps.verify(chip.meta, chip.file, UID, picc=changed, mac=mac) is None
    for bit in range(64):
        changed = (int.from_bytes(mac) ^ 1 << bit).to_bytes(8)
        assert taps.verify(chip.meta, chip.file, UID, picc=picc, mac=changed) is None


# Keys.


@pytest.fixture
def chip(keys: Any, cast: Any, moment: datetime) -> Chip:
    """The cast's label, with a chip of its own."""
    made = actions_labels.assign_chip("E0001", UID, actor="test", now=moment)
    return Chip(UID, made.meta, made.file)


def test_each_chip_has_keys_of_its_own_and_the_same_ones_each_time(keys: Any) -> None:
    found = [taps.keys_for(UID, first=True), taps.keys_for(UID[:-1] + b"\x81")]
    every = {key for each in found for key in (each.application, each.meta, each.file)}
    assert len(every) == 6
    assert all(len(key) == 16 for key in every)
    assert taps.keys_for(UID) == found[0]
    assert "application" not in repr(found[0])


def test_master_key_is_the_owner_s_alone_and_says_what_is_wrong_with_it(
    keys: Any, chip: Chip
) -> None:
    path: Path = keys.directory / "labels.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    held = path.read_bytes()
    path.chmod(0o644)
    with pytest.raises(NotReadyError, match="can be read by others"):
        taps.keys_for(UID)
    path.chmod(0o600)
    path.write_bytes(held[:-1])
    with pytest.raises(NotReadyError, match="is damaged") as error:
        taps.keys_for(UID)
    assert held.hex()[:8] not in str(error.value)


def test_command_prints_what_a_chip_is_written_with_and_logs_no_key(
    keys: Any, cast: Any, set_clock: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["server", "nfc-label", "E0001", "--uid", UID.hex(), "--host", "hemtjanst.example"]
    assert main(ask) == 0
    shown = capsys.readouterr()
    made = taps.keys_for(UID)
    for key in (made.application, made.meta, made.file):
        assert key.hex().upper() in shown.out
        assert key.hex().upper() not in shown.err
    address = f"hemtjanst.example/telefon/etikett/E0001?p={'0' * 32}&c={'0' * 16}"
    assert f"https://{address}\n" in shown.out
    file = bytes(2) + b"\xd1\x01" + bytes([len(address) + 1]) + b"U\x04" + address.encode()
    picc, mac, nothing = (int(found) for found in re.findall(r"offset (\d+)", shown.out))
    assert file[picc - 3 : picc + 32] == b"?p=" + b"0" * 32
    assert file[mac - 3 :] == b"&c=" + b"0" * 16
    assert nothing == mac
    row = AuditEvent.objects.get(verb=Verb.LABEL_WRITE)
    assert (row.object_id, row.details) == ("nfclabel:E0001", {"chip": UID.hex()})
    assert NfcLabel.objects.get(external_id="E0001").uid == UID


def test_chip_goes_to_one_label_that_can_sign(
    chip: Chip, cast: Any, moment: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    NfcLabel.objects.create(external_id="E2", client=cast.client, place="kök", kind="424")
    NfcLabel.objects.create(external_id="E3", client=cast.client, place="kök", kind="simple")
    for label, uid, why in (
        ("E9", UID, "There is no label"),
        ("E2", UID, "That chip is label E0001"),
        ("E3", UID[:-1] + b"\x00", "simple"),
        ("E2", UID[:-1], "7 bytes"),
    ):
        with pytest.raises(LabelError, match=why):
            actions_labels.assign_chip(label, uid, actor="test", now=moment)
    assert AuditEvent.objects.filter(verb=Verb.LABEL_WRITE).count() == 1


# Readings that come home.


@pytest.fixture
def alice(api: Api, set_clock: Any, moment: datetime) -> Api:
    assert api.sign_in("10001").status == 200
    set_clock(moment + 4 * HOUR)
    return api


_numbers = iter(range(1, 1_000_000))


def read(
    api: Api, moment: datetime, detail: dict[str, Any], *, label: str = "E0001", **more: Any
) -> str:
    """Bring a reading home; its verdict."""
    entry = {
        "id": str(UUID(int=next(_numbers))),
        "kind": "tap",
        "at": int((moment + HOUR).timestamp()),
        "client": "B0001",
        "detail": {"label": label, "use": "start", **detail},
        **more,
    }
    assert api.post("sync", {"entries": [entry]}).status == 200
    return PhoneEntry.objects.latest("pk").verdict


@pytest.mark.sentence(65)
@pytest.mark.sentence(66)
def test_signed_reading_names_label_client_and_counter(
    alice: Api, chip: Chip, cast: Any, moment: datetime
) -> None:
    assert read(alice, moment, chip.tap()) == "signed"
    row = PhoneEntry.objects.get()
    assert (row.label, row.client, row.employee) == (cast.label, cast.client, cast.alice)
    assert (row.chip, row.counter, row.flaw) == (UID, 1, "")
    assert NfcLabel.objects.get(pk=cast.label.pk).counter == 1


@pytest.mark.sentence(69)
@pytest.mark.parametrize("ground", CareDecision.Ground)
@pytest.mark.parametrize("service", [Service.CARE, Service.HOUSEHOLD, Service.ALARM])
def test_label_serves_whoever_has_alarm_service_or_care_by_decision_or_by_themselves(
    alice: Api, cast: Any, moment: datetime, service: Service, ground: CareDecision.Ground
) -> None:
    cast.client.provider_choices.update(service=service)
    cast.client.care_decisions.update(service=service, ground=ground)
    cast.client.planned_visits.update(services=[service])
    assert read(alice, moment, {}, visit="V000001") == "plain"
    assert PhoneEntry.objects.get().flaw == ""


@pytest.mark.threat(60)
def test_copied_reading_counts_once_whichever_phone_brings_it(
    alice: Api, bobs_phone: Handset, chip: Chip, moment: datetime
) -> None:
    copied = chip.tap()
    assert read(alice, moment, copied) == "signed"
    assert read(alice, moment, copied) == "replayed"
    bob = Api(bobs_phone.token)
    bob.sign_in("10002")
    assert read(bob, moment, copied) == "replayed"
    lower = {name: value.lower() for name, value in copied.items()}
    assert read(alice, moment, lower) == "replayed"


@pytest.mark.threat(60)
@pytest.mark.threat(55)
def test_reading_that_comes_home_late_is_as_good_as_one_that_came_at_once(
    alice: Api, bobs_phone: Handset, chip: Chip, cast: Any, moment: datetime
) -> None:
    first, second = chip.tap(), chip.tap()
    bob = Api(bobs_phone.token)
    bob.sign_in("10002")
    assert read(bob, moment, second) == "signed"
    assert read(alice, moment, first) == "signed"
    assert read(alice, moment, second) == "replayed"
    assert NfcLabel.objects.get(pk=cast.label.pk).counter == 2


@pytest.mark.threat(60)
def test_two_copies_in_one_sync_count_once(alice: Api, chip: Chip, moment: datetime) -> None:
    detail = {"label": "E0001", "use": "start", **chip.tap()}
    entries = [
        {"id": str(UUID(int=n)), "kind": "tap", "at": int(moment.timestamp()), "detail": detail}
        for n in (1, 2)
    ]
    assert alice.post("sync", {"entries": entries}).status == 200
    assert sorted(PhoneEntry.objects.values_list("verdict", flat=True)) == ["replayed", "signed"]


@pytest.mark.threat(60)
@pytest.mark.parametrize(
    "detail",
    [
        {"picc": "EF963FF7828658A599F3041510671E88", "mac": "94EED9EE65337086"},
        {"picc": "00" * 16, "mac": "00" * 8},
        {"picc": "zz" * 16, "mac": "00" * 8},
        {"picc": "00" * 15, "mac": "00" * 8},
        {"picc": "00" * 16},
        {"mac": "00" * 8},
    ],
)
def test_what_the_chip_did_not_sign_is_forged(
    alice: Api, chip: Chip, moment: datetime, detail: dict[str, str]
) -> None:
    assert read(alice, moment, detail) == "forged"


@pytest.mark.threat(60)
def test_reading_of_one_label_is_nothing_at_another(
    alice: Api, chip: Chip, cast: Any, moment: datetime
) -> None:
    other = NfcLabel.objects.create(
        external_id="E2", client=cast.other_client, place="hall", kind="424"
    )
    actions_labels.assign_chip("E2", UID[:-1] + b"\x81", actor="test", now=moment)
    assert read(alice, moment, chip.tap(), label=other.external_id) == "forged"


@pytest.mark.threat(60)
def test_address_without_signature_is_plain_or_unsigned_by_what_the_label_is(
    alice: Api, chip: Chip, cast: Any, moment: datetime
) -> None:
    NfcLabel.objects.create(external_id="E2", client=cast.client, place="kök", kind="simple")
    NfcLabel.objects.create(external_id="E3", client=cast.client, place="kök", kind="424")
    assert read(alice, moment, {}) == "unsigned"
    assert read(alice, moment, {}, label="E2") == "plain"
    assert read(alice, moment, chip.tap(), label="E2") == "forged"
    assert read(alice, moment, {}, label="E3") == "plain"
    assert read(alice, moment, {}, label="E9") == "unknown"
    assert PhoneEntry.objects.latest("pk").flaw == "unknown_label"


def test_new_chip_on_a_label_begins_its_own_count_and_ends_the_old_one_s(
    alice: Api, chip: Chip, cast: Any, moment: datetime
) -> None:
    assert read(alice, moment, chip.tap()) == "signed"
    uid = UID[:-1] + b"\x81"
    made = actions_labels.assign_chip("E0001", uid, actor="test", now=moment)
    new = Chip(uid, made.meta, made.file)
    assert read(alice, moment, new.tap()) == "signed"
    assert read(alice, moment, chip.tap()) == "forged"
    assert NfcLabel.objects.get(pk=cast.label.pk).counter == 1


def test_missing_master_key_accuses_nobody_and_stops_nothing(
    alice: Api, keys: Any, chip: Chip, moment: datetime
) -> None:
    (keys.directory / "labels.key").unlink()
    assert read(alice, moment, chip.tap()) == "unsigned"
    with pytest.raises(NotReadyError, match="restore it from a copy"):
        actions_labels.assign_chip("E0001", UID, actor="test", now=moment)
    assert not (keys.directory / "labels.key").exists()
