"""`nyckelfri phone` as a person or a program calls it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doorworld import HOUR, NOON, Door, Municipality

from nyckelfri import cli, clock
from nyckelfri.door.commissioning import InstallationRecord
from nyckelfri.door.grants import Grant, Scope
from nyckelfri.door.ownership import RELEASE_TYP, Release
from nyckelfri.phone import account, words
from nyckelfri.phone import cli as phone_cli
from nyckelfri.phone.client import ServerError
from nyckelfri.phone.commission import UnsureError
from nyckelfri.phone.outbox import Outbox, Unsure
from nyckelfri.phone.store import Store
from phoneserver import ADDRESS, CODE, LABEL, PASSWORD, PIN, USER, SmallServer

Call = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "phone"


@pytest.fixture
def call(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run one command with --json; exit status and the lines."""
    monkeypatch.setenv(clock.ENVIRONMENT, f"{NOON}@{time.time():.6f}*1")
    monkeypatch.setenv("NYCKELFRI_PIN", PIN)
    monkeypatch.setenv("NYCKELFRI_PASSWORD", PASSWORD)

    def run(*arguments: str, machine: bool = True) -> tuple[int, list[dict[str, Any]]]:
        more = ["--json"] if machine else []
        status = cli.main(["phone", "--state", str(folder), "--lang", "en", *more, *arguments])
        out = capsys.readouterr().out
        return status, [json.loads(line) for line in out.splitlines()] if machine else []

    return run


@pytest.fixture
def enrolled(call: Call, server: SmallServer, door: Door) -> Call:
    assert call("enrol", "--server", server.url, "--code", CODE)[0] == 0
    server.allow(door)
    return call


@pytest.mark.sentence(5)
def test_enrol_sign_in_list_status_and_wipe(
    enrolled: Call, server: SmallServer, door: Door, folder: Path
) -> None:
    status, (said,) = enrolled("sign-in", USER)
    assert (status, said["ok"], said["number"], said["synced"]) == (0, True, "1001", True)
    status, (said,) = enrolled("list")
    (listed,) = said["doors"]
    assert listed["installation"] == door.installation.hex()
    assert (listed["label"], listed["address"]) == (LABEL, ADDRESS)
    assert listed["windows"] == [[NOON - 4 * HOUR, NOON + 4 * HOUR]]
    status, (said,) = enrolled("status")
    assert said["enrolled"]
    assert (said["grants"], said["key_set"], said["waiting_openings"]) == (1, 1, 0)
    assert LABEL not in json.dumps(said)
    status, (said,) = enrolled("wipe")
    assert (status, said["ok"]) == (1, False)
    assert enrolled("wipe", "--yes")[0] == 0
    assert not (folder / "vault").exists()
    status, (said,) = enrolled("status")
    assert not said["enrolled"]


def test_options_may_stand_before_or_after_the_command(enrolled: Call, folder: Path) -> None:
    status = cli.main(["phone", "status", "--json", "--state", str(folder)])
    assert status == 0


@pytest.mark.sentence(5)
@pytest.mark.sentence(13)
def test_a_wrong_pin_gives_nothing_and_says_how_many_tries_are_left(
    enrolled: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NYCKELFRI_PIN", "000000")
    status, (said,) = enrolled("list")
    assert status == 1
    assert said == {
        "event": "result",
        "ok": False,
        "message": "wrong PIN: 9 tries left, then all is wiped",
        "exit": 1,
        "error": "WrongPinError",
    }


@pytest.mark.sentence(5)
@pytest.mark.sentence(13)
def test_opening_without_having_signed_in_is_refused_before_any_radio(enrolled: Call) -> None:
    status, (said,) = enrolled("open", "whatever", "--transport", "tcp-client:127.0.0.1:1")
    assert (status, said["error"]) == (1, "SignInError")


def test_an_unknown_or_ambiguous_door_is_a_wrong_call_and_lists_what_could_be_meant(
    enrolled: Call, server: SmallServer, door: Door
) -> None:
    server.allow(replace(door, installation=bytes(8)), serial="2")
    enrolled("sign-in", USER)
    status, (said,) = enrolled("open", "Storgatan")
    assert status == 2
    assert "no such door" in said["message"]
    status, (said,) = enrolled("open", "Gran")
    assert status == 2
    assert door.installation.hex() in said["message"]


def test_a_missing_controller_is_said_with_the_option_to_change(enrolled: Call) -> None:
    enrolled("sign-in", USER)
    status, (said,) = enrolled("open", LABEL, "--transport", "tcp-client:127.0.0.1:1")
    assert status == 3
    assert "--transport" in said["message"]


def test_a_blocked_phone_says_so_and_is_empty(
    enrolled: Call, server: SmallServer, folder: Path
) -> None:
    enrolled("sign-in", USER)
    server.blocked = True
    status, (said,) = enrolled("sync")
    assert (status, said["error"]) == (1, "BlockedError")
    assert "Hand it to your manager" in said["message"]
    with Store(folder) as store:
        assert not store.enrolled


def test_without_a_terminal_the_pin_must_come_from_file_or_environment(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: SmallServer
) -> None:
    monkeypatch.delenv("NYCKELFRI_PIN")
    monkeypatch.setattr("sys.stdin", open(os.devnull, encoding="utf-8"))  # noqa: SIM115, PTH123 - as a service has it
    status, (said,) = call("enrol", "--server", server.url, "--code", CODE)
    assert status == 2
    assert "NYCKELFRI_PIN" in said["message"]
    sys.stdin.close()
    pin = tmp_path / "pin"
    pin.write_text(PIN + "\n")
    status, _ = call("enrol", "--server", server.url, "--code", CODE, "--pin-file", str(pin))
    assert status == 0
    status, (said,) = call("sync", "--pin-file", str(tmp_path / "missing"))
    assert status == 2


@pytest.mark.parametrize("secret", ["--pin", "--password"])
def test_secrets_are_no_arguments(call: Call, secret: str) -> None:
    with pytest.raises(SystemExit) as ended:
        call("sync", secret, "123456")
    assert ended.value.code == 2


def test_the_help_says_that_ten_wrong_pins_wipe(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["phone", "--help"])
    assert "Ten wrong PINs in a row wipe the phone" in " ".join(capsys.readouterr().out.split())


def test_every_text_stands_in_both_languages_with_the_same_blanks() -> None:
    for name, texts in words._TEXTS.items():
        assert set(texts) == {"sv", "en"}, name
        blanks = [sorted(part for part in text.split() if "{" in part) for text in texts.values()]
        assert blanks[0] == blanks[1], name


@pytest.mark.parametrize("error", [*phone_cli._DID_NOT_WORK])
def test_every_problem_is_told_in_both_languages(error: type[Exception]) -> None:
    made = error("what to do")
    assert words.problem(made, "en") == "what to do"
    if error is not ServerError:  # the server's own words
        assert words.problem(made, "sv") != "what to do"


def test_an_installer_who_cannot_know_hears_so_in_both_languages_and_by_the_exit_status(
    enrolled: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_: object) -> int:
        raise UnsureError

    monkeypatch.setattr(phone_cli, "_handler", lambda _: lost)
    status, (said,) = enrolled("commission", "--unit", "-", "--as", "LAS-7")
    assert (status, said["error"]) == (3, "UnsureError")
    assert "same command again" in said["message"]
    assert "upprepa samma kommando" in words.problem(UnsureError(), "sv")


def test_a_unit_of_which_nobody_knows_what_it_is_is_named_at_each_sync_and_in_the_status(
    enrolled: Call, folder: Path
) -> None:
    with Store(folder) as store:
        Outbox(store).keep_unsure(b"unit", Unsure("LAS-7", b"record", NOON))
        assert account.waiting_note(store) == "1 records wait for the server"
    assert enrolled("sync")[1][0]["unsure"] == ["LAS-7"]
    assert enrolled("status")[1][0]["unsure_installations"] == 1


def test_people_read_swedish_when_they_want_to(
    enrolled: Call, server: SmallServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["phone", "--state", str(folder), "--lang", "sv", "sign-in", USER]) == 0
    out = capsys.readouterr().out
    assert "Inloggad: Anna Ek" in out
    assert "1 dörrar" in out
    assert cli.main(["phone", "--state", str(folder), "--lang", "sv", "list"]) == 0
    assert "Granvägen" in capsys.readouterr().out


# The whole way: processes, a virtual radio, a real lock.


class Processes:
    """Air and lock as processes of their own, under one declared clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = os.environ | {clock.ENVIRONMENT: f"{NOON}@{time.time():.6f}*1"}
        self.running: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            env=self.env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.running.append(process)
        return process

    def line(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        assert process.stdout is not None
        said: dict[str, Any] = json.loads(process.stdout.readline())
        return said

    def until(self, process: subprocess.Popen[str], what: str) -> None:
        """Read what it says up to this."""
        for _ in range(100):
            if self.line(process)["what"] == what:
                return
        raise AssertionError(f"it never said {what}")

    def stop(self) -> None:
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            process.communicate(timeout=10)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    try:
        yield made
    finally:
        made.stop()


def make_unit(processes: Processes, port: int) -> tuple[str, Path]:
    """A factory-new unit's label and configuration."""
    config = processes.folder / "lock.toml"
    config.write_text(
        f'store = "lock.db"\ntransport = "tcp-client:127.0.0.1:{port}"\n'
        "advertising_interval = 20\n[simulated]\ntravel = 0.05\n"
    )
    words = [sys.executable, "-m", "nyckelfri.cli", "lock", "--config", str(config)]
    made = subprocess.run(
        [*words, "--factory", "thumb-turn"], check=True, capture_output=True, text=True
    )
    return made.stdout.strip(), config


@pytest.mark.slow
@pytest.mark.sentence(1)
@pytest.mark.sentence(9)
@pytest.mark.sentence(36)
@pytest.mark.sentence(92)
def test_from_the_units_label_to_an_open_door_over_the_radio(
    enrolled: Call,
    server: SmallServer,
    processes: Processes,
    municipality: Municipality,
    folder: Path,
) -> None:
    air = processes.start("nyckelfri.demo.air", "--port=lock=0", "--port=phone=0", "--control=0")
    ports = processes.line(air)["ports"]
    label, config = make_unit(processes, ports["lock"])
    lock = processes.start(
        "nyckelfri.cli", "lock", "--config", str(config), "--events", "--console"
    )
    assert processes.line(lock)["what"] == "running"
    assert lock.stdin is not None
    lock.stdin.write("press\n")
    lock.stdin.flush()
    assert processes.line(lock)["what"] == "window"

    radio = ("--transport", f"tcp-client:127.0.0.1:{ports['phone']}", "--search", "10")
    server.doors.clear()
    server.grants.clear()
    assert enrolled("sign-in", USER)[0] == 0
    status, lines = enrolled("commission", "--unit", label, "--as", "LAS-7", *radio)
    assert status == 0, lines[-1]
    ((inventory, signed_record),) = server.installations
    assert inventory == "LAS-7"
    record = InstallationRecord.read(signed_record)

    care = grant_for(server, record)
    server.grants += [care, replace(care, serial=bytes(8), scope=Scope.SERVICE)]
    server._sync = answer_with(server, record)  # type: ignore[method-assign]
    assert enrolled("sync")[1][-1]["doors"] == 1
    server.go_away()

    status, lines = enrolled("open", record.installation.hex(), *radio)
    assert status == 0, lines[-1]
    said = lines[-1]
    assert (said["reason"], said["outcome"], said["messages_to_answer"]) == ("granted", 1, 4)
    assert said["bytes_to_answer"] <= 344
    stages = [line["stage"] for line in lines[:-1]]
    assert stages[:5] == ["searching", "found", "connected", "lock_proven", "decided"]
    status, lines = enrolled("lock", LABEL, *radio)
    assert (status, lines[-1]["message"]) == (0, "Locked")
    order = folder / "order"
    release = Release(record.municipality, record.installation, record.release_nonce)
    order.write_bytes(municipality.sign_root(release.payload, RELEASE_TYP))
    new_label = let_go(enrolled, order, radio)
    assert new_label[:60] == label[:60], "kind and factory key"
    processes.until(lock, "released")
    assert enrolled("open", LABEL, *radio[:3], "0.3")[0] == 3
    lock.stdin.write("press\n")
    lock.stdin.flush()
    processes.until(lock, "window")
    assert enrolled("commission", "--unit", label, "--as", "LAS-8", *radio)[0] == 1, "void"
    status, lines = enrolled("commission", "--unit", new_label, "--as", "LAS-8", *radio)
    assert status == 0, lines[-1]
    assert lines[-1]["installation"] != record.installation.hex()
    lock.terminate()
    lock.wait(10)
    mode = stat.S_IMODE((folder / "phone.db").stat().st_mode)
    assert mode == 0o600


def let_go(call: Call, order: Path, radio: tuple[str, ...]) -> str:
    """Release the door's unit, after what must not work; its new label."""
    assert call("release", LABEL, "--gone", *radio)[0] == 1, "it was never let go"
    status, lines = call("release", LABEL, *radio)
    assert (status, lines[-1]["error"]) == (1, "ReleaseError"), "there is no order"
    status, lines = call("release", LABEL, "--order", str(order), *radio)
    assert status == 0, lines[-1]
    return str(lines[-1]["label"])


def grant_for(server: SmallServer, record: InstallationRecord) -> Grant:
    from doorworld import private_key

    fresh = Door(record.installation, private_key(1), private_key(2))
    grant = server.allow(fresh)
    server.grants.remove(grant)
    server.doors.remove(fresh)
    return grant


def answer_with(server: SmallServer, record: InstallationRecord) -> Callable[..., dict[str, Any]]:
    """The usual answer, with the door record of a lock that has just been commissioned."""
    from phoneserver import b64

    usual = server._sync

    def answer(body: dict[str, Any], *, signed_in: bool) -> dict[str, Any]:
        return usual(body, signed_in=signed_in) | {
            "doors": [
                {
                    "installation": record.installation.hex(),
                    "lock_key": b64(record.lock_key),
                    "radio_key": b64(record.radio_key),
                    "kind": "thumb_turn",
                    "label": LABEL,
                    "address": ADDRESS,
                    "protocol": 1,
                }
            ]
        }

    return answer
