"""`nyckelfri lock`: run a thumb-turn or an entrance unit, or make a new one.

nyckelfri lock --config lock.toml --factory thumb-turn    once; prints the unit's label
nyckelfri lock --config lock.toml                         from then on
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import logging
import signal
import sys
import time
from pathlib import Path
from typing import Final

from nyckelfri import clock
from nyckelfri.door.commissioning import Kind
from nyckelfri.lock import config as configs
from nyckelfri.lock import console, hardware, installing
from nyckelfri.lock.adapters.radio_bumble import BumbleRadio, RadioSettings
from nyckelfri.lock.controller import Event
from nyckelfri.lock.program import Program
from nyckelfri.lock.store import Store
from nyckelfri.lock.store_file import StoreError

_KINDS: Final = {"thumb-turn": Kind.THUMB_TURN, "entrance-unit": Kind.ENTRANCE_UNIT}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `nyckelfri lock`."""
    parser.add_argument(
        "--config", type=Path, required=True, help="lock.toml, see docs/subsystems/lock.md"
    )
    parser.add_argument("--transport", help="another radio than lock.toml's, such as usb:0")
    parser.add_argument("--factory", choices=_KINDS, help="make a new unit and print its label")
    parser.add_argument(
        "--events", action="store_true", help="one JSON line an event, on standard output"
    )
    parser.add_argument(
        "--console", action="store_true", help="simulated hardware obeys standard input"
    )
    parser.add_argument("--verbose", action="store_true", help="log more, on standard error")


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; the exit status."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if args.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        config = configs.read(args.config)
        if args.transport:
            config = dataclasses.replace(config, transport=args.transport)
        if args.factory:
            return _make(config, _KINDS[args.factory])
        with Store.open(config.path(config.store)) as store:
            return asyncio.run(_run(args, config, store))
    except (configs.ConfigError, StoreError) as error:
        sys.stderr.write(f"nyckelfri lock: {error}\n")
        return 2


def _make(config: configs.Config, kind: Kind) -> int:
    factory, printed = installing.make_factory(kind)
    Store.create(config.path(config.store), factory).close()
    sys.stdout.write(printed.text() + "\n")
    return 0


async def _run(args: argparse.Namespace, config: configs.Config, store: Store) -> int:
    unit = hardware.build(config, Kind(store.state.factory.kind))
    settings = RadioSettings(config.transport, advertising_interval=config.advertising_interval)
    program = Program(
        store,
        unit,
        BumbleRadio(settings),
        ticks=clock.ticks,
        machine_seconds=time.monotonic,
        watch=_print if args.events else _log,
    )
    running = asyncio.ensure_future(program.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    if args.console and config.simulated is not None:
        talking = asyncio.ensure_future(console.obey(unit))
        running.add_done_callback(lambda _: talking.cancel())
    if args.events:
        _print(Event("running"))
    await asyncio.wait({running})
    if not running.cancelled() and (error := running.exception()) is not None:
        raise error
    return 0


def _print(event: Event) -> None:
    # The machine's own counter, so that lines of several programs can be put in order.
    line = {"monotonic": time.monotonic()} | dataclasses.asdict(event)
    line["reason"] = event.reason.name.lower() if event.reason is not None else None
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _log(event: Event) -> None:
    logging.getLogger(__name__).info(
        "%s reason=%s entry=%s %s", event.what, event.reason, event.number, event.note
    )
