"""Signatures of holders, alone and joined.

House rules: a holder's signature file is the signed object with that one signature, so it
carries what was signed and can be shown; nothing is handed out that was not verified first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import signed
from nyckelfri.door.keyset import Root
from nyckelfri.root import parts
from nyckelfri.root.errors import RootError
from nyckelfri.root.requests import Request, Signed, read_signed


def sign_one(request: Request, root: Root, key: ec.EllipticCurvePrivateKey) -> bytes:
    """One holder's signature file; RootError for a part or a request of another root."""
    made = _join(request, [_part(request, root, key)])
    read_signed(made).verify_some(root)
    return made


def sign_whole(request: Request, root: Root, keys: Sequence[ec.EllipticCurvePrivateKey]) -> bytes:
    """The signed object, by holders who are all here; RootError for too few, or one twice."""
    made = [_part(request, root, key) for key in keys]
    indexes = [index for index, _ in made]
    if len(set(indexes)) != len(indexes):
        raise RootError("The same part stands here twice: each holder signs once")
    return _whole(request, root, made)


def combine(request: Request, root: Root, signatures: Mapping[str, bytes]) -> bytes:
    """The signed object from signature files (name → bytes); RootError names the bad one."""
    request.check(root)
    found: dict[int, tuple[str, bytes]] = {}
    for name, data in signatures.items():
        for index, signature in _verified(name, data, request, root).signatures:
            if index in found:
                raise RootError(
                    f"{name} and {found[index][0]} are by the same holder, number {index + 1}: "
                    f"{root.threshold} different holders must sign"
                )
            found[index] = (name, signature)
    return _whole(request, root, [(index, made) for index, (_, made) in found.items()])


def _verified(name: str, data: bytes, request: Request, root: Root) -> Signed:
    try:
        offered = read_signed(data)
        _same(offered.request, request)
        offered.verify_some(root)
    except RootError as error:
        raise RootError(f"{name}: {error}") from None
    return offered


def _same(offered: Request, request: Request) -> None:
    if (offered.kind, offered.payload) != (request.kind, request.payload):
        raise RootError(
            f"it signs something else: its check code is {offered.code}, this request's is "
            f"{request.code}. Somebody was shown another request: find out who changed it before "
            "anybody signs again"
        )


def _part(request: Request, root: Root, key: ec.EllipticCurvePrivateKey) -> tuple[int, bytes]:
    request.check(root)
    point = parts.point(key)
    if point not in root.keys:
        raise RootError("One of the parts is not of this root: name the root's own file, --root")
    return signed.sign_part(
        request.payload, key=key, typ=request.kind.value, index=root.keys.index(point)
    )


def _whole(request: Request, root: Root, made: Sequence[tuple[int, bytes]]) -> bytes:
    if len(made) < root.threshold:
        raise RootError(f"{root.threshold} different holders must sign, {len(made)} did")
    data = _join(request, made)
    read_signed(data).verify(root)
    return data


def _join(request: Request, made: Sequence[tuple[int, bytes]]) -> bytes:
    return signed.join_parts(request.payload, typ=request.kind.value, parts=made)
