"""The honest world around a lock under fuzzing: a server, its keys over time, grants.

House rules: the server never lies about the time, and signs nothing that it should not; whatever
is forged is forged by the phone. Times are Unix seconds of the true time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from doorworld import HOUR, Door, Municipality, identifier, private_key

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import delivery, grants, signed
from nyckelfri.door.bulletin import Bulletin, TimeToken
from nyckelfri.door.grants import Grant, Scope
from nyckelfri.door.keyset import Key, KeySet, Purpose

HERE: Final = Municipality.make()
ELSEWHERE: Final = Municipality.make(600)
DOOR: Final = Door(identifier("front door"), private_key(200), private_key(201))
PHONES: Final = (private_key(300), private_key(310))
_GRANT_KEYS: Final = (HERE.grant_key, private_key(131), private_key(132))
_KIDS: Final = (b"\x01", b"\x05", b"\x06")


def phone_x(phone: int) -> bytes:
    """The public key of a phone."""
    return signed.coordinate(PHONES[phone].public_key())


@dataclass(frozen=True, slots=True)
class Paper:
    """A grant as a phone holds it; `signer` is the grant key (by stage) that signed, None: none."""

    grant: Grant
    data: bytes
    signer: int | None


def grant_point(paper: Paper) -> bytes | None:
    """The key that signed a grant; None for one of no server."""
    if paper.signer is None:
        return None
    return signed.compressed(_GRANT_KEYS[paper.signer].public_key())


@dataclass
class Town:
    """The server. `stage` 0 is the key set the lock began with, 1 a rotated one, 2 a new epoch."""

    now: Callable[[], int]
    stage: int = 0
    installation: bytes = DOOR.installation
    revoked: set[bytes] = field(default_factory=set)
    blocked: set[bytes] = field(default_factory=set)
    receipted: set[int] = field(default_factory=set)
    """Numbers of entries whose true head a receipt has named."""
    key_sets: dict[int, tuple[KeySet, bytes]] = field(default_factory=dict)
    bulletins: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key_sets[0] = (HERE.key_set, HERE.signed_key_set)

    def advance(self) -> None:
        """Rotate the grant key with overlap; after that, begin a new epoch without the old ones."""
        if self.stage == 2:
            return
        self.stage += 1
        kept = [key for key in HERE.key_set.keys if key.purpose is not Purpose.GRANT]
        stages = (0, 1) if self.stage == 1 else (2,)
        kept += [
            Key(_KIDS[i], Purpose.GRANT, signed.compressed(_GRANT_KEYS[i].public_key()))
            for i in stages
        ]
        key_set = replace(
            HERE.key_set,
            number=self.stage + 1,
            epoch=2 if self.stage == 2 else 1,
            issued=self.now(),
            keys=tuple(sorted(kept, key=lambda key: key.kid)),
        )
        self.key_sets[self.stage] = (key_set, HERE.sign_key_set(key_set))

    @property
    def key_set(self) -> KeySet:
        """The one in force."""
        return self.key_sets[self.stage][0]

    def bulletin(self) -> bytes:
        """A fresh one."""
        content = Bulletin(
            HERE.root.municipality,
            self.key_set.epoch,
            self.now(),
            frozenset(self.blocked),
            frozenset(self.revoked),
        )
        made = bulletins.issue(content, key=HERE.bulletin_key, kid=b"\x02")
        self.bulletins.append(made)
        return made

    def time_token(self, nonce: bytes) -> bytes:
        """The true time over a nonce."""
        token = TimeToken(HERE.root.municipality, self.installation, nonce, self.now())
        return bulletins.issue_time(token, key=HERE.bulletin_key, kid=b"\x02")

    def receipt(self, number: int, head: bytes, *, installation: bytes | None = None) -> bytes:
        """A receipt; honest if `number` and `head` are."""
        receipt = delivery.Receipt(
            HERE.root.municipality, installation or self.installation, number, head
        )
        return delivery.sign_receipt(receipt, key=HERE.receipt_key, kid=b"\x03")

    def paper(
        self,
        *,
        phone: int = 0,
        begins: int = -4 * HOUR,
        ends: int = 4 * HOUR,
        scope: Scope = grants.CARE,
        installation: bytes | None = None,
        signer: int | None = None,
        serial: bytes = b"",
    ) -> Paper:
        """A grant from `begins` to `ends` seconds from now, signed by the key of a stage."""
        now, by = self.now(), self.stage if signer is None else signer
        grant = Grant(
            subject=identifier("Alice"),
            installation=installation or self.installation,
            not_before=now + begins,
            not_after=now + ends,
            issued=now,
            serial=serial or identifier(f"serial {now} {phone} {int(scope)}"),
            phone=phone_x(phone),
            scope=scope,
        )
        return Paper(grant, grants.mint(grant, key=_GRANT_KEYS[by], kid=_KIDS[by]), by)

    def forged(self, paper: Paper, how: int) -> Paper:
        """The same claims, signed by nobody who may."""
        key, kid = (
            (ELSEWHERE.grant_key, b"\x01"),
            (HERE.bulletin_key, b"\x02"),
            (HERE.bulletin_key, b"\x01"),
        )[how % 3]
        return Paper(paper.grant, grants.mint(paper.grant, key=key, kid=kid), None)
