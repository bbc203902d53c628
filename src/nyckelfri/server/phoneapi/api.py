"""The calls of the phone API, version 1.

House rules: each call asks the time once, hands it down, and writes nothing itself. A call
needs a known phone unless its own line says otherwise. Sizes are checked before anything
is read.
"""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja import NinjaAPI

from nyckelfri.server.keys import actions_bulletin
from nyckelfri.server.keys import queries as keys
from nyckelfri.server.locks import actions_commission, actions_orders
from nyckelfri.server.locks.models import Installation
from nyckelfri.server.phoneapi import auth, errors, sync
from nyckelfri.server.phoneapi.errors import ApiError, Code
from nyckelfri.server.phoneapi.limits import StrictParser, sized
from nyckelfri.server.phoneapi.schemas import (
    EnrolIn,
    InstallationIn,
    LabelIn,
    SignInIn,
    SyncIn,
    TimeIn,
    encode,
)
from nyckelfri.server.phones import actions, actions_signin

api = NinjaAPI(
    title="Nyckelfri phone API",
    version="1",
    urls_namespace="phone",
    auth=auth.DeviceToken(),
    parser=StrictParser(),
    docs_url=None,
    openapi_url=None,
)
api.add_decorator(sized, mode="view")
errors.install(api)


@api.post("enrol", auth=None)
def enrol(request: HttpRequest, body: EnrolIn) -> dict[str, Any]:  # noqa: ARG001 -- ninja's form
    """Bind the phone's key to it, by a one-time code."""
    now = auth.moment()
    root = keys.root()
    done = actions.enrol(body.code, public_key=body.public_key, model=body.model, now=now)
    return {
        "phone": done.phone.identifier.hex(),
        "token": encode(done.token),
        "root": encode(root.encoded),
        "server_time": int(now.timestamp()),
    }


@api.post("sign-in")
def sign_in(request: HttpRequest, body: SignInIn) -> dict[str, Any]:
    """Open a personal session on this phone."""
    phone = cast("auth.Caller", request).auth
    done = actions_signin.sign_in(
        phone, username=body.username, password=body.password, now=auth.moment()
    )
    employee = done.session.employee
    return {
        "session": encode(done.token),
        "employee": {"number": employee.number, "name": employee.name},
        "until": int(done.session.until.timestamp()),
    }


@api.post("sign-out")
def sign_out(request: HttpRequest) -> dict[str, Any]:
    """Close the session."""
    now = auth.moment()
    actions_signin.sign_out(auth.required_session(cast("auth.Caller", request), now), now=now)
    return {}


@api.post("sync")
def synchronise(request: HttpRequest, body: SyncIn) -> dict[str, Any]:
    """Journals up; door records, grants, bulletin, receipts down."""
    now = auth.moment()
    caller = cast("auth.Caller", request)
    actions.note_sync(caller.auth, now=now)
    return sync.run(body, phone=caller.auth, session=auth.session(caller, now), now=now)


@api.post("time")
def time(request: HttpRequest, body: TimeIn) -> dict[str, Any]:  # noqa: ARG001 -- the same
    """Sign the time over a lock's nonce."""
    if not Installation.objects.filter(identifier=body.installation, retired_at=None).exists():
        raise ApiError(Code.NOT_FOUND, "This lock is not in service here")
    token = actions_bulletin.time_token(body.installation, body.nonce, auth.moment())
    return {"token": encode(token)}


@api.post("installations")
def installations(request: HttpRequest, body: InstallationIn) -> dict[str, Any]:
    """Take a unit into service by its signed record."""
    now = auth.moment()
    session = auth.required_session(cast("auth.Caller", request), now)
    done = actions_commission.commission(
        body.lock,
        body.record,
        installer=session.employee,
        actor=f"employee:{session.employee.number}",
        now=now,
    )
    return {"installation": done.identifier.hex()}


@api.post("installations/label")
def label(request: HttpRequest, body: LabelIn) -> dict[str, Any]:
    """Take the new label of a unit that was let go, and retire its installation."""
    now = auth.moment()
    session = auth.required_session(cast("auth.Caller", request), now)
    done = actions_orders.complete(
        body.label,
        installer=session.employee,
        actor=f"employee:{session.employee.number}",
        now=now,
    )
    return {"installation": done.identifier.hex()}
