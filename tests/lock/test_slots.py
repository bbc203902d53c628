"""Updates: what is not signed, newer, for this unit and whole never runs; a bad one goes back."""

from __future__ import annotations

import hashlib
import os
import resource
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doorworld import Municipality, identifier

from nyckelfri.door import ownership, signed, update
from nyckelfri.door.update import Manifest
from nyckelfri.lock.slots import Slots, Trial, UpdateError

MODEL = "thumb-turn-1"
OLD = b"the program that runs " * 100
NEW = b"the program to come " * 150
OTHER = Municipality.make(seed=500)


@pytest.fixture
def slots(tmp_path: Path) -> Slots:
    return Slots.create(tmp_path / "slots", MODEL, version=4, image=OLD)


def manifest(municipality: Municipality, image: bytes = NEW, **changes: Any) -> bytes:
    digest = hashlib.sha256(image).digest()
    told = Manifest(municipality.root.municipality, MODEL, 5, len(image), digest)
    return municipality.sign_root(replace(told, **changes).payload, update.TYP)


def send(slots: Slots, data: bytes, municipality: Municipality, image: bytes = NEW) -> None:
    with slots.take(data, municipality.root) as incoming:
        for at in range(0, len(image), 700):
            incoming.write(image[at : at + 700])
        incoming.finish()


def again(slots: Slots) -> Slots:
    """After a restart of the unit."""
    return Slots(slots._folder, MODEL)


def content(slots: Slots) -> bytes:
    """What the boot loader starts."""
    return slots.image(slots.start()).read_bytes()


def test_an_update_runs_after_the_next_start_and_stays_when_it_is_healthy(
    slots: Slots, municipality: Municipality
) -> None:
    data = manifest(municipality)
    send(slots, data, municipality)
    assert (slots.trial, slots.running.version) == (Trial.READY, 4)
    slots = again(slots)
    assert content(slots) == NEW
    assert slots.running.version == 5
    slots.healthy()
    for _ in range(3):
        slots = again(slots)
        assert content(slots) == NEW
    assert slots.manifest(slots.running) == data


def test_an_update_that_does_not_say_that_it_is_healthy_is_started_once(
    slots: Slots, municipality: Municipality
) -> None:
    send(slots, manifest(municipality), municipality)
    assert content(again(slots)) == NEW
    for _ in range(3):
        slots = again(slots)
        assert content(slots) == OLD
    assert (slots.running.version, slots.trial) == (4, Trial.NONE)
    send(slots, manifest(municipality), municipality)
    assert content(again(slots)) == NEW, "it may be tried again"


def test_updates_change_slots_and_the_one_that_runs_is_never_written_to(
    slots: Slots, municipality: Municipality
) -> None:
    for version in range(5, 9):
        image = NEW + bytes([version])
        running = slots.image(slots.running)
        before = running.read_bytes()
        send(slots, manifest(municipality, image, version=version), municipality, image)
        assert running.read_bytes() == before
        slots = again(slots)
        assert content(slots) == image
        slots.healthy()


@pytest.mark.threat(25)
@pytest.mark.parametrize("version", [1, 3, 4])
def test_an_older_or_equal_version_is_refused_before_a_byte_is_written(
    slots: Slots, municipality: Municipality, version: int
) -> None:
    with pytest.raises(UpdateError, match="or a newer one"):
        slots.take(manifest(municipality, version=version), municipality.root)
    assert content(again(slots)) == OLD


@pytest.mark.threat(25)
def test_the_version_before_is_refused_after_an_update_that_was_healthy(
    slots: Slots, municipality: Municipality
) -> None:
    send(slots, manifest(municipality, version=9), municipality)
    slots = again(slots)
    slots.start()
    slots.healthy()
    with pytest.raises(UpdateError, match="or a newer one"):
        slots.take(manifest(municipality, version=8), municipality.root)


@pytest.mark.threat(25)
def test_an_update_for_another_model_is_refused(slots: Slots, municipality: Municipality) -> None:
    with pytest.raises(UpdateError, match="another model"):
        slots.take(manifest(municipality, model="entrance-1"), municipality.root)
    assert content(again(slots)) == OLD


@pytest.mark.threat(8)
@pytest.mark.threat(25)
def test_what_our_root_did_not_sign_as_an_update_is_refused(
    slots: Slots, municipality: Municipality
) -> None:
    told = update.from_payload(
        Manifest(municipality.root.municipality, MODEL, 5, 9, bytes(32)).payload
    )
    for wrong in (
        b"",
        bytes(9_000),
        told.payload,
        manifest(OTHER),
        municipality.sign_root(
            replace(told, municipality=identifier("elsewhere")).payload, update.TYP
        ),
        OTHER.sign_root(told.payload, update.TYP),
        municipality.sign_root(told.payload, update.TYP, (1,)),
        municipality.sign_root(told.payload, ownership.RELEASE_TYP),
        signed.sign(told.payload, key=municipality.grant_key, typ=update.TYP, kid=b"\x01"),
    ):
        with pytest.raises(UpdateError, match="not an update signed by this unit's root"):
            slots.take(wrong, municipality.root)
    assert content(again(slots)) == OLD


@pytest.mark.threat(25)
@pytest.mark.parametrize(
    "image",
    [NEW[:-1], NEW[:-1] + b"x", b"", b"x" + NEW[1:], OLD],
    ids=["short", "last byte", "nothing", "first byte", "another image"],
)
def test_an_image_that_is_not_what_the_root_signed_never_runs(
    slots: Slots, municipality: Municipality, image: bytes
) -> None:
    with pytest.raises(UpdateError, match="not what the root signed"):
        send(slots, manifest(municipality), municipality, image)
    assert content(again(slots)) == OLD


@pytest.mark.threat(25)
def test_a_longer_image_is_refused_at_the_byte_too_many(
    slots: Slots, municipality: Municipality
) -> None:
    with pytest.raises(UpdateError, match="longer than"):
        send(slots, manifest(municipality), municipality, NEW + b"x")
    assert content(again(slots)) == OLD


@pytest.mark.threat(25)
def test_a_transfer_cut_at_any_piece_leaves_the_program_that_runs(
    slots: Slots, municipality: Municipality
) -> None:
    for until in range(0, len(NEW), 700):
        incoming = slots.take(manifest(municipality), municipality.root)
        for at in range(0, until, 700):
            incoming.write(NEW[at : at + 700])
        slots = again(slots)
        assert content(slots) == OLD
        incoming._close()
    send(slots, manifest(municipality), municipality)
    assert content(again(slots)) == NEW


class PowerGoneError(Exception):
    """Nothing happens any more."""


def cut(monkeypatch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """The power goes at the `at`-th change of the disk, a write half-way; how many there were."""
    made = 0
    real = {name: getattr(os, name) for name in ("write", "fsync", "replace", "open")}

    def wrapped(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal made
            if name == "open" and not arguments[1] & os.O_CREAT:
                return real[name](*arguments, **named)
            made += 1
            if made > at:
                if name == "write" and made == at + 1:
                    real["write"](arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise PowerGoneError
            return real[name](*arguments, **named)

        return call

    for name in real:
        monkeypatch.setattr(f"nyckelfri.lock.slots.os.{name}", wrapped(name))
    return lambda: made


@pytest.mark.threat(20)
@pytest.mark.threat(25)
def test_power_cut_at_every_change_of_the_disk_leaves_a_program_that_runs(
    tmp_path: Path, municipality: Municipality
) -> None:
    """From the first byte of an update to the moment it is healthy."""
    data = manifest(municipality)

    def life(slots: Slots) -> None:
        send(slots, data, municipality)
        slots.start()
        slots.healthy()

    found = set()
    for at in range(200):
        slots = Slots.create(tmp_path / f"unit {at}", MODEL, version=4, image=OLD)
        finished = False
        with pytest.MonkeyPatch.context() as patch:
            cut(patch, at)
            with suppress(PowerGoneError):
                life(slots)
                finished = True
        slots = again(slots)
        first = content(slots)
        assert first in {OLD, NEW}
        second = content(again(slots))
        assert second == (NEW if finished else second)
        assert second in {OLD, NEW}
        found.add((first == NEW, second == NEW))
        if finished:
            break
        send_again = again(slots)
        if send_again.running.version == 4 and send_again.trial is Trial.NONE:
            send(send_again, data, municipality)
            assert content(again(send_again)) == NEW, "and the unit can still be updated"
    assert finished
    assert found == {(False, False), (True, False), (True, True)}


@pytest.mark.threat(25)
@pytest.mark.threat(43)
def test_a_full_disk_refuses_the_update_and_the_unit_goes_on(
    slots: Slots, municipality: Municipality
) -> None:
    image = NEW * 40
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    try:
        with pytest.raises(UpdateError, match="check the disk"):
            send(slots, manifest(municipality, image), municipality, image)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert content(again(slots)) == OLD
    send(slots, manifest(municipality, image), municipality, image)
    assert content(again(slots)) == image


@pytest.mark.threat(21)
@pytest.mark.threat(25)
def test_an_image_that_was_damaged_after_it_was_checked_is_not_started(
    slots: Slots, municipality: Municipality
) -> None:
    send(slots, manifest(municipality), municipality)
    path = slots._folder / "b.image"
    path.write_bytes(NEW[:-1] + b"!")
    assert content(again(slots)) == OLD


def test_a_second_update_waits_for_the_verdict_on_the_first(
    slots: Slots, municipality: Municipality
) -> None:
    send(slots, manifest(municipality), municipality)
    slots = again(slots)
    slots.start()
    with pytest.raises(UpdateError, match="on trial"):
        slots.take(manifest(municipality, version=6), municipality.root)


def test_an_update_that_ended_takes_no_more(slots: Slots, municipality: Municipality) -> None:
    with slots.take(manifest(municipality), municipality.root) as incoming:
        incoming.write(NEW[:10])
    with pytest.raises(UpdateError, match="has ended"):
        incoming.write(b"x")
    with pytest.raises(UpdateError, match="has ended"):
        incoming.finish()


def test_slots_are_made_once_and_say_when_there_are_none(slots: Slots, tmp_path: Path) -> None:
    with pytest.raises(UpdateError, match="made once"):
        Slots.create(slots._folder, MODEL, version=1, image=b"x")
    with pytest.raises(UpdateError, match="make them in the factory"):
        Slots(tmp_path, MODEL)
    (slots._folder / "slots").write_bytes(b"\x80")
    with pytest.raises(UpdateError, match="make them in the factory"):
        Slots(slots._folder, MODEL)
