"""The server's grant key is stolen, and its file is gone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from nyckelfri.demo.cast import FLAT
from nyckelfri.drill import proofs, readings
from nyckelfri.drill.stage import Stage
from nyckelfri.drill.town import CARER, OTHER

TITLE: Final = ("Nyckeln som ger bevis är stulen", "The key that signs grants is stolen")


def play(stage: Stage) -> None:
    """The thief opens until the doors have heard; then never again."""
    town = stage.town
    stage.signs_in(CARER)
    stage.doors(CARER, (FLAT, "open"), (OTHER, "open"))
    key = newest_grant_key(stage)
    stolen = stage.file(key.name)
    kept = readings.status(town.backstage)["kept"]
    stage.tell(
        "Någon har varit inne i servern, kopierat nyckeln som ger bevis, raderat filen och "
        "dragit ut kontakten. Tjuven kan nu göra egna bevis för varje dörr.",
        "Somebody has been in the server, copied the key that signs grants, deleted the file and "
        "pulled the plug. The thief can now make grants for every door.",
    )
    stage.breaks(
        "nyckeln är stulen och borta",
        "the key is stolen and gone",
        lambda: steal(stage, key, stolen),
    )
    town.let_it_be(28, "08:10")
    stage.thief(OTHER, stolen, expected="granted")
    stage.orders(f"nyckelfri server run --listen 127.0.0.1:{town.server.port}")
    stage.phone(
        "telefonen får inga nya bevis", "the phone gets no new grants",
        lambda: stage.sync(CARER, expected=(1,)), "UnreachableError",
    )  # fmt: skip
    stage.door(CARER, FLAT, "lock")
    stage.tell(
        "Byt nyckeln: en ny, och den stulna bort, i samma begäran. Rotens innehavare frågar vem "
        "som ber om det och varför, och skriver under samma dag.",
        "Rotate: a new key, and the stolen one dropped, in one request. The holders ask who wants "
        "it and why, and sign the same day.",
    )
    kid = key.stem.partition("-")[2]
    stage.changes_keys("rotate", f"--new grant --drop {kid}")
    stage.phone(
        "undersköterskan loggar in igen", "the carer signs in again", lambda: stage.signs_in(CARER)
    )
    town.let_it_be(28, "08:40")
    stage.door(CARER, FLAT, "open")
    stage.thief(FLAT, stolen, expected="not_accepted")
    stage.tell(
        "Den andra dörren har ingen besökt än: den tror fortfarande på den stulna nyckeln. Gå "
        "därför runt till alla dörrar samma dag.",
        "Nobody has visited the other door yet: it still believes the stolen key. So go round to "
        "all doors the same day.",
    )
    stage.thief(OTHER, stolen, expected="granted")
    stage.door(CARER, OTHER, "open")
    stage.thief(OTHER, stolen, expected="not_accepted")
    stage.phone("telefonen synkar", "the phone syncs", lambda: stage.sync(CARER))
    logs = stage.proves_the_log()
    unknown = [row for row in logs.openings if row["number"] is None and row["lock"] == OTHER.lock]
    stage.proves(
        "Tjuvens öppningar står i loggen utan namn, flaggade: beviset har ingen gett ut",
        "The thief's openings are in the log, nameless and flagged: nobody issued the grant",
        proofs.is_so(
            ("two nameless openings", len(unknown) == 2),
            ("kept for review", logs.status["kept"] > kept),
        ),
    )
    visited = {unit: readings.lock(town.locks[unit]) for unit in (FLAT, OTHER)}
    number = logs.status["key_set"]["number"]
    stage.proves(
        "De besökta dörrarna har den nya nyckeluppsättningen",
        "The visited doors have the new key set",
        proofs.is_so(
            *((unit.lock, made.key_set == number) for unit, made in visited.items()),
        ),
    )
    stage.learns(
        "Tills någon med ny nyckeluppsättning har varit vid en dörr öppnar tjuven den.",
        "Until somebody with the new key set has been at a door the thief opens it.",
    )


def newest_grant_key(stage: Stage) -> Path:
    """The file of the grant key that signs now."""
    return max((stage.file("server") / "keys").glob("grant-*.pem"))


def steal(stage: Stage, key: Path, stolen: Path) -> None:
    """Copy, delete, and pull the plug."""
    shutil.copyfile(key, stolen)
    key.unlink()
    stage.town.server.take_away()
