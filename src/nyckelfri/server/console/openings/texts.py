"""Words of the page of openings."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "openings_lead": (
        "Varje gång personal låst upp eller låst, som låset självt har antecknat det.",
        "Every time staff unlocked or locked, as the lock itself noted it.",
    ),
    "client_hint": ("nummer eller namn", "number or name"),
    "who": ("Vem", "Who"),
    "door": ("Dörr", "Door"),
    "when": ("När", "When"),
    "what": ("Vad", "What"),
    "result": ("Utfall", "Result"),
    "how_long": ("Hur länge", "How long"),
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
    "entrance": ("Port", "Entrance"),
    "stay_open": ("ingen utpassering", "no exit"),
    "minutes": ("min", "min"),
    "none": ("Inga öppningar de här dagarna.", "No openings in these days."),
    "none_hint": (
        "Ändra datum, eller vänta tills en telefon har synkat.",
        "Change the dates, or wait until a phone has synced.",
    ),
    "wrong_dates": (
        "Ange två datum, högst 31 dagar emellan, det första först.",
        "Give two dates, at most 31 days apart, the first one first.",
    ),
    "not_ours": (
        "Behörigheten är inte utfärdad här",
        "The grant was not issued here",
    ),
    "through": ("Kom in via", "Delivered through"),
}
text: Final = Words(TEXTS)
