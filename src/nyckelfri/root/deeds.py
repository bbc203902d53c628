"""What holders do: make parts, put a root together, look, sign, combine, verify.

House rules: everything that can be refused is refused before a passphrase is asked for;
what is written has been verified as a lock would.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from nyckelfri.door.fields import ObjectError
from nyckelfri.door.keyset import MAX_ROOT_KEYS, KeySet, Root
from nyckelfri.door.signed import SignatureError
from nyckelfri.root import changes, envelope, files, parts, requests, signing, words
from nyckelfri.root.errors import RootError
from nyckelfri.root.requests import Request, Signed
from nyckelfri.root.terminal import Desk

ROOT_FILE: Final = "root.cbor"
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,40}")

Generate = Callable[[], ec.EllipticCurvePrivateKey]


def make_part(directory: Path, name: str, desk: Desk, generate: Generate = parts.generate) -> None:
    """Write NAME.pem for the holder alone, and NAME.public to send; both new."""
    if not _NAME.fullmatch(name):
        raise RootError("A name has 1 to 40 letters from a to z, figures and hyphens")
    private, public = directory / f"{name}.pem", directory / f"{name}.public"
    _new_folder(directory, [private, public])
    secret = desk.new_passphrase(private.name)
    key = generate()
    files.write_all(
        {private: parts.private_file(key, secret), public: parts.public_file(key)},
        private={private},
    )
    desk.say(words.describe_part(parts.point(key)))
    desk.say(f"{private}: for the holder alone, with its passphrase kept elsewhere")
    desk.say(f"{public}: send it, and read the check code aloud to those who join the root")


def join(public: Sequence[Path], threshold: int, output: Path, desk: Desk) -> Root:
    """Write the public root of these holders' public parts; `threshold` of them must sign."""
    keys: dict[str, bytes] = {}
    for path in public:
        if str(path) in keys:
            raise RootError(f"{path} stands here twice: each holder has their own part")
        keys[str(path)] = parts.read_public(files.read(path), str(path))
    root = parts.join(keys, threshold)
    files.write(output, root.encoded)
    for name, key in keys.items():
        desk.say(f"{name}: holder {root.keys.index(key) + 1}, part {requests.check_code(key)}")
    desk.say(words.describe_root(root))
    desk.say(f"{output}: public; every holder keeps a copy and compares the codes")
    return root


def make_root(
    directory: Path,
    *,
    count: int,
    threshold: int,
    desk: Desk,
    insecure: bool = False,
    generate: Generate = parts.generate,
) -> Root:
    """Write a root and all its parts, in a ceremony on one machine."""
    if not 1 <= threshold <= count <= MAX_ROOT_KEYS:
        raise RootError(f"Choose 1 to {MAX_ROOT_KEYS} parts and a threshold from 1 to all of them")
    target = directory / ROOT_FILE
    names = [directory / f"holder-{number}.pem" for number in range(1, count + 1)]
    _new_folder(directory, [target, *names])
    # In the root's own order, so that holder 1 is number 1 wherever signatures are told of.
    keys = sorted((generate() for _ in names), key=parts.point)
    root = Root(threshold, tuple(parts.point(key) for key in keys))
    content = {target: root.encoded}
    for path, key in zip(names, keys, strict=True):
        secret = None if insecure else desk.new_passphrase(path.name)
        content[path] = parts.private_file(key, secret)
    files.write_all(content, private=set(names))
    for number, path in enumerate(names, 1):
        desk.say(f"{path}: give this file, and nothing else, to holder {number}")
    if insecure:
        desk.say("WARNING: parts without a passphrase, for a demonstration and nothing else")
    desk.say(words.describe_root(root))
    return root


def show(path: Path, *, against: Path | None, root_path: Path | None, desk: Desk) -> None:
    """Say in words what a file is, with signatures verified if the root is given."""
    data = files.read(path)
    root = None if root_path is None else read_root(root_path)
    last = None if against is None else _last(against, root)
    text = _if_root_or_part(data)
    if text is not None:
        desk.say(text)
        return
    with _about(path):
        found = requests.read_any(data)
        if isinstance(found, Signed) and root is not None:
            found.verify_some(root)
    if isinstance(found, Request):
        desk.say(words.describe(found, now=desk.now, against=last))
        return
    desk.say(words.describe(found.request, now=desk.now, against=last, asked=False))
    desk.say(words.describe_signers([index for index, _ in found.signatures], root))


def sign(
    path: Path,
    private: Sequence[Path],
    output: Path,
    *,
    root_path: Path | None,
    against: Path | None,
    desk: Desk,
) -> None:
    """Write one holder's signature file, or with several parts the signed object."""
    root = read_root(root_path or private[0].parent / ROOT_FILE)
    request = _request(path, root)
    last = None if against is None else _last(against, root)
    desk.say(words.describe(request, now=desk.now, against=last))
    if last is not None and isinstance(request.content, KeySet):
        faults = changes.compare(last, request.content).faults
        if faults:
            raise RootError(f"Locks would refuse it: {'; '.join(text for _, text in faults)}")
    if 1 < len(private) < root.threshold:
        raise RootError(f"{root.threshold} different holders must sign, {len(private)} would")
    _must_be_new(output)
    closed = [(part, files.read_private(part)) for part in private]
    desk.confirm("Stämmer koden, och ska det skrivas under? / Is the code right, sign this?")
    keys = [_open(part, pem, desk) for part, pem in closed]
    for part, key in zip(private, keys, strict=True):
        if parts.point(key) not in root.keys:
            raise RootError(f"{part} is not of this root: is --root the right file?")
    if len(keys) == 1 < root.threshold:
        files.write(output, signing.sign_one(request, root, keys[0]))
        number = root.keys.index(parts.point(keys[0])) + 1
        desk.say(f"{output}: the signature of holder {number}; {root.threshold} are needed in all")
        desk.say(f"Then: nyckelfri root combine {path.name} SIGNATURE... -o SIGNED")
    else:
        files.write(output, signing.sign_whole(request, root, keys))
        desk.say(f"{output}: signed by {len(keys)} holders, check code {request.code}")


def combine(
    path: Path, signatures: Sequence[Path], output: Path, *, root_path: Path, desk: Desk
) -> None:
    """Write the signed object from holders' signature files."""
    root = read_root(root_path)
    request = _request(path, root)
    found: dict[str, bytes] = {}
    for signature in signatures:
        if str(signature) in found:
            raise RootError(f"{signature} stands here twice: name each holder's file once")
        found[str(signature)] = files.read(signature)
    files.write(output, signing.combine(request, root, found))
    desk.say(f"{output}: signed by {len(found)} holders, check code {request.code}")


def verify(path: Path, root_path: Path, desk: Desk) -> None:
    """Say what a signed object is; RootError unless every lock of the root would take it."""
    root = read_root(root_path)
    data = files.read(path)
    with _about(path):
        found = requests.read_signed(data)
        found.verify(root)
    desk.say(words.describe(found.request, now=desk.now, asked=False))
    desk.say(words.describe_signers([index for index, _ in found.signatures], root))


def reseal(part: Path, output: Path, desk: Desk) -> None:
    """Write a part anew under another passphrase, for a holder's successor."""
    _must_be_new(output)
    key = _open(part, files.read_private(part), desk)
    files.write(output, parts.private_file(key, desk.new_passphrase(output.name)), private=True)
    desk.say(f"{output}: the same part, new passphrase; destroy {part} and every copy of it")


def read_root(path: Path) -> Root:
    """The public root in a file; RootError says what is wrong."""
    data = files.read(path)
    try:
        return Root.read(data)
    except (ObjectError, SignatureError) as error:
        raise RootError(
            f"{path} is no root, or it is damaged ({error}): fetch {ROOT_FILE} again"
        ) from None


def _request(path: Path, root: Root) -> Request:
    data = files.read(path)
    with _about(path):
        request = requests.read_request(data)
        request.check(root)
    return request


def _last(path: Path, root: Root | None) -> KeySet:
    """The key set in force, for comparison; verified where there is a root to do it with."""
    data = files.read(path)
    with _about(path):
        found = requests.read_signed(data)
        if root is not None:
            found.verify(root)
        if not isinstance(found.request.content, KeySet):
            raise RootError("This is no key set: compare with the signed one that is in force")
    return found.request.content


def _if_root_or_part(data: bytes) -> str | None:
    try:
        return words.describe_root(Root.read(data))
    except (ObjectError, SignatureError):
        pass
    try:
        return words.describe_part(parts.read_public(data, "it"))
    except RootError:
        return None


def _open(path: Path, pem: bytes, desk: Desk) -> ec.EllipticCurvePrivateKey:
    if envelope.is_closed(pem):
        return envelope.open_(pem, desk.passphrase(path.name), str(path))
    key = envelope.open_(pem, None, str(path))
    desk.say(f"WARNING: {path} has no passphrase: for a demonstration and nothing else")
    return key


def _new_folder(directory: Path, wanted: Sequence[Path]) -> None:
    for path in wanted:
        _must_be_new(path)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RootError(f"cannot make {directory}: {error.strerror}") from None


def _must_be_new(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise RootError(f"{path} exists: nothing is written over, choose another name")


@contextlib.contextmanager
def _about(path: Path) -> Iterator[None]:
    """Let errors name the file that they are about."""
    try:
        yield
    except RootError as error:
        raise RootError(f"{path}: {error}") from None
