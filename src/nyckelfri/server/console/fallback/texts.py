"""Words of the fallback."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "fallback": ("När ett lås inte fungerar", "When a lock fails"),
    "lead": (
        "Det här visas i personalens telefoner när en dörr inte går att öppna.",
        "This is shown on the staff's phones when a door does not open.",
    ),
    "in_force": ("Gäller nu", "In force now"),
    "coming": ("Kommer", "To come"),
    "earlier": ("Tidigare", "Earlier"),
    "none": ("Ingen reservrutin är antecknad", "No fallback is recorded"),
    "none_hint": (
        "Skriv ner den i dag. Utan den vet personalen inte vart de ska ringa.",
        "Write it down today. Without it staff do not know whom to call.",
    ),
    "new": ("Ny reservrutin", "New fallback"),
    "field_kind": ("Vad som är ordnat", "What is arranged"),
    "kind_reserve_key": ("Reservnyckel", "Reserve key"),
    "kind_locksmith": ("Avtal med låssmed", "Agreement with a locksmith"),
    "field_text": ("Vad personalen gör", "What staff do"),
    "field_text_hint": (
        "I den ordning det ska göras: var nyckeln finns, vem som kvitterar ut den.",
        "In the order it is done: where the key is, who signs it out.",
    ),
    "field_telephone": ("Telefon", "Telephone"),
    "field_valid_from": ("Från och med", "From"),
    "recorded": (
        "Reservrutinen gäller från {day} och syns i telefonerna.",
        "The fallback holds from {day} and shows on the phones.",
    ),
    "refused_past_day": ("Dagen har varit. Välj i dag eller senare.", "The day has passed."),
    "refused_far_day": ("Dagen är mer än två år bort.", "The day is over two years away."),
}
text: Final = Words(TEXTS)
