"""The parts of a morning's work, each to be timed alone.

House rules: what the server does, by its own functions. What is stored is thrown away before the
next part, so that each finds the same morning.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench.bigtown import rota
from bench.bigtown.sql import run
from bench.municipality.world import put_keys_in_force
from nyckelfri.door import grants
from nyckelfri.server import bulk
from nyckelfri.server.access import rights
from nyckelfri.server.keys import actions_issue, minting, queries
from nyckelfri.server.keys.actions_issue import Asked, Derived
from nyckelfri.server.keys.minting import Holder, Minted
from nyckelfri.server.keys.models import Subject
from nyckelfri.server.people.models import Phone


class Morning:
    """Everybody who is signed in as the morning's shifts begin, and has nothing yet."""

    def __init__(self, shifts: int) -> None:
        rota.build(shifts)
        put_keys_in_force(rota.NOW)
        self.groups = [_holders(group) for group in actions_issue.signed_in(rota.NOW)]
        self.shifts = sum(map(len, self.groups))
        self._minted: list[Minted] = []
        self._done = Derived(0, 0, 0)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.parts: dict[str, Callable[[], object]] = {
            "derived": self._derive,
            "minted": self._mint,
            "bare": self._sign,
            "stored": self._store,
            "copy": self._copy,
        }

    def clear(self) -> None:
        """Nobody holds anything again."""
        run("TRUNCATE keys_issued CASCADE")

    def check(self) -> int:
        """How many grants it was; ValueError unless all are good, and as many were stored."""
        key_set = queries.key_set()
        for row in self._minted:
            grants.verify(row.data, key_set)
        count = len(self._minted)
        if count != self.shifts * rota.DOORS or self._done != Derived(count, 0, 0):
            raise ValueError("this is not the morning that was made")
        return count

    def _derive(self) -> None:
        with bulk.unsearched():
            for group in self.groups:
                rights.of_staff([holder.employee for holder in group], rota.NOW)

    def _mint(self) -> None:
        self._minted = []
        with bulk.unsearched():
            for group in self.groups:
                self._minted += minting.due_to(group, (), rota.NOW).minted

    def _sign(self) -> None:
        algorithm = ec.ECDSA(hashes.SHA256())
        for row in self._minted:
            self._key.sign(row.data, algorithm)

    def _store(self) -> None:
        self._done = actions_issue.derive_and_issue(rota.NOW)

    def _copy(self) -> None:
        actions_issue.store(self._minted)


def _holders(group: list[Asked]) -> list[Holder]:
    phones = Phone.objects.in_bulk([asked.phone for asked in group])
    staff = [asked.employee.pk for asked in group]
    subjects = dict(
        Subject.objects.filter(employee__in=staff).values_list("employee_id", "identifier")
    )
    return [
        Holder(
            asked.employee,
            asked.employee.pk,
            bytes(subjects[asked.employee.pk]),
            asked.phone,
            bytes(phones[asked.phone].identifier),
            bytes(phones[asked.phone].public_key_x or b""),
            bytes(phones[asked.phone].thumbprint or b""),
        )
        for asked in group
    ]
