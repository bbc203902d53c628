"""An installer's phone lets a unit go (docs/protocol.md, 10).

House rules: the whole journal first; the new label is on stable storage before the lock is told
that it may forget; whether it did is never guessed.
"""

from __future__ import annotations

from nyckelfri.door import courier as records
from nyckelfri.door.courier import CourierError
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.signed import SignatureError
from nyckelfri.door.trust import Taken
from nyckelfri.phone import wire
from nyckelfri.phone.client import BlockedError, Client, ServerError
from nyckelfri.phone.errand import Errand
from nyckelfri.phone.labels import Labels
from nyckelfri.phone.store import Store
from nyckelfri.phone.values import Door


class ReleaseError(Exception):
    """The unit was not let go; the text says what to do."""


def order_for(store: Store, door: Door, given: bytes | None) -> bytes:
    """The root-signed release for this door: `given`, or what the server ordered; ReleaseError."""
    data = given if given is not None else store.order(door.installation)
    if data is None:
        raise ReleaseError("no order to let this unit go: sync, or ask your planner for one")
    try:
        release = Release.read(data, store.trusted().root)
    except (SignatureError, ObjectError) as error:
        raise ReleaseError(f"this is no order of your municipality ({error})") from None
    if release.installation != door.installation:
        raise ReleaseError("the order is for another lock: check which door you stand at")
    return data


class LettingGo:
    """What a phone does last in its errand at a lock that it may let go."""

    def __init__(self, labels: Labels, door: Door, order: bytes) -> None:
        self._labels = labels
        self._door = door
        self._order = order

    async def __call__(self, errand: Errand) -> None:
        """Release, keep the label, confirm; raises ReleaseError, CourierError or LinkError."""
        if not errand.fetched_all:
            raise ReleaseError(
                "the lock's log has not come whole: sync where there is coverage, then try again"
            )
        answer = await errand.ask(records.ReleaseRecord(self._order))
        if not isinstance(answer, records.Released):
            raise ReleaseError("the lock does not take this order: ask your planner for a new one")
        self._check(answer.data)
        self._labels.keep(self._door.installation, answer.data)
        done = await errand.ask(records.Confirm())
        if done != records.Applied(records.Confirm.TYPE, Taken.TAKEN):
            raise CourierError("the lock did not say that it is factory-new")
        self._labels.confirm(self._door.installation)

    def _check(self, data: bytes) -> None:
        try:
            label = Label.claimed(data)
        except (SignatureError, ObjectError) as error:
            raise ReleaseError(f"the unit's new label does not read ({error})") from None
        kind = label.kind.name.lower()
        if (label.installation, kind) != (self._door.installation, self._door.kind):
            raise ReleaseError("the unit's new label is of another unit: send it in")


def printed(data: bytes) -> str:
    """The text of the QR code on a kept label."""
    return Label.claimed(data).printed.text()


def upload(labels: Labels, client: Client) -> list[str]:
    """Give confirmed labels to the server, and forget those it has; notes on what is left.

    Raises BlockedError.
    """
    notes = []
    for label in labels.all():
        if not label.confirmed:
            continue
        try:
            client.call("installations/label", {"label": wire.encode(label.data)})
        except BlockedError:
            raise
        except ServerError as error:
            notes.append(f"{label.installation.hex()}: {error}")
        else:
            labels.forget(label.installation)
    return notes
