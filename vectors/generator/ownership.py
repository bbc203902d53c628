"""ownership.json: release, new label, update; and when an update is for a unit."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from generator import world
from generator.signed import accepted, everywhere, headers, refused
from generator.world import KEY_SET, Case
from nyckelfri.door import keyset, ownership, signed, update
from nyckelfri.door.commissioning import Kind
from nyckelfri.door.ownership import Label, Release
from nyckelfri.door.update import Manifest

RELEASE: Final = Release(world.ROOT.municipality, world.INSTALLATION, world.RELEASE_NONCE)
LABEL: Final = Label(
    world.ROOT.municipality,
    world.INSTALLATION,
    Kind.THUMB_TURN,
    world.FACTORY_KEY.x,
    world.SECRET[::-1],
)
MODEL: Final = "thumb-turn-1"
MANIFEST: Final = Manifest(world.ROOT.municipality, MODEL, 7, 4_096, bytes(range(32)))


def contents() -> Case:
    """The whole file."""
    return {
        "version": 1,
        "about": "docs/protocol.md section 10: root-signed releases and updates for a reader who "
        "has the root under given, labels for one who has the lock's signing key; then update "
        "manifests (verdict) that a unit of this model and running version takes or not. "
        "Accepted, refused and reason are as in signed.json.",
        "given": {
            "root": world.ROOT.encoded.hex(),
            "municipality": world.ROOT.municipality.hex(),
            "installation": world.INSTALLATION.hex(),
            "release_nonce": world.RELEASE_NONCE.hex(),
            "lock_signing_key": world.LOCK_SIGNING_KEY.point.hex(),
            "model": MODEL,
            "running": 6,
        },
        "cases": [*_releases(), *_labels(), *_updates(), *_verdicts()],
    }


def _releases() -> list[Case]:
    kind, payload = "release", RELEASE.payload
    right = _sign(payload, ownership.RELEASE_TYP)

    def wrong(name: str, **changes: object) -> Case:
        changed = replace(RELEASE, **changes)  # type: ignore[arg-type]
        return refused(kind, name, _sign(changed.payload, ownership.RELEASE_TYP), "content")

    return [
        accepted(kind, "two of three holders", right, _release_fields(RELEASE)),
        *everywhere(kind, right),
        refused(
            kind,
            "one holder",
            _sign(payload, ownership.RELEASE_TYP, (1,)),
            "too few signatures",
        ),
        refused(kind, "typed as a key set", _sign(payload, keyset.TYP), "header"),
        refused(
            kind,
            "signed by the grant key alone",
            signed.sign(
                payload, key=world.GRANT_KEY.signer, typ=ownership.RELEASE_TYP, kid=b"\x01"
            ),
            "shape",
        ),
        wrong("another municipality", municipality=world.identifier("elsewhere")),
        wrong("an installation of 7 bytes", installation=bytes(7)),
        wrong("a nonce of 15 bytes", nonce=bytes(15)),
    ]


def _labels() -> list[Case]:
    kind, signer = "label", world.LOCK_SIGNING_KEY.signer
    right = LABEL.sign(signer)
    fields = {
        "municipality": LABEL.municipality.hex(),
        "installation": LABEL.installation.hex(),
        "kind": int(LABEL.kind),
        "factory_key": LABEL.key.hex(),
        "secret": LABEL.secret.hex(),
        "printed": LABEL.printed.text(),
    }

    def wrong(name: str, reason: str, **changes: object) -> Case:
        changed = replace(LABEL, **changes)  # type: ignore[arg-type]
        return refused(kind, name, changed.sign(signer), reason)

    return [
        accepted(kind, "the new label of a thumb-turn", right, fields),
        *everywhere(kind, right),
        *headers(kind, right),
        refused(kind, "signed by another lock", LABEL.sign(world.PHONE_KEY.signer), "signature"),
        wrong("an unknown kind", "content", kind=3),
        wrong("a factory key off the curve", "key", key=b"\xff" * 32),
        wrong("a secret of 15 bytes", "content", secret=bytes(15)),
    ]


def _updates() -> list[Case]:
    kind, payload = "update", MANIFEST.payload
    right = _sign(payload, update.TYP)

    def wrong(name: str, **changes: object) -> Case:
        changed = replace(MANIFEST, **changes)  # type: ignore[arg-type]
        return refused(kind, name, _sign(changed.payload, update.TYP), "content")

    return [
        accepted(kind, "two of three holders", right, _update_fields(MANIFEST)),
        *everywhere(kind, right),
        refused(kind, "one holder", _sign(payload, update.TYP, (0,)), "too few signatures"),
        refused(kind, "typed as a release", _sign(payload, ownership.RELEASE_TYP), "header"),
        refused(kind, "a key set", _sign(KEY_SET.payload, keyset.TYP), "header"),
        wrong("another municipality", municipality=world.identifier("elsewhere")),
        wrong("no model", model=""),
        wrong("a model of 33 characters", model="m" * 33),
        wrong("version 0", version=0),
        wrong("an empty image", size=0),
        wrong("an image over 64 MiB", size=update.MAX_IMAGE + 1),
        wrong("a digest of 31 bytes", digest=bytes(31)),
    ]


def _verdicts() -> list[Case]:
    def verdict(name: str, manifest: Manifest, wanted: str) -> Case:
        return {
            "object": "verdict",
            "name": name,
            "hex": _sign(manifest.payload, update.TYP).hex(),
            "verdict": wanted,
        }

    return [
        verdict("a higher version", MANIFEST, "taken"),
        verdict("the version that runs", replace(MANIFEST, version=6), "not newer"),
        verdict("an older version", replace(MANIFEST, version=1), "not newer"),
        verdict("another model", replace(MANIFEST, model="thumb-turn-2"), "other model"),
    ]


def _sign(payload: bytes, typ: str, holders: tuple[int, ...] = (0, 2)) -> bytes:
    return world.sign_key_set(payload, holders, typ)


def _release_fields(release: Release) -> Case:
    return {
        "municipality": release.municipality.hex(),
        "installation": release.installation.hex(),
        "release_nonce": release.nonce.hex(),
    }


def _update_fields(manifest: Manifest) -> Case:
    return {
        "municipality": manifest.municipality.hex(),
        "model": manifest.model,
        "version": manifest.version,
        "size": manifest.size,
        "sha-256": manifest.digest.hex(),
    }
