"""Words of what fees are reckoned with."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.invoices.texts_why import ARTICLES, SNAGS
from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **ARTICLES,
    **SNAGS,
    "rules_lead": (
        (
            "Det här räknas avgifter och fakturor med. Nya regler gäller från en dag framåt; det "
            "som är fakturerat ändras aldrig."
        ),
        (
            "Fees and invoices are reckoned with this. New rules hold from a day on; what is "
            "invoiced never changes."
        ),
    ),
    "kind_sender": ("Avsändare på fakturan", "Sender of invoices"),
    "kind_fees": ("Avgiftsregler", "Fee rules"),
    "kind_accounts": ("Konton", "Accounts"),
    "change_sender": ("Ändra avsändare", "Change the sender"),
    "change_fees": ("Ändra avgiftsregler", "Change the fee rules"),
    "change_accounts": ("Ändra konton", "Change the accounts"),
    "lead_sender": (
        "Så står kommunen på varje faktura. Organisationsnummer, bankgiro och telefon behövs.",
        (
            "So the municipality stands on each invoice. Organisation number, bankgiro and "
            "telephone are needed."
        ),
    ),
    "lead_fees": (
        (
            "Vad som räknas var. En månad har en uppsättning regler, så nya börjar med en "
            "månad som inte är fakturerad."
        ),
        (
            "What counts where. A month has one set of rules, so new ones begin with a month "
            "that is not invoiced."
        ),
    ),
    "lead_accounts": (
        "Förslaget följer Kommun-Bas. Ekonomikontoret bekräftar varje konto.",
        "The proposal follows Kommun-Bas. The finance office confirms each account.",
    ),
    "change": ("Ändra", "Change"),
    "since": ("Sedan {day}", "Since {day}"),
    "from_the_start": ("Som programmet levereras", "As the program comes"),
    "to_come": ("Nya gäller från och med {day}.", "New ones hold from {day}."),
    "preview": ("Visa vad som ändras", "Show what changes"),
    "record": ("Besluta", "Decide"),
    "differs": ("Det här ändras", "This changes"),
    "all_the_same": (
        "Inget skiljer sig från det som gäller då.",
        "Nothing differs from what holds then.",
    ),
    "is_recorded": ("Det gäller från och med {day}.", "It holds from {day}."),
    "wrong_rules": (
        "Så kan det inte vara. Rätta det som är fel.",
        "It cannot be so. Correct what is wrong.",
    ),
    "wrong_month": ("Skriv månaden som 2026-12.", "Write the month as 2026-12."),
    "wrong_org_number": (
        "Tio siffror, som 212000-1355. Kontrollera siffrorna.",
        "Ten digits, as 212000-1355. Check them.",
    ),
    "wrong_bankgiro": (
        "Sju eller åtta siffror, som 5050-1055. Kontrollera siffrorna.",
        "Seven or eight digits, as 5050-1055. Check them.",
    ),
    "wrong_vat_number": (
        "SE, organisationsnumret och 01.",
        "SE, the organisation number and 01.",
    ),
    "wrong_names": (
        "Skriv kontot, ett mellanslag och namnet: {line}",
        "Write the account, a space and its name: {line}",
    ),
    "yes": ("Ja", "Yes"),
    "no": ("Nej", "No"),
    "nothing": ("Inget", "Nothing"),
    "field_valid_from": ("Gäller från och med", "Holds from"),
    "hint_valid_from": (
        "Inget från den dagen får vara fakturerat än.",
        "Nothing from that day may be invoiced yet.",
    ),
    "field_reason": ("Skäl eller beslut", "Reason or decision"),
    "hint_reason": ("Högst 200 tecken.", "At most 200 characters."),
    "field_name": ("Namn", "Name"),
    "field_address": ("Adress", "Address"),
    "field_postcode": ("Postnummer", "Postcode"),
    "field_town": ("Ort", "Town"),
    "field_org_number": ("Organisationsnummer", "Organisation number"),
    "field_vat_number": ("Momsnummer", "VAT number"),
    "hint_vat_number": (
        "Behövs för Peppol: SE, organisationsnumret och 01.",
        "Needed for Peppol: SE, the organisation number and 01.",
    ),
    "field_bankgiro": ("Bankgiro", "Bankgiro"),
    "field_telephone": ("Telefon och telefontid", "Telephone and its hours"),
    "hint_telephone": (
        "Som kunden läser det: 0123-400 00, vardagar 8–17.",
        "As the client reads it.",
    ),
    "field_email": ("E-post", "E-mail"),
    "field_f_skatt": ("Godkänd för F-skatt", "Approved for F-tax"),
    "field_days_to_pay": ("Dagar att betala på", "Days to pay"),
    "field_receivable": ("Kundfordringar", "Receivables"),
    "field_income_care": ("Intäkt: omvårdnad", "Income: care"),
    "field_income_household": ("Intäkt: service", "Income: household service"),
    "field_income_alarm": ("Intäkt: trygghetslarm", "Income: safety alarm"),
    "field_income_meals": ("Intäkt: matlådor", "Income: lunch boxes"),
    "field_income_missed_visit": ("Intäkt: besök som inte avbokats", "Income: visits in vain"),
    "field_other_income": ("Intäkt: allt annat", "Income: all else"),
    "hint_other_income": (
        "Där det som saknar eget konto bokförs.",
        "Where what has no account of its own is booked.",
    ),
    "field_reduction": ("Nedsatta avgifter", "Fees taken off"),
    "field_rounding": ("Ören som tas bort", "Öre left off"),
    "field_payable": ("Leverantörsskulder", "Payables"),
    "field_other_purchase": ("Köp av verksamhet", "Purchase of services"),
    "field_cost_centre": ("Kostnadsställe", "Cost centre"),
    "field_names": ("Kontonas namn", "Names of the accounts"),
    "hint_names": (
        "Ett konto på varje rad: 3132 Avgifter, social omsorg.",
        "An account a line: 3132 Avgifter, social omsorg.",
    ),
    "field_charged": ("Vilken tid betalar kunden för?", "Which time does the client pay for?"),
    "charged_performed": ("Den tid som utfördes", "The time that was performed"),
    "charged_granted": ("Den tid som är beviljad", "The time that is granted"),
    "charged_smaller": (
        "Den tid som utfördes, men aldrig mer än beviljat",
        "The time performed, never more than granted",
    ),
    "field_doubled": ("Besök av två", "A visit by two"),
    "doubled_once": ("Räknas en gång, det längre av dem", "Counts once, the longer of them"),
    "doubled_each": ("Räknas för var och en", "Counts for each"),
    "field_split": ("Besök med flera insatser", "A visit with several services"),
    "split_equally": ("Tiden delas lika mellan insatserna", "The time is shared equally"),
    "split_first": ("All tid hör till den första insatsen", "All time is the first service’s"),
    "field_in_vain": ("Vad som kostar som besök i onödan", "What costs as a visit in vain"),
    "outcome_declined": ("Kunden tackade nej vid dörren", "The client declined at the door"),
    "outcome_missed": ("Kunden var inte hemma", "The client was not at home"),
    "field_alarm_visits": ("Larmbesök kostar som omvårdnad", "Visits at an alarm cost as care"),
    "field_monthly": ("Larm en del av månaden", "An alarm for a part of the month"),
    "monthly_by_days": ("Betalas för de dagar det gällde", "Paid for the days it ran"),
    "monthly_whole": ("Betalas för hela månaden", "Paid for the whole month"),
    "field_away_is_free": (
        "Hela dagar borta är avgiftsfria",
        "Whole days away are free",
    ),
    "hint_away_is_free": (
        "Gäller larm och beviljad tid.",
        "For the alarm and for granted time.",
    ),
    "field_outside_cap": (
        "Vad som inte räknas in i högsta avgiften",
        "What does not count towards the highest fee",
    ),
    "field_whole_kronor": (
        "Ören tas bort på varje faktura",
        "Öre are left off each invoice",
    ),
    "hint_whole_kronor": ("Aldrig avrundat uppåt.", "Never rounded up."),
    "amounts": ("Lagens belopp", "The law’s amounts"),
    "amounts_lead": (
        (
            "Prisbasbelopp, minimibelopp och högsta avgift. † är räknat fram och inte läst som "
            "belopp. Ett år som saknas läggs in här."
        ),
        (
            "Price base amount, minimum amounts and the highest fee. † is reckoned and was not "
            "read as an amount. A year that is missing is recorded here."
        ),
    ),
    "see_amounts": ("Lagens belopp, år för år", "The law’s amounts, year by year"),
    "add_year": ("Lägg in belopp", "Record amounts"),
    "first_day": ("Från och med", "From"),
    "cap": ("Högsta avgift i månaden", "Highest fee a month"),
    "source": ("Källa", "Source"),
    "recorded_here": ("inlagt här", "recorded here"),
    "field_price_base_amount": ("Prisbasbelopp", "Price base amount"),
    "hint_price_base_amount": ("Kronor om året.", "Kronor a year."),
    "field_single": ("Minimibelopp, ensamstående", "Minimum amount, alone"),
    "hint_single": ("Kronor i månaden.", "Kronor a month."),
    "field_cohabiting": ("Minimibelopp, var och en av sammanboende", "Minimum amount, cohabiting"),
    "hint_cohabiting": ("Kronor i månaden.", "Kronor a month."),
    "field_cap_factor": ("Andel av prisbasbeloppet om året", "Share of the price base amount"),
    "hint_cap_factor": (
        "0,5392 enligt socialtjänstlagen. Ändra bara om lagen har ändrats.",
        "0.5392 by the act. Change it only if the act has changed.",
    ),
    "field_source": ("Källa", "Source"),
    "hint_source": ("Till exempel: SFS 2026:123.", "For example: SFS 2026:123."),
    "wrong_amounts": (
        "Den som bor ensam har inte lägre minimibelopp än var och en av sammanboende.",
        "Who lives alone has no lower minimum amount than each of two.",
    ),
    "amounts_would": (
        "Högsta avgiften blir {cap} i månaden. Det går inte att ändra när månaden är fakturerad.",
        "The highest fee will be {cap} a month. It cannot change once the month is invoiced.",
    ),
    "tariff": ("Taxa", "Tariff"),
    "see_tariff": ("Taxan", "The tariff"),
    "tariff_lead": (
        (
            "Priserna kommer från filen taxa.csv och ändras med en ny import. De är desamma vilken "
            "utförare kunden än har valt. Låset kostar inget."
        ),
        (
            "Prices come from the file taxa.csv and change by a new import. They are the same "
            "whichever provider the client chose. The lock costs nothing."
        ),
    ),
    "article": ("Artikel", "Article"),
    "price": ("Pris", "Price"),
    "price_hour": ("{price} i timmen", "{price} an hour"),
    "price_month": ("{price} i månaden", "{price} a month"),
    "price_piece": ("{price} styck", "{price} each"),
    "until_further": ("Tills vidare", "Until further notice"),
    "no_tariff": ("Ingen taxa är importerad.", "No tariff is imported."),
    "no_tariff_hint": (
        "Importera filen taxa.csv. Utan pris kan ingen få en faktura.",
        "Import the file taxa.csv. Without a price nobody gets an invoice.",
    ),
}
text: Final = Words(TEXTS)
