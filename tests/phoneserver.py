"""One municipality's server for one phone, over real HTTP on loopback.

It keeps to the phone API and can be told to misbehave, which the real server cannot.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec
from doorworld import HOUR, NOON, Door, Municipality, identifier

from nyckelfri.door import bulletin as bulletins
from nyckelfri.door import delivery, grants, signed
from nyckelfri.door.bulletin import TimeToken
from nyckelfri.door.delivery import Receipt
from nyckelfri.door.grants import Grant, Scope
from nyckelfri.door.ownership import RELEASE_TYP, Release
from sealworld import read_batch

PIN = "246810"
CODE = "KLMN2345PQ"
LABEL, ADDRESS = "Granvägen 3 lgh 1102", "Granvägen 3"
USER, PASSWORD = "anna.ek", "höstlöv och kanel"
STRANGER = ("bo.lind", "en annan fras")


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _is_small(body: dict[str, Any]) -> bool:
    """What the server takes in however busy it is (docs/subsystems/server.md)."""
    most = {"batches": 4, "openings": 20, "entries": 50}
    return all(len(body.get(name, ())) <= limit for name, limit in most.items())


class SmallServer:
    """One municipality's server for one phone, on loopback. A context manager."""

    def __init__(self, municipality: Municipality, *, now: int = NOON) -> None:
        self.municipality = municipality
        self.now = now
        self.bulletin = municipality.bulletin(now - 60)
        self.key_set = municipality.signed_key_set
        self.doors: list[Door] = []
        self.grants: list[Grant] = []
        self.phone_x = b""
        self.token, self.session = b64(bytes(32)), b64(b"\x01" * 32)
        self.session_ends = now + 8 * HOUR
        self.blocked = False
        self.receipts: list[bytes] = []
        self.wanted: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.batches: list[bytes] = []
        self.openings: list[dict[str, Any]] = []
        self.installations: list[tuple[str, bytes]] = []
        self.orders: dict[bytes, bytes] = {}
        self.labels: list[bytes] = []
        self.spoil: Callable[[str, BaseHTTPRequestHandler], bool] = lambda _name, _handler: False
        """Called after a request was handled; True when it has answered instead."""
        self.busy = 0
        """Seconds after which a sync that carries much shall come again."""
        self.lose: set[str] = set()
        """Calls whose answer never arrives, though they were done."""

    def __enter__(self) -> Self:
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                name = self.path.removeprefix("/api/phone/v1/")
                status, answer = world.handle(name, json.loads(body), dict(self.headers.items()))
                if world.spoil(name, self):
                    return
                if name in world.lose:
                    self.close_connection = True
                    return
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                world.show(self)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.go_away()

    def go_away(self) -> None:
        """Be out of reach from now on."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def show(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a browser; a phone only ever posts."""
        handler.send_error(404)

    def handle(
        self, name: str, body: dict[str, Any], headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        self.calls.append((name, body))
        if name == "enrol":
            return self._enrol(body)
        if headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {"code": "unknown_phone", "message": "enrol this phone"}
        if self.blocked:
            return 403, {"code": "phone_blocked", "message": "blocked"}
        session = headers.get("Nyckelfri-Session")
        if session is not None and (session != self.session or self.now >= self.session_ends):
            return 401, {"code": "unknown_session", "message": "sign in again"}
        match name:
            case "sign-in":
                return self._sign_in(body)
            case "sync":
                later = 0 if _is_small(body) else self.busy
                taken = {**body, "batches": [], "openings": [], "entries": []} if later else body
                answer = self._sync(taken, signed_in=session is not None)
                return 200, {**answer, "later": later}
            case "time":
                return 200, {"token": b64(self._time(body))}
            case "installations":
                self.installations.append((body["lock"], unb64(body["record"])))
                return 200, {"installation": "00" * 8}
            case "installations/label":
                self.labels.append(unb64(body["label"]))
                return 200, {"installation": "00" * 8}
        return 200, {}

    def _enrol(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if body["code"] != CODE:
            return 401, {"code": "code_refused", "message": "ask for a new code"}
        self.phone_x = unb64(body["public_key"])
        return 200, {
            "phone": "0a" * 8,
            "token": self.token,
            "root": b64(self.municipality.root.encoded),
            "server_time": self.now,
        }

    def _sign_in(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        people = {(USER, PASSWORD): ("1001", "Anna Ek"), STRANGER: ("1002", "Bo Lind")}
        found = people.get((body["username"], body["password"]))
        if found is None:
            return 401, {"code": "wrong_credentials", "message": "wrong name or password"}
        employee = {"number": found[0], "name": found[1]}
        return 200, {"session": self.session, "employee": employee, "until": self.session_ends}

    def _time(self, body: dict[str, Any]) -> bytes:
        token = TimeToken(
            self.municipality.root.municipality,
            bytes.fromhex(body["installation"]),
            unb64(body["nonce"]),
            self.now,
        )
        return bulletins.issue_time(token, key=self.municipality.bulletin_key, kid=b"\x02")

    def _sync(self, body: dict[str, Any], *, signed_in: bool) -> dict[str, Any]:
        new = [unb64(text) for text in body["batches"]]
        self.batches += new
        self.openings += body["openings"]
        return {
            "server_time": self.now,
            "key_set": b64(self.key_set),
            "bulletin": b64(self.bulletin),
            "doors": [self._door(door) for door in self.doors] if signed_in else [],
            "grants": [self._grant(grant) for grant in self.grants] if signed_in else [],
            "orders": [
                {"installation": key.hex(), "release": b64(data)}
                for key, data in self.orders.items()
                if signed_in
            ],
            "receipts": [b64(data) for data in self.receipts],
            "results": {
                "batches": [{"status": "stored", "number": 1} for _ in new],
                "openings": [{"id": row["id"], "status": "stored"} for row in body["openings"]],
            },
            "wanted": self.wanted,
        }

    def _door(self, door: Door) -> dict[str, Any]:
        record = door.record
        return {
            "installation": record.installation.hex(),
            "lock_key": b64(record.lock_key),
            "radio_key": b64(record.radio_key),
            "kind": "thumb_turn",
            "label": LABEL,
            "address": ADDRESS,
            "protocol": 1,
        }

    def _grant(self, grant: Grant) -> dict[str, Any]:
        return {
            "grant": b64(self.municipality.mint(grant)),
            "installation": grant.installation.hex(),
            "not_before": grant.not_before,
            "not_after": grant.not_after,
        }

    def allow(self, door: Door, *, serial: str = "serial 1", **window: int) -> Grant:
        """Plan this phone for a door; the window is NOON ± 4 h unless told."""
        grant = Grant(
            subject=identifier("Alice"),
            installation=door.installation,
            not_before=window.get("not_before", NOON - 4 * HOUR),
            not_after=window.get("not_after", NOON + 4 * HOUR),
            issued=NOON - 12 * HOUR,
            serial=identifier(serial),
            phone=self.phone_x,
            scope=grants.CARE,
        )
        self.grants.append(grant)
        if door not in self.doors:
            self.doors.append(door)
        return grant

    def order(self, door: Door, nonce: bytes) -> bytes:
        """Let an installer release a lock: the root's order, and a service grant."""
        release = Release(self.municipality.root.municipality, door.installation, nonce)
        data = self.municipality.sign_root(release.payload, RELEASE_TYP)
        self.orders[door.installation] = data
        care = self.allow(door, serial="order")
        self.grants[-1] = replace(care, scope=Scope.SERVICE)
        return data

    def acknowledge(self, door: Door) -> None:
        """Sign a receipt for everything that has come in."""
        key = door.signing_key.public_key()
        newest = max(
            (
                read_batch(data, key=_point(key), installation=door.installation)
                for data in self.batches
            ),
            key=lambda batch: batch.last,
        )
        receipt = Receipt(
            self.municipality.root.municipality,
            door.installation,
            newest.last,
            newest.heads[-1],
        )
        self.receipts.append(
            delivery.sign_receipt(receipt, key=self.municipality.receipt_key, kid=b"\x03")
        )

    def entries(self, door: Door) -> set[int]:
        """Numbers of all entries that have come in, from verified batches."""
        point = _point(door.signing_key.public_key())
        found: set[int] = set()
        for data in self.batches:
            batch = read_batch(data, key=point, installation=door.installation)
            found |= set(range(batch.first, batch.last + 1))
        return found


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return signed.compressed(key)
