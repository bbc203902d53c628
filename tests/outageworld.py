"""Processes that are killed between two of their steps, and what must hold whatever was killed.

House rules: what is killed is a process of its own, forked from the test and ended by SIGKILL;
what it had answered by then comes through a pipe.
"""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn
from wsgiref.util import setup_testing_defaults

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections

from nyckelfri.server import whole_files
from nyckelfri.server.audit import verify, witness
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.keys import watermark
from nyckelfri.server.keys.models import IssuedBulletin
from nyckelfri.server.visits import journals
from nyckelfri.server.visits.models import StoredEntry
from serverworld import Answer, Api, b64


@dataclass(frozen=True)
class Ended:
    """How a process ended: what it answered, None where it was killed, and what it did last."""

    answer: Any
    killed: bool
    step: str


def killed_at(step: int, call: Callable[[], Any]) -> Ended:
    """Make a call in a process of its own that is killed before its n-th step, counted from 0.

    A step is a statement that writes, and the beginning and the end of a commit and of writing a
    whole file: between two of them nothing changes that anybody could find afterwards.
    """
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live_until(step, call, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = [json.loads(line) for line in pipe.read().splitlines()]
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or os.WEXITSTATUS(status) == 0, f"the process failed: {told[-1:]}"
    steps = [line["step"] for line in told if "step" in line]
    answers = [line["answer"] for line in told if "answer" in line]
    assert killed is not bool(answers)
    return Ended(answers[0] if answers else None, killed, steps[-1] if steps else "")


def _live_until(step: int, call: Callable[[], Any], pipe: int) -> NoReturn:
    """The life of the child; it never returns into the test."""
    done = 0

    def tell(**what: Any) -> None:
        os.write(pipe, json.dumps(what).encode() + b"\n")

    def go_on(name: str) -> None:
        nonlocal done
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)
        done += 1
        tell(step=name)

    def execute(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if not str(sql).startswith("SELECT"):
            go_on(str(sql)[:80])
        return execute(sql, params, many, context)

    def between(where: Any, name: str) -> None:
        real = getattr(where, name)

        def called(*args: Any, **kwargs: Any) -> Any:
            go_on(f"before {name}")
            found = real(*args, **kwargs)
            go_on(f"after {name}")
            return found

        setattr(where, name, called)

    try:
        between(connection, "_commit")
        between(whole_files, "write")
        with connection.execute_wrapper(execute):
            tell(answer=call())
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 -- a test's child never unwinds into the test
        with suppress(OSError):
            tell(step=f"{type(error).__name__}: {error}"[:400])
        os._exit(1)


@dataclass
class WsgiApi(Api):
    """The phone API as a web server calls it: a request begins and ends, and errors are answered.

    Django's own browser for tests keeps the connection to the database as it is.
    """

    def post(self, call: str, body: Any = None, *, raw: bytes | None = None) -> Answer:
        data = raw if raw is not None else json.dumps({} if body is None else body).encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/api/phone/v1/{call}",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(data)),
            "wsgi.input": io.BytesIO(data),
        }
        if self.token is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {b64(self.token)}"
        if self.session is not None:
            environ["HTTP_NYCKELFRI_SESSION"] = self.session
        return Answer(*asked(environ))


def asked(environ: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
    """Status, body (read, where it is JSON) and headers of one request of a web server."""
    setup_testing_defaults(environ)
    begun: list[Any] = []

    def start_response(*told: Any) -> Any:
        begun.append(told)

    response: Any = _WSGI(environ, start_response)
    try:
        body = b"".join(response)
    finally:
        response.close()
    status, headers = begun[0]
    is_json = dict(headers)["Content-Type"].startswith("application/json")
    said = json.loads(body) if is_json else body.decode()
    return int(status.split()[0]), said, dict(headers)


_WSGI = WSGIHandler()


def tries_later(answer: Answer) -> bool:
    """Whether the phone hears that it is to keep what it has and come again."""
    return (answer.status, answer.code) == (503, "try_later") and "Retry-After" in answer.headers


def all_hangs_together() -> None:
    """Whatever was killed: the log is one chain, and what is noted outside is not ahead of it."""
    proof = verify.prove()
    assert proof.fault is None, proof.fault
    noted = witness.read()
    assert noted is None or witness.agrees(noted)
    out = watermark.read(keys.directory())
    if out is not None:
        known = IssuedBulletin.objects.latest("epoch", "issued")
        assert out.number <= (known.epoch, known.issued)
    for installation in {row.installation for row in StoredEntry.objects.all()}:
        numbers = StoredEntry.objects.filter(installation=installation).order_by("number")
        last = journals.one(installation).number
        assert list(numbers.values_list("number", flat=True)) == list(range(1, last + 1))
