"""Words of what is to be reviewed."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "review_lead": (
        "Det som lås och telefoner lämnat men som inte kunde godtas. Inget slängs.",
        "What locks and phones delivered but could not be accepted. Nothing is thrown away.",
    ),
    "none_kept": ("Ingenting att granska.", "Nothing to review."),
    "waiting": (
        "öppningar är kända av en telefon men finns inte i låsets journal än",
        "openings are known to a phone but not yet in the lock's journal",
    ),
    "came": ("Kom", "Came"),
    "entry": ("Post", "Entry"),
    "why": ("Varför", "Why"),
    "kept_gap": ("Poster före den saknas", "Entries before it are missing"),
    "kept_fork": ("Motsäger den lagrade journalen", "Contradicts the stored journal"),
    "kept_bad_signature": ("Inte undertecknad av låset", "Not signed by the lock"),
    "kept_malformed": ("Går inte att läsa", "Cannot be read"),
    "kept_unopened": ("Går inte att öppna med våra nycklar", "Does not open with our keys"),
    "kept_lost": ("Låset har förlorat poster", "The lock has lost entries"),
    "kept_cut_tail": ("Telefonen såg en annan journal", "The phone saw another journal"),
    "kept_unknown_grant": ("Behörigheten är inte utfärdad här", "The grant was not issued here"),
    "kept_changed": ("Samma nummer, annat innehåll", "Same number, other content"),
    "kept_unknown_lock": ("Okänt lås", "Unknown lock"),
    "through": ("Kom in via", "Delivered through"),
}
text: Final = Words(TEXTS)
