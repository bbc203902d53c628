"""The morning: everybody signs in on their phone, with a password that is slow to check.

House rules: whole requests through all of Django against a database of their own (SQLite,
WAL, synchronous FULL), in processes of their own; the bare check has the same parameters
and takes turns with ours.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

_CLOCK = 1_795_413_600
"""2026-11-23 06:00 UTC: a Monday morning in the files."""
_FILES = Path(__file__).parents[1] / "src" / "nyckelfri" / "demo" / "data" / "bjorkvik"
_PASSWORD = "bench bench bench"  # noqa: S105 -- invented
_PEOPLE = 20
_MORNING, _SECONDS = 1875, 1800
"""A large municipality's sign-ins, and the half hour in which they come."""
_CORES = 2


def rows(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """The rows of the report."""
    turns = 5 if quick else 40
    with tempfile.TemporaryDirectory() as directory:
        environment = {
            **os.environ,
            "NYCKELFRI_DATA": directory,
            "NYCKELFRI_CLOCK": f"{_CLOCK}@0*0",
            "NYCKELFRI_HOSTS": "testserver",
        }
        _ask(environment, "make", 0, _CORES)
        found = json.loads(_ask(environment, "alone", turns))
        yield _row(
            "sign-in on a phone, whole request / bare Argon2 check",
            found["ours"] * 1000,
            found["bare"] * 1000,
            "ms",
            target="≤ 2",
            note="Argon2id, 46 MiB, one pass, one lane; ours counts, opens the session, records",
        )
        rate = sum(json.loads(each)["rate"] for each in _at_once(environment, turns))
        yield _row(
            f"sign-ins in half an hour by {_CORES} processes / a large municipality's morning",
            rate * _SECONDS,
            _MORNING,
            "1",
            target="≥ 1",
            note="at once on one database",
        )


def _ask(environment: dict[str, str], deed: str, turns: int, which: int = 0) -> bytes:
    command = [sys.executable, "-m", "bench.signin", deed, str(turns), str(which)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)  # noqa: S603 -- ourselves
    return done.stdout


def _at_once(environment: dict[str, str], turns: int) -> list[bytes]:
    started = [
        subprocess.Popen(  # noqa: S603 -- ourselves
            [sys.executable, "-m", "bench.signin", "together", str(turns), str(which)],
            env=environment,
            stdout=subprocess.PIPE,
        )
        for which in range(_CORES)
    ]
    return [process.communicate()[0] for process in started]


def _make(groups: int) -> None:
    """Import the municipality, and give some of its people phones and passwords."""
    import contextlib  # noqa: PLC0415 -- Django lives in this process only
    import io  # noqa: PLC0415 -- the same

    from django.contrib.auth.hashers import make_password  # noqa: PLC0415 -- the same

    from nyckelfri import clock  # noqa: PLC0415 -- the same
    from nyckelfri.server.importer import cli as importer  # noqa: PLC0415 -- the same
    from nyckelfri.server.people.models import Employee, User  # noqa: PLC0415 -- the same

    with contextlib.redirect_stdout(io.StringIO()):
        importer.main([str(_FILES)])
    hashed = make_password(_PASSWORD)
    carers = Employee.objects.filter(
        role="assistant_nurse", employed_till=None, employed_from__lt=clock.now().date()
    ).order_by("number")
    tokens = []
    for employee in carers[: groups * _PEOPLE]:
        employee.user = User.objects.create(username=employee.number, password=hashed)
        employee.save()
        tokens.append((employee.number, _phone_of(employee, clock.now())))
    _tokens().write_text(json.dumps(tokens), encoding="ascii")


def _phone_of(employee: Any, now: Any) -> str:
    """Enrol a phone; its token as it is sent."""
    import base64  # noqa: PLC0415 -- used only here

    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 -- the same

    from nyckelfri.door import signed  # noqa: PLC0415 -- the same
    from nyckelfri.server.phones import actions  # noqa: PLC0415 -- the same

    row = actions.register(label=employee.number, holder=employee, actor="bench", now=now)
    code = actions.invite(row, actor="bench", now=now)
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    done = actions.enrol(code, public_key=signed.coordinate(key), model="bench", now=now)
    return base64.urlsafe_b64encode(done.token).rstrip(b"=").decode()


def _alone(turns: int) -> dict[str, float]:
    """Seconds of a sign-in, and of a check alone, in turns."""
    from django.contrib.auth.hashers import check_password, make_password  # noqa: PLC0415 -- above

    hashed = make_password(_PASSWORD)
    pairs = [
        (_spent(sign_in), _spent(partial(check_password, _PASSWORD, hashed)))
        for sign_in in _sign_ins(turns, 0)
    ]
    ours, bare = zip(*pairs, strict=True)
    return {"ours": statistics.median(ours), "bare": statistics.median(bare)}


def _together(turns: int, which: int) -> dict[str, float]:
    """Sign-ins a second, while the other processes do the same with other people."""
    calls = list(_sign_ins(turns, which))
    begun = time.perf_counter()
    for call in calls:
        call()
    return {"rate": turns / (time.perf_counter() - begun)}


def _sign_ins(turns: int, which: int) -> Iterator[Callable[[], object]]:
    from django.test import Client  # noqa: PLC0415 -- above

    people = json.loads(_tokens().read_text("ascii"))[which * _PEOPLE :][:_PEOPLE]
    browser = Client()

    def sign_in(number: str, token: str) -> None:
        answer = browser.post(
            "/api/phone/v1/sign-in",
            {"username": number, "password": _PASSWORD},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        if answer.status_code != 200:
            raise RuntimeError(answer.content.decode())

    for turn in range(turns):
        yield partial(sign_in, *people[turn % len(people)])


def _tokens() -> Path:
    return Path(os.environ["NYCKELFRI_DATA"]) / "bench-tokens.json"


def _spent(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _row(name: str, ours: float, reference: float, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 1),
        "reference": round(reference, 1),
        "ratio": round(ours / reference, 3),
        "unit": unit,
        **more,
    }


def _main(deed: str, turns: int, which: int) -> None:
    from nyckelfri.server import start  # noqa: PLC0415 -- Django lives in this process only

    start.set_up()
    start.bring_tables_up_to_date()
    if deed == "make":
        _make(which)
    else:
        found = _alone(turns) if deed == "alone" else _together(turns, which)
        sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
