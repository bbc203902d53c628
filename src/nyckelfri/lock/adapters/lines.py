"""The smallest seam to pins: set a line, read a line, let go.

House rules: everything that decides (pulses, stalls, release on error) lives above this seam and
is tested with a line object in memory. What is below is `gpiod` alone, and needs a board.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import gpiod
from gpiod.line import Bias, Direction, Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Lines(Protocol):
    """Some output and input lines, named by their offset. All outputs start inactive."""

    def set(self, line: int, *, on: bool) -> None:
        """Drive an output. OSError when the chip fails."""
        ...

    def get(self, line: int) -> bool:
        """Read an input: True is active. OSError when the chip fails."""
        ...

    def close(self) -> None:
        """Make every output inactive and let go of all lines. Safe to call again."""
        ...


class GpiodLines:
    """Lines of a GPIO character device such as `/dev/gpiochip0` (libgpiod 2).

    Outputs are requested inactive, so a relay stays low from the first moment. `active_low` turns
    the meaning of the listed lines; inputs get the board's pull-up where it has one. Opening
    raises OSError.
    """

    def __init__(
        self,
        chip: str,
        outputs: Collection[int],
        inputs: Collection[int] = (),
        active_low: Collection[int] = (),
    ) -> None:
        config: dict[Iterable[int | str] | int | str, gpiod.LineSettings | None] = {
            line: gpiod.LineSettings(
                direction=Direction.OUTPUT if line in outputs else Direction.INPUT,
                bias=Bias.AS_IS if line in outputs else Bias.PULL_UP,
                active_low=line in active_low,
                output_value=Value.INACTIVE,
            )
            for line in {*outputs, *inputs}
        }
        self._outputs = tuple(outputs)
        self._request: gpiod.LineRequest | None
        try:
            self._request = gpiod.request_lines(chip, consumer="nyckelfri", config=config)
        except OSError as error:
            hint = "check its name, the line numbers, and that you are in its group"
            raise OSError(error.errno, f"cannot use lines of {chip}: {hint}") from error

    def set(self, line: int, *, on: bool) -> None:
        """Drive an output. OSError when the chip fails or was let go."""
        self._held().set_value(line, Value.ACTIVE if on else Value.INACTIVE)

    def get(self, line: int) -> bool:
        """Read an input: True is active. OSError when the chip fails or was let go."""
        return self._held().get_value(line) is Value.ACTIVE

    def close(self) -> None:
        """Make every output inactive and let go of all lines. Safe to call again."""
        request, self._request = self._request, None
        if request is None:
            return
        try:
            request.set_values(dict.fromkeys(self._outputs, Value.INACTIVE))
        finally:
            request.release()

    def _held(self) -> gpiod.LineRequest:
        if self._request is None:
            raise OSError("these lines were let go: open them again")
        return self._request
