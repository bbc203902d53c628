"""The server as it runs in production: gunicorn, several processes, many at once."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from doorworld import private_key

from databases import Stores
from nyckelfri.door import keyset, signed
from nyckelfri.door.keyset import Root
from nyckelfri.door.sealing import sealing_key
from serverworld import Lock, b64, unb64

CLOCK = "1795413600"
NYCKELFRI = (sys.executable, "-m", "nyckelfri.cli")


@dataclass
class Live:
    """A running server of an imported municipality, with one lock in service and one phone."""

    port: int
    data: Path
    lock: Lock
    stores: Stores
    token: str = ""

    def post(self, call: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        with closing(connection):
            connection.request("POST", f"/api/phone/v1/{call}", json.dumps(body or {}), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def rows(self, query: str) -> list[Any]:
        return self.stores.rows(self.data, query)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def live(
    tmp_path_factory: pytest.TempPathFactory, bjorkvik_database: Path, stores: Stores
) -> Iterator[Live]:
    directory = tmp_path_factory.mktemp("live")
    data = directory / "data"
    data.mkdir(mode=0o700)
    stores.copy(bjorkvik_database, data)
    environment = {
        **stores.environment(data),
        "NYCKELFRI_CLOCK": f"{CLOCK}@{time.time():.0f}*1",
    }

    def run(*call: str) -> str:
        return subprocess.run(
            [*NYCKELFRI, *call], env=environment, cwd=directory, check=True,
            capture_output=True, text=True,
        ).stdout  # fmt: skip

    run("root", "new", "root", "--insecure-demo")
    run("server", "init", "--root", "root/root.cbor", "-o", "request")
    parts = ["--part", "root/holder-1.pem", "--part", "root/holder-2.pem"]
    run("root", "sign", "request", *parts, "-o", "signed", "--yes")
    run("server", "install-key-set", "signed")
    root = Root.read((directory / "root" / "root.cbor").read_bytes())
    lock = Lock.make("live", root, int(CLOCK))
    key_set = keyset.read((directory / "signed").read_bytes(), root)
    lock.seals_to = sealing_key(key_set)
    (directory / "record").write_bytes(lock.signed_record)
    run("server", "commission", "L0022", "record")
    code = run("server", "phone-code", "Telefon 1", "--holder", "10001").strip()
    port = _free_port()
    server = subprocess.Popen(
        [*NYCKELFRI, "server", "run", "--listen", f"127.0.0.1:{port}", "--workers", "2"],
        env=environment,
        cwd=directory,
        stderr=subprocess.DEVNULL,
    )
    try:
        found = Live(port, data, lock, stores)
        _wait_until_it_answers(port)
        key = signed.coordinate(private_key(870).public_key())
        status, body = found.post("enrol", {"code": code, "public_key": b64(key), "model": "T"})
        assert status == 200
        assert Root.read(unb64(body["root"])) == root
        found.token = body["token"]
        yield found
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_until_it_answers(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server does not answer")


@pytest.mark.threat(54)
@pytest.mark.threat(58)
def test_same_batch_from_many_syncs_at_once_is_stored_once(live: Live) -> None:
    from nyckelfri.door.journal import Battery

    for percent in range(100, 0, -5):
        live.lock.write(Battery(percent), after=60)
    batches = [live.lock.batch(first, first + 4) for first in range(1, 21, 5)]
    body = {"batches": [b64(batch) for batch in batches]}
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: live.post("sync", body), range(8)))
    assert {status for status, _ in answers} == {200}
    for at in range(4):
        statuses = [body["results"]["batches"][at]["status"] for _, body in answers]
        assert sorted(statuses) == ["known"] * 7 + ["stored"]
    assert live.rows("SELECT count(*), max(number) FROM visits_storedentry") == [(20, 20)]


@pytest.mark.threat(58)
def test_a_place_that_another_process_has_is_taken_on_every_process_of_the_server(
    live: Live,
) -> None:
    from nyckelfri.door.journal import Battery

    live.post("sync", {"batches": [b64(live.lock.batch())]})
    first = len(live.lock.entries) + 1
    for percent in range(100, 50, -5):
        live.lock.write(Battery(percent), after=60)
    last = len(live.lock.entries)
    body = {"batches": [b64(live.lock.batch(at, at)) for at in range(first, last + 1)]}
    folder = live.data / "backlog"
    folder.mkdir(mode=0o700, exist_ok=True)
    with ThreadPoolExecutor(max_workers=8) as pool, ExitStack() as held:
        for number in range(os.cpu_count() or 2):
            file = held.enter_context((folder / f"{number}.lock").open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        answers = list(pool.map(lambda _: live.post("sync", body), range(8)))
        assert {status for status, _ in answers} == {200}
        assert all(answer["later"] > 0 for _, answer in answers)
        assert all(answer["bulletin"] for _, answer in answers)
        few = {"batches": body["batches"][:2]}
        statuses = [row["status"] for row in live.post("sync", few)[1]["results"]["batches"]]
        assert statuses == ["stored", "stored"]
    status, answer = live.post("sync", body)
    assert (status, answer["later"]) == (200, 0)
    assert live.rows("SELECT max(number) FROM visits_storedentry") == [(last,)]


def test_bulletins_asked_for_at_once_have_one_number_for_one_content(live: Live) -> None:
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: live.post("sync"), range(16)))
    assert {status for status, _ in answers} == {200}
    found = {body["bulletin"] for _, body in answers}
    assert len(found) <= 2, "a new one at most when the minute has passed"
    assert live.rows("SELECT count(*) FROM keys_issuedbulletin") == [(1,)]


def test_private_files_of_the_server_are_its_owner_s_only(live: Live) -> None:
    assert live.data.stat().st_mode & 0o077 == 0
    for path in (live.data / "keys").iterdir():
        assert path.suffix == ".lock" or path.stat().st_mode & 0o077 == 0


@pytest.mark.sentence(12)
def test_phone_that_is_blocked_at_the_terminal_hears_it_at_its_next_call(live: Live) -> None:
    environment = {**live.stores.environment(live.data), "NYCKELFRI_CLOCK": f"{CLOCK}@0*0"}
    assert live.post("sync")[0] == 200
    subprocess.run(
        [*NYCKELFRI, "server", "block-phone", "Telefon 1", "--why", "lost"],
        env=environment,
        check=True,
        capture_output=True,
    )
    status, body = live.post("sync")
    assert (status, body["code"]) == (403, "phone_blocked")
