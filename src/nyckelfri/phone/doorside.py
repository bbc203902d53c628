"""Commands of the phone that use its radio.

House rule: what a person needs to hear is said as soon as it is known; the courier goes on after.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

from nyckelfri.door import fields
from nyckelfri.door.commissioning import Printed
from nyckelfri.door.grants import Command
from nyckelfri.door.journal import MotorResult
from nyckelfri.door.ownership import MAX_RELEASE
from nyckelfri.door.reasons import Reason
from nyckelfri.phone.account import Account
from nyckelfri.phone.client import BlockedError, ServerError
from nyckelfri.phone.context import Context, UsageError, pick
from nyckelfri.phone.install import Installation, Installing
from nyckelfri.phone.labels import Labels
from nyckelfri.phone.radio import PhoneRadio
from nyckelfri.phone.release import LettingGo, order_for, printed
from nyckelfri.phone.steps import Progress
from nyckelfri.phone.sync import Sync
from nyckelfri.phone.vault import Secrets
from nyckelfri.phone.visit import Visit, Visitor
from nyckelfri.phone.words import text
from nyckelfri.radio.bluetooth import RadioError
from nyckelfri.radio.link import LinkClosed

OPENED: Final = 0
REFUSED: Final = 1
NO_LOCK: Final = 3
_T = TypeVar("_T")


def unlock(context: Context) -> int:
    """Unlock a door."""
    return _command(context, Command.UNLOCK)


def lock(context: Context) -> int:
    """Lock a door; also after the shift's end, by the grant that opened it."""
    return _command(context, Command.LOCK)


def carry(context: Context) -> int:
    """Bring news to the locks of ours that come near."""
    secrets = context.unlock()

    async def visits(radio: PhoneRadio) -> list[Visit]:
        visitor = Visitor(
            context.store,
            secrets,
            radio,
            Progress(context.screen.step, time.monotonic),
            clock=context.clock,
            client=context.client(secrets),
        )
        return await visitor.carry(seconds=context.args.seconds)

    met = _with_radio(context, visits)
    served = [visit for visit in met if visit.errand is not None and visit.errand.status]
    context.screen.say("carried", count=len(served))
    context.screen.result(ok=True, met=[_facts(visit) for visit in met])
    return 0


def commission(context: Context) -> int:
    """Make a factory-new unit a lock, and tell the server."""
    args, screen = context.args, context.screen
    secrets = context.unlock()
    Account(context.store, secrets, clock=context.clock).signed_in()
    try:
        unit = Printed.read(sys.stdin.readline() if args.unit == "-" else args.unit)
    except fields.ObjectError as error:
        raise UsageError(str(error)) from None

    async def install(radio: PhoneRadio) -> Installation | None:
        installing = Installing(
            context.store,
            radio,
            Progress(screen.step, time.monotonic),
            client=context.client(secrets),
            clock=context.clock,
        )
        return await installing.run(unit, args.lock, search=args.search)

    done = _with_radio(context, install)
    if done is None:
        screen.problem(text("no_lock", screen.language), exit=NO_LOCK)
        return NO_LOCK
    notes = _tell_server(context, secrets)
    screen.verdict(text("commissioned", screen.language, lock=args.lock), good=True)
    if notes:
        screen.say("record_waits")
    for note in notes:
        screen.note(note)
    screen.result(ok=True, installation=done.record.installation.hex(), lock=args.lock, notes=notes)
    return 0


def release(context: Context) -> int:
    """Let a unit go: its new label is kept, shown, and given to the server."""
    args, screen = context.args, context.screen
    secrets = context.unlock()
    Account(context.store, secrets, clock=context.clock).signed_in()
    door = pick(context.book(secrets).doors(), args.door)
    labels = Labels(context.store, secrets.data_key)
    visit: Visit | None = None
    if args.gone:
        labels.confirm(door.installation)
    else:
        order = order_for(context.store, door, _file(args.order))
        visit = _with_radio(
            context,
            lambda radio: Visitor(
                context.store,
                secrets,
                radio,
                Progress(screen.step, time.monotonic),
                clock=context.clock,
                client=context.client(secrets),
                then=LettingGo(labels, door, order),
            ).command(door, Command.SERVICE, search=args.search),
        )
    kept = labels.of(door.installation)
    if kept is None:
        words, status = _not_released(context, visit)
        screen.verdict(words, good=False)
        screen.result(ok=False, exit=status, message=words)
        return status
    label = printed(kept.data)
    if not kept.confirmed:
        screen.verdict(text("release_unknown", screen.language, label=label), good=False)
        screen.result(ok=False, exit=NO_LOCK, message="unknown", label=label)
        return NO_LOCK
    screen.verdict(text("released", screen.language, label=label), good=True)
    notes = _tell_server(context, secrets)
    if labels.of(door.installation) is not None:
        screen.say("label_waits")
    for note in notes:
        screen.note(note)
    screen.result(ok=True, installation=door.installation.hex(), label=label, notes=notes)
    return 0


def _not_released(context: Context, visit: Visit | None) -> tuple[str, int]:
    language = context.screen.language
    if visit is None:
        return text("no_label", language), REFUSED
    if visit.reason is Reason.GRANTED:
        return text("release_stopped", language), NO_LOCK
    return _verdict(context, visit)


def _tell_server(context: Context, secrets: Secrets) -> list[str]:
    """Sync, as far as coverage goes; notes on what the server did not take."""
    try:
        sync = Sync(context.store, secrets, context.client(secrets), clock=context.clock)
        return sync.run().notes
    except BlockedError:
        raise
    except ServerError as error:
        return [str(error)]


def _file(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return file.read(MAX_RELEASE + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _command(context: Context, command: Command) -> int:
    secrets = context.unlock()
    if command is not Command.LOCK:
        Account(context.store, secrets, clock=context.clock).signed_in()
    door = pick(context.book(secrets).doors(), context.args.door)

    async def visit(radio: PhoneRadio) -> Visit:
        visitor = Visitor(
            context.store,
            secrets,
            radio,
            Progress(context.screen.step, time.monotonic),
            clock=context.clock,
            client=context.client(secrets),
        )
        return await visitor.command(door, command, search=context.args.search)

    done = _with_radio(context, visit)
    words, status = _verdict(context, done)
    context.screen.verdict(words, good=status == OPENED)
    context.screen.result(ok=status == OPENED, exit=status, message=words, **_facts(done))
    return status


def _verdict(context: Context, visit: Visit) -> tuple[str, int]:
    """What to tell the person, and the exit status."""
    language = context.screen.language
    if visit.reason is None:
        return text("no_lock", language), NO_LOCK
    if visit.reason is not Reason.GRANTED:
        return visit.reason.text(language), REFUSED
    outcome = visit.errand.outcome if visit.errand is not None else None
    if outcome is None:
        return text("not_moved", language), OPENED
    if outcome.result != MotorResult.DONE:
        return text("jammed", language), REFUSED
    return text("unlocked" if visit.command is Command.UNLOCK else "locked", language), OPENED


def _facts(visit: Visit) -> dict[str, object]:
    """A visit for machines."""
    errand = visit.errand
    status = errand.status if errand is not None else None
    return {
        "installation": visit.installation.hex(),
        "command": visit.command.name.lower(),
        "reason": visit.reason.name.lower() if visit.reason is not None else None,
        "entry": visit.number,
        "tries": visit.tries,
        "ms_to_answer": round(visit.milliseconds, 2),
        "bytes_to_answer": visit.opening.total,
        "messages_to_answer": visit.opening.messages_sent + visit.opening.messages_received,
        "outcome": errand.outcome.result if errand is not None and errand.outcome else None,
        "delivered": {k: v.name.lower() for k, v in errand.delivered.items()} if errand else {},
        "batches": errand.batches if errand is not None else 0,
        "battery": status.battery if status is not None else None,
        "trouble": visit.trouble or (errand.stopped if errand is not None else ""),
    }


def _with_radio(context: Context, work: Callable[[PhoneRadio], Awaitable[_T]]) -> _T:
    async def go() -> _T:
        async with PhoneRadio(context.args.transport) as radio:
            return await work(radio)

    try:
        return asyncio.run(go())
    except RadioError as error:
        raise LinkClosed(f"no Bluetooth here ({error}): check --transport") from None
