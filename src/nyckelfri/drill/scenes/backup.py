"""The database is lost, and yesterday's backup is put in its place."""

from __future__ import annotations

from functools import partial
from typing import Final

from nyckelfri.demo.cast import ENTRANCE, FLAT, Person
from nyckelfri.drill import proofs, readings
from nyckelfri.drill.readings import Logs
from nyckelfri.drill.stage import Stage
from nyckelfri.drill.town import CARER, OTHER, moment

TITLE: Final = (
    "Databasen är förlorad, gårdagens säkerhetskopia återläses",
    "The database is lost, yesterday's backup is restored",
)
_BLOCKED: Final = Person("Telefon 3", "10005")
"""In use before the backup, lost and blocked after it."""
_NEW: Final = Person("Telefon 4", "10017")
"""Taken into use after the backup, by somebody who never had a key before."""
_EVENING: Final = ("kvällspersonalen", "the evening carer")
_FINDER: Final = ("den som hittat telefonen", "whoever found the phone")
_BACKUP: Final = "thursday.backup"
_NOT_READY: Final = "UnreachableError"
"""How a phone takes it that the server answers 503: it tries again later."""
_HEALED: Final = "14:40"
_COPIES: Final = "copies"
_COPIES_AFTER: Final = "copies-after"


def play(stage: Stage) -> None:
    """What the backup lacks comes home again, or is said to be gone."""
    _before(stage)
    _since_the_backup(stage)
    town = stage.town
    serials = town.serials()
    stage.tell(
        "Disken dör nu. Kvar finns nattens säkerhetskopia, och de oberoende kopiorna av loggen.",
        "The disk dies now. What is left is last night's backup, and the independent copies of "
        "the log.",
    )
    stage.breaks(
        "servern dödas, databasen skrivs över med skräp",
        "the server is killed, the database is overwritten with rubbish",
        lambda: _destroy(stage),
    )
    stage.orders("nyckelfri server status", expected=1)
    stage.orders(f"nyckelfri server restore {_BACKUP}", why=("disken dog", "the disk died"))
    lacking = _what_it_lacks(stage)
    _nothing_is_signed(stage)
    _new_epoch(stage)
    _doors_follow(stage)
    logs = stage.proves_the_log()
    _prove(stage, logs, lacking, serials)


def _before(stage: Stage) -> None:
    """Thursday: a phone is in use, and the nightly backup is made."""
    town = stage.town
    stage.file(_COPIES).mkdir()
    stage.file(_COPIES_AFTER).mkdir()
    town.join(_BLOCKED)
    town.let_it_be(26, "22:00")
    stage.tell(
        "Det är torsdag kväll. Databasen säkerhetskopieras, som varje natt.",
        "It is Thursday night. The nightly backup is made, as each night.",
    )
    stage.orders(f"nyckelfri server backup {_BACKUP}")


def _since_the_backup(stage: Stage) -> None:
    """Friday: openings, a new phone, a blocked phone; none of it is in the backup."""
    town = stage.town
    town.let_it_be(27, "07:10")
    stage.signs_in(CARER)
    stage.signs_in(_BLOCKED)
    town.join(_NEW)
    stage.doors(CARER, (ENTRANCE, "open"), (FLAT, "open"), (FLAT, "lock"), (OTHER, "open"))
    stage.phone("telefonen synkar", "the phone syncs", lambda: stage.sync(CARER))
    town.let_it_be(27, "09:00")
    stage.tell("Telefon 3 är borta.", "Telefon 3 is missing.")
    stage.orders(f'nyckelfri server block-phone "{_BLOCKED.phone}"', why=("borttappad", "missing"))
    town.let_it_be(27, "12:10")
    stage.phone("telefonen synkar", "the phone syncs", lambda: stage.sync(CARER))
    stage.doors(CARER, (FLAT, "open"), (FLAT, "lock"))
    stage.phone("telefonen synkar", "the phone syncs", lambda: stage.sync(CARER))
    town.let_it_be(27, "14:10")
    stage.signs_in(_NEW)
    town.nameless.add(_NEW.number)
    stage.doors(_NEW, (FLAT, "open"), (FLAT, "lock"), who=_EVENING)
    stage.phone("hennes telefon synkar", "their phone syncs", lambda: stage.sync(_NEW))
    stage.tell(
        "Varje timme kopieras det nya i loggen till en annan disk; nu för hand.",
        "Each hour what is new in the log is copied to another disk; now by hand.",
    )
    stage.orders(f"nyckelfri audit copy {_COPIES}")


def _destroy(stage: Stage) -> None:
    stage.town.server.take_away()
    database = stage.file("server") / "nyckelfri.sqlite3"
    for path in database.parent.glob(f"{database.name}*"):
        path.write_bytes(b"\x55" * 4096)


def _what_it_lacks(stage: Stage) -> tuple[int, int]:
    """Entries and audit rows that were copied and are not in the restored database."""
    logs = readings.logs(stage.town.backstage)
    journals = {name: row["stored"] for name, row in logs.journals.items()}
    (restored,) = (row for row in logs.audit if row["verb"] == "staff:backup:restore")
    entries, rows = proofs.behind(
        readings.copied(stage.file(_COPIES)),
        journals=journals,
        log=restored["details"]["number"],
    )
    receipted = sum(
        max(0, made.acknowledged - journals[name]) for name, made in stage.town.made().items()
    )
    stage.tell(
        f"Mot kopiorna av loggen saknar den återlästa databasen {entries} journalrader från "
        f"låsen och {rows} rader i händelseloggen. {receipted} av journalraderna har låsen fått "
        "kvitto på: de har inte längre något krav på sig att spara dem.",
        f"Against the copies of the log the restored database lacks {entries} journal entries of "
        f"the locks and {rows} rows of the audit log. Of {receipted} entries the locks have "
        "receipts: nothing obliges them to keep those.",
    )
    return entries, rows


def _nothing_is_signed(stage: Stage) -> None:
    town = stage.town
    stage.orders(f"nyckelfri server run --listen 127.0.0.1:{town.server.port}")
    stage.phone(
        "telefonen får inga nya nycklar: servern vet att den är äldre än dörrarna",
        "the phone gets no new keys: the server knows that it is older than the doors",
        lambda: stage.sync(CARER, expected=(1,)),
        _NOT_READY,
    )
    town.let_it_be(27, "14:30")
    stage.doors(CARER, (FLAT, "open"), (FLAT, "lock"))
    stage.orders("nyckelfri server status")
    status = readings.status(town.backstage)
    stage.proves(
        "Den återlästa servern signerar ingenting, och säger varför (server status)",
        "The restored server signs nothing, and says why (server status)",
        proofs.is_so(
            ("says so", "backup was restored" in (status["signs_nothing_because"] or "")),
        ),
    )


def _new_epoch(stage: Stage) -> None:
    stage.tell(
        "Bara rotens innehavare kan gå vidare: en ny epok, med ny nyckel för bevis. De läser "
        "orden, frågar varför, och skriver under. Godta sedan att loggens slut bara finns i "
        "kopiorna, och börja nya kopior; de gamla rörs inte.",
        "Only the holders of the root go on: a new epoch, with a new grant key. They read the "
        "words, ask why, and sign. Then accept that the log's end is only in the copies, and "
        "begin new copies; the old ones are left alone.",
    )
    stage.changes_keys("new-epoch", "--new-epoch")
    stage.orders("nyckelfri audit accept", why=("återläst databas", "restored database"))


def _doors_follow(stage: Stage) -> None:
    """Everybody signs in again; the doors are visited, and give their journals again."""
    town = stage.town
    town.let_it_be(27, _HEALED)
    stage.phone(
        "undersköterskan loggar in igen", "the carer signs in again", lambda: stage.signs_in(CARER)
    )
    stage.doors(CARER, (ENTRANCE, "open"), (FLAT, "open"), (OTHER, "open"))
    stage.door(_NEW, FLAT, "open", _EVENING, expected="not_accepted")
    stage.door(_BLOCKED, FLAT, "open", _FINDER, expected="not_accepted")
    stage.phone(
        "den borttappade telefonen är spärrad igen, och tömmer sig",
        "the missing phone is blocked again, and empties itself",
        lambda: stage.sync(_BLOCKED, expected=(1,)),
        "phone_blocked",
    )
    stage.phone(
        "telefonen som togs i bruk efter säkerhetskopian är okänd",
        "the phone that was taken into use after the backup is unknown",
        lambda: stage.sync(_NEW, expected=(1,)),
        "unknown_phone",
    )
    town.phones[_NEW].do("wipe", "--yes")
    town.join(_NEW)
    stage.doors(_NEW, (FLAT, "open"), (FLAT, "lock"), who=_EVENING)
    for person in (CARER, _NEW):
        stage.phone("telefonen synkar", "the phone syncs", partial(stage.sync, person))
    stage.orders(f"nyckelfri audit copy {_COPIES_AFTER}")


def _prove(stage: Stage, logs: Logs, lacking: tuple[int, int], serials: frozenset[str]) -> None:
    before, after = (readings.copied(stage.file(name)) for name in (_COPIES, _COPIES_AFTER))
    (compared,) = readings.ask(
        stage.town.backstage, ("audit", "compare", stage.file(_COPIES), "--json")
    )
    entries, rows = lacking
    stage.proves(
        f"Alla journalrader i kopiorna är tillbaka, även de {entries} som återläsningen "
        "saknade: ur låsen själva, kvitterade eller ej",
        f"Every copied journal entry is back, the {entries} that the backup lacked too: from "
        "the locks themselves, with receipt or without",
        proofs.came_back(before, after),
    )
    stage.proves(
        "Den som loggen inte längre kan namnge namnges av kopiorna (vem beviset gavs)",
        "Whom the log can no longer name the copies name (to whom the grant was issued)",
        proofs.named_by_copies(logs.openings, stage.town.truths, before),
    )
    stage.proves(
        "Kopiorna från före olyckan är orörda, och bara de har händelseloggens sista rader",
        "The copies from before are untouched, and they alone hold the audit log's last rows",
        proofs.only_the_copies(compared["differences"], rows),
    )
    stage.proves(
        "Inget serienummer har använts igen",
        "No serial number was used again",
        proofs.apart(serials, stage.town.serials(moment(27, _HEALED))),
    )
    blocked = [
        row
        for row in logs.audit
        if row["verb"] == "staff:phone:block" and "before the backup" in row["reason"]
    ]
    in_force = [made.epoch for made in stage.town.made().values()]
    stage.proves(
        "Alla dörrar är i den nya epoken, och spärren står kvar",
        "All doors are in the new epoch, and the block stands",
        proofs.is_so(
            ("all in one epoch", len(set(in_force)) == 1 and in_force[0] > 1),
            ("the phone was blocked again by itself", len(blocked) == 1),
            ("the server signs", logs.status["signs_nothing_because"] is None),
        ),
    )
    stage.learns(
        f"{rows} rader i händelseloggen finns bara i kopiorna: spara den mappen för gott. "
        f"{logs.status['kept']} leveranser väntar på granskning, därför att servern har glömt "
        "bevisen bakom dem.",
        f"{rows} rows of the audit log are only in the copies: keep that folder for good. "
        f"{logs.status['kept']} deliveries wait for review, since the server has forgotten the "
        "grants behind them.",
    )
    stage.learns(
        "Inte tillbaka: telefoner, lösenord, planer, rapporterade besök och lås från tiden "
        "efter säkerhetskopian. Telefoner skrivs in igen, filer läses in igen; ett lås som har "
        "installerats sedan dess känner servern inte, och enheten måste bytas.",
        "Not back: phones, passwords, plans, reported visits and locks from after the backup. "
        "Enrol the phones and import the files again; a lock that was commissioned after the "
        "backup is unknown to the server, and its unit must be replaced.",
    )
