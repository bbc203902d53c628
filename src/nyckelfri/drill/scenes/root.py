"""A part of the municipal root is lost, and then one too many."""

from __future__ import annotations

from typing import Final

from nyckelfri.demo.cast import FLAT, Person
from nyckelfri.drill import proofs, readings
from nyckelfri.drill.stage import Stage
from nyckelfri.drill.town import CARER

TITLE: Final = ("Delar av roten är förlorade", "Parts of the root are lost")
_LATE: Final = Person("Telefon 5", "10006")
_FINDER: Final = ("den som hittat telefonen", "whoever found the phone")


def play(stage: Stage) -> None:
    """With two of three parts the keys change; with one nothing does, and doors still open."""
    town = stage.town
    stage.signs_in(CARER)
    town.join(_LATE)
    stage.door(CARER, FLAT, "open")
    stage.tell(
        "En innehavare har tappat sin del av roten. De två andra räcker.",
        "One holder has lost their part of the root. The two others are enough.",
    )
    stage.breaks(
        "del 2 av roten är förstörd",
        "part 2 of the root is destroyed",
        stage.file("root/holder-2.pem").unlink,
    )
    stage.changes_keys("receipt", "--new receipt")
    stage.phone("telefonen synkar", "the phone syncs", lambda: stage.sync(CARER))
    stage.door(CARER, FLAT, "open")
    before = readings.status(town.backstage)["key_set"]
    stage.proves(
        "Dörren har tagit den nyckeluppsättning som de två skrev under",
        "The door has taken the key set that the two signed",
        proofs.is_so(
            ("the same number", readings.lock(town.locks[FLAT]).key_set == before["number"])
        ),
    )
    stage.tell(
        "Så försvinner också del 3. En ensam innehavare räcker inte: begäran går att skriva "
        "under, men inte att lägga samman till något som låsen tror på.",
        "Then part 3 is gone too. One holder is not enough: the request can be signed, but not "
        "combined into something that locks believe.",
    )
    stage.breaks(
        "del 3 av roten är förstörd",
        "part 3 of the root is destroyed",
        stage.file("root/holder-3.pem").unlink,
    )
    stage.orders("nyckelfri server request --new bulletin -o last.request")
    stage.sign("last.request", "by-1", holders=(1,))
    stage.orders(
        "nyckelfri root combine last.request by-1 --root root/root.cbor -o last.signed", expected=1
    )
    stage.orders("nyckelfri server install-key-set by-1", expected=1)
    stage.tell(
        "Vardagen går vidare med de nycklar som finns: dörrar öppnar och telefoner spärras.",
        "Daily work goes on with the keys there are: doors open and phones are blocked.",
    )
    stage.orders(f'nyckelfri server block-phone "{_LATE.phone}"', why=("borttappad", "missing"))
    stage.phone("telefonen synkar", "the phone syncs", lambda: stage.sync(CARER))
    stage.door(CARER, FLAT, "open")
    stage.door(_LATE, FLAT, "open", _FINDER, expected="phone_blocked")
    stage.phone(
        "den borttappade telefonen tömmer sig",
        "the missing phone empties itself",
        lambda: stage.sync(_LATE, expected=(1,)),
        "phone_blocked",
    )
    stage.door(CARER, FLAT, "lock")
    stage.phone("telefonen synkar", "the phone syncs", lambda: stage.sync(CARER))
    logs = stage.proves_the_log()
    stage.proves(
        "Ingenting har ändrats utan rotens underskrift, och servern signerar som förut",
        "Nothing changed without the root's signature, and the server signs as before",
        proofs.is_so(
            ("the same key set", logs.status["key_set"] == before),
            ("the server signs", logs.status["signs_nothing_because"] is None),
        ),
    )
    stage.learns(
        "Efter första förlusten, samma vecka: gör en ny rot bredvid, och flytta lås för lås "
        "medan den gamla ännu kan släppa dem (docs/subsystems/root.md).",
        "After the first loss, the same week: make a new root beside it, and move lock by lock "
        "while the old one can still let them go (docs/subsystems/root.md).",
    )
    stage.learns(
        "När för få delar är kvar: ny rot, ny server, och varje enhet byts mot en ny som tas i "
        "bruk under den. Ingen, inte heller vi, kan släppa de gamla.",
        "When too few parts are left: a new root, a new server, and each unit replaced by a new "
        "one that is commissioned under it. Nobody, nor we, can let the old ones go.",
    )
