"""The whole ceremony with keys that are thrown away, step by step.

House rules: the same deeds as in earnest, no imitation of them; every line and every file
is marked; the root is random, so no lock anywhere believes what is made here. What should
be refused and is not, or the other way round, fails the rehearsal.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from nyckelfri.door.keyset import COMMISSIONING, Key, KeySet, Root
from nyckelfri.door.ownership import NONCE_BYTES, Release
from nyckelfri.root import deeds, files, parts
from nyckelfri.root.errors import RootError
from nyckelfri.root.terminal import Desk

MARK: Final = "REHEARSAL"
_HOLDERS: Final = ("anna", "bo", "cecilia")
_THRESHOLD: Final = 2


class _Stage(Desk):
    """A desk that marks what it says, and knows the throw-away passphrases."""

    def __init__(self, real: Desk, *, wait: bool) -> None:
        super().__init__(real.now)
        self._real = real
        self._wait = wait
        self._secrets: dict[str, bytes] = {}
        self.wrong_passphrase = False

    def say(self, text: str) -> None:
        for line in text.splitlines():
            self._real.say(f"{MARK} | {line}")

    def step(self, swedish: str, english: str) -> None:
        """Say what comes next, and wait for the holders."""
        self.say(f"\n== {swedish}\n== {english}")
        if self._wait:
            self._real.pause(f"{MARK} | Enter: ")

    def confirm(self, question: str) -> None:
        self.say(f"{question} ja / yes")

    def new_passphrase(self, name: str) -> bytes:
        self._secrets[name] = secrets.token_hex(16).encode()
        self.say(f"{name}: innehavaren väljer en lösenfras / the holder chooses a passphrase")
        return self._secrets[name]

    def passphrase(self, name: str) -> bytes:
        self.say(f"{name}: innehavaren ger sin lösenfras / the holder gives the passphrase")
        return b"not the passphrase" if self.wrong_passphrase else self._secrets[name]


class _Ceremony:
    """The holders, their folders, and the root they share."""

    def __init__(self, folder: Path, stage: _Stage) -> None:
        self.folder = folder
        self.stage = stage
        self.root_path = self.path("root.cbor")

    def path(self, name: str) -> Path:
        return self.folder / f"{MARK}-{name}"

    def private(self, holder: str) -> Path:
        return self.path(holder) / f"{MARK}-{holder}.pem"

    def make_root(self) -> Root:
        for holder in _HOLDERS:
            deeds.make_part(self.path(holder), f"{MARK}-{holder}", self.stage)
        public = [self.private(holder).with_suffix(".public") for holder in _HOLDERS]
        return deeds.join(public, _THRESHOLD, self.root_path, self.stage)

    def request(self, name: str, payload: bytes) -> Path:
        path = self.path(f"{name}.request")
        files.write(path, payload)
        return path

    def sign(self, holder: str, request: Path, *, against: Path | None = None) -> Path:
        output = request.with_suffix(f".{holder}")
        deeds.sign(
            request,
            [self.private(holder)],
            output,
            root_path=self.root_path,
            against=against,
            desk=self.stage,
        )
        return output

    def combine(self, request: Path, *signatures: Path) -> Path:
        output = request.with_suffix(".signed")
        deeds.combine(request, signatures, output, root_path=self.root_path, desk=self.stage)
        deeds.verify(output, self.root_path, self.stage)
        return output

    def refused(self, because: str, deed: Callable[[], object]) -> None:
        """Do what must be refused with these words; RootError if it is not."""
        try:
            deed()
        except RootError as error:
            if because in str(error):
                self.stage.say(f"VÄGRAT, som det ska / REFUSED, as it should be: {error}")
                return
            raise RootError(f"The rehearsal FAILED, refused for another reason: {error}") from None
        raise RootError("The rehearsal FAILED: what should have been refused was done")


def run(desk: Desk, *, wait: bool) -> None:
    """Go through it; RootError if anything went otherwise than it should. Leaves no file."""
    stage = _Stage(desk, wait=wait)
    with tempfile.TemporaryDirectory(prefix=f"{MARK}-") as folder:
        _play(_Ceremony(Path(folder), stage))
        stage.step(
            "Övningen är slut. Allt som gjordes raderas nu.",
            "The rehearsal is over. Everything that was made is deleted now.",
        )
    stage.say("Övningen gick som den ska / The rehearsal went as it should")


def _play(ceremony: _Ceremony) -> None:
    stage = ceremony.stage
    stage.step(
        "1. Tre innehavare gör var sin del, var och en på sin dator. Bara den offentliga "
        "halvan lämnar datorn. De läser upp sina koder och sätter samman roten: två av tre.",
        "1. Three holders make their parts, each on their own machine. Only the public half "
        "leaves it. They read their codes aloud and join the root: two of three.",
    )
    root = ceremony.make_root()
    first = _key_set(root, stage.now)
    stage.step(
        "2. Servern ber om sin första nyckeluppsättning. Två innehavare läser orden, jämför "
        "koden och skriver under var för sig; underskrifterna läggs samman.",
        "2. The server asks for its first key set. Two holders read the words, compare the "
        "code and sign, each alone; the signatures are combined.",
    )
    request = ceremony.request("key-set-1", first.payload)
    signatures = [ceremony.sign(holder, request) for holder in ("anna", "bo")]
    in_force = ceremony.combine(request, *signatures)
    _wrong_requests(ceremony, first, in_force)
    _lost_parts(ceremony, root, first, in_force)


def _wrong_requests(ceremony: _Ceremony, first: KeySet, in_force: Path) -> None:
    stage = ceremony.stage
    changed = replace(first, number=2, keys=_fresh_keys())
    stage.step(
        "3. Någon byter begäran mellan två innehavare. Koderna skiljer sig, och "
        "underskrifterna går inte att lägga samman.",
        "3. Somebody changes the request between two holders. The codes differ, and the "
        "signatures cannot be combined.",
    )
    honest = ceremony.request("key-set-2", replace(first, number=2).payload)
    altered = ceremony.request("key-set-2-altered", changed.payload)
    one, other = ceremony.sign("anna", honest), ceremony.sign("bo", altered)
    ceremony.refused("signs something else", lambda: ceremony.combine(honest, one, other))
    stage.step(
        "4. Fel begäran: en annan kommuns, och en med ett nummer som redan har använts.",
        "4. Wrong requests: another municipality's, and one whose number has been used.",
    )
    foreign = ceremony.request(
        "foreign", replace(first, municipality=secrets.token_bytes(8)).payload
    )
    ceremony.refused("another municipality", lambda: ceremony.sign("anna", foreign))
    stale = ceremony.request("stale", replace(first, keys=_fresh_keys()).payload)
    ceremony.refused("not higher", lambda: ceremony.sign("anna", stale, against=in_force))
    stage.step(
        "5. Fel lösenfras, och samma innehavare två gånger.",
        "5. A wrong passphrase, and the same holder twice.",
    )
    stage.wrong_passphrase = True
    ceremony.refused("passphrase is wrong", lambda: ceremony.sign("cecilia", honest))
    stage.wrong_passphrase = False
    again = honest.with_suffix(".again")
    files.write(again, files.read(one))
    ceremony.refused("same holder", lambda: ceremony.combine(honest, one, again))


def _lost_parts(ceremony: _Ceremony, root: Root, first: KeySet, in_force: Path) -> None:
    stage = ceremony.stage
    stage.step(
        "6. Bo har tappat sin del. Anna och Cecilia byter ändå serverns nycklar; orden säger "
        "vad som ändras.",
        "6. Bo has lost his part. Anna and Cecilia still rotate the server's keys; the words "
        "say what changes.",
    )
    ceremony.private("bo").unlink()
    rotated = ceremony.request("key-set-3", _rotated(first, stage.now).payload)
    signatures = [
        ceremony.sign(holder, rotated, against=in_force) for holder in ("anna", "cecilia")
    ]
    ceremony.combine(rotated, *signatures)
    stage.step(
        "7. Ett lås flyttas: roten släpper det.",
        "7. A lock is moved: the root releases it.",
    )
    release = Release(root.municipality, secrets.token_bytes(8), secrets.token_bytes(NONCE_BYTES))
    order = ceremony.request("release", release.payload)
    ceremony.combine(order, *(ceremony.sign(holder, order) for holder in ("anna", "cecilia")))
    stage.step(
        "8. Cecilia tappar också sin del. En ensam innehavare räcker inte: inga nya nycklar, "
        "inga släppta lås. Dörrarna öppnar som förut, men enheterna måste till slut bytas mot "
        "nya under en ny rot. Gör därför en ny rot redan när den första delen är tappad, medan "
        "den gamla ännu kan släppa låsen.",
        "8. Cecilia loses her part too. One holder is not enough: no new keys, no released "
        "locks. Doors open as before, but in the end the units must be replaced by new ones "
        "under a new root. So make a new root as soon as the first part is lost, while the old one "
        "can still release the locks.",
    )
    ceremony.private("cecilia").unlink()
    last = ceremony.request("key-set-4", replace(first, number=4).payload)
    alone = ceremony.sign("anna", last)
    ceremony.refused("different holders", lambda: ceremony.combine(last, alone))
    ceremony.refused("cannot read", lambda: ceremony.sign("cecilia", last))


def _fresh_keys(first: int = 1) -> tuple[Key, ...]:
    return tuple(
        Key(bytes([kid]), purpose, parts.point(parts.generate()))
        for kid, purpose in enumerate(sorted(COMMISSIONING), first)
    )


def _key_set(root: Root, now: int) -> KeySet:
    return KeySet(root.municipality, 1, 1, now, _fresh_keys())


def _rotated(first: KeySet, now: int) -> KeySet:
    """One key newer: the bulletin key has a successor beside it."""
    old = first.keys[1]
    new = Key(b"\x10", old.purpose, parts.point(parts.generate()))
    return replace(first, number=3, issued=now, keys=(*first.keys, new))
