"""A door without power: an empty battery, a power cut, and a clock that is lost."""

from __future__ import annotations

from typing import Final

from nyckelfri.demo.cast import FLAT
from nyckelfri.drill import proofs
from nyckelfri.drill.stage import Stage
from nyckelfri.drill.town import CARER

TITLE: Final = ("En dörr utan ström", "A door without power")


def play(stage: Stage) -> None:
    """The battery runs down, then out; with new ones the lock has lost the time."""
    town = stage.town
    lock = town.locks[FLAT]
    stage.tell(
        "Batteriet i ytterdörrens vred tar slut. Vredet ska säga ifrån i stället för att bli "
        "stående halvvägs; inifrån går det alltid att vrida för hand.",
        "The battery in the front door's thumb-turn runs down. It must say so rather than stop "
        "half-way; from inside it always turns by hand.",
    )
    stage.breaks("batteriet är tomt", "the battery is empty", lambda: drain(stage))
    stage.door(CARER, FLAT, "open", expected="lock_fault")
    stage.tell(
        "Sedan dör vredet helt: batterierna är ute, minnet i klockan också. Den som står vid "
        "dörren använder kommunens reservrutin (reservnyckel eller låssmed; den står i "
        "telefonen).",
        "Then the unit dies: batteries out, and the clock's memory with them. Whoever stands at "
        "the door uses the municipality's fallback (reserve key or locksmith; it is in the "
        "phone).",
    )
    stage.breaks("batterierna är ute", "the batteries are out", lock.cut_power)
    stage.door(CARER, FLAT, "open", expected="no lock found")
    town.let_it_be(23, "07:12")
    lock.configure(battery=100, hardware_clock=False)
    stage.breaks(
        "nya batterier, men låset vet inte vad klockan är",
        "new batteries, but the lock does not know what time it is",
        lock.start,
    )
    stage.doors(CARER, (FLAT, "open"), (FLAT, "lock"))
    stage.phone("telefonen synkar", "the phone syncs", lambda: stage.sync(CARER))
    logs = stage.proves_the_log()
    after = [row for row in logs.openings if row["lock"] == FLAT.lock][:2]
    refused = [row for row in logs.openings if row["reason"] == "lock_fault"]
    stage.proves(
        "Loggen visar det nekade försöket och att klockan inte gick att lita på efteråt",
        "The log shows the refusal, and that the clock could not be trusted afterwards",
        proofs.is_so(
            ("one refusal for want of power", len(refused) == 1),
            ("the clock is marked when it was lost", any(row["clock"] != 0 for row in after)),
        ),
    )


def drain(stage: Stage) -> None:
    """The charge falls to nothing."""
    program = stage.town.locks[FLAT].program
    if program is not None:
        program.tell("battery 0")
