"""Every word on the pages for staff, Swedish first.

House rules: a page has no text of its own; what is missing in a language is an error at
once. Reasons of refusal come from `door.reasons`, where the phone has them too.
"""

from __future__ import annotations

from typing import Final, Literal

from django.utils.translation import get_language

Language = Literal["sv", "en"]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "name": ("Nyckelfri hemtjänst", "Keyless home care"),
    "skip": ("Till innehållet", "Skip to content"),
    "log_in": ("Logga in", "Log in"),
    "log_out": ("Logga ut", "Log out"),
    "user_name": ("Användarnamn", "User name"),
    "password": ("Lösenord", "Password"),
    "log_in_wrong": (
        "Användarnamn och lösenord hör inte ihop. Försök igen.",
        "User name and password do not belong together. Try again.",
    ),
    "log_in_too_often": (
        "För många försök. Vänta en kvart och försök igen.",
        "Too many tries. Wait a quarter of an hour and try again.",
    ),
    "language": ("English", "Svenska"),
    "openings": ("Öppningar", "Openings"),
    "openings_lead": (
        "Varje gång personal låst upp eller låst, som låset självt har antecknat det.",
        "Every time staff unlocked or locked, as the lock itself noted it.",
    ),
    "review": ("Att granska", "To review"),
    "review_lead": (
        "Det som lås och telefoner lämnat men som inte kunde godtas. Inget slängs.",
        "What locks and phones delivered but could not be accepted. Nothing is thrown away.",
    ),
    "from": ("Från och med", "From"),
    "till": ("Till och med", "To"),
    "client": ("Kund", "Client"),
    "client_hint": ("nummer eller namn", "number or name"),
    "show": ("Visa", "Show"),
    "who": ("Vem", "Who"),
    "door": ("Dörr", "Door"),
    "when": ("När", "When"),
    "what": ("Vad", "What"),
    "result": ("Utfall", "Result"),
    "how_long": ("Hur länge", "How long"),
    "through": ("Kom in via", "Delivered through"),
    "clock": ("Låsets klocka", "Lock's clock"),
    "clock_0": ("säker", "set"),
    "clock_1": ("ungefärlig", "approximate"),
    "clock_2": ("okänd", "lost"),
    "command_1": ("Låste upp", "Unlocked"),
    "command_2": ("Låste", "Locked"),
    "command_3": ("Service", "Service"),
    "asked_1": ("Ville låsa upp", "Tried to unlock"),
    "asked_2": ("Ville låsa", "Tried to lock"),
    "asked_3": ("Ville göra service", "Tried to service"),
    "result_done": ("Utfört", "Done"),
    "result_pending": ("Väntar på låsets besked", "Waiting for the lock"),
    "result_jammed": ("Låset kärvade", "The lock jammed"),
    "result_unknown": ("Okänt: strömmen bröts", "Unknown: the power went"),
    "result_refused": ("Nekat", "Refused"),
    "unknown_person": ("Okänd person", "Unknown person"),
    "not_ours": (
        "Behörigheten är inte utfärdad här",
        "The grant was not issued here",
    ),
    "entrance": ("Port", "Entrance"),
    "protected": ("Skyddad identitet", "Protected identity"),
    "stay_open": ("ingen utpassering", "no exit"),
    "minutes": ("min", "min"),
    "none": ("Inga öppningar de här dagarna.", "No openings in these days."),
    "none_hint": (
        "Ändra datum, eller vänta tills en telefon har synkat.",
        "Change the dates, or wait until a phone has synced.",
    ),
    "none_kept": ("Ingenting att granska.", "Nothing to review."),
    "waiting": (
        "öppningar är kända av en telefon men finns inte i låsets journal än",
        "openings are known to a phone but not yet in the lock's journal",
    ),
    "came": ("Kom", "Came"),
    "lock": ("Lås", "Lock"),
    "entry": ("Post", "Entry"),
    "why": ("Varför", "Why"),
    "kept_gap": ("Poster före den saknas", "Entries before it are missing"),
    "kept_fork": ("Motsäger den lagrade journalen", "Contradicts the stored journal"),
    "kept_bad_signature": ("Inte undertecknad av låset", "Not signed by the lock"),
    "kept_unknown_lock": ("Okänt lås", "Unknown lock"),
    "kept_malformed": ("Går inte att läsa", "Cannot be read"),
    "kept_unopened": ("Går inte att öppna med våra nycklar", "Does not open with our keys"),
    "kept_lost": ("Låset har förlorat poster", "The lock has lost entries"),
    "kept_cut_tail": ("Telefonen såg en annan journal", "The phone saw another journal"),
    "kept_unknown_grant": ("Behörigheten är inte utfärdad här", "The grant was not issued here"),
    "kept_changed": ("Samma nummer, annat innehåll", "Same number, other content"),
    "earlier": ("Tidigare", "Earlier"),
    "later": ("Senare", "Later"),
    "no_access": (
        "Din roll ger inte tillgång till den här sidan. Vänd dig till systemansvarig.",
        "Your role gives no access to this page. Turn to the system manager.",
    ),
    "wrong_dates": (
        "Ange två datum, högst 31 dagar emellan, det första först.",
        "Give two dates, at most 31 days apart, the first one first.",
    ),
}


def language() -> Language:
    """The language of this request."""
    return "en" if (get_language() or "sv").startswith("en") else "sv"


def text(key: str) -> str:
    """The words under `key` in the language of this request; KeyError if there are none."""
    return TEXTS[key][0 if language() == "sv" else 1]


class Words:
    """What a template asks for words: `{{ words.openings }}`."""

    def __getitem__(self, key: str) -> str:
        return text(key)
