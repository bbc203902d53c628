"""The root is pinned, key sets are requested and installed.

House rules: nothing is believed but what the root has signed; numbers only rise. A new
epoch without one of the old grant keys is a new beginning: everybody signs in again, and
what the last bulletin said is carried over where the database has forgotten it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from nyckelfri.door import keyset
from nyckelfri.door.bulletin import Bulletin
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import Key, KeySet, Purpose, Root
from nyckelfri.door.signed import SignatureError
from nyckelfri.server import turns
from nyckelfri.server.access import policy
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.keys import queries, watermark
from nyckelfri.server.keys.errors import KeysError
from nyckelfri.server.keys.models import (
    Issued,
    PinnedRoot,
    Revocation,
    SignedKeySet,
)
from nyckelfri.server.people.models import Phone, PhoneState
from nyckelfri.server.phones import actions as phones
from nyckelfri.server.phones.models import PersonalSession
from nyckelfri.server.turns import Turn

PURPOSES = (Purpose.GRANT, Purpose.BULLETIN, Purpose.RECEIPT, Purpose.SEALING)
"""What a server of this version signs with, and opens journals with."""
_CARRIED = "named by the last bulletin before the backup was restored"


def pin_root(data: bytes, *, actor: str, now: datetime) -> Root:
    """Believe this root from now on; KeysError if another one is pinned already."""
    try:
        root = Root.read(data)
    except (ObjectError, SignatureError) as error:
        raise KeysError(f"This is no root: {error}") from None
    with transaction.atomic():
        turns.alone(Turn.KEYS)
        row = PinnedRoot.objects.first()
        if row is not None and bytes(row.data) != data:
            raise KeysError("Another root is pinned: locks believe that one, keep it")
        if row is None:
            PinnedRoot.objects.create(id=1, data=data, pinned_at=now)
            deed = audit.Deed(Verb.ROOT_PIN, f"municipality:{root.municipality.hex()}")
            audit.record([deed], actor=actor, now=now)
    return root


def request(
    *,
    new: Sequence[Purpose] = (),
    drop: Sequence[bytes] = (),
    new_epoch: bool = False,
    number: int | None = None,
    actor: str,
    now: datetime,
) -> KeySet:
    """Make the next key set for the holders of the root to sign, with new keys where asked.

    To drop a grant key is a new epoch too: the shorter bulletin must not reach a lock that
    still believes the old key. An epoch that is asked for comes with a new grant key and without
    the old ones, so that nothing comes to life that a forgotten bulletin revoked; and with a
    number above every key set that a restored database may have forgotten.
    """
    root = queries.root()
    with transaction.atomic():
        turns.alone(Turn.KEYS)
        last = SignedKeySet.objects.last()
        held = () if last is None else queries.key_set().keys
        unknown = set(drop) - {key.kid for key in held}
        if unknown:
            raise KeysError(f"The key set has no key {', '.join(k.hex() for k in unknown)}")
        signer = queries.our_signer()
        taken = [key.kid for key in held]
        old_grant_keys = [key.kid for key in held if key.purpose is Purpose.GRANT]
        begins = last is not None and (new_epoch or bool(set(drop) & set(old_grant_keys)))
        if last is not None and new_epoch:
            drop = [*drop, *old_grant_keys]
            new = new if Purpose.GRANT in new else [*new, Purpose.GRANT]
        made: list[Key] = []
        for purpose in new:
            made.append(signer.create(purpose, [*taken, *(key.kid for key in made)]))
        epoch = 1 if last is None else last.epoch
        if begins:
            epoch += 1
        said = watermark.read(queries.directory())
        if said is not None and new_epoch:
            epoch = max(epoch, said.epoch + 1)
        asked = KeySet(
            municipality=root.municipality,
            number=number or _next_number(last, now if new_epoch else None),
            epoch=epoch,
            issued=int(now.timestamp()),
            keys=tuple(
                sorted(
                    [*(key for key in held if key.kid not in drop), *made],
                    key=lambda key: key.kid,
                )
            ),
        )
        missing = set(PURPOSES) - {key.purpose for key in asked.keys}
        if missing:
            names = ", ".join(sorted(purpose.name.lower() for purpose in missing))
            raise KeysError(f"The key set would have no key for {names}: add --new for each")
        deeds = [audit.Deed(Verb.KEY_CREATE, f"key:{key.kid.hex()}") for key in made]
        deeds.append(audit.Deed(Verb.KEY_SET_REQUEST, f"key-set:{asked.number}"))
        audit.record(deeds, actor=actor, now=now)
    return asked


def _next_number(last: SignedKeySet | None, begins: datetime | None) -> int:
    """One more than the last, or at a new beginning the minute: key sets never come so fast."""
    following = 1 if last is None else last.number + 1
    if last is None or begins is None:
        return following
    return max(following, int(begins.timestamp()) // 60)


def install(data: bytes, *, actor: str, now: datetime) -> KeySet:
    """Put a root-signed key set in force; KeysError says what is wrong with it."""
    try:
        offered = keyset.read(data, queries.root())
    except (ObjectError, SignatureError) as error:
        raise KeysError(f"This key set is not signed by our root: {error}") from None
    signer = queries.our_signer()
    for purpose in PURPOSES:
        signer.kid(purpose, offered)
    signer.holds_sealing_keys(offered)
    with transaction.atomic():
        turns.alone(Turn.KEYS)
        turns.alone(Turn.GRANTS)
        last = SignedKeySet.objects.last()
        if last is not None and bytes(last.data) == data:
            return offered
        if last is not None:
            _check_rising(offered, last)
        forgotten = queries.forgotten_bulletin()
        new_epoch = last is not None and offered.epoch > last.epoch
        survives = last is not None and bool(
            queries.grant_keys(queries.key_set()) & queries.grant_keys(offered)
        )
        if new_epoch:
            _check_grant_keys(offered, forgotten)
        if forgotten is not None and offered.epoch <= forgotten.epoch:
            raise KeysError(
                f"A bulletin of epoch {forgotten.epoch} is out there that this database does not "
                "know: run `nyckelfri server request --new-epoch` and have that signed"
            )
        SignedKeySet.objects.create(
            number=offered.number, epoch=offered.epoch, data=data, installed_at=now
        )
        if forgotten is not None:
            _carry_over(forgotten, actor, now)
        if new_epoch:
            if not survives:
                PersonalSession.objects.filter(closed_at=None).update(closed_at=now)
            _drop_moot(offered, now)
        deed = audit.Deed(
            Verb.KEY_SET_INSTALL, f"key-set:{offered.number}", details={"epoch": offered.epoch}
        )
        audit.record([deed], actor=actor, now=now)
    return offered


def _check_rising(offered: KeySet, last: SignedKeySet) -> None:
    if offered.number <= last.number:
        raise KeysError(f"Key set {last.number} is in force: a new one needs a higher number")
    if offered.epoch < last.epoch:
        raise KeysError(f"Epoch {last.epoch} is in force: an epoch never falls")


def _check_grant_keys(offered: KeySet, forgotten: Bulletin | None) -> None:
    """A new epoch drops a grant key, and all of them where a bulletin has been forgotten."""
    old, new = queries.grant_keys(queries.key_set()), queries.grant_keys(offered)
    if old <= new or (forgotten is not None and old & new):
        raise KeysError(
            "A new epoch needs a new grant key and not the old: run "
            "`nyckelfri server request --new-epoch` and have that signed"
        )


def _carry_over(said: Bulletin, actor: str, now: datetime) -> None:
    """Keep revoked what a restored database has forgotten, as long as a grant may live."""
    rules = policy.in_force(now)
    until = now + rules.horizon + rules.longest_grant
    named: Iterable[tuple[str, bytes]] = [
        *((Revocation.Kind.PHONE, value) for value in sorted(said.phones)),
        *((Revocation.Kind.GRANT, value) for value in sorted(said.serials)),
    ]
    for kind, value in named:
        Revocation.objects.update_or_create(
            kind=kind,
            value=value,
            defaults={"until": until},
            create_defaults={"until": until, "revoked_at": now, "reason": _CARRIED},
        )
    Issued.objects.filter(serial__in=said.serials, revoked_at=None).update(revoked_at=now)
    for phone in Phone.objects.filter(thumbprint__in=said.phones, state=PhoneState.ENROLLED):
        phones.block(phone, reason=_CARRIED, actor=actor, now=now)


def _drop_moot(key_set: KeySet, now: datetime) -> None:
    """Forget revocations of grants that no lock of the new epoch accepts anyway."""
    kids = [key.kid for key in key_set.keys if key.purpose is Purpose.GRANT]
    live = Issued.objects.filter(not_after__gt=now)
    living = live.filter(kid__in=kids)
    dead = live.exclude(kid__in=kids)
    for kind, column in ((Revocation.Kind.GRANT, "serial"), (Revocation.Kind.PHONE, "thumbprint")):
        moot = set(dead.values_list(column, flat=True)) - set(living.values_list(column, flat=True))
        rows = Revocation.objects.filter(kind=kind, until__gt=now)
        gone = [row.pk for row in rows if row.value in moot and row.reason != _CARRIED]
        for at in range(0, len(gone), 500):
            Revocation.objects.filter(pk__in=gone[at : at + 500]).update(until=now)
    dead.filter(revoked_at=None).update(revoked_at=now)
