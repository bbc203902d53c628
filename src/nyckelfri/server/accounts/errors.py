"""What can stand in the way of an account.

House rules: none says more than somebody without a log-in may know.
"""

from __future__ import annotations


class AccountError(Exception):
    """The deed was not done; the text says what to do."""


class CodeError(AccountError):
    """User name and activation code do not belong together, or the code is used or too old."""


class WeakPasswordError(AccountError):
    """The password will not do; `problems` are the names of what is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The password is too easy to guess: " + ", ".join(problems))
        self.problems = problems


class LastStepError(AccountError):
    """The only second step cannot be removed: add another first."""
