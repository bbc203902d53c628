"""The words that every page for staff has, Swedish first; each area has its own `texts.py`.

House rules: a page has no text of its own; what is missing in a language is an error at
once. Plain words, the voice of a calm public service. Reasons of refusal come from
`door.reasons`, where the phone has them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from nyckelfri.server.words import ROLES, SERVICES

Language = Literal["sv", "en"]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "system_name": ("Nyckelfri hemtjänst", "Keyless home care"),
    "skip": ("Till innehållet", "Skip to content"),
    "log_in": ("Logga in", "Log in"),
    "log_out": ("Logga ut", "Log out"),
    "user_name": ("Användarnamn", "User name"),
    "password": ("Lösenord", "Password"),
    "language": ("English", "Svenska"),
    "menu": ("Meny", "Menu"),
    "close": ("Stäng menyn", "Close the menu"),
    "account": ("Mitt konto", "My account"),
    "you_are_here": ("Du är här", "You are here"),
    "pages": ("Fler rader", "More rows"),
    "first_page": ("Till början", "To the beginning"),
    "next_page": ("Nästa", "Next"),
    "done": ("Klart.", "Done."),
    "not_done": ("Det gick inte.", "That was not done."),
    "undo": ("Ångra", "Undo"),
    "cancel": ("Avbryt", "Cancel"),
    "search": ("Sök", "Search"),
    "show": ("Visa", "Show"),
    "from": ("Från och med", "From"),
    "till": ("Till och med", "To"),
    "reason": ("Skäl", "Reason"),
    "save": ("Spara", "Save"),
    "go_on": ("Fortsätt", "Continue"),
    "start": ("Start", "Start"),
    "clients": ("Kunder", "Clients"),
    "staff": ("Personal", "Staff"),
    "teams": ("Grupper", "Teams"),
    "phones": ("Telefoner", "Phones"),
    "log_reviews": ("Loggkontroll", "Log review"),
    "audit": ("Ändringslogg", "Audit log"),
    "rules": ("Regler", "Rules"),
    "import": ("Import", "Import"),
    "pay": ("Ersättning", "Pay"),
    "pay_rules": ("Ersättningsregler", "Rules for pay"),
    "invoices": ("Fakturor", "Invoices"),
    "disputes": ("Frågor om fakturor", "Questions about invoices"),
    "fee_rules": ("Avgifter", "Fees"),
    "statistics": ("Statistik", "Statistics"),
    "who_has_looked": ("Vem har tittat på den här sidan?", "Who has looked at this page?"),
    **{f"service_{service.value}": words for service, words in SERVICES.items()},
    **{f"role_{role.value}": words for role, words in ROLES.items()},
    "openings": ("Öppningar", "Openings"),
    "visits": ("Besök", "Visits"),
    "review": ("Att granska", "To review"),
    "phone_entries": ("Från telefonerna", "From phones"),
    "client": ("Kund", "Client"),
    "protected": ("Skyddad identitet", "Protected identity"),
    "lock": ("Lås", "Lock"),
    "waiting_to_begin": ("Väntar på att börja", "Waiting to begin"),
    "stands_still": (
        "Inget har hänt på en stund. Är bakgrundsarbetet igång (nyckelfri server work)?",
        (
            "Nothing has happened for a while. Is the work beside the pages running (nyckelfri "
            "server work)?"
        ),
    ),
    "step_of": ("{done} av {all}", "{done} of {all}"),
    "no_access": ("Du har inte tillgång till sidan", "You have no access to this page"),
    "no_access_hint": (
        "Din roll ger inte tillgång till den. Vänd dig till systemansvarig om det är fel.",
        "Your role gives no access to it. Turn to the system manager if that is wrong.",
    ),
}


def language() -> Language:
    """The language of this request."""
    return "en" if (get_language() or "sv").startswith("en") else "sv"


class MissingTextError(LookupError):
    """A page asked for words that nobody has written."""


class Spoken(dict[str, str]):
    """Words in one language: `{{ words.key }}` or `{% say "key" count=3 %}` in a template."""

    do_not_call_in_templates = True

    def __missing__(self, key: str) -> str:
        raise MissingTextError(f"no words under {key!r}: write them in the area's texts.py")

    def __call__(self, key: str, **values: object) -> str:
        """The words under `key` with these values; MissingTextError if there are none."""
        return self[key].format(**values) if values else self[key]


class Words:
    """The words of an area and those that every page has, in the language of the request.

    `text("key")` or `text("key", count=3)` in Python, where the words say `{count}`.
    """

    def __init__(self, texts: Mapping[str, tuple[str, str]] | None = None) -> None:
        own = texts or {}
        if twice := own.keys() & TEXTS.keys():
            raise ValueError(f"words that every page has already: {sorted(twice)}")
        texts = {**TEXTS, **own}
        self._sv = Spoken({key: _plain(sv) for key, (sv, _) in texts.items()})
        self._en = Spoken({key: _plain(en) for key, (_, en) in texts.items()})

    def spoken(self) -> Spoken:
        """All of them in the language of the request."""
        return self._sv if language() == "sv" else self._en

    def __call__(self, key: str, **values: object) -> str:
        """The words under `key` with these values; MissingTextError if there are none."""
        return self.spoken()(key, **values)

    def __getitem__(self, key: str) -> str:
        return self.spoken()[key]


def _plain(words: str) -> str:
    """Words without a character of HTML's own are the same in HTML: no page escapes them anew."""
    return SafeString(words) if escape(words) == words else words


text: Final = Words()
"""The words of every page."""
