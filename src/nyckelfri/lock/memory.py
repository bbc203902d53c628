"""What a commissioned lock knows, as values of the door room, kept by the store.

House rules: whatever changes here is committed before anybody acts on it; one commit a change,
so that state and journal never disagree. The clock of the journal is the lock's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import clock, delivery, fields, journal, keyset, signed
from nyckelfri.door.clock import Mark, Reading
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.keyset import Purpose, Root
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.policy import Situation, Stay
from nyckelfri.door.signed import SignatureError
from nyckelfri.door.trust import Taken, Trust
from nyckelfri.lock.store import Store, Update, Written
from nyckelfri.lock.store_state import Identity, Tip, private_key

NOTABLE_MOVE: Final = 120
"""Seconds by which a time token must move the clock to be worth an entry."""
BATTERY_STEP: Final = 5
"""Percent between two battery entries."""


class Memory:
    """Trust, clock, identity and journal of one commissioned lock.

    `ticks` are seconds of a counter that never jumps; `hardware` is what the hardware clock
    said at start, None without one; `set_hardware` is called with Unix seconds whenever the
    server has told the time.
    """

    def __init__(
        self,
        store: Store,
        *,
        ticks: Callable[[], float],
        hardware: int | None,
        set_hardware: Callable[[int], None] = lambda _seconds: None,
    ) -> None:
        identity = store.state.identity
        if identity is None:
            raise fields.ObjectError("this unit is not commissioned yet")
        self._store = store
        self._ticks = ticks
        self._set_hardware = set_hardware
        self._identity = identity
        self.key = private_key(identity.dh_key)
        self._signing_key = private_key(identity.signing_key)
        self.trust = self._load_trust(identity, hardware)

    @property
    def installation(self) -> bytes:
        """The 8-byte id of this installation."""
        return self._identity.installation

    @property
    def radio_key(self) -> bytes:
        """The key of the advertised pseudonym."""
        return self._identity.radio_key

    @property
    def kind(self) -> Kind:
        """Thumb-turn or entrance unit."""
        return Kind(self._store.state.factory.kind)

    @property
    def tip(self) -> Tip:
        """The newest entry, and the newest that the server has acknowledged."""
        return self._store.state.running.tip

    @property
    def reading(self) -> Reading:
        """The clock, now."""
        return self.trust.clock.read(self._now_ticks())

    def situation(self, strength: int | None) -> Situation:
        """Everything a decision needs; `strength` in dBm."""
        return Situation(
            clock=self.reading,
            bulletin=self.trust.bulletin,
            stay=self._store.state.running.stay,
            strength=strength,
            threshold=self._identity.threshold,
        )

    def write(self, *details: journal.Detail, stay: Stay | None = None) -> list[Written]:
        """Commit journal entries, and the stay that the first of them begins."""
        return self._store.commit(details, now=self.reading, update=Update(stay=stay))

    def take_key_set(self, data: bytes) -> Taken:
        """Take a key set from a phone, if it is newer."""
        trust, taken = self.trust.with_key_set(data, self._now_ticks())
        if Purpose.SEALING in trust.key_set.missing:
            # With it no entry could be written, and so no door be opened.
            return Taken.REFUSED
        new_epoch = trust.key_set.epoch > self.trust.key_set.epoch
        entry = journal.KeySetTaken(trust.key_set.number, trust.key_set.epoch)
        self._keep(trust, taken, entry, new_epoch=new_epoch)
        if new_epoch:
            # What the old server's keys could set must not come back at the next start.
            self._set_hardware(self.reading.time)
        return taken

    def take_bulletin(self, data: bytes) -> Taken:
        """Take revocations and time from a phone, if they are newer."""
        trust, taken = self.trust.with_bulletin(data, self._now_ticks())
        self._keep(trust, taken)
        return taken

    def take_time(self, data: bytes, nonce: bytes) -> Taken:
        """Take a time token that answers this session's nonce."""
        before = self.reading.time
        trust, taken = self.trust.with_time(
            data, installation=self.installation, nonce=nonce, ticks=self._now_ticks()
        )
        after = trust.clock.estimate(self._now_ticks())
        moved = [journal.ClockMoved(before, after)] if abs(after - before) > NOTABLE_MOVE else []
        self._keep(trust, taken, *moved)
        if taken is Taken.TAKEN:
            self._set_hardware(after)
        return taken

    def take_receipt(self, data: bytes) -> Taken:
        """Note that the server has the journal up to a number, if the head is ours."""
        try:
            receipt = delivery.open_receipt(
                data, self.trust.key_set, installation=self.installation
            )
        except (SignatureError, fields.ObjectError):
            return Taken.REFUSED
        return self._store.acknowledge(receipt.number, receipt.head)

    def batch(self, first: int) -> bytes | None:
        """A signed batch from entry `first` (0: the oldest not acknowledged); None: no more."""
        piece = self._store.piece(first)
        if piece is None:
            return None
        return delivery.sign_batch(
            piece.segments,
            installation=self.installation,
            first=piece.first,
            previous=piece.previous,
            key=self._signing_key,
        )

    def new_label(self, data: bytes, secret: bytes) -> bytes | None:
        """The signed label with this new secret, if `data` is the root's release of this lock.

        Nothing changes by that; None if it is not.
        """
        identity, factory = self._identity, self._store.state.factory
        try:
            release = Release.read(data, self.trust.root)
        except (SignatureError, fields.ObjectError):
            return None
        if not release.frees(installation=self.installation, nonce=identity.release_nonce):
            return None
        label = Label(
            self.trust.root.municipality,
            self.installation,
            self.kind,
            signed.coordinate(private_key(factory.static_key).public_key()),
            secret,
        )
        return label.sign(self._signing_key)

    def release(self, secret: bytes) -> None:
        """Forget everything, and be a factory-new unit with this printed secret."""
        self._store.release(secret)

    def note_battery(self, percent: int | None) -> None:
        """Write the battery's charge when it has crossed a step since it was last written."""
        last = self._store.state.running.battery
        if percent is None:
            return
        if last is None or percent // BATTERY_STEP < last // BATTERY_STEP or percent > last:
            update = Update(battery=percent)
            self._store.commit([journal.Battery(percent)], now=self.reading, update=update)

    def checkpoint(self) -> None:
        """Save the clock's estimate, so that a restart knows where to begin."""
        self._store.checkpoint(self.reading)

    def settle(self) -> None:
        """After a start: say what became of what the power cut interrupted."""
        running = self._store.state.running
        details: list[journal.Detail] = [
            journal.Outcome(intent, journal.MotorResult.UNKNOWN) for intent in running.pending
        ]
        if running.repaired:
            details.insert(0, journal.Fault(journal.FaultCode.STORE_REPAIRED))
        if self.trust.clock.mark is Mark.LOST and running.clock.mark is not Mark.LOST:
            details.append(journal.Fault(journal.FaultCode.CLOCK_LOST))
        self.write(*details)

    def _now_ticks(self) -> int:
        return int(self._ticks())

    def _keep(
        self, trust: Trust, taken: Taken, *details: journal.Detail, new_epoch: bool = False
    ) -> None:
        if taken is not Taken.TAKEN:
            return
        update = Update(
            floor=trust.clock.floor,
            new_epoch=new_epoch,
            key_set=trust.key_set.payload,
            bulletin=trust.bulletin.payload if trust.bulletin else None,
        )
        self._store.commit(details, now=trust.clock.read(self._now_ticks()), update=update)
        self.trust = trust

    def _load_trust(self, identity: Identity, hardware: int | None) -> Trust:
        state = self._store.state
        saved = state.running.clock
        if state.key_set is None:
            raise fields.ObjectError("the store holds no key set")
        return Trust(
            root=Root.read(identity.root),
            key_set=keyset.from_payload(state.key_set),
            bulletin=bulletins.from_payload(state.bulletin) if state.bulletin else None,
            clock=clock.started(
                floor=saved.floor,
                checkpoint=saved.checkpoint,
                mark=saved.mark,
                hardware=hardware,
                ticks=self._now_ticks(),
            ),
        )
