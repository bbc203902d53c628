"""The declared clock: one time for all processes, on any calendar date."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nyckelfri import clock
from nyckelfri.clock import DeclaredClock


def test_a_declared_clock_runs_from_its_anchor_at_its_speed() -> None:
    given = DeclaredClock.parse("1000@50*60")
    assert given.at(50) == 1000
    assert given.at(51.5) == 1090
    assert DeclaredClock.parse(str(given)) == given


@pytest.mark.parametrize(
    "text", ["", "now", "1000", "1000@50", "1000@50*", "-1@50*1", "1e9@50*1", "1000@50*1\nx"]
)
def test_anything_else_is_refused_with_the_form_that_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"START@ANCHOR\*SPEED"):
        DeclaredClock.parse(text)


def test_without_a_declaration_it_is_the_machines_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(clock.ENVIRONMENT, raising=False)
    assert abs(clock.seconds() - time.time()) < 5
    assert clock.now().tzinfo is UTC


def test_a_shared_file_moves_all_who_read_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "clock"
    monkeypatch.setenv(clock.ENVIRONMENT, f"file:{path}")
    path.write_text(f"1000000000@{time.time():.6f}*1.0\n")
    before = clock.ticks()
    assert clock.now() < datetime(2001, 9, 10, tzinfo=UTC)
    path.write_text(f"1000003600@{time.time():.6f}*1.0\n")
    assert 3590 < clock.ticks() - before < 3610
    assert clock.now_seconds() >= 1000003600
