"""`nyckelfri server init, request, install-key-set, run, work, check, status`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from nyckelfri import clock
from nyckelfri.door.keyset import KeySet, Purpose
from nyckelfri.server import data_directory, health
from nyckelfri.server.cli_words import ACTOR, Failed, read, say, tell
from nyckelfri.server.keys import actions_bulletin, actions_keyset, queries
from nyckelfri.server.keys.errors import KeysError
from nyckelfri.server.keys.models import SignedKeySet
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.people.models import Phone, PhoneState
from nyckelfri.server.phoneapp import files
from nyckelfri.server.visits import queries as visits


def _init(args: argparse.Namespace) -> int:
    if SignedKeySet.objects.exists():
        raise Failed("this server has a key set: use `nyckelfri server request` to change it")
    _wrapped(lambda: actions_keyset.pin_root(read(args.root), actor=ACTOR, now=args.now))
    held = {key.purpose for key in queries.our_signer().public_keys()}
    if held:
        raise Failed(
            f"{queries.directory()} holds keys already: have their request signed, or remove them"
        )
    asked = _wrapped(
        lambda: actions_keyset.request(new=actions_keyset.PURPOSES, actor=ACTOR, now=args.now)
    )
    return _write(asked, args)


def _request(args: argparse.Namespace) -> int:
    asked = _wrapped(
        lambda: actions_keyset.request(
            new=[Purpose[name.upper()] for name in args.new],
            drop=args.drop,
            new_epoch=args.new_epoch,
            number=args.number,
            actor=ACTOR,
            now=args.now,
        )
    )
    return _write(asked, args)


def _write(asked: KeySet, args: argparse.Namespace) -> int:
    args.output.write_bytes(asked.payload)
    tell(f"Key set {asked.number}, epoch {asked.epoch}: have it signed by the holders of the root:")
    tell(f"  nyckelfri root sign {args.output} --part FILE --part FILE -o SIGNED")
    tell("  nyckelfri server install-key-set SIGNED")
    return 0


def _install(args: argparse.Namespace) -> int:
    done = _wrapped(lambda: actions_keyset.install(read(args.signed), actor=ACTOR, now=args.now))
    tell(f"Key set {done.number}, epoch {done.epoch}, is in force")
    return 0


def _wrapped(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except KeysError as error:
        raise Failed(str(error)) from None


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    """Gunicorn, told everything here and nothing by files or environment."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Set the options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Give the application; each worker makes its own, with its own database connection."""
        from nyckelfri.server.wsgi import application  # noqa: PLC0415 -- after the fork

        return application


def _run(args: argparse.Namespace) -> int:
    # Anything an administrator may have set for another gunicorn is not for this one.
    os.environ.pop("GUNICORN_CMD_ARGS", None)
    for each in health.findings():
        if each.grave:
            raise Failed(each.text)
        tell(f"Warning: {each.text}")
    # Loaded here too, so that what is wrong shows now and not at the first request.
    get_resolver().url_patterns  # noqa: B018 -- asking is what loads them
    files.app()
    connections.close_all()
    tell(f"Listening on {args.listen}")
    with data_directory.serving(settings.DATA):
        beside = None if args.no_work else _start_work()
        try:
            _serve(args)
        finally:
            if beside is not None:
                beside.terminate()
                beside.wait()
    return 0


def _start_work() -> subprocess.Popen[bytes]:
    # It ends with us, also when we are killed.
    asked = ["server", "work", "--beside", str(os.getpid())]
    return subprocess.Popen([sys.executable, "-m", "nyckelfri.cli", *asked])  # noqa: S603 -- ourselves


def _serve(args: argparse.Namespace) -> None:
    _Gunicorn(
        {
            "bind": args.listen,
            "workers": args.workers,
            "threads": args.threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 5,
            "limit_request_line": 2048,
            "limit_request_fields": 50,
            "limit_request_field_size": 4096,
            "loglevel": "warning",
            "logconfig_dict": _logging(),
            "control_socket_disable": True,
        }
    ).run()


def _logging() -> dict[str, Any]:
    """Our own way of writing the log, for what gunicorn says too: it quotes exceptions."""
    own = {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
    loggers = {**settings.LOGGING["loggers"], "gunicorn.error": own}
    return {**settings.LOGGING, "loggers": loggers}


def _work(args: argparse.Namespace) -> int:
    from nyckelfri.server.jobs import worker  # noqa: PLC0415 -- no other deed needs all of it

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with data_directory.serving(settings.DATA):
        worker.work(stop, clock.now, alone=lambda: args.beside not in {None, os.getppid()})
    return 0


def _check(_: argparse.Namespace) -> int:
    found = health.findings()
    for each in found:
        say(f"{'wrong' if each.grave else 'warning'}: {each.text}")
    if not found:
        say("All is as it should be")
    return int(any(each.grave for each in found))


def _hindrance() -> str | None:
    try:
        actions_bulletin.require_ready(clock.now())
    except KeysError as error:
        return str(error)
    return None


def _status(_: argparse.Namespace) -> int:
    key_set = SignedKeySet.objects.last()
    say(
        json.dumps(
            {
                "key_set": key_set and {"number": key_set.number, "epoch": key_set.epoch},
                "signs_nothing_because": _hindrance(),
                "phones": {
                    state.value: Phone.objects.filter(state=state).count() for state in PhoneState
                },
                "locks_in_service": Installation.objects.filter(retired_at=None).count(),
                "openings": visits.events().count(),
                "kept": visits.unresolved().count(),
            },
            indent=2,
        )
    )
    return 0


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "init": _init,
    "request": _request,
    "install-key-set": _install,
    "run": _run,
    "work": _work,
    "check": _check,
    "status": _status,
}
