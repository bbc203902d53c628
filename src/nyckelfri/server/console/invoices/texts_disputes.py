"""Words of what clients question."""

from __future__ import annotations

from typing import Final

DISPUTES: Final[dict[str, tuple[str, str]]] = {
    "disputes_lead": (
        "Vad kunder undrar över på sina fakturor. Allt som sägs står kvar.",
        "What clients question on their invoices. All that is said stays.",
    ),
    "tab_waiting": ("Väntar på svar", "Waiting"),
    "tab_settled": ("Avgjorda", "Settled"),
    "none_waiting": ("Ingen fråga väntar.", "Nothing waits."),
    "none_waiting_hint": (
        "När en kund undrar över en rad: öppna fakturan och välj Ifrågasätt.",
        "When a client questions a line: open the invoice and choose Question.",
    ),
    "none_settled": ("Ingen fråga är avgjord än.", "Nothing is settled yet."),
    "about_line": ("Rad {line}", "Line {line}"),
    "about_all": ("Hela fakturan", "The whole invoice"),
    "about": ("Gäller", "About"),
    "opened": ("Skriven", "Written"),
    "dispute_waiting": ("Väntar på svar", "Waiting for an answer"),
    "dispute_stands": ("Fakturan står fast", "The invoice stands"),
    "dispute_corrected": ("Fakturan rättas", "The invoice is corrected"),
    "dispute_of": ("Fråga om faktura {number}", "Question about invoice {number}"),
    "trail": ("Vad som har sagts", "What has been said"),
    "voice_client": ("Kunden", "The client"),
    "voice_municipality": ("Kommunen", "The municipality"),
    "written_by": ("antecknat av {name}", "written down by {name}"),
    "settled_by_at": ("Avgjord av {name}", "Settled by {name}"),
    "do_answer": ("Skriv ett svar", "Write an answer"),
    "do_settle": ("Avgör", "Settle"),
    "to_credit": (
        "Fakturan ska rättas: kreditera den, rätta besöken och gör den igen.",
        "The invoice is to be corrected: credit it, correct the visits, make it anew.",
    ),
    "is_corrected": ("Fakturan är krediterad:", "The invoice is credited:"),
    "ask_open": ("Vad undrar kunden om faktura {number}?", "What is questioned on {number}?"),
    "effect_open_line": (
        "Det gäller raden {what}. Skriv som kunden säger det.",
        "It is about {what}. Write it as the client says it.",
    ),
    "effect_open_all": (
        "Det gäller hela fakturan. Skriv som kunden säger det.",
        "It is about the whole invoice. Write it as the client says it.",
    ),
    "do_open": ("Spara frågan", "Save the question"),
    "ask_answer": ("Skriv vad som sägs om faktura {number}", "What is said of invoice {number}"),
    "effect_answer": (
        "Det som sparas ändras aldrig. Frågan väntar vidare.",
        "What is saved never changes. The question goes on waiting.",
    ),
    "ask_settle": ("Avgör frågan om faktura {number}", "Settle the question about {number}"),
    "effect_settle": (
        "Skriv svaret som kunden får det. Därefter är frågan avgjord.",
        "Write the answer as the client gets it. Then the question is settled.",
    ),
    "field_text": ("Vad som sägs", "What is said"),
    "hint_text": (
        "Högst 1000 tecken. Det står kvar.",
        "At most 1000 characters. It stays.",
    ),
    "field_voice": ("Vem säger det?", "Who says it?"),
    "field_outcome": ("Vad blir det?", "What comes of it?"),
    "outcome_stands": ("Fakturan står fast", "The invoice stands"),
    "outcome_corrected": (
        "Fakturan rättas: den krediteras och görs om",
        "The invoice is corrected: credited and made anew",
    ),
    "is_open": ("Frågan är sparad.", "The question is saved."),
    "is_answered": ("Svaret är sparat.", "The answer is saved."),
    "is_settled_stands": (
        "Frågan är avgjord: fakturan står fast.",
        "It is settled: the invoice stands.",
    ),
    "is_settled_corrected": (
        "Frågan är avgjord. Kreditera fakturan nu, så att den kan göras om.",
        "It is settled. Credit the invoice now, so that it can be made anew.",
    ),
}
