"""`nyckelfri root`: the holders of the municipal root make it, and sign with it.

House rules: runs away from the server and needs none of it. Each holder's part is one
PEM file, encrypted with a passphrase that is asked for, never given on the command line.
What is about to be signed is shown in words before it is signed.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door import keyset, signed
from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import KeySet, Root
from nyckelfri.door.signed import SignatureError

ROOT_FILE = "root.cbor"
_MAX_FILE = 64 * 1024
_MIN_PASSPHRASE = 12


class RootError(Exception):
    """It was not done; the text says what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `new`, `sign` and `show`."""
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)
    new = deeds.add_parser("new", help="make a root: one encrypted file a holder")
    new.add_argument("directory", type=Path, metavar="DIR")
    new.add_argument("--parts", type=int, default=3, help="holders (3)")
    new.add_argument("--threshold", type=int, default=2, help="how many must sign (2)")
    _add_passphrase_file(new)
    new.add_argument(
        "--insecure-demo", action="store_true", help="parts without passphrase, for a demonstration"
    )
    new.set_defaults(deed=_new)
    sign = deeds.add_parser("sign", help="sign a key set request with the parts of some holders")
    sign.add_argument("request", type=Path, metavar="REQUEST")
    sign.add_argument(
        "--part", type=Path, action="append", required=True, metavar="FILE", help="a holder's file"
    )
    sign.add_argument("--root", type=Path, help=f"public root ({ROOT_FILE} beside the first part)")
    sign.add_argument("-o", "--output", type=Path, required=True, metavar="SIGNED")
    sign.add_argument("--yes", action="store_true", help="do not ask before signing")
    _add_passphrase_file(sign)
    sign.set_defaults(deed=_sign)
    show = deeds.add_parser("show", help="say in words what a key set request asks for")
    show.add_argument("request", type=Path, metavar="REQUEST")
    show.set_defaults(deed=_show)


def run(args: argparse.Namespace) -> int:
    """Do it; 0 done, 1 not done."""
    try:
        args.deed(args)
    except (RootError, ObjectError, SignatureError, OSError) as error:
        _say(f"nyckelfri root: {error}")
        return 1
    return 0


def _add_passphrase_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="take the passphrase of every part from this file instead of asking",
    )


def _new(args: argparse.Namespace) -> None:
    if not 1 <= args.threshold <= args.parts <= keyset.MAX_ROOT_KEYS:
        raise RootError(
            f"Choose 1 to {keyset.MAX_ROOT_KEYS} parts and a threshold from 1 to all of them"
        )
    directory: Path = args.directory
    if (directory / ROOT_FILE).exists():
        raise RootError(f"{directory} holds a root already: choose an empty directory")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(args.parts)]
    for number, key in enumerate(keys, 1):
        path = directory / f"holder-{number}.pem"
        secret = _new_passphrase(args, path.name)
        _write_secret(path, _pem(key, secret))
        _say(f"{path}: give this file, and nothing else, to holder {number}")
    root = Root(args.threshold, tuple(sorted(signed.compressed(key.public_key()) for key in keys)))
    (directory / ROOT_FILE).write_bytes(root.encoded)
    _say(f"{directory / ROOT_FILE}: public; {args.threshold} of {args.parts} holders sign")
    _say(f"municipality {root.municipality.hex()}")


def _sign(args: argparse.Namespace) -> None:
    root = Root.read(_read(args.root or args.part[0].parent / ROOT_FILE))
    request = keyset.from_payload(_read(args.request))
    if request.municipality != root.municipality:
        raise RootError("The request is of another municipality than this root")
    _say(describe(request))
    if not args.yes and input("Sign this? Type yes: ").strip().lower() != "yes":
        raise RootError("Not signed")
    data = sign_key_set(request, root, [_load(path, args) for path in args.part])
    keyset.read(data, root)
    args.output.write_bytes(data)
    _say(f"{args.output}: key set {request.number}, signed by {len(args.part)} holders")


def _show(args: argparse.Namespace) -> None:
    _say(describe(keyset.from_payload(_read(args.request))))


def sign_key_set(request: KeySet, root: Root, parts: Sequence[ec.EllipticCurvePrivateKey]) -> bytes:
    """Sign a request with these holders' keys; RootError for too few, or one not of the root."""
    indexes = {}
    for key in parts:
        point = signed.compressed(key.public_key())
        if point not in root.keys:
            raise RootError("One of the parts is not of this root")
        indexes[root.keys.index(point)] = key
    if len(indexes) < root.threshold:
        raise RootError(f"{root.threshold} different holders must sign, {len(indexes)} did")
    return keyset.join(
        request,
        [
            signed.sign_part(request.payload, key=key, typ=keyset.TYP, index=index)
            for index, key in indexes.items()
        ],
    )


def describe(request: KeySet) -> str:
    """Say what a key set is, for somebody who is about to sign it."""
    lines = [
        f"  key {key.kid.hex()} for {key.purpose.name.lower():<9} {key.point.hex()}"
        for key in request.keys
    ]
    title = f"Key set {request.number}, epoch {request.epoch}"
    return "\n".join([f"{title}, of municipality {request.municipality.hex()}", *lines])


def _new_passphrase(args: argparse.Namespace, name: str) -> bytes | None:
    if args.insecure_demo:
        return None
    if args.passphrase_file is not None:
        return _from_file(args.passphrase_file)
    first = getpass.getpass(f"Passphrase for {name}, at least {_MIN_PASSPHRASE} characters: ")
    if len(first) < _MIN_PASSPHRASE:
        raise RootError(f"Choose a passphrase of at least {_MIN_PASSPHRASE} characters")
    if getpass.getpass("The same once more: ") != first:
        raise RootError("The passphrases differ: start again")
    return first.encode()


def _load(path: Path, args: argparse.Namespace) -> ec.EllipticCurvePrivateKey:
    pem = _read(path)
    secret = None
    if b"ENCRYPTED" in pem:
        if args.passphrase_file is not None:
            secret = _from_file(args.passphrase_file)
        else:
            secret = getpass.getpass(f"Passphrase for {path.name}: ").encode()
    try:
        key = serialization.load_pem_private_key(pem, password=secret)
    except (ValueError, TypeError):
        raise RootError(f"{path}: the passphrase is wrong, or this is no part of a root") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise RootError(f"{path} is no part of a root")
    return key


def _pem(key: ec.EllipticCurvePrivateKey, secret: bytes | None) -> bytes:
    encryption: serialization.KeySerializationEncryption = (
        serialization.NoEncryption()
        if secret is None
        else serialization.BestAvailableEncryption(secret)
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def _from_file(path: Path) -> bytes:
    secret = _read(path).strip()
    if len(secret) < _MIN_PASSPHRASE:
        raise RootError(f"{path}: the passphrase must have at least {_MIN_PASSPHRASE} characters")
    return secret


def _write_secret(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_MAX_FILE + 1)
    if len(data) > _MAX_FILE:
        raise RootError(f"{path} is too large to be what is wanted")
    return data


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - the terminal is where this speaks
