"""The answer for an error that nobody has caught.

House rules: where it passes, whoever asked hears that nothing was half done and that they may
ask again; phones do so by themselves. The log says what to do, without the error's text,
which may quote a row.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views import defaults

from nyckelfri.server import outages
from nyckelfri.server.phoneapi import errors as phones
from nyckelfri.server.phoneapi.errors import Code

RETRY_AFTER: Final = 60
"""Seconds after which it is worth another try."""
_PHONES: Final = "/api/phone/"
_log = logging.getLogger(__name__)


def answer(request: HttpRequest) -> HttpResponse:
    """503 where it passes, 500 otherwise; Django calls it inside its `except`."""
    error = sys.exc_info()[1]
    advice = "" if error is None else outages.advice(error)
    if not advice:
        return defaults.server_error(request)
    _log.error("Nothing was half stored: %s", advice)
    if request.path.startswith(_PHONES):
        said = "The server cannot store anything just now: keep what you have, and try again later"
        return phones.answer(Code.TRY_LATER, said, retry_after=RETRY_AFTER)
    page = _PAGE.format(*(_ENGLISH if get_language() == "en" else _SWEDISH))
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})


# Without a template: the ordinary frame asks the database who looks at it.
_PAGE: Final = """<!doctype html>
<html lang="{}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{}</title><h1>{}</h1><p>{}</p><p>{}</p>
"""
_SWEDISH: Final = (
    "sv",
    "Just nu går det inte att spara",
    "Servern kan inte spara något just nu",
    """Inget blev gjort till hälften. Vänta några minuter, se efter om det du gjorde finns där, och
    gör det annars om. Dörrarna går att öppna som vanligt under tiden, och telefonerna lämnar det
    de har när servern är tillbaka.""",
    """Till den som sköter servern: se efter om disken är full eller databasen borta. Serverns egen
    logg och <code>nyckelfri server check</code> säger vilket.""",
)
_ENGLISH: Final = (
    "en",
    "Nothing can be saved just now",
    "The server cannot save anything just now",
    """Nothing was half done. Wait a few minutes, see whether what you did is there, and do it again
    if not. Doors open as usual meanwhile, and phones hand over what they have when the server is
    back.""",
    """To whoever runs the server: see whether the disk is full or the database away. The server’s
    own log and <code>nyckelfri server check</code> say which.""",
)
