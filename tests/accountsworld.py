"""People who sign in, and a browser that tells what a page says.

House rules: nobody is logged in by force: every session is begun by the pages.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client as Browser

from nyckelfri.server.accounts import actions
from nyckelfri.server.people.models import Employee
from serverworld import PASSWORD

MANAGER = "employee:9"
NEW_PASSWORD = "another long password"


@dataclass
class Person:
    """Somebody with an account, and what they know."""

    employee: Employee
    secret: str = ""
    recovery: list[str] = field(default_factory=list)
    _step: int = 0

    def code(self) -> str:
        """A one-time code of this half minute or the next; a recovery code when both are used."""
        now = int(time.time()) // 30
        if self._step > now:
            return self.recovery.pop(0)
        self._step = max(self._step + 1, now)
        return format_hotp_value(hotp_value(self.secret, self._step))


class Surfer(Browser):
    """A browser that reads Swedish unless told otherwise."""

    def __init__(self, language: str = "sv", **more: Any) -> None:
        super().__init__(headers={"accept-language": language}, **more)

    def says(self, path: str, status: int = 200, **posted: Any) -> str:
        """Give the page's HTML as one line."""
        answer = self.post(path, posted) if posted else self.get(path)
        assert answer.status_code == status, (answer.status_code, answer.content.decode()[-2000:])
        return re.sub(r"\s+", " ", answer.content.decode())

    def leads(self, path: str, **posted: Any) -> str:
        """Give the address that the answer leads to."""
        answer = self.post(path, posted) if posted else self.get(path)
        assert answer.status_code == 302, (answer.status_code, answer.content.decode()[-2000:])
        return str(answer.headers["Location"])

    def is_in(self) -> bool:
        """Whether this browser sees its owner's account."""
        return bool(self.get("/konto/").status_code == 200)

    def age(self, seconds: int, part: str = "opened") -> None:
        """Let the session be older than it is."""
        session = self.session
        session["nyckelfri"] = {**session["nyckelfri"], part: session["nyckelfri"][part] - seconds}
        session.save()


def code_for(employee: Employee, now: datetime) -> str:
    """A manager's activation code, as it is shown."""
    code = actions.show(actions.invite(employee, actor=MANAGER, now=now))
    employee.refresh_from_db()
    return code


def use_code(surfer: Surfer, employee: Employee, code: str, password: str = PASSWORD) -> str:
    """Activate, and give where that leads."""
    return surfer.leads(
        "/aktivera/", username=employee.number, code=code, new=password, again=password
    )


def add_app(surfer: Surfer, person: Person) -> None:
    """Connect an app, and keep the recovery codes if there are any."""
    person.secret = surfer.get("/konto/app/").context["form"].secret
    if surfer.leads("/konto/app/", code=person.code()) == "/konto/reservkoder/":
        person.recovery = surfer.get("/konto/reservkoder/").context["unused_codes"]


def activated(surfer: Surfer, employee: Employee, now: datetime) -> Person:
    """Take an account over with a code, and set up the app: logged in afterwards."""
    assert use_code(surfer, employee, code_for(employee, now)) == "/konto/borja/"
    person = Person(employee)
    add_app(surfer, person)
    return person


def log_in(surfer: Surfer, person: Person, password: str = PASSWORD) -> None:
    """Go the whole way."""
    said = {"login": person.employee.number, "password": password}
    assert surfer.leads("/logga-in/", **said) == "/logga-in/steg-2/"
    assert surfer.leads("/logga-in/steg-2/", code=person.code()) == "/"
