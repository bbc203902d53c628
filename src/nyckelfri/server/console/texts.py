"""The words that every page for staff has, Swedish first; each area has its own `texts.py`.

House rules: a page has no text of its own; what is missing in a language is an error at
once. Plain words, the voice of a calm public service. Reasons of refusal come from
`door.reasons`, where the phone has them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from django.utils.translation import get_language

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
    "who_has_looked": ("Vem har tittat på den här sidan?", "Who has looked at this page?"),
    "service_care": ("Omvårdnad", "Care"),
    "service_household": ("Service", "Household services"),
    "service_alarm": ("Trygghetslarm", "Safety alarm"),
    "service_meals": ("Matlådor", "Meals"),
    "service_day_activity": ("Dagverksamhet", "Day activity"),
    "service_preventive_visit": ("Förebyggande hembesök", "Preventive visit"),
    "service_aids": ("Hjälpmedel", "Aids"),
    "service_short_term": ("Korttidsplats och avlastning", "Short-term place and relief"),
    "service_rehabilitation": ("Rehabilitering i hemmet", "Rehabilitation at home"),
    "service_health_care": ("Hälso- och sjukvård i hemmet", "Health care at home"),
    "role_assistant_nurse": ("Undersköterska", "Assistant nurse"),
    "role_care_assistant": ("Vårdbiträde", "Care assistant"),
    "role_substitute": ("Vikarie", "Substitute"),
    "role_nurse": ("Sjuksköterska", "Nurse"),
    "role_occupational_therapist": ("Arbetsterapeut", "Occupational therapist"),
    "role_physiotherapist": ("Fysioterapeut", "Physiotherapist"),
    "role_planner": ("Samordnare", "Planner"),
    "role_provider_manager": ("Verksamhetschef", "Provider manager"),
    "role_care_assessor": ("Biståndshandläggare", "Care assessor"),
    "role_door_installer": ("Montör, dörr", "Installer, doors"),
    "role_entrance_installer": ("Montör, port", "Installer, entrances"),
    "role_service_centre": ("Servicecenter", "Service centre"),
    "role_accountant": ("Ekonom", "Accountant"),
    "role_system_manager": ("Systemansvarig", "System manager"),
    "role_auditor": ("Granskare", "Auditor"),
    "openings": ("Öppningar", "Openings"),
    "review": ("Att granska", "To review"),
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


class Words:
    """The words of an area and those that every page has, in the language of the request.

    `text("key")` or `text("key", count=3)` in Python, where the words say `{count}`;
    `{{ words.key }}` or `{% say "key" count=3 %}` in a template.
    """

    do_not_call_in_templates = True

    def __init__(self, texts: Mapping[str, tuple[str, str]] | None = None) -> None:
        own = texts or {}
        if twice := own.keys() & TEXTS.keys():
            raise ValueError(f"words that every page has already: {sorted(twice)}")
        self._texts = {**TEXTS, **own}

    def __call__(self, key: str, **values: object) -> str:
        """The words under `key` with these values; MissingTextError if there are none."""
        found = self[key]
        return found.format(**values) if values else found

    def __getitem__(self, key: str) -> str:
        if key not in self._texts:
            raise MissingTextError(f"no words under {key!r}: write them in the area's texts.py")
        return self._texts[key][0 if language() == "sv" else 1]


text: Final = Words()
"""The words of every page."""
