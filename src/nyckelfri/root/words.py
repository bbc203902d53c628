"""What a request, a signed object, a root or a part is, in plain words.

House rule: pure; each fact in Swedish and in English, the same facts in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from nyckelfri.door.keyset import Key, KeySet, Root
from nyckelfri.door.ownership import Release
from nyckelfri.door.update import Manifest
from nyckelfri.root import changes
from nyckelfri.root.changes import PURPOSES, Text
from nyckelfri.root.requests import Request, check_code

_CODE: Final = "Kontrollkod / check code: "


@dataclass
class Page:
    """Lines in two languages."""

    lines: list[Text] = field(default_factory=list)

    def add(self, swedish: str, english: str) -> None:
        """Say one thing."""
        self.lines.append((swedish, english))

    def warn(self, texts: Sequence[Text]) -> None:
        """Say what to ask about."""
        for swedish, english in texts:
            self.add(f"OBS: {swedish}", f"NOTE: {english}")

    def render(self, code: str) -> str:
        """Both languages, one after the other, and the check code."""
        swedish = "\n".join(f"  {line}" for line, _ in self.lines)
        english = "\n".join(f"  {line}" for _, line in self.lines)
        return f"Svenska\n{swedish}\nEnglish\n{english}\n{_CODE}{code}"


def describe(
    request: Request, *, now: int, against: KeySet | None = None, asked: bool = True
) -> str:
    """Say what this request does; `now` in Unix seconds, `asked` while it is not signed yet."""
    page = Page()
    match request.content:
        case KeySet() as content:
            _key_set(page, content, now, against, asked=asked)
        case Release() as content:
            _release(page, content)
        case Manifest() as content:
            _update(page, content)
    return page.render(request.code)


def describe_root(root: Root) -> str:
    """Say who must sign, and the check code of each part."""
    page = Page()
    total, needed = len(root.keys), root.threshold
    page.add(
        f"Kommunens rot: {needed} av {total} innehavare måste skriva under",
        f"The municipal root: {needed} of {total} holders must sign",
    )
    page.add(f"Kommun {root.municipality.hex()}", f"Municipality {root.municipality.hex()}")
    for number, key in enumerate(root.keys, 1):
        page.add(
            f"Innehavare {number}: del {check_code(key)}",
            f"Holder {number}: part {check_code(key)}",
        )
    return page.render(check_code(root.encoded))


def describe_part(key: bytes) -> str:
    """Say what a public part is; the code is what its holder reads aloud."""
    page = Page()
    page.add("Den offentliga halvan av en innehavares del", "The public half of a holder's part")
    return page.render(check_code(key))


def describe_signers(indexes: Sequence[int], root: Root | None) -> str:
    """Say whose signatures an object carries; verified if `root` is given."""
    numbers = ", ".join(str(index + 1) for index in indexes)
    if root is None:
        return (
            f"Underskrifter av innehavare {numbers}, inte kontrollerade (ange --root)\n"
            f"Signatures of holders {numbers}, not verified (give --root)"
        )
    if len(indexes) < root.threshold:
        return (
            f"Underskrifter av innehavare {numbers} stämmer; {root.threshold} behövs\n"
            f"The signatures of holders {numbers} hold; {root.threshold} are needed"
        )
    return (
        f"Gäller: underskrifterna av innehavare {numbers} stämmer\n"
        f"Valid: the signatures of holders {numbers} hold"
    )


def _key_set(page: Page, content: KeySet, now: int, against: KeySet | None, *, asked: bool) -> None:
    moment = _moment(content.issued)
    page.add(
        f"Nyckeluppsättning {content.number}, epok {content.epoch}, utfärdad {moment}",
        f"Key set {content.number}, epoch {content.epoch}, issued {moment}",
    )
    page.add(
        f"Säger till alla lås och telefoner i kommun {content.municipality.hex()} vilka av "
        "serverns nycklar de ska tro på",
        f"Tells all locks and phones of municipality {content.municipality.hex()} which of the "
        "server's keys to believe",
    )
    if against is None:
        for key in content.keys:
            page.add(*_key(key))
        if asked and content.number > 1:
            page.warn(
                [
                    (
                        "inte jämförd med den förra: ange den med --against",
                        "not compared with the last one: give it with --against",
                    )
                ]
            )
    else:
        _changes(page, content, against)
    page.warn(changes.remarks_on(content, now))


def _changes(page: Page, content: KeySet, against: KeySet) -> None:
    found = changes.compare(against, content)
    page.add(
        f"Jämfört med nyckeluppsättning {against.number}, epok {against.epoch}:",
        f"Against key set {against.number}, epoch {against.epoch}:",
    )
    marks = (("NY    ", "ADDED  "), ("BORT  ", "DROPPED"), ("kvar  ", "kept   "))
    for (swedish, english), keys in zip(
        marks, (found.added, found.dropped, found.kept), strict=True
    ):
        for key in keys:
            page.add(
                *(f"{m} {text}" for m, text in zip((swedish, english), _key(key), strict=True))
            )
    for fault in found.faults:
        page.add(f"FEL, låsen vägrar: {fault[0]}", f"WRONG, locks refuse it: {fault[1]}")
    page.warn(found.remarks)


def _release(page: Page, content: Release) -> None:
    page.add(
        f"Släpp låset med installation {content.installation.hex()}",
        f"Release the lock with installation {content.installation.hex()}",
    )
    page.add(
        f"i kommun {content.municipality.hex()}, engångstal {content.nonce.hex()}",
        f"in municipality {content.municipality.hex()}, nonce {content.nonce.hex()}",
    )
    page.add(
        "Låset glömmer sina nycklar, sin journal och kommunen, och kan sättas upp av vem som "
        "helst som har dess nya etikett",
        "The lock forgets its keys, its journal and the municipality, and can be commissioned "
        "by anybody who has its new label",
    )
    page.warn(
        [
            (
                "jämför installationen med beställningen, och beställningen med den som ansvarar",
                "compare the installation with the order, and the order with who answers for it",
            )
        ]
    )


def _update(page: Page, content: Manifest) -> None:
    page.add(
        f"Uppdatering av modell {content.model} till version {content.version}, "
        f"{content.size} byte",
        f"Update of model {content.model} to version {content.version}, {content.size} bytes",
    )
    page.add(
        f"för alla enheter av den modellen i kommun {content.municipality.hex()}",
        f"for all units of that model in municipality {content.municipality.hex()}",
    )
    digest = content.digest.hex()
    page.add(f"SHA-256 {digest}", f"SHA-256 {digest}")
    page.warn(
        [
            (
                "jämför SHA-256 med den som programmets utgivare har offentliggjort",
                "compare the SHA-256 with what the program's publisher has made public",
            )
        ]
    )


def _key(key: Key) -> Text:
    swedish, english = PURPOSES[key.purpose]
    code = check_code(key.point)
    return (
        f"nyckel {key.kid.hex()} för {swedish}: {code}",
        f"key {key.kid.hex()} for {english}: {code}",
    )


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
