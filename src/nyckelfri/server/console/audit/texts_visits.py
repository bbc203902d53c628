"""Words of the audit log's deeds with visits: review, corrections, months."""

from __future__ import annotations

from typing import Final

VISITS: Final[dict[str, tuple[str, str]]] = {
    "kind_visits": ("Granskning av besök", "Review of visits"),
    "verb_visits_approve": ("Godkände besök som stämde", "Approved visits that fit"),
    "verb_visit_approve": ("Godkände ett besök", "Approved a visit"),
    "verb_visit_reopen": ("Tog tillbaka ett godkännande", "Took an approval back"),
    "verb_visit_correct": ("Rättade ett besök", "Corrected a visit"),
    "verb_visit_undo": ("Ångrade en rättelse", "Undid a correction"),
    "verb_visit_renew": ("Använde nya uppgifter om ett besök", "Used new evidence of a visit"),
    "verb_visit_keep": ("Lät ett besök stå", "Let a visit stand"),
    "verb_visit_enter": ("Registrerade ett besök i efterhand", "Entered a visit afterwards"),
    "verb_visit_take_back": ("Tog tillbaka en registrering", "Took an entry back"),
    "verb_sign_settle": (
        "Hanterade sådant som inte hör till något besök",
        "Dealt with what belongs to no visit",
    ),
    "verb_month_close": ("Stängde en månad", "Closed a month"),
    "verb_month_reopen": ("Öppnade en månad igen", "Opened a month again"),
    "verb_visit_rules": ("Bestämde regler för besök", "Set rules for visits"),
    "thing_visits": ("Dagens besök", "The day's visits"),
    "thing_office_entry": ("Registrering", "Entry"),
    "thing_loose_sign": ("Utan besök", "Without a visit"),
    "visit_months": ("Månader med besök", "Months of visits"),
    "visit_days": ("Dagar med besök", "Days of visits"),
    "detail_flags": ("Stack ut", "Stood out"),
    "detail_correction": ("Rättelse", "Correction"),
}
