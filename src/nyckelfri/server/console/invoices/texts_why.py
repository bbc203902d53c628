"""Words of articles, of what is in the way of an invoice, and of why nothing was done."""

from __future__ import annotations

from typing import Final

ARTICLES: Final[dict[str, tuple[str, str]]] = {
    "article_care": ("omvårdnad", "care"),
    "article_household": ("service", "household service"),
    "article_alarm": ("trygghetslarm", "safety alarm"),
    "article_meals": ("matlåda", "lunch box"),
    "article_missed_visit": ("besök som inte avbokats", "visit in vain"),
    "article_reduction": ("avdrag", "taken off"),
    "article_rounding": ("ören", "öre left off"),
}
WHY: Final[dict[str, tuple[str, str]]] = {
    "why_not_reviewed": (
        "{visits} besök är inte granskade.",
        "{visits} visits are not reviewed.",
    ),
    "why_no_price": (
        "Taxan har inget pris på {article} den {day}.",
        "The tariff has no price of {article} on {day}.",
    ),
    "why_two_prices": (
        "Taxan har mer än ett pris på {article} den {day}.",
        "The tariff has more than one price of {article} on {day}.",
    ),
    "why_no_amounts": (
        "Lagens belopp för {day} saknas.",
        "The law’s amounts for {day} are missing.",
    ),
    "why_wrong_basis": (
        "Avgiftsunderlaget går inte att använda.",
        "The fee basis cannot be used.",
    ),
    "why_wrong_visit": (
        "Besök {ref} den {day} går inte att räkna: tid eller insats saknas.",
        "Visit {ref} of {day} cannot be reckoned: its time or service is missing.",
    ),
    "why_wrong_row": (
        "En leverans eller ett beslut går inte att räkna: {ref}.",
        "A delivery or a decision cannot be reckoned: {ref}.",
    ),
    "why_no_sender": (
        "Kommunens uppgifter på fakturan saknas.",
        "The municipality’s details on the invoice are missing.",
    ),
    "todo_not_reviewed": ("Granska besöken", "Review the visits"),
    "todo_no_price": ("Se taxan, och importera den som saknas", "See the tariff and import it"),
    "todo_two_prices": ("Se taxan, och rätta filen", "See the tariff and correct its file"),
    "todo_no_amounts": ("Lägg in lagens belopp", "Record the law’s amounts"),
    "todo_wrong_basis": ("Se underlaget, och rätta det", "See the basis and correct it"),
    "todo_wrong_visit": ("Rätta besöket", "Correct the visit"),
    "todo_wrong_row": ("Rätta beslutet eller leveransen", "Correct the decision or delivery"),
    "todo_no_sender": ("Fyll i uppgifterna", "Fill in the details"),
}
SNAGS: Final[dict[str, tuple[str, str]]] = {
    "snag_not_allowed": ("Din roll får inte göra det här.", "Your role may not do this."),
    "snag_month_open": (
        "Månaden är öppen. Stäng den först, så att besöken står fast.",
        "The month is open. Close it first, so that its visits stand.",
    ),
    "snag_running": (
        "Månadens fakturor görs redan. Vänta tills det är klart.",
        "The month’s invoices are being made already. Wait until that has ended.",
    ),
    "snag_no_sender": (
        "Fyll först i vem som skickar fakturorna: organisationsnummer, bankgiro och telefon.",
        "First fill in who sends the invoices: organisation number, bankgiro and telephone.",
    ),
    "snag_wrong_days": (
        "Sista dag att betala måste komma efter fakturadatumet.",
        "The last day to pay must come after the day of issue.",
    ),
    "snag_no_amounts": (
        "Lägg först in lagens belopp för månaden.",
        "Record the law’s amounts for the month first.",
    ),
    "snag_credited": ("Fakturan är redan krediterad.", "The invoice is credited already."),
    "snag_not_credited": (
        "Kunden har en faktura för månaden. Kreditera den först.",
        "The client has an invoice for the month. Credit it first.",
    ),
    "snag_is_credit": ("En kredit krediteras inte.", "A credit is not credited."),
    "snag_no_line": ("Fakturan har ingen sådan rad.", "The invoice has no such line."),
    "snag_settled": (
        "Frågan är redan avgjord. Skriv en ny om det finns mer att säga.",
        "It is settled already. Write a new one if there is more to say.",
    ),
    "snag_no_text": ("Skriv vad som sägs.", "Write down what is said."),
    "snag_long_text": ("Högst 1000 tecken.", "At most 1000 characters."),
    "snag_past_day": (
        "Det finns redan fakturor från den dagen eller senare. Välj en senare månad.",
        "There are invoices from that day or later. Choose a later month.",
    ),
    "snag_bad_rules": ("Så kan det inte vara. Rätta värdet.", "It cannot be so. Correct it."),
}
