"""Every way in which a call can fail, as phones know it.

House rules: the codes are a closed enum and part of the contract; a message says what to
do, and nothing that the caller may not know.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from nyckelfri.door.fields import ObjectError
from nyckelfri.door.signed import SignatureError
from nyckelfri.server.keys.errors import KeysError
from nyckelfri.server.locks import actions_commission as commission
from nyckelfri.server.phones import errors as phones


class Code(StrEnum):
    """What went wrong."""

    MALFORMED = "malformed"
    UNKNOWN_PHONE = "unknown_phone"
    UNKNOWN_SESSION = "unknown_session"
    WRONG_CREDENTIALS = "wrong_credentials"
    CODE_REFUSED = "code_refused"
    PHONE_BLOCKED = "phone_blocked"
    NOT_PERMITTED = "not_permitted"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    INVALID = "invalid"
    TOO_OFTEN = "too_often"
    NOT_READY = "not_ready"
    TRY_LATER = "try_later"


STATUS = {
    Code.MALFORMED: 400,
    Code.UNKNOWN_PHONE: 401,
    Code.UNKNOWN_SESSION: 401,
    Code.WRONG_CREDENTIALS: 401,
    Code.CODE_REFUSED: 401,
    Code.PHONE_BLOCKED: 403,
    Code.NOT_PERMITTED: 403,
    Code.NOT_FOUND: 404,
    Code.CONFLICT: 409,
    Code.TOO_LARGE: 413,
    Code.INVALID: 422,
    Code.TOO_OFTEN: 429,
    Code.NOT_READY: 503,
    Code.TRY_LATER: 503,
}


class ApiError(Exception):
    """An answer of an error, from wherever it is found."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(where: Iterable[object], why: str) -> ApiError:
    """What does not read, and why; never its value, which may be a password."""
    return ApiError(Code.INVALID, f"{'.'.join(map(str, where)) or 'the request'}: {why}")


def answer(code: Code, message: str, *, retry_after: int | None = None) -> JsonResponse:
    """Give the one form that every error has."""
    response = JsonResponse({"code": code.value, "message": message}, status=STATUS[code])
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


_BY_TYPE: dict[type[Exception], Code] = {
    phones.CodeRefusedError: Code.CODE_REFUSED,
    phones.WrongCredentialsError: Code.WRONG_CREDENTIALS,
    phones.PhoneStateError: Code.CONFLICT,
    commission.NotInstallerError: Code.NOT_PERMITTED,
    commission.ForeignRecordError: Code.INVALID,
    commission.CommissionError: Code.CONFLICT,
    SignatureError: Code.INVALID,
    ObjectError: Code.INVALID,
    KeysError: Code.NOT_READY,
}


def install(api: NinjaAPI) -> None:
    """Make `api` answer every error of ours in that form."""
    for kind, code in _BY_TYPE.items():

        def handle(_: HttpRequest, error: Any, code: Code = code) -> HttpResponse:
            return answer(code, str(error))

        api.add_exception_handler(kind, handle)

    @api.exception_handler(ApiError)
    def _ours(_: HttpRequest, error: ApiError) -> HttpResponse:
        return answer(error.code, error.message)

    @api.exception_handler(phones.TooManyTriesError)
    def _too_often(_: HttpRequest, error: phones.TooManyTriesError) -> HttpResponse:
        return answer(Code.TOO_OFTEN, str(error), retry_after=error.retry_after)

    @api.exception_handler(AuthenticationError)
    def _unknown(_: HttpRequest, __: AuthenticationError) -> HttpResponse:
        return answer(Code.UNKNOWN_PHONE, "The phone is not known: enrol it with a new code")

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0] if error.errors else {}
        return _ours(request, invalid(first.get("loc", ())[2:], first.get("msg", "is invalid")))

    @api.exception_handler(HttpError)
    def _http(_: HttpRequest, __: HttpError) -> HttpResponse:
        return answer(Code.MALFORMED, "Send one JSON object in UTF-8")
