"""Two places for the lock's program in one folder: one runs, the other takes an update.

House rules: the image that runs is never written to; what is not wholly there, checked and marked
is as if it had never come. A version only rises, but for the way back from an update on trial.
Everything that is remembered is one small file that is replaced whole (docs/protocol.md, 10).

A unit's boot loader calls `start`, its program calls `healthy`; here both are simulated.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from nyckelfri import cbor
from nyckelfri.door import fields, update
from nyckelfri.door.signed import SignatureError
from nyckelfri.door.update import Manifest

if TYPE_CHECKING:
    from nyckelfri.door.keyset import Root

_STATE: Final = "slots"
_PIECE: Final = 65_536
_MAX_STATE: Final = 1_024


class UpdateError(Exception):
    """The update is not taken; the program that runs is untouched. The text says what to do."""


class Trial(IntEnum):
    """How far the slot that does not run has come."""

    NONE = 0
    """Nothing there that may be started."""
    READY = 1
    """Whole and checked; the next start is from it."""
    STARTED = 2
    """It has been started once and has not said that it is healthy."""


@dataclass(frozen=True, slots=True)
class Program:
    """An image on the disk: which slot (0 or 1), version, size in bytes, SHA-256."""

    slot: int
    version: int
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class _State:
    """What is remembered: the program that is known to be good, and one that may follow it."""

    good: Program
    new: Program | None = None
    trial: Trial = Trial.NONE


class Slots:
    """The two slots of a unit of this model, in `folder`."""

    def __init__(self, folder: Path, model: str) -> None:
        self._folder = folder
        self._model = model
        self._state = self._read()

    @classmethod
    def create(cls, folder: Path, model: str, *, version: int, image: bytes) -> Self:
        """The slots of a unit that leaves the factory with this program."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (folder / _STATE).exists():
            raise UpdateError(f"{folder} holds slots already: they are made once")
        good = Program(0, version, len(image), hashlib.sha256(image).digest())
        with _saying("the first program cannot be written"):
            _write_whole(_image(folder, 0), image)
            _write_whole(folder / _STATE, _encode(_State(good)))
        return cls(folder, model)

    @property
    def running(self) -> Program:
        """The program that runs: the one on trial once it has been started."""
        new = self._state.new
        return new if new is not None and self._state.trial is Trial.STARTED else self._state.good

    @property
    def trial(self) -> Trial:
        """How far an update has come."""
        return self._state.trial

    def image(self, program: Program) -> Path:
        """Where a program lies."""
        return _image(self._folder, program.slot)

    def manifest(self, program: Program) -> bytes | None:
        """The root-signed update that a program came with; None for the factory's."""
        with suppress(FileNotFoundError):
            return self._manifest_path(program.slot).read_bytes()
        return None

    def start(self) -> Program:
        """What to start now, as the boot loader asks: an update once, then only if it was well.

        Raises UpdateError when not even the good image is whole.
        """
        state = self._state
        if state.new is not None and state.trial is Trial.READY and self._whole(state.new):
            self._save(replace(state, trial=Trial.STARTED))
            return state.new
        if state.new is not None:
            self._save(_State(state.good))
        if not self._whole(state.good):
            raise UpdateError("the program's image is damaged: send the unit in")
        return state.good

    def healthy(self) -> None:
        """The program that runs works: there is no way back to the one before it."""
        new = self._state.new
        if new is not None and self._state.trial is Trial.STARTED:
            self._save(_State(new))

    def take(self, manifest: bytes, root: Root) -> Incoming:
        """Begin an update; UpdateError before anything is written if it is not for this unit."""
        try:
            told = update.read(manifest, root)
        except (SignatureError, fields.ObjectError) as error:
            raise UpdateError(f"not an update signed by this unit's root: {error}") from None
        if self._state.trial is Trial.STARTED:
            raise UpdateError("an update is on trial: wait until it says that it is healthy")
        unfit = update.judge(told, model=self._model, running=self.running.version)
        if unfit is not None:
            raise UpdateError(unfit.value)
        # From here on the other slot holds nothing that may be started.
        self._save(_State(self._state.good))
        slot = 1 - self._state.good.slot
        with _saying("the other slot cannot be written"):
            for path in (_image(self._folder, slot), self._manifest_path(slot)):
                path.unlink(missing_ok=True)
            descriptor = _new_file(_image(self._folder, slot))
        return Incoming(self, told, manifest, descriptor, slot)

    def _taken(self, told: Manifest, manifest: bytes, slot: int) -> None:
        """Mark what has been written for a trial, once it is what the root signed."""
        new = Program(slot, told.version, told.size, told.digest)
        if not self._whole(new):
            raise UpdateError("the image is not what the root signed: fetch it again")
        with _saying("the manifest cannot be written"):
            _write_whole(self._manifest_path(slot), manifest)
        self._save(_State(self._state.good, new, Trial.READY))

    def _whole(self, program: Program) -> bool:
        """Whether the image on the disk has this size and digest."""
        path = self.image(program)
        digest = hashlib.sha256()
        try:
            if path.stat().st_size != program.size:
                return False
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
        except OSError:
            return False
        return digest.digest() == program.digest

    def _manifest_path(self, slot: int) -> Path:
        return self._folder / f"{'ab'[slot]}.update"

    def _save(self, state: _State) -> None:
        if state != self._state:
            with _saying("the slots cannot be marked"):
                _write_whole(self._folder / _STATE, _encode(state))
            self._state = state

    def _read(self) -> _State:
        try:
            with (self._folder / _STATE).open("rb") as file:
                return _decode(file.read(_MAX_STATE))
        except (OSError, cbor.CborError, fields.ObjectError):
            raise UpdateError(f"{self._folder} holds no slots: make them in the factory") from None


class Incoming:
    """An update on its way into the other slot. A context manager; leaving it early drops it."""

    def __init__(
        self, slots: Slots, told: Manifest, manifest: bytes, descriptor: int, slot: int
    ) -> None:
        self._slots = slots
        self._told = told
        self._manifest = manifest
        self._file: int | None = descriptor
        self._slot = slot
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, piece: bytes) -> None:
        """The next bytes of the image; UpdateError when there are more than were announced."""
        if self._file is None:
            raise UpdateError("this update has ended: begin it anew")
        if self._size + len(piece) > self._told.size:
            self._close()
            raise UpdateError("the image is longer than the root signed: fetch it again")
        with _saying("the image cannot be written"):
            _write_all(self._file, piece)
        self._size += len(piece)

    def finish(self) -> None:
        """Check what is on the disk, and mark it for a trial at the next start; UpdateError."""
        if self._file is None:
            raise UpdateError("this update has ended: begin it anew")
        try:
            with _saying("the image cannot be written"):
                os.fsync(self._file)
        finally:
            self._close()
        self._slots._taken(self._told, self._manifest, self._slot)  # noqa: SLF001 - its other half

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _image(folder: Path, slot: int) -> Path:
    return folder / f"{'ab'[slot]}.image"


@contextmanager
def _saying(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UpdateError(f"{what} ({error.strerror}): check the disk and its space") from None


def _new_file(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _write_whole(path: Path, data: bytes) -> None:
    """Put `data` in the place of `path`, all of it or nothing, on stable storage."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = _new_file(draft)
    try:
        _write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(draft, path)  # noqa: PTH105 - as one with the other calls that a test may cut
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _encode(state: _State) -> bytes:
    new = None if state.new is None else _row(state.new)
    return cbor.encode([_row(state.good), new, int(state.trial)])


def _row(program: Program) -> list[int | bytes]:
    return [program.slot, program.version, program.size, program.digest]


def _decode(data: bytes) -> _State:
    match cbor.decode(data):
        case [good, new, trial]:
            return _State(
                _program(good),
                None if new is None else _program(new),
                Trial(fields.integer(trial, "the trial", most=max(Trial))),
            )
    raise fields.ObjectError("the slots' state is malformed")


def _program(value: cbor.Value) -> Program:
    match value:
        case [slot, version, size, digest]:
            return Program(
                fields.integer(slot, "the slot", most=1),
                fields.integer(version, "the version", least=1),
                fields.integer(size, "the size"),
                fields.byte_string(digest, update.DIGEST_BYTES, "the digest"),
            )
    raise fields.ObjectError("a slot's state is malformed")
