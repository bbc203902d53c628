"""Targets: CBOR, framing, and texts that a person or a file brings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cbor2

from fuzz import ROOT, vectors
from fuzz.choices import Choices
from fuzz.scratch import scratch
from fuzz.target import Seeds, Target, hold, slug
from nyckelfri import cbor
from nyckelfri.clock import DeclaredClock
from nyckelfri.door import framing
from nyckelfri.door.commissioning import Printed
from nyckelfri.door.fields import ObjectError
from nyckelfri.lock import config

# CBOR


def one_item(data: bytes) -> None:
    """decode: CborError or a value that encodes to the same bytes, and reads so elsewhere."""
    try:
        value = cbor.decode(data)
    except cbor.CborError:
        return
    hold(cbor.encode(value) == data, "what decodes encodes to the same bytes")
    hold(_alike(cbor2.loads(data), value), "another reader understands the same")


def sequence(data: bytes) -> None:
    """decode_sequence and split_sequence agree, and are written back."""
    try:
        values = cbor.decode_sequence(data, max_depth=4)
    except cbor.CborError:
        values = None
    try:
        pieces = cbor.split_sequence(data, max_depth=4)
    except cbor.CborError:
        hold(values is None, "both readers of sequences refuse the same")
        return
    hold(values is not None, "both readers of sequences accept the same")
    hold(b"".join(pieces) == data, "the pieces are the sequence")
    hold([cbor.encode(value) for value in values or ()] == pieces, "each piece is written back")


def _alike(theirs: Any, ours: Any) -> bool:
    if type(theirs) is not type(ours):
        return False
    if isinstance(ours, dict):
        return [*theirs] == [*ours] and all(_alike(theirs[key], ours[key]) for key in ours)
    if isinstance(ours, list):
        return len(theirs) == len(ours) and all(map(_alike, theirs, ours))
    return bool(theirs == ours)


def _cbor_seeds() -> Seeds:
    found = vectors.read("cbor")
    for case in (*found["accepted"], *found["refused"]):
        if isinstance(case["hex"], str) and len(case["hex"]) <= 600:
            yield slug(case["name"]), bytes.fromhex(case["hex"])


# Framing


def assembler(data: bytes) -> None:
    """Any stream, cut anywhere, under limits that change, gives the messages it holds or an end."""
    choices = Choices(data)
    limit = choices.one_of((64, 1, 255, 40_960, 65_535))
    cuts = choices.chunk()
    stream = choices.rest()
    whole, broken = _assemble([stream], limit)
    cut, cut_broken = _assemble(_cut(stream, cuts), limit)
    hold((whole, broken) == (cut, cut_broken), "where a stream is cut makes no difference")
    hold(all(1 <= len(message) <= limit for message in whole), "no message is over the limit")
    written = b"".join(b"".join(framing.cut(message, 7)) for message in whole)
    hold(stream.startswith(written), "what was understood is written back")
    if not broken:
        hold(len(stream) - len(written) < framing.HEADER + limit, "no whole message is kept back")


def _cut(stream: bytes, sizes: bytes) -> list[bytes]:
    pieces = []
    for size in sizes:
        pieces.append(stream[:size])
        stream = stream[size:]
    return [*pieces, stream]


def _assemble(pieces: list[bytes], limit: int) -> tuple[list[bytes], bool]:
    found: list[bytes] = []
    reader = framing.Assembler(limit)
    try:
        for piece in pieces:
            reader.push(piece)
            while (message := reader.take()) is not None:
                found.append(message)
    except framing.FramingError:
        try:
            reader.feed(b"\x00\x01\x00")
        except framing.FramingError:
            return found, True
        hold(condition=False, what="a broken stream stays broken")
    return found, False


def _framing_seeds() -> Seeds:
    for case in vectors.read("framing")["assemble"]:
        pieces = [bytes.fromhex(piece) for piece in case["pieces"]]
        if sum(map(len, pieces)) <= 1000:
            cuts = bytes(min(len(piece), 255) for piece in pieces)
            yield slug(case["name"]), bytes([0, len(cuts)]) + cuts + b"".join(pieces)


# Texts


def _text(read: Callable[[str], None]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        read(data.decode("utf-8", "surrogateescape"))

    return run


def label(text: str) -> None:
    """Printed.read: ObjectError, or the code that is written back."""
    try:
        printed = Printed.read(text)
    except ObjectError:
        return
    hold(printed.text() == text.strip(), "a code has one form")
    hold(printed.secret.hex() not in repr(printed), "the secret is not shown")


def declared_clock(text: str) -> None:
    """DeclaredClock.parse: ValueError, or a clock that tells a time and is written back."""
    try:
        clock = DeclaredClock.parse(text)
    except ValueError:
        return
    hold(math.isfinite(clock.at(clock.anchor + 1e9)), "the clock tells a time")
    again = DeclaredClock.parse(str(clock))
    hold(abs(again.at(2e9) - clock.at(2e9)) <= 1 + clock.speed, "a clock is handed on as it is")


def lock_config(data: bytes) -> None:
    """config.read: ConfigError, or a configuration with one kind of hardware."""
    path = scratch() / "lock.toml"
    path.write_bytes(data)
    try:
        found = config.read(path)
    except config.ConfigError as error:
        hold(str(error).startswith(str(path)), "the error names the file")
        return
    hold((found.simulated is None) != (found.gpio is None), "exactly one kind of hardware")
    hold(isinstance(found.store, str) and isinstance(found.transport, str), "names are text")
    if found.gpio is not None:
        hold(all(type(line) is int for line in found.gpio.outputs), "lines are numbers")


def _label_seeds() -> Seeds:
    for case in vectors.read("opening")["cases"]:
        if "label" in case:
            yield slug(case["name"]), case["label"].encode()
    yield "other", b"NYCKELFRI:2:AEAQ"


def _clock_seeds() -> Seeds:
    yield "whole", b"1794222000@1794200000*1"
    yield "fast", b"1794222000@1794200000.25*60.5"
    yield "wrong", b"now"


def _config_seeds() -> Seeds:
    text = (ROOT / "docs/subsystems/lock.md").read_text("utf-8")
    head, gpio = (part.split("```")[0] for part in text.split("```toml\n")[1:3])
    yield "simulated", head.encode()
    yield "gpio", (head.split("[simulated]")[0] + gpio).encode()
    yield "wrong-type", b'store = 1\ntransport = "usb:0"\n[simulated]\n'


TARGETS = (
    Target("cbor", one_item, _cbor_seeds),
    Target("cbor_sequence", sequence, lambda: list(_cbor_seeds())[::4]),
    Target("framing", assembler, _framing_seeds),
    Target("label", _text(label), _label_seeds, longest=256, share=0.5),
    Target("declared_clock", _text(declared_clock), _clock_seeds, longest=64, share=0.3),
    Target("lock_config", lock_config, _config_seeds, share=0.7),
)
