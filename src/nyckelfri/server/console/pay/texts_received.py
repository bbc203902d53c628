"""The words of the pages of providers' own invoices; Swedish first."""

from __future__ import annotations

from typing import Final

RECEIVED: Final[dict[str, tuple[str, str]]] = {
    "received": ("Utförarnas fakturor", "Providers' invoices"),
    "no_received": ("Ingen faktura har kommit än.", "No invoice has come yet."),
    "invoice_number": ("Faktura", "Invoice"),
    "received_at": ("Kom", "Came"),
    "verdict": ("Mot underlaget", "Against the statement"),
    "verdict_agrees": ("Stämmer", "Agrees"),
    "verdict_differs": ("Avviker", "Differs"),
    "take_in": ("Lägg in en faktura", "Take in an invoice"),
    "receive_lead": (
        (
            "Ladda upp fakturan som utförarens program skickade den: en Peppol-fil (XML). Den "
            "jämförs rad för rad med det senaste underlaget för månaden. Ingenting betalas här."
        ),
        (
            "Upload the invoice as the provider's program sent it: a Peppol file (XML). It is "
            "compared line by line with the newest statement of its month. Nothing is paid here."
        ),
    ),
    "file": ("Fil", "File"),
    "file_hint": ("En XML-fil, högst {most} MB.", "One XML file, at most {most} MB."),
    "check_it": ("Jämför med underlaget", "Compare with the statement"),
    "no_file": ("Välj en fil.", "Choose a file."),
    "file_faults": (
        "Filen går inte att använda. Be utföraren skicka en ny.",
        "The file cannot be used. Ask the provider for a new one.",
    ),
    "fault_where": ("Var", "Where"),
    "fault_what": ("Vad som är fel", "What is wrong"),
    "fault_found": ("I filen står", "The file says"),
    "whole_file": ("hela filen", "the whole file"),
    "snag_no_supplier": (
        "Avsändaren i filen är ingen av kommunens utförare. Se efter organisationsnumret.",
        "The file's sender is no provider of the municipality. Check the organisation number.",
    ),
    "snag_no_statement": (
        "Det finns inget underlag för utföraren och månaden. Gör underlagen först.",
        "There is no statement for that provider and month. Make the statements first.",
    ),
    "snag_known": (
        "Samma fil är redan inlagd. Ingenting är ändrat.",
        "The same file has been taken in already. Nothing is changed.",
    ),
    "snag_known_number": (
        (
            "Utföraren har redan skickat en annan faktura med samma nummer. Be om en ny med ett "
            "eget nummer."
        ),
        (
            "The provider has sent another invoice with that number. Ask for a new one with a "
            "number of its own."
        ),
    ),
    "snag_wrong_buyer": (
        "Fakturan är ställd till någon annan än kommunen. Skicka tillbaka den.",
        "The invoice is addressed to somebody else than the municipality. Send it back.",
    ),
    "snag_no_credited": (
        (
            "Kreditfakturan nämner ingen faktura som är inlagd här, eller flera. Be om en som "
            "nämner precis en."
        ),
        (
            "The credit names no invoice that has been taken in here, or several. Ask for one that "
            "names exactly one."
        ),
    ),
    "snag_part_credit": (
        "En kreditfaktura tar tillbaka en hel faktura. Be om en på samma belopp.",
        "A credit takes back a whole invoice. Ask for one of the same amount.",
    ),
    "snag_credited": (
        "Den fakturan är redan krediterad.",
        "That invoice is credited already.",
    ),
    "received_of": ("Faktura {number} från {provider}", "Invoice {number} from {provider}"),
    "checked": ("Fakturan är inlagd och jämförd.", "The invoice is taken in and compared."),
    "agrees_lead": (
        "Varje rad är som i underlaget. Fakturan kan betalas.",
        "Every line is as in the statement. The invoice can be paid.",
    ),
    "differs_lead": (
        "Betala inte än. Skicka det som skiljer till utföraren och be om en ny faktura.",
        "Do not pay yet. Send the provider what differs, and ask for a new invoice.",
    ),
    "credit_lead": (
        "Det här är en kreditfaktura. Den tar tillbaka faktura {number} helt.",
        "This is a credit. It takes back invoice {number} altogether.",
    ),
    "old_statement": (
        "Fakturan jämfördes med ett underlag som sedan har ersatts av",
        "The invoice was compared with a statement that has since been replaced by",
    ),
    "invoice_total": ("Fakturan", "The invoice"),
    "our_total": ("Underlaget", "The statement"),
    "asks_more": ("Mer än underlaget", "More than the statement"),
    "asks_less": ("Mindre än underlaget", "Less than the statement"),
    "about_invoice": ("Om fakturan", "About the invoice"),
    "period": ("Period på fakturan", "Period on the invoice"),
    "taken_in": ("Inlagd", "Taken in"),
    "our_statement": ("Jämförd med", "Compared with"),
    "the_file": ("Filen som den kom", "The file as it came"),
    "line_by_line": ("Rad för rad", "Line by line"),
    "theirs": ("På fakturan", "On the invoice"),
    "ours": ("I underlaget", "In the statement"),
    "what_differs": ("Vad som skiljer", "What differs"),
    "not_on_invoice": ("saknas på fakturan", "is not on the invoice"),
    "not_ours": ("finns inte i underlaget", "is not in the statement"),
    "invoice_same": ("Stämmer", "Agrees"),
    "invoice_differs": ("Minst en rad skiljer.", "At least one line differs."),
    "invoice_total_wrong": (
        "Summan är inte underlagets summa, eller inte summan av raderna.",
        "The total is not the statement's, or not the sum of the lines.",
    ),
    "invoice_already_invoiced": (
        "Månaden är redan fakturerad med en faktura som stämde. Den måste krediteras först.",
        "The month is invoiced already, by an invoice that agreed. That has to be credited first.",
    ),
    "invoice_wrong_period": (
        "Perioden på fakturan är inte bara den här månaden.",
        "The period on the invoice is not this month alone.",
    ),
    "invoice_wrong_supplier": (
        "Avsändaren är inte den som underlaget gäller.",
        "The sender is not whom the statement is about.",
    ),
    "line_same": ("Stämmer", "Agrees"),
    "line_quantity": ("Mängden skiljer", "The quantity differs"),
    "line_price": ("Priset skiljer", "The price differs"),
    "line_amount_differs": ("Beloppet skiljer", "The amount differs"),
    "line_unknown": (
        "Det går inte att se vilken rad i underlaget som avses",
        "It cannot be told which line of the statement is meant",
    ),
    "line_twice": ("Raden begärs två gånger", "The line is asked for twice"),
    "line_missing": ("Saknas på fakturan", "Is not on the invoice"),
    "count_hours": ("{count} tim", "{count} h"),
    "count_pieces": ("{count} st", "{count}"),
    "their_line": ("{text}: {quantity} à {price}", "{text}: {quantity} at {price}"),
    "our_line": (
        "Rad {number}, {service}: {quantity} à {price}",
        "Line {number}, {service}: {quantity} at {price}",
    ),
}
