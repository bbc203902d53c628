"""What the page about accounts says is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from nyckelfri.server.access.permissions import MUNICIPALITY_ONLY, OF_ROLE, Permission
from nyckelfri.server.accounts import choices
from nyckelfri.server.people.models import Role
from nyckelfri.server.phones import tries
from nyckelfri.server.phones.models import FailedTry

PAGE = (Path(__file__).parents[3] / "docs/subsystems/accounts.md").read_text("utf-8")


def _words(permissions: frozenset[Permission]) -> str:
    return "; ".join(each.value for each in Permission if each in permissions) or "–"


def test_table_of_roles_is_the_program_s() -> None:
    rows = dict(re.findall(r"^\| [^|]*`(\w+)` \| (.*) \|$", PAGE, re.MULTILINE))
    told = {role.value: rows.get(role.value) for role in Role}
    assert told == {role.value: _words(OF_ROLE.get(role, frozenset())) for role in Role}
    assert _words(MUNICIPALITY_ONLY) in PAGE


def test_numbers_of_tries_and_the_cost_of_a_hash_are_the_program_s(cost_in_use: int) -> None:
    kind = FailedTry.Kind
    most = {each: number for each, (number, _) in tries._LIMITS.items()}
    assert (most[kind.WEB_NAME], most[kind.ADDRESS]) == (10, 50)
    assert (most[kind.STEP], most[kind.STEP_DAY], most[kind.ACTIVATION]) == (5, 20, 5)
    assert f"{cost_in_use // 1024} MiB, one pass, one lane" in PAGE


def test_every_setting_of_single_sign_on_is_told() -> None:
    source = Path(choices.__file__).read_text("utf-8")
    names = set(re.findall(r'said(?:\.get\(|\[)"([A-Z_]+)"', source))
    assert len(names) == 8
    assert [name for name in names if f"`{choices.PREFIX}{name}`" not in PAGE] == []
