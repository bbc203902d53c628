"""The cipher suites, and which one a handshake uses (RFC 9528 sections 3.6, 5.2 and 6.3).

House rules: suites are listed in order of preference; the selected suite is the last in SUITES_I. A
Responder refuses a selection that passed over a suite it supports, so that nobody in between can
steer two ends to a weaker suite than both prefer.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from nyckelfri.edhoc.errors import EdhocError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nyckelfri.cbor import Value

_MAX_SUITES = 16


class Suite(IntEnum):
    """The cipher suites on P-256 with SHA-256 and AES-CCM that this package runs."""

    S2 = 2
    """AES-CCM-16-64-128, MAC of 8 bytes."""
    S3 = 3
    """AES-CCM-16-128-128, MAC of 16 bytes."""

    @property
    def mac_length(self) -> int:
        """Length in bytes of the EDHOC MAC, and of the AEAD tag: the two are equal here."""
        return 16 if self is Suite.S3 else 8


def suites_item(preference: Sequence[int], selected: int) -> int | list[int]:
    """Build SUITES_I: the preferred suites up to and including the selected one."""
    offered = list(preference[: preference.index(selected) + 1])
    return offered[0] if len(offered) == 1 else offered


def select_as_responder(item: Value, supported: Sequence[Suite]) -> Suite:
    """Take the suite that SUITES_I selects, or raise `EdhocError`.

    The error carries code WRONG_SUITE and our suites when the selection is not supported, or when a
    suite that the Initiator prefers is supported too.
    """
    offered = _offered(item)
    if any(suite in supported for suite in offered[:-1]) or offered[-1] not in supported:
        raise EdhocError(
            "message_1 does not select the best cipher suite that both support",
            code=ErrorCode.WRONG_SUITE,
            suites_r=tuple(int(suite) for suite in supported),
        )
    return Suite(offered[-1])


def select_after_error(preference: Sequence[int], refused: int, suites_r: Sequence[int]) -> Suite:
    """Choose the suite for another message_1 after SUITES_R, or raise `EdhocError`."""
    common = [suite for suite in preference if suite in suites_r and suite in tuple(Suite)]
    if not common:
        raise EdhocError("no cipher suite in common with the peer")
    if common[0] == refused:
        raise EdhocError("the peer refused a cipher suite that it says it supports")
    return Suite(common[0])


def _offered(item: Value) -> list[int]:
    if type(item) is int:
        return [item]
    if isinstance(item, list) and 2 <= len(item) <= _MAX_SUITES:
        offered = [suite for suite in item if type(suite) is int]
        if len(offered) == len(item):
            return offered
    raise EdhocError("SUITES_I is neither one suite nor an array of two to 16 suites")
