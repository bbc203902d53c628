"""What can stand in the way of a phone or its user.

House rules: each says what to do next; none says more than the caller may know.
"""

from __future__ import annotations


class PhoneError(Exception):
    """The deed was not done; the text says what to do."""


class PhoneStateError(PhoneError):
    """The phone is not in a state that allows this."""


class CodeRefusedError(PhoneError):
    """The enrolment code is wrong, used, or too old: nobody is told which."""


class WrongCredentialsError(PhoneError):
    """User name and password do not belong together, or may not be used here."""


class TooManyTriesError(PhoneError):
    """Tried too often; `retry_after` seconds from now it may be tried again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many tries: wait {retry_after} seconds and try again")
        self.retry_after = retry_after
