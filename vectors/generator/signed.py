"""signed.json: every kind of signed object, right ones and wrong ones with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast

from generator import world
from generator.world import BULLETIN, GRANT, KEY_SET, NOON, Case
from nyckelfri import cbor
from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import grants, signed
from nyckelfri.door.bulletin import TimeToken
from nyckelfri.door.commissioning import TYP as INSTALLATION_TYP
from nyckelfri.door.commissioning import InstallationRecord, Kind
from nyckelfri.door.keyset import Key, Purpose

TOKEN: Final = TimeToken(world.ROOT.municipality, world.INSTALLATION, world.NONCE, NOON)
RECORD: Final = InstallationRecord(
    world.ROOT.municipality,
    world.INSTALLATION,
    Kind.THUMB_TURN,
    world.LOCK_KEY.x,
    world.LOCK_SIGNING_KEY.point,
    world.RADIO_KEY,
    world.RELEASE_NONCE,
)


def contents() -> Case:
    """The whole file."""
    return {
        "version": 1,
        "about": "docs/protocol.md sections 2 to 5 and 10: signed objects for a reader who has "
        "the root, key set, installation and nonce under given. Accepted ones say what they hold, "
        "refused ones why they must be refused. Private keys are for making your own; signatures "
        "are deterministic (RFC 6979) with low s, other signers need not be.",
        "given": {
            "root": world.ROOT.encoded.hex(),
            "municipality": world.ROOT.municipality.hex(),
            "key_set": world.sign_key_set(KEY_SET.payload).hex(),
            "installation": world.INSTALLATION.hex(),
            "nonce": world.NONCE.hex(),
            "private_keys": {
                "root": [key.scalar.hex() for key in world.HOLDERS],
                "grant": world.GRANT_KEY.scalar.hex(),
                "bulletin": world.BULLETIN_KEY.scalar.hex(),
                "receipt": world.RECEIPT_KEY.scalar.hex(),
                "lock_signing": world.LOCK_SIGNING_KEY.scalar.hex(),
            },
        },
        "cases": [*_key_sets(), *_grants(), *_bulletins(), *_tokens(), *_installations()],
    }


def accepted(kind: str, name: str, data: bytes, fields: Case) -> Case:
    """A case that a reader must take, and what it holds."""
    return {"object": kind, "name": name, "hex": data.hex(), "accepted": True, "fields": fields}


def refused(kind: str, name: str, data: bytes, reason: str) -> Case:
    """A case that a reader must refuse, and why."""
    return {"object": kind, "name": name, "hex": data.hex(), "accepted": False, "reason": reason}


def everywhere(kind: str, data: bytes) -> list[Case]:
    """What must be refused of any object."""
    flipped = data[:-1] + bytes([data[-1] ^ 1])
    tag = b"\xd8\x62" if kind in {"key set", "release", "update"} else b"\xd2"
    return [
        refused(kind, "last bit flipped", flipped, "signature"),
        refused(kind, "cut short", data[:-1], "encoding"),
        refused(kind, "a byte behind", data + b"\x00", "encoding"),
        refused(kind, "tagged", tag + data, "encoding"),
        refused(kind, "indefinite array", b"\x9f" + data[1:] + b"\xff", "encoding"),
        refused(kind, "nothing", b"", "encoding"),
        refused(kind, "an array too short", b"\x83\x40\xa0\x40", "shape"),
    ]


def headers(kind: str, data: bytes) -> list[Case]:
    """What must be refused of any object with one signature."""
    parts = cbor.decode(data)
    assert isinstance(parts, list)  # noqa: S101 - made here
    protected, _, payload, signature = parts
    unprotected = cbor.encode([protected, {4: b"\x01"}, payload, signature])
    header = cbor.decode(protected)  # type: ignore[arg-type] # made here
    assert isinstance(header, dict)  # noqa: S101 - made here
    es384 = cbor.encode([cbor.encode(header | {1: -35}), {}, payload, signature])
    return [
        refused(kind, "the second form of the signature", world.second_form(data), "second form"),
        refused(kind, "a key id in the unprotected header", unprotected, "shape"),
        refused(kind, "another algorithm", es384, "header"),
        refused(kind, "no payload", cbor.encode([protected, {}, None, signature]), "shape"),
    ]


def _key_sets() -> list[Case]:
    kind, payload = "key set", KEY_SET.payload
    good = world.sign_key_set(payload)
    key = KEY_SET.keys[0]
    newer = replace(
        KEY_SET,
        number=2,
        epoch=2,
        keys=(*KEY_SET.keys, Key(b"\x09", Purpose.GRANT, world.NEXT_GRANT_KEY.point)),
    )
    elsewhere = replace(KEY_SET, municipality=world.identifier("elsewhere"))

    def wrong(name: str, **changes: object) -> Case:
        changed = replace(KEY_SET, **changes)  # type: ignore[arg-type]
        return refused(kind, name, world.sign_key_set(changed.payload), "content")

    return [
        accepted(kind, "two of three holders", good, world.key_set_fields(KEY_SET)),
        accepted(
            kind,
            "all three holders",
            world.sign_key_set(payload, (0, 1, 2)),
            world.key_set_fields(KEY_SET),
        ),
        accepted(
            kind,
            "a rotation with overlap and a new epoch",
            world.sign_key_set(newer.payload),
            world.key_set_fields(newer),
        ),
        *everywhere(kind, good),
        refused(kind, "one holder", world.sign_key_set(payload, (0,)), "too few signatures"),
        refused(
            kind, "one holder twice", world.sign_key_set(payload, (1, 1)), "order of signatures"
        ),
        refused(
            kind,
            "a type of its own",
            world.sign_key_set(payload, typ="nyckelfri/release"),
            "header",
        ),
        refused(kind, "another municipality", world.sign_key_set(elsewhere.payload), "content"),
        wrong("number 0", number=0),
        wrong("number over 32 bits", number=2**32),
        wrong("no keys", keys=()),
        wrong("keys out of order", keys=KEY_SET.keys[::-1]),
        wrong("a key id twice", keys=(key, replace(key, purpose=Purpose.RECEIPT))),
        wrong("an unknown purpose", keys=(replace(key, purpose=cast("Purpose", 7)),)),
        refused(
            kind,
            "a key off the curve",
            world.sign_key_set(
                replace(KEY_SET, keys=(replace(key, point=b"\x02" + b"\xff" * 32),)).payload
            ),
            "key",
        ),
    ]


def _grants() -> list[Case]:
    kind, payload = "grant", grants.payload(GRANT)
    good = world.sign_grant(payload)
    late = replace(GRANT, not_before=2**31, not_after=2**31 + 3600, scope=grants.Scope(7))
    by_bulletin_key = signed.sign(payload, key=world.BULLETIN_KEY.signer, typ=None, kid=b"\x02")
    claims = cbor.decode(payload)
    assert isinstance(claims, dict)  # noqa: S101 - made here

    def wrong(name: str, other: bytes) -> Case:
        return refused(kind, name, world.sign_grant(other), "content")

    def changed(name: str, key: int, value: cbor.Encodable) -> Case:
        return wrong(name, cbor.encode(claims | {key: value}))

    x = GRANT.phone
    return [
        accepted(kind, "a care worker's shift", good, world.grant_fields(GRANT)),
        accepted(
            kind,
            "after 2038, every right",
            world.sign_grant(grants.payload(late)),
            world.grant_fields(late),
        ),
        *everywhere(kind, good),
        *headers(kind, good),
        refused(kind, "signed by the bulletin key", by_bulletin_key, "purpose"),
        refused(
            kind,
            "with a type",
            signed.sign(payload, key=world.GRANT_KEY.signer, typ=bulletins.TYP, kid=b"\x01"),
            "header",
        ),
        refused(
            kind,
            "an unknown key id",
            signed.sign(payload, key=world.GRANT_KEY.signer, typ=None, kid=b"\x07"),
            "purpose",
        ),
        wrong("claims with a byte behind", payload + b"\x00"),
        wrong("claims in an indefinite map", b"\xbf" + payload[1:] + b"\xff"),
        wrong("claims out of order", payload[:1] + payload[11:21] + payload[1:11] + payload[21:]),
        wrong("sub twice", payload[:1] + payload[1:11] * 2 + payload[21:]),
        wrong("tagged claims", b"\xd8\x3d" + payload),
        wrong("exp as float", payload[:22] + b"\xfb" + bytes(8) + payload[27:]),
        wrong("no claims", b""),
        changed("sub of 7 bytes", 2, bytes(7)),
        changed("sub as text", 2, "abcdefgh"),
        changed("exp in two bytes", 4, 65_535),
        changed("exp over 32 bits", 4, 2**32),
        changed("scope without rights", 9, b"\x00"),
        changed("scope with an unknown right", 9, b"\x08"),
        changed("scope as a number", 9, 3),
        changed("a key of another curve", 8, {1: {1: 2, -1: 2, -2: x}}),
        changed("a key with y", 8, {1: {1: 2, -1: 1, -2: x, -3: True}}),
        changed("a key by id", 8, {3: b"\x01"}),
        changed("one claim more", 10, 0),
    ]


def _bulletins() -> list[Case]:
    kind, good = "bulletin", world.sign_bulletin(BULLETIN.payload)
    empty = replace(BULLETIN, issued=2**31, phones=frozenset(), serials=frozenset())
    claims: dict[int, cbor.Encodable] = {
        1: BULLETIN.municipality,
        2: BULLETIN.epoch,
        3: BULLETIN.issued,
        4: sorted(BULLETIN.phones),
        5: sorted(BULLETIN.serials),
    }

    def changed(name: str, key: int, value: cbor.Encodable) -> Case:
        payload = cbor.encode(claims | {key: value})
        return refused(kind, name, world.sign_bulletin(payload), "content")

    return [
        accepted(kind, "two phones and a grant", good, world.bulletin_fields(BULLETIN)),
        accepted(
            kind,
            "empty, after 2038",
            world.sign_bulletin(empty.payload),
            world.bulletin_fields(empty),
        ),
        *everywhere(kind, good),
        *headers(kind, good),
        refused(
            kind,
            "typed as a time token",
            world.sign_bulletin(BULLETIN.payload, bulletins.TIME_TYP),
            "header",
        ),
        refused(
            kind,
            "signed by the grant key",
            signed.sign(
                BULLETIN.payload, key=world.GRANT_KEY.signer, typ=bulletins.TYP, kid=b"\x01"
            ),
            "purpose",
        ),
        changed("another municipality", 1, world.identifier("elsewhere")),
        changed("another epoch", 2, 2),
        changed("a negative time", 3, -1),
        changed("phones out of order", 4, sorted(BULLETIN.phones, reverse=True)),
        changed("a phone twice", 4, [bytes(8), bytes(8)]),
        changed("a phone of 7 bytes", 4, [bytes(7)]),
        changed("one field more", 6, 0),
    ]


def _token(token: TimeToken, typ: str = bulletins.TIME_TYP) -> bytes:
    return world.sign_bulletin(
        cbor.encode({1: token.municipality, 2: token.installation, 3: token.nonce, 4: token.time}),
        typ,
    )


def _tokens() -> list[Case]:
    kind, good = "time token", _token(TOKEN)
    return [
        accepted(kind, "noon", good, {"time": TOKEN.time}),
        accepted(kind, "2038", _token(replace(TOKEN, time=2**31)), {"time": 2**31}),
        *everywhere(kind, good),
        *headers(kind, good),
        refused(kind, "typed as a bulletin", _token(TOKEN, bulletins.TYP), "header"),
        refused(kind, "another nonce", _token(replace(TOKEN, nonce=bytes(16))), "content"),
        refused(kind, "another lock", _token(replace(TOKEN, installation=bytes(8))), "content"),
        refused(
            kind, "another municipality", _token(replace(TOKEN, municipality=bytes(8))), "content"
        ),
        refused(kind, "a time over 32 bits", _token(replace(TOKEN, time=2**32)), "content"),
    ]


def _installations() -> list[Case]:
    kind, good = "installation", RECORD.sign(world.LOCK_SIGNING_KEY.signer)
    fields = {
        "municipality": RECORD.municipality.hex(),
        "installation": RECORD.installation.hex(),
        "kind": int(RECORD.kind),
        "lock_key": RECORD.lock_key.hex(),
        "signing_key": RECORD.signing_key.hex(),
        "radio_key": RECORD.radio_key.hex(),
        "release_nonce": RECORD.release_nonce.hex(),
    }

    def wrong(name: str, reason: str, **changes: object) -> Case:
        changed = replace(RECORD, **changes)  # type: ignore[arg-type]
        return refused(kind, name, changed.sign(world.LOCK_SIGNING_KEY.signer), reason)

    payload = signed.unverified_payload(good)
    with_key_id = signed.sign(
        payload, key=world.LOCK_SIGNING_KEY.signer, typ=INSTALLATION_TYP, kid=b"\x01"
    )
    return [
        accepted(kind, "a thumb-turn", good, fields),
        *everywhere(kind, good),
        *headers(kind, good),
        refused(kind, "signed by another key", RECORD.sign(world.PHONE_KEY.signer), "signature"),
        refused(kind, "with a key id", with_key_id, "header"),
        wrong("an unknown kind", "content", kind=3),
        wrong("a lock key off the curve", "key", lock_key=b"\xff" * 32),
        wrong("a radio key of 15 bytes", "content", radio_key=bytes(15)),
        wrong("a release nonce of 15 bytes", "content", release_nonce=bytes(15)),
    ]
