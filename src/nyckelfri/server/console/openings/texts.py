"""Words of the page of openings."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "lead": (
        "Varje gång personal låst upp eller låst, som låset självt har antecknat det.",
        "Every time staff unlocked or locked, as the lock itself noted it.",
    ),
    "choose": ("Välj öppningar", "Choose openings"),
    "client_field": ("Kund, nummer eller namn", "Client, number or name"),
    "employee_field": ("Personal, nummer eller namn", "Staff, number or name"),
    "team": ("Grupp", "Team"),
    "all_teams": ("Alla grupper", "All teams"),
    "all_results": ("Alla utfall", "All results"),
    "outside": (
        "Bara sådant som sticker ut: utanför anställning, pass eller planerat besök",
        "Only what stands out: outside employment, shift or planned visit",
    ),
    "outside_hint": (
        "Att sticka ut är en fråga att ställa, och bevisar inget.",
        "To stand out is a question to ask, and proves nothing.",
    ),
    "judged_outside_employment": ("Utanför anställningen", "Outside the employment"),
    "judged_outside_shift": ("Utanför arbetspasset", "Outside the shift"),
    "judged_outside_plan": ("Utanför planerat besök", "Outside planned visits"),
    "judged_when": (
        "Öppningar bedöms efter planen när de kommer in, och om igen i {days} dagar om den ändras.",
        "Openings are judged by the plan as they come in, and again for {days} days if it changes.",
    ),
    "not_judged": (
        "Alla öppningar de här dagarna är inte bedömda än. Titta igen om en stund.",
        "Not all openings of these days have been judged yet. Look again in a while.",
    ),
    "no_such_client": (
        "Ingen kund med det numret eller namnet. Den som har skyddad identitet hittas på numret.",
        "No client with that number or name. Who has protected identity is found by number.",
    ),
    "no_such_employee": (
        "Ingen i personalen med det numret eller namnet.",
        "Nobody of the staff with that number or name.",
    ),
    "which": ("Vem menar du?", "Whom do you mean?"),
    "which_more": (
        "Det finns fler som passar. Skriv mer av namnet.",
        "There are more who fit. Write more of the name.",
    ),
    "only_client": ("Bara kund {number}", "Client {number} only"),
    "clear": ("Rensa valen", "Clear the choices"),
    "as_file": ("Ta ut som fil", "Take out as a file"),
    "as_file_hint": (
        "Filen får samma öppningar som sidan, högst 31 dagar. Att den tas ut antecknas i loggen.",
        "The file has the same openings as the page, at most 31 days. That it is taken is logged.",
    ),
    "as_csv": ("CSV-fil", "CSV file"),
    "as_excel": ("Excel-fil", "Excel file"),
    "too_many_rows": (
        "Det är för mycket för en Excel-fil (högst {count} rader). Välj färre dagar, eller CSV.",
        "That is too much for an Excel file (at most {count} rows). Choose fewer days, or CSV.",
    ),
    "who": ("Vem", "Who"),
    "number": ("Anställningsnummer", "Employee number"),
    "door": ("Dörr", "Door"),
    "when": ("När", "When"),
    "what": ("Vad", "What"),
    "result": ("Utfall", "Result"),
    "why": ("Varför", "Why"),
    "how_long": ("Hur länge", "How long"),
    "minutes_long": ("Minuter", "Minutes"),
    "clock": ("Låsets klocka", "Lock's clock"),
    "clock_0": ("säker tid", "sure of the time"),
    "clock_1": ("ungefärlig tid", "approximate time"),
    "clock_2": ("låset visste inte tiden", "the lock did not know the time"),
    "through": ("Kom in via", "Delivered through"),
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
    "not_ours": ("Behörigheten är inte utfärdad här", "The grant was not issued here"),
    "entrance": ("Port", "Entrance"),
    "stay_open": ("ingen utpassering", "no exit"),
    "minutes": ("{count} min", "{count} min"),
    "labels_odd": ("Etiketter som inte stämmer", "Labels that do not fit"),
    "none": ("Inga öppningar de här dagarna", "No openings in these days"),
    "none_hint": (
        "Ändra valen, eller vänta tills en telefon har synkat.",
        "Change the choices, or wait until a phone has synced.",
    ),
    "wrong_dates": (
        "Ange två datum, högst 31 dagar emellan, det första först.",
        "Give two dates, at most 31 days apart, the first one first.",
    ),
}
text: Final = Words(TEXTS)
