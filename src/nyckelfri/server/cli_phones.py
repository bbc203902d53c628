"""`nyckelfri server` and phones, passwords, codes: what cannot wait for a page."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from nyckelfri.server.accounts import actions as accounts
from nyckelfri.server.accounts.errors import AccountError
from nyckelfri.server.cli_words import ACTOR, Failed, read, say, tell
from nyckelfri.server.people.models import Employee, Phone
from nyckelfri.server.phones import actions, actions_signin, codes
from nyckelfri.server.phones.errors import PhoneError


def _phone_code(args: argparse.Namespace) -> int:
    phone = Phone.objects.filter(label=args.label).order_by("-pk").first()
    if phone is None:
        if args.holder is None:
            raise Failed(f"no phone is called {args.label}: give --holder to make it")
        holder = _employee(args.holder)
        phone = actions.register(label=args.label, holder=holder, actor=ACTOR, now=args.now)
    try:
        code = actions.invite(phone, actor=ACTOR, now=args.now)
    except PhoneError as error:
        raise Failed(str(error)) from None
    say(codes.show(code))
    tell("Type it on the phone within 15 minutes; it works once")
    return 0


class _EndOfLife(Protocol):
    def __call__(self, phone: Phone, *, reason: str, actor: str, now: datetime) -> Phone: ...


def _change(action: _EndOfLife) -> Callable[[argparse.Namespace], int]:
    def deed(args: argparse.Namespace) -> int:
        try:
            phone = action(_phone(args.label), reason=args.why, actor=ACTOR, now=args.now)
        except PhoneError as error:
            raise Failed(str(error)) from None
        tell(f"{args.label} is now {phone.state}")
        return 0

    return deed


def _account_code(args: argparse.Namespace) -> int:
    employee = _employee(args.number)
    try:
        if args.why:
            code = accounts.begin_anew(employee, reason=args.why, actor=ACTOR, now=args.now)
        else:
            code = accounts.invite(employee, username=args.username, actor=ACTOR, now=args.now)
    except AccountError as error:
        raise Failed(str(error)) from None
    employee.refresh_from_db()
    name = employee.user.username if employee.user else args.number
    say(accounts.show(code))
    tell(f"Open /aktivera/ in a browser within a day, as {name}: the code is shown only now")
    return 0


def _set_password(args: argparse.Namespace) -> int:
    employee = _employee(args.number)
    if args.password_file is not None:
        password = read(args.password_file).decode("utf-8", "replace").strip()
    else:
        password = getpass.getpass("New password: ")
        if getpass.getpass("The same once more: ") != password:
            raise Failed("the passwords differ: start again")
    try:
        user = actions_signin.set_password(
            employee, password, username=args.username, actor=ACTOR, now=args.now
        )
    except PhoneError as error:
        raise Failed(str(error)) from None
    tell(f"Employee {employee.number} signs in as {user.username}")
    return 0


def _employee(number: str) -> Employee:
    found = Employee.objects.select_related("user").filter(number=number).first()
    if found is None:
        raise Failed(f"no employee has the number {number}: import the files first")
    return found


def _phone(name: str) -> Phone:
    rows = list(Phone.objects.filter(label=name))
    if not rows and len(name) == 16:
        try:
            rows = list(Phone.objects.filter(identifier=bytes.fromhex(name)))
        except ValueError:
            rows = []
    if len(rows) != 1:
        raise Failed(f"{len(rows)} phones are called {name}: give the id of one")
    return rows[0]


DEEDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "phone-code": _phone_code,
    "block-phone": _change(actions.block),
    "unblock-phone": _change(actions.unblock),
    "retire-phone": _change(actions.retire),
    "set-password": _set_password,
    "account-code": _account_code,
}
