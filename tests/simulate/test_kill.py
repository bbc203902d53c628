"""A server that is killed on one side of a commit: before it nothing is stored, behind it all."""

from __future__ import annotations

import pytest

import deedworld
from besideworld import Beside
from nyckelfri.simulate.server import Kill


@pytest.mark.threat(42)
@pytest.mark.threat(45)
def test_before_the_commit_nothing_is_stored_and_behind_it_everything() -> None:
    with Beside(deedworld.begin) as killed:
        for commits in (False, True):
            left = [killed.ask(Kill("deed", step / 20, commits=commits)) for step in range(20)]
            assert left == sorted(left)
            assert set(left) == {0, deedworld.ROWS}
