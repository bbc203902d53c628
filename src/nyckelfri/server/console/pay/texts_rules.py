"""The words of the pages of rules for pay; Swedish first."""

from __future__ import annotations

from typing import Final

RULES: Final[dict[str, tuple[str, str]]] = {
    "rules_lead": (
        (
            "Så räknas utförarnas ersättning. Reglerna gäller från en dag; ett besök ersätts efter "
            "reglerna för sin egen dag."
        ),
        (
            "How providers' pay is reckoned. Rules hold from a day; a visit is paid by the rules "
            "of its own day."
        ),
    ),
    "in_force": ("Gäller nu", "In force now"),
    "since": ("Sedan {day}", "Since {day}"),
    "from_the_start": (
        "Så som programmet räknar från början.",
        "As the program reckons from the start.",
    ),
    "coming": ("Kommer att gälla", "Coming"),
    "earlier": ("Har gällt", "Earlier"),
    "from_day": ("Från {day}", "From {day}"),
    "differs": ("Det här skiljer", "What differs"),
    "setting": ("Regel", "Rule"),
    "all_the_same": ("Ingenting skiljer.", "Nothing differs."),
    "change_rules": ("Nya regler", "New rules"),
    "change_lead": (
        (
            "Ändra det som ska bli annorlunda och se efter vad det betyder. Ingenting sparas "
            "förrän du beslutar."
        ),
        "Change what shall be different, and see what it means. Nothing is kept until you decide.",
    ),
    "preview_rules": ("Visa vad som ändras", "Show what changes"),
    "record_rules": ("Besluta", "Decide"),
    "rules_recorded": (
        "Reglerna gäller från {day}. Tidigare månader räknas som förut.",
        "The rules hold from {day}. Earlier months are reckoned as before.",
    ),
    "wrong_rules": ("Reglerna går inte ihop: {why}", "The rules cannot be like that: {why}"),
    "snag_past_day": (
        "Det finns underlag för den månaden eller en senare. Välj en dag efter dem.",
        "There are statements for that month or a later one. Choose a day after them.",
    ),
    "field_valid_from": ("Gäller från", "Holds from"),
    "hint_valid_from": (
        "En dag i en månad som inte har några underlag än.",
        "A day in a month that has no statements yet.",
    ),
    "field_time": ("Tid som ersätts", "Time that is paid"),
    "hint_time": ("För besök som blev gjorda.", "For visits that were made."),
    "time_performed": (
        "Tiden hos kunden, från början till slut",
        "The time with the client, from beginning to end",
    ),
    "time_granted": (
        "Tiden som var planerad; det som inte var planerat ersätts inte",
        "The time that was planned; what was not planned is not paid",
    ),
    "field_kinds": ("Fasta minuter", "Fixed minutes"),
    "fixed_for": (
        "Fasta minuter för {service}, vad det än tog",
        "Fixed minutes for {service}, whatever it took",
    ),
    "fixed_hint": (
        "Lämna tomt där den verkliga tiden ska räknas.",
        "Leave empty where the time that it took shall count.",
    ),
    "kind_minutes": ("{service} {count} min", "{service} {count} min"),
    "no_fixed": ("Inga; den verkliga tiden räknas", "None; the time that it took counts"),
    "field_missed_as": ("När ingen var hemma", "When nobody was at home"),
    "missed_declined": ("Som när kunden avböjer", "As when the client declines"),
    "missed_missed": ("Med ett eget pris", "At a price of its own"),
    "missed_nothing": ("Ersätts inte", "Is not paid"),
    "field_pay_both": (
        "Ersätt båda vid dubbelbemanning",
        "Pay both where two were planned",
    ),
    "hint_pay_both": (
        "Annars ersätts det längre av besöken.",
        "Else the longer of the visits is paid.",
    ),
    "field_pay_flagged": (
        "Ersätt också besök som stack ut och ändå godkändes",
        "Pay also visits that stood out and were approved all the same",
    ),
    "hint_pay_flagged": (
        "Annars ersätts de bara när någon har rättat dem.",
        "Else they are paid only where somebody has corrected them.",
    ),
    "field_new_client_minutes": ("Minuter för en ny kund", "Minutes for a new client"),
    "hint_new_client_minutes": (
        "Ersätts en gång, när en kund har valt utföraren för första gången.",
        "Paid once, when a client has chosen the provider for the first time.",
    ),
    "count_minutes": ("{count} min", "{count} min"),
    "nothing_extra": ("Inget", "Nothing"),
    "field_reason": ("Skäl", "Reason"),
    "hint_reason": ("Står i ändringsloggen.", "Stands in the audit log."),
    "yes": ("Ja", "Yes"),
    "no": ("Nej", "No"),
    "prices": ("Priser", "Prices"),
    "prices_lead": (
        "Priserna läses in från filen ersattning.csv och ändras inte här.",
        "Prices come with the file ersattning.csv and are not changed here.",
    ),
    "no_prices": ("Inga priser är inlästa än.", "No prices have been imported yet."),
    "percent_of_made": (
        "{percent} % av priset för utfört besök",
        "{percent} % of the price of a visit made",
    ),
}
