"""The server is down for a day, a phone is lost meanwhile, and everything comes home."""

from __future__ import annotations

from typing import Final

from nyckelfri.demo.cast import ENTRANCE, FLAT, Person
from nyckelfri.drill import proofs
from nyckelfri.drill.stage import Stage
from nyckelfri.drill.town import CARER, OTHER

TITLE: Final = ("Servern är nere ett dygn", "The server is down for a day")
_LOST: Final = Person("Telefon 2", "10008")
_FINDER: Final = ("den som hittat telefonen", "whoever found the phone")


def play(stage: Stage) -> None:
    """Doors open, a lost phone cannot be blocked, and the log is whole afterwards."""
    town = stage.town
    town.join(_LOST)
    stage.tell(
        "Servern dör nu, mitt i morgonen, och är borta till i morgon. Dörrarna ska öppna ändå: "
        "telefonerna bär nycklar för 36 timmar, låsen avgör själva.",
        "The server dies now, in the middle of the morning, until tomorrow. Doors must open all "
        "the same: phones carry keys for 36 hours, and the locks decide themselves.",
    )
    stage.breaks("servern dödas (SIGKILL)", "the server is killed (SIGKILL)", town.server.take_away)
    town.let_it_be(23, "07:30")
    stage.doors(CARER, (ENTRANCE, "open"), (FLAT, "open"), (FLAT, "lock"))
    town.let_it_be(23, "10:30")
    stage.tell(
        "En telefon tappas på bussen, och den som hittar den har sett PIN-koden. Ingen kan "
        "spärra den nu: den öppnar tills dess nycklar går ut eller låsen får veta. Det är "
        "priset för dörrar som inte behöver servern, och därför syns det i loggen.",
        "A phone is left on the bus, and the finder has seen the PIN. Nobody can block it now: "
        "it opens until its keys expire or the locks hear of it. That is the price of doors "
        "that need no server, and so the log shows it.",
    )
    stage.doors(_LOST, (FLAT, "open"), (FLAT, "lock"), who=_FINDER)
    town.let_it_be(24, "07:20")
    stage.phone(
        "nästa dag loggar undersköterskan in utan server",
        "the next day the carer signs in without a server",
        lambda: stage.signs_in(CARER),
    )
    stage.phone(
        "telefonen når ingen",
        "the phone reaches nobody",
        lambda: stage.sync(CARER, expected=(1,)),
        "UnreachableError",
    )
    stage.doors(CARER, (ENTRANCE, "open"), (FLAT, "open"), (FLAT, "lock"))
    town.let_it_be(24, "08:20")
    stage.tell(
        "Servern är lagad. Starta den, och spärra telefonen det första du gör.",
        "The server is mended. Start it, and block the phone before anything else.",
    )
    stage.orders(f"nyckelfri server run --listen 127.0.0.1:{town.server.port}")
    stage.orders(
        f'nyckelfri server block-phone "{_LOST.phone}"',
        why=("tappad på bussen i går", "left on the bus yesterday"),
    )
    stage.phone(
        "undersköterskan loggar in, telefonen lämnar dygnets loggar",
        "the carer signs in, and the phone delivers the day's logs",
        lambda: stage.signs_in(CARER),
    )
    town.let_it_be(24, "08:40")
    stage.doors(CARER, (ENTRANCE, "open"), (FLAT, "open"), (OTHER, "open"))
    stage.copy_of(_LOST, FLAT, expected="phone_blocked")
    stage.phone(
        "den tappade telefonen får täckning, och tömmer sig",
        "the lost phone gets coverage, and empties itself",
        lambda: stage.sync(_LOST, expected=(1,)),
        "phone_blocked",
    )
    stage.door(CARER, FLAT, "lock")
    stage.phone("telefonen synkar", "the phone syncs", lambda: stage.sync(CARER))
    logs = stage.proves_the_log()
    found = [row for row in logs.openings if row["number"] == _LOST.number]
    stage.proves(
        "Allt som den tappade telefonen gjorde syns: öppnat, låst, och nekat efter spärren",
        "All that the lost phone did is seen: opened, locked, and refused once it was blocked",
        proofs.is_so(
            ("opened and locked", [row["result"] for row in found].count("done") == 2),
            ("refused as blocked", [row["reason"] for row in found].count("phone_blocked") == 1),
        ),
    )
    stage.learns(
        "En tappad telefon öppnar under avbrottet, tills dess nycklar går ut: ha någon vid de "
        "dörrar där det inte går att vänta.",
        "A lost phone opens during the outage, until its keys expire: have somebody at the doors "
        "that cannot wait.",
    )
