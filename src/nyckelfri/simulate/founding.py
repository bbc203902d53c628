"""How a town comes about: files imported, root pinned, locks commissioned, phones enrolled.

House rules: everything goes the way it goes in the field, but for people's hands: the installer's
session is the reference phone's own. What is founded lies in one folder, so that each simulated
week begins from a copy of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri import clock
from nyckelfri.door import courier as records
from nyckelfri.door.commissioning import Kind, Printed
from nyckelfri.phone.commission import commission
from nyckelfri.phone.steps import Progress
from nyckelfri.phone.values import Trusted
from nyckelfri.simulate import server as servers
from nyckelfri.simulate import town as towns
from nyckelfri.simulate.air import Weather
from nyckelfri.simulate.chips import Written
from nyckelfri.simulate.disk import Files
from nyckelfri.simulate.disk_sqlite import Disks
from nyckelfri.simulate.handset import Handset
from nyckelfri.simulate.loop import VirtualLoop
from nyckelfri.simulate.root import Holders
from nyckelfri.simulate.server import Server
from nyckelfri.simulate.site import Site
from nyckelfri.simulate.town import Town

ACTOR: Final = "system:simulation"
PASSWORD: Final = "granris och morgonkaffe"  # noqa: S105 - of people who do not exist
KINDS: Final = {"vred": Kind.THUMB_TURN, "port": Kind.ENTRANCE_UNIT}
CARERS: Final = frozenset({"underskoterska", "vardbitrade", "vikarie", "sjukskoterska"})
_BEFORE: Final = 12 * 3600
"""Seconds between the founding and the first simulated moment."""


@dataclass(frozen=True, slots=True)
class Founded:
    """A town at rest in `folder`, as of `at` (Unix seconds), and who holds its root."""

    folder: Path
    town: Town
    at: int
    holders: Holders
    installations: dict[str, bytes]
    """Installation by lock."""
    disks: dict[str, Files]
    """What the disk of each lock holds."""
    phones: dict[str, str]
    """Label of the phone by the number of its carer."""
    chips: dict[str, Written]
    """What was written to the counting labels, by their ids."""


def found(
    files: Path,
    folder: Path,
    *,
    begins: int,
    weeks: int = 0,
    progress: Callable[[str], None] = lambda _what: None,
) -> Founded:
    """Found the municipality of `files`, moved by `weeks`, some hours before `begins`.

    Raises TownError when the files do not import.
    """
    folder.mkdir(parents=True)
    plans = folder / "files"
    towns.move(files, plans, weeks)
    town = towns.read(plans)
    at = begins - _BEFORE
    loop = VirtualLoop()
    clock.follow(lambda: at + loop.time())
    try:
        servers.set_up(folder / "data")
        from nyckelfri.simulate import registry  # noqa: PLC0415 - needs Django set up

        progress("tables and files")
        registry.bring_in(plans, clock.now())
        holders = Holders.make()
        registry.put_in_force(holders, clock.now())
        progress("locks")
        installations, disks = loop.run_until_complete(_commission(town, at, loop))
        chips = registry.write_labels([row.id for row in town.labels if row.counting], clock.now())
        progress("phones")
        phones = _enrol(town, folder, at, loop)
        Server(folder / "data").restart()
    finally:
        loop.close()
        clock.follow(None)
    return Founded(folder, town, at, holders, installations, disks, phones, chips)


async def _commission(
    town: Town, at: int, loop: VirtualLoop
) -> tuple[dict[str, bytes], dict[str, Files]]:
    from nyckelfri.simulate import registry  # noqa: PLC0415 - needs Django set up

    disks = Disks()
    trusted = registry.trusted(clock.now())
    found: dict[str, bytes] = {}
    files: dict[str, Files] = {}
    for lock, kind in town.locks:
        site = Site(lock, KINDS[kind], disks, lambda: at + loop.time())
        printed = site.make()
        site.power_on()
        found[lock] = await _become(site, printed, trusted, loop)
        await site.shut_down()
        files[lock] = site.disk.files
    disks.close()
    return found, files


async def _become(site: Site, printed: Printed, trusted: Trusted, loop: VirtualLoop) -> bytes:
    """The installer's session at one unit; its installation."""
    from nyckelfri.simulate import registry  # noqa: PLC0415 - needs Django set up

    await asyncio.sleep(0.1)
    site.button.press()
    await asyncio.sleep(0.1)
    progress = Progress(lambda _step: None, loop.time)
    link = progress.meter(site.antenna.connect(Weather("installer")))
    kept: list[bytes] = []
    key = ec.generate_private_key(ec.SECP256R1())
    record, courier = await commission(link, printed, trusted, key, progress, keep=kept.append)
    registry.commission(site.lock, kept[0], clock.now())
    status = courier.open(await link.receive(5.0, records.MAX_RECORD))
    if isinstance(status, records.Status):
        token = registry.time_token(record.installation, status.nonce, clock.now())
        await link.send(courier.seal(records.TimeRecord(token)))
        await link.receive(5.0, records.MAX_RECORD)
    await link.send(courier.seal(records.End()))
    await asyncio.sleep(1)
    await link.close()
    return record.installation


def _enrol(town: Town, folder: Path, at: int, loop: VirtualLoop) -> dict[str, str]:
    """A phone and an account for everybody who goes to homes."""
    from nyckelfri.simulate import registry  # noqa: PLC0415 - needs Django set up

    server = Server(folder / "data")
    found: dict[str, str] = {}
    today = towns.local_day(at)
    numbers = [
        each.number
        for each in town.carers
        if each.role in CARERS and (each.employed.last is None or each.employed.last >= today)
    ]
    registry.give_accounts(numbers, PASSWORD)
    for number in numbers:
        label = f"P{number}"
        code = registry.new_phone(label, number, clock.now())
        if code is None:
            continue
        Handset(label, folder / "phones" / label, server, lambda: at + loop.time()).enrol(code)
        found[number] = label
    return found
