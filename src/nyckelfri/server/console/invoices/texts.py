"""Words of invoices.

House rules: what an invoice itself says is in `papers.words`, on paper and here alike.
"""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.invoices.texts_disputes import DISPUTES
from nyckelfri.server.console.invoices.texts_why import ARTICLES, SNAGS, WHY
from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **ARTICLES,
    **SNAGS,
    **WHY,
    **DISPUTES,
    "tab_months": ("Månader", "Months"),
    "tab_all": ("Alla fakturor", "All invoices"),
    "parts": ("Delar av sidan", "Parts of the page"),
    "months_lead": (
        (
            "En månad i taget: när besöken är granskade och månaden är stängd görs fakturorna, "
            "en för varje kund."
        ),
        (
            "A month at a time: once the visits are reviewed and the month is closed, the "
            "invoices are made, one for each client."
        ),
    ),
    "no_months": ("Det finns inga besök än.", "There are no visits yet."),
    "no_months_hint": (
        "När dörrar och telefoner har rapporterat besök syns månaden här.",
        "Once doors and phones have told of visits, the month shows here.",
    ),
    "month": ("Månad", "Month"),
    "state": ("Läge", "State"),
    "invoice_count": ("Fakturor", "Invoices"),
    "sum": ("Summa", "Sum"),
    "left_out": ("Utan faktura", "Without an invoice"),
    "month_open": ("Öppen", "Open"),
    "month_closed": ("Stängd, inte fakturerad", "Closed, not invoiced"),
    "month_making": ("Fakturorna görs", "Invoices are being made"),
    "month_partly": ("Några saknar faktura", "Some lack an invoice"),
    "month_invoiced": ("Fakturerad", "Invoiced"),
    "invoices_of": ("Fakturor för {month}", "Invoices for {month}"),
    "month_is_open": (
        "Månaden är öppen. Stäng den först, så att besöken står fast.",
        "The month is open. Close it first, so that its visits stand.",
    ),
    "close_month": ("Till månadens besök", "To the month’s visits"),
    "begin_run": ("Gör månadens fakturor", "Make the month’s invoices"),
    "see_invoices": ("Visa fakturorna", "Show the invoices"),
    "without_invoice": ("Utan faktura, och vad som behöver göras", "Without an invoice, and why"),
    "without_lead": (
        (
            "De andra har fått sina. Rätta det som hindrar och gör månadens fakturor igen: "
            "då kommer bara de som saknas."
        ),
        (
            "The others have theirs. Put right what is in the way and make the month’s invoices "
            "again: only those that are missing will come."
        ),
    ),
    "why": ("Varför", "Why"),
    "todo": ("Att göra", "To do"),
    "runs": ("När fakturorna gjordes", "When the invoices were made"),
    "begun": ("Började", "Begun"),
    "by": ("Av", "By"),
    "made": ("Gjorda", "Made"),
    "days_of": ("Fakturadatum och förfallodag", "Day of issue and last day to pay"),
    "run_running": ("Pågår", "Under way"),
    "run_done": ("Klar", "Done"),
    "run_stopped": ("Avbruten", "Stopped"),
    "files": ("Filer till ekonomisystemet", "Files for the finance system"),
    "files_lead": (
        "Varje fil som tas ut står i ändringsloggen. I filerna står kundens nummer, aldrig namn.",
        "Each file that is taken out is in the audit log. Files have the client’s number, no name.",
    ),
    "as_sie": ("SIE 4", "SIE 4"),
    "as_peppol": ("Peppol BIS 3", "Peppol BIS 3"),
    "no_vat_number": (
        (
            "Fakturorna gjordes utan momsregistreringsnummer, och det kräver Peppol. Fyll i det "
            "under Avgifter, så finns det på kommande fakturor."
        ),
        (
            "The invoices were made without a VAT number, which Peppol asks for. Fill it in under "
            "Fees, and it is on those to come."
        ),
    ),
    "as_csv": ("Fakturarader som CSV", "Invoice lines as CSV"),
    "as_excel": ("Fakturarader som Excel", "Invoice lines as Excel"),
    "no_file": ("Filen kan inte göras", "The file cannot be made"),
    "ask_run": ("Gör fakturorna för {month}?", "Make the invoices for {month}?"),
    "do_run": ("Gör fakturorna", "Make the invoices"),
    "will_make": (
        "{count} kunder kan få en faktura. Den som inte har något att betala för får ingen.",
        "{count} clients may get an invoice. Who has nothing to pay for gets none.",
    ),
    "already_have": (
        "{count} kunder har redan sin faktura för månaden och får ingen till.",
        "{count} clients have theirs already and get no other.",
    ),
    "will_stand": (
        "En gjord faktura ändras aldrig. Det som blir fel krediteras och görs om.",
        "An invoice that is made never changes. What is wrong is credited and made anew.",
    ),
    "needs_sender": (
        "Fyll först i vem som skickar fakturorna: organisationsnummer, bankgiro och telefon.",
        "First fill in who sends the invoices: organisation number, bankgiro and telephone.",
    ),
    "field_issued": ("Fakturadatum", "Day of issue"),
    "hint_issued": ("Står på varje faktura.", "Stands on each invoice."),
    "field_due": ("Sista dag att betala", "Last day to pay"),
    "hint_due": ("Efter fakturadatumet.", "After the day of issue."),
    "run_of_running": ("Fakturor för {month} görs", "Invoices for {month} are being made"),
    "run_of_done": ("Fakturor för {month} är gjorda", "Invoices for {month} are made"),
    "run_of_stopped": ("Fakturor för {month} stannade", "Invoices for {month} stopped"),
    "lead_running": (
        "Några kunder i taget får sin faktura. Du kan lämna sidan.",
        "Some clients at a time get their invoice. You may leave the page.",
    ),
    "lead_done": ("Alla har gåtts igenom.", "All have been gone through."),
    "lead_stopped": (
        (
            "Något gick fel hos oss. De fakturor som är gjorda står fast. Fortsätt: inget görs två "
            "gånger, och inget nummer hoppas över."
        ),
        (
            "Something went wrong here. The invoices that are made stand. Go on: nothing is made "
            "twice, and no number is left out."
        ),
    ),
    "making": ("Fakturorna görs", "The invoices are being made"),
    "go_on_run": ("Fortsätt där det stannade", "Go on where it stopped"),
    "run_goes_on": ("Arbetet fortsätter.", "The work goes on."),
    "run_moved_on": (
        "Det är redan klart. Så här är läget nu.",
        "It has ended already. This is where it is now.",
    ),
    "numbers": ("Nummer", "Numbers"),
    "invoices_made": ("Fakturor gjorda", "Invoices made"),
    "none_made": ("Ingen ny faktura behövdes.", "No new invoice was needed."),
    "nobody_left_out": ("Ingen kund blev utan.", "No client was left out."),
    "to_month": ("Till månaden", "To the month"),
    "list_lead": (
        "Sök på nummer, kund eller månad. Nyast först.",
        "Search by number, client or month. Newest first.",
    ),
    "field_number": ("Fakturanummer", "Invoice number"),
    "field_client": ("Kundens nummer", "The client’s number"),
    "clear": ("Rensa", "Clear"),
    "choose": ("Välj fakturor", "Choose invoices"),
    "wrong_number": (
        "Ett fakturanummer är bara siffror.",
        "An invoice number is digits only.",
    ),
    "wrong_month": ("Skriv månaden som 2026-11.", "Write the month as 2026-11."),
    "no_such_client": (
        "Ingen kund har det numret. Skriv kundens nummer, inte namn eller personnummer.",
        "No client has that number. Write the client’s number, no name or birth number.",
    ),
    "none_found": ("Inga fakturor.", "No invoices."),
    "none_found_hint": (
        "Ändra det du söker på, eller gör månadens fakturor först.",
        "Change what you search for, or make the month’s invoices first.",
    ),
    "invoice": ("Faktura", "Invoice"),
    "issued": ("Fakturadatum", "Issued"),
    "due": ("Betala senast", "Pay by"),
    "invoice_stands": ("Gäller", "Stands"),
    "invoice_credited": ("Krediterad", "Credited"),
    "invoice_credit": ("Kredit", "Credit"),
    "name_invoice": ("Faktura {number}", "Invoice {number}"),
    "name_credit": ("Kreditfaktura {number}", "Credit note {number}"),
    "is_credited_by": ("Fakturan är krediterad och gäller inte längre:", "Credited; see"),
    "fee_basis": ("Avgiftsunderlag och alla kundens fakturor", "Fee basis and all invoices"),
    "version": ("Version", "Version"),
    "pdf_sv": ("Som PDF", "As PDF, in Swedish"),
    "pdf_en": ("Som PDF på engelska", "As PDF"),
    "hidden_pdf": (
        (
            "Kunden har skyddad identitet: fakturan med namn och adress öppnas av den som är "
            "utsedd för kunden."
        ),
        (
            "The client’s identity is protected: the invoice with name and address is opened by "
            "those named for the client."
        ),
    ),
    "others": ("Andra fakturor och krediter för samma månad", "Others of the same month"),
    "visit": ("Besöket", "The visit"),
    "visit_link": ("Visa", "Show"),
    "question": ("Ifrågasätt", "Question"),
    "question_all": ("Kunden ifrågasätter hela fakturan", "The client questions all of it"),
    "questioned": ("Vad kunden har frågat", "What the client has questioned"),
    "no_pdf": ("Fakturan kan inte skrivas", "The invoice cannot be written"),
    "no_pdf_hint": (
        "Något gick fel hos oss. Försök igen, och säg till systemansvarig om det inte hjälper.",
        "Something went wrong here. Try again, and tell the system manager if it does not help.",
    ),
    "do_credit": ("Kreditera fakturan", "Credit the invoice"),
    "ask_credit": ("Kreditera faktura {number}?", "Credit invoice {number}?"),
    "effect_credit": (
        (
            "Hela fakturan på {total} tas tillbaka med en kreditfaktura. Kundens besök den månaden "
            "går att rätta, och fakturan kan göras om."
        ),
        (
            "The whole invoice of {total} is taken back by a credit note. The client’s visits of "
            "that month can be corrected, and the invoice made anew."
        ),
    ),
    "hint_credit": (
        "Kunden läser det på kreditfakturan. Skriv enkelt, till exempel: Fel tid den 12 november.",
        "The client reads it on the credit note. Write plainly, as: Wrong time on 12 November.",
    ),
    "is_credited": (
        (
            "Fakturan är krediterad av kreditfaktura {number}. Rätta besöken, godkänn dem och gör "
            "fakturan igen."
        ),
        "The invoice is credited by {number}. Correct the visits, approve them, make it anew.",
    ),
    "do_anew": ("Gör fakturan igen", "Make the invoice anew"),
    "ask_anew": ("Gör om faktura {number}?", "Make invoice {number} anew?"),
    "effect_anew": (
        (
            "Kundens månad räknas om från besöken som de är nu. Fakturan får ett nytt nummer. "
            "Den förra var på {total}."
        ),
        (
            "The client’s month is reckoned anew from the visits as they are now. The invoice gets "
            "a number of its own. The last was {total}."
        ),
    ),
    "is_made": ("Faktura {number} är gjord.", "Invoice {number} is made."),
    "nothing_to_pay_for": (
        "Kunden har inget att betala för den månaden, så det blev ingen ny faktura.",
        "The client has nothing to pay for that month, so there is no new invoice.",
    ),
    "fee_of": ("Avgift för {client}", "Fee of {client}"),
    "fee_lead": (
        "Det här ligger till grund för vad kunden som mest betalar i {month}.",
        "This decides what the client pays at most in {month}.",
    ),
    "earlier_month": ("Månaden före", "The month before"),
    "later_month": ("Månaden efter", "The month after"),
    "room": ("Vad inkomsten räcker till", "What the income leaves room for"),
    "room_is": ("Räcker till avgift", "Left for the fee"),
    "cap": ("Högsta avgiften i lagen", "The law’s highest fee"),
    "no_income": (
        "Ingen inkomst är lämnad. Då gäller bara högsta avgiften.",
        "No income is shown. Then only the highest fee counts.",
    ),
    "kronor": ("Kronor", "Kronor"),
    "term_income": ("Inkomst efter skatt", "Income after tax"),
    "term_shared_income": ("Hälften av makarnas inkomster", "Half of the spouses’ incomes"),
    "term_housing_supplement": ("Bostadstillägg", "Housing supplement"),
    "term_housing_cost": ("Boendekostnad", "Cost of the home"),
    "term_minimum_amount": ("Minimibelopp", "Minimum amount"),
    "term_addition": ("Höjning av minimibeloppet", "Addition to the minimum amount"),
    "shown_income": ("Vad kunden har lämnat", "What the client has shown"),
    "income": ("Inkomst efter skatt", "Income after tax"),
    "partner": ("Makes inkomst", "Spouse’s income"),
    "supplement": ("Bostadstillägg", "Housing supplement"),
    "cost": ("Boendekostnad", "Cost of the home"),
    "holds": ("Gäller månaden", "Decides the month"),
    "no_basis": ("Kunden har inte lämnat någon inkomst.", "The client has shown no income."),
    "no_basis_hint": (
        "Underlaget kommer med filen avgiftsunderlag.csv.",
        "It comes with the file avgiftsunderlag.csv.",
    ),
    "fee_no_amounts": (
        "Lagens belopp för månaden saknas: de läggs in under Avgifter.",
        "The law’s amounts of the month are missing: they are recorded under Fees.",
    ),
    "fee_wrong_basis": (
        (
            "Underlaget går inte ihop med registret (ensam eller sammanboende, eller två underlag "
            "från samma dag). Rätta det i verksamhetssystemet."
        ),
        (
            "The basis contradicts the register (alone or cohabiting, or two of one day). "
            "Correct it in the care system."
        ),
    ),
    "column_number": ("Faktura", "Invoice"),
    "column_kind": ("Typ", "Kind"),
    "column_client": ("Kund", "Client"),
    "column_issued": ("Fakturadatum", "Issued"),
    "column_article": ("Artikel", "Article"),
    "column_text": ("Text", "Text"),
    "column_quantity": ("Antal", "Quantity"),
    "column_unit": ("Enhet", "Unit"),
    "column_price": ("Pris", "Price"),
    "column_amount": ("Belopp", "Amount"),
    "column_account": ("Konto", "Account"),
    "kind_invoice": ("faktura", "invoice"),
    "kind_credit": ("kredit", "credit"),
    "unit_hour": ("minuter", "minutes"),
    "unit_month": ("dagar", "days"),
    "unit_piece": ("styck", "pieces"),
}
text: Final = Words(TEXTS)
