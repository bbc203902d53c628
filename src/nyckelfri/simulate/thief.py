"""Somebody with a stolen grant key: a phone of their own, and grants that they mint themselves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import grants, signed
from nyckelfri.door.grants import CARE, Command, Grant
from nyckelfri.door.opening import Decision, NotAcceptedError
from nyckelfri.door.reasons import Reason
from nyckelfri.phone.opening import Ask, ask_lock
from nyckelfri.phone.steps import Progress
from nyckelfri.phone.values import HeldGrant
from nyckelfri.radio.link import LinkError
from nyckelfri.simulate.air import Weather
from nyckelfri.simulate.incidents import Due
from nyckelfri.simulate.ledger import Handed

if TYPE_CHECKING:
    from nyckelfri.simulate.world import World

THIEF: Final = "thief"
_LONG: Final = 8 * 3600


@dataclass(frozen=True, slots=True)
class Thief:
    """`grant_key` is the municipality's, under the key id `kid`."""

    world: World
    kid: bytes
    grant_key: ec.EllipticCurvePrivateKey = field(repr=False)
    key: ec.EllipticCurvePrivateKey = field(
        repr=False, default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @classmethod
    def with_key_of(cls, world: World, kid: bytes) -> Self:
        """Whoever has copied this grant key's file."""
        path = world.server.data / "keys" / f"grant-{kid.hex()}.pem"
        stolen = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(stolen, ec.EllipticCurvePrivateKey)  # noqa: S101 - the server made it
        return cls(world, kid, stolen)

    async def try_a_door(self, chance: Random) -> Reason | None:
        """Mint a grant for some door and show it there; what the lock said, None if nothing."""
        site = self.world.any_site(chance)
        held = self._mint(site.lock, chance)
        said: Reason | None = None
        if site.antenna.heard is not None:
            said = await self._show(site.lock, held)
        told = "no answer" if said is None else said.name.lower()
        self.world.tell(THIEF, "forged", f"{site.lock}: {told}")
        if said is Reason.GRANTED:
            self.world.incidents.due.append(Due(self.world.now(), "unknown_grant", site.lock))
        return said

    def _mint(self, lock: str, chance: Random) -> HeldGrant:
        world, now = self.world, int(self.world.now())
        grant = Grant(
            subject=chance.randbytes(8),
            installation=world.founded.installations[lock],
            not_before=now - 600,
            not_after=now + _LONG,
            issued=now - 600,
            serial=chance.randbytes(8),
            phone=signed.coordinate(self.key.public_key()),
            scope=CARE,
        )
        world.ledger.forge(Handed(grant, self.kid, THIEF, THIEF, lock, world.now(), forged=True))
        data = grants.mint(grant, key=self.grant_key, kid=self.kid)
        return HeldGrant(
            data, grant.serial, grant.installation, grant.not_before, grant.not_after, grant.scope
        )

    async def _show(self, lock: str, held: HeldGrant) -> Reason | None:
        """The four messages at the door, and away before the courier begins."""
        said: list[Decision] = []
        progress = Progress(lambda _step: None, self.world.now)
        ask = Ask(self.world.upkeep.door(lock), Command.UNLOCK, held, self.key)
        link = progress.meter(self.world.sites[lock].antenna.connect(Weather(THIEF)))
        try:
            await ask_lock(link, ask, progress, on_decision=said.append)
            await asyncio.sleep(5)
        except NotAcceptedError:
            return Reason.NOT_ACCEPTED
        except LinkError:
            pass
        finally:
            await link.close()
        return said[0].reason if said else None
