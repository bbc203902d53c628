"""Every sentence the importer says, in English and Swedish: the one place for its texts.

House rules: each sentence says what is wrong and what to do; a name, a personal
identity number or free text from a file is never repeated in it. `{…}` is filled in.
"""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """What a message can be written in."""

    ENGLISH = "en"
    SWEDISH = "sv"


MESSAGES: dict[str, tuple[str, str]] = {
    # the file as a whole
    "no_directory": (
        "There is no such directory; give the directory that holds the files.",
        "Katalogen finns inte; ange katalogen där filerna ligger.",
    ),
    "missing_file": (
        "The file is missing; export it again with the others.",
        "Filen saknas; exportera den tillsammans med de andra.",
    ),
    "unreadable_file": (
        "The file cannot be read; check that it is an ordinary file with read permission.",
        "Filen kan inte läsas; kontrollera att den är en vanlig fil med läsrätt.",
    ),
    "file_too_large": (
        "The file is larger than {limit} MB; export a shorter period.",
        "Filen är större än {limit} MB; exportera en kortare period.",
    ),
    "too_many_lines": (
        "The file has more than {limit} lines; export a shorter period.",
        "Filen har fler än {limit} rader; exportera en kortare period.",
    ),
    "empty_file": (
        "The file is empty; export it again with its header line.",
        "Filen är tom; exportera den igen med rubrikrad.",
    ),
    "utf16": (
        "The file is UTF-16; save it as UTF-8.",
        "Filen är UTF-16; spara den som UTF-8.",
    ),
    "encoding": (
        "The line is neither UTF-8 nor Windows-1252; save the file as UTF-8.",
        "Raden är varken UTF-8 eller Windows-1252; spara filen som UTF-8.",
    ),
    "mixed_encoding": (
        "The file mixes UTF-8 and Windows-1252; save all of it as UTF-8.",
        "Filen blandar UTF-8 och Windows-1252; spara hela som UTF-8.",
    ),
    "more_faults": (
        "There are more faults in this file than are listed; mend these and import again.",
        "Filen har fler fel än som listas; rätta dessa och importera igen.",
    ),
    # header and shape of a row
    "missing_column": (
        "The column {column} is missing from the header; export the file with it.",
        "Kolumnen {column} saknas i rubrikraden; exportera filen med den.",
    ),
    "duplicate_column": (
        "The column {column} stands more than once in the header; keep one.",
        "Kolumnen {column} finns flera gånger i rubrikraden; behåll en.",
    ),
    "unclosed_quote": (
        "A quotation mark on this line is never closed; close it or remove it.",
        "Ett citattecken på raden stängs aldrig; stäng det eller ta bort det.",
    ),
    "stray_quote": (
        "Text follows a closing quotation mark; write a quotation mark inside text twice.",
        "Text följer efter ett stängt citattecken; skriv citattecken inne i text dubbelt.",
    ),
    "field_too_large": (
        "A field is far too long, as when a quotation mark is not closed; shorten it.",
        "Ett fält är alldeles för långt, som när ett citattecken inte stängs; korta det.",
    ),
    "too_few_columns": (
        "The line has {found} fields but the header has {expected}; add the missing ones.",
        "Raden har {found} fält men rubrikraden {expected}; lägg till de som saknas.",
    ),
    "too_many_columns": (
        (
            "The line has {found} fields but the header has {expected}; put quotation marks "
            "around a field that contains a semicolon."
        ),
        (
            "Raden har {found} fält men rubrikraden {expected}; sätt citattecken runt ett fält "
            "som innehåller semikolon."
        ),
    ),
    # one value
    "required": ("The value is missing; fill it in.", "Värdet saknas; fyll i det."),
    "nul_byte": (
        "The value contains a NUL byte; retype it.",
        "Värdet innehåller en NUL-byte; skriv om det.",
    ),
    "control_character": (
        "The value contains an invisible control character; retype it.",
        "Värdet innehåller ett osynligt styrtecken; skriv om det.",
    ),
    "too_long": (
        "The value is longer than {limit} characters; shorten it.",
        "Värdet är längre än {limit} tecken; korta det.",
    ),
    "bad_id": (
        "The id must be at most 32 characters without spaces or |; correct it.",
        "Id:t får ha högst 32 tecken utan blanksteg eller |; rätta det.",
    ),
    "not_in_list": (
        "{value} is not known here; write one of {allowed}.",
        "{value} är okänt här; skriv något av {allowed}.",
    ),
    "not_yes_no": ("Write ja or nej.", "Skriv ja eller nej."),
    "not_a_number": (
        "{value} is not a number; write it like 133 or 133,50.",
        "{value} är inget tal; skriv det som 133 eller 133,50.",
    ),
    "not_whole": (
        "{value} is not a whole number; write digits only.",
        "{value} är inget heltal; skriv bara siffror.",
    ),
    "negative": (
        "{value} is negative; write zero or more.",
        "{value} är negativt; skriv noll eller mer.",
    ),
    "out_of_range": (
        "{value} is out of range; write a number from {low} to {high}.",
        "{value} är utanför gränserna; skriv ett tal från {low} till {high}.",
    ),
    "not_a_date": (
        "{value} is no date in the calendar; write it like 2026-11-23.",
        "{value} är inget datum i kalendern; skriv det som 2026-11-23.",
    ),
    "not_a_local_time": (
        "{value} is no time in the calendar; write it like 2026-11-23 07:00.",
        "{value} är ingen tid i kalendern; skriv den som 2026-11-23 07:00.",
    ),
    "nonexistent_time": (
        "{value} does not exist: the clocks go forward past it that night; correct the time.",
        "{value} finns inte: klockan ställs fram förbi den den natten; rätta tiden.",
    ),
    "not_a_moment": (
        "{value} is no UTC time; write it like 2026-11-23T06:00:12Z.",
        "{value} är ingen UTC-tid; skriv den som 2026-11-23T06:00:12Z.",
    ),
    "personal_number": (
        "The personal identity number is wrong: check its digits, YYYYMMDD-NNNN.",
        "Personnumret är fel: kontrollera siffrorna, ÅÅÅÅMMDD-NNNN.",
    ),
    "org_number": (
        "The organisation number is wrong: check its digits, NNNNNN-NNNN.",
        "Organisationsnumret är fel: kontrollera siffrorna, NNNNNN-NNNN.",
    ),
    # one value against other rows
    "duplicate_key": (
        "The same row is already on line {line}; keep one of them.",
        "Samma post finns redan på rad {line}; behåll en av dem.",
    ),
    "duplicate_value": (
        "The same value is already on line {line}; correct one of them.",
        "Samma värde finns redan på rad {line}; rätta ett av dem.",
    ),
    "taken_value": (
        (
            "The value belongs to {owner}, which is registered but not in this file; correct "
            "it, or put that row back."
        ),
        (
            "Värdet tillhör {owner}, som är registrerad men inte finns i filen; rätta det eller "
            "lägg tillbaka den raden."
        ),
    ),
    "unknown_reference": (
        "{value} is not in {file}; correct it, or add it there.",
        "{value} finns inte i {file}; rätta det eller lägg till det där.",
    ),
    "ends_before_start": (
        "It ends before it starts; correct one of the two.",
        "Slutar innan det börjar; rätta det ena av dem.",
    ),
    "shift_too_long": (
        "The shift is longer than {limit} hours; correct its start or end.",
        "Passet är längre än {limit} timmar; rätta start eller slut.",
    ),
    "overlapping_shifts": (
        "The employee has another shift at this time, on line {line}; move one of them.",
        "Den anställda har ett annat pass då, på rad {line}; flytta ett av dem.",
    ),
    "overlapping_visits": (
        "The employee has another visit at this time, on line {line}; move one of them.",
        "Den anställda har ett annat besök då, på rad {line}; flytta ett av dem.",
    ),
    "same_employee_twice": (
        "The second employee is the same as the first; name another, or leave it empty.",
        "Den andra anställda är samma som den första; ange en annan eller lämna tomt.",
    ),
    "overlapping_choices": (
        "The client has another choice for this service then, on line {line}; end one of them.",
        "Brukaren har ett annat val för tjänsten då, på rad {line}; avsluta ett av dem.",
    ),
    "wrong_unit": (
        "This is priced by another unit; write {unit}.",
        "Detta prissätts i en annan enhet; skriv {unit}.",
    ),
    "over_a_hundred": (
        "More than a hundred percent; correct the number.",
        "Mer än hundra procent; rätta talet.",
    ),
    "overlapping_prices": (
        "There is another price then, on line {line}; end the earlier one the day before.",
        "Det finns ett annat pris då, på rad {line}; avsluta det tidigare dagen före.",
    ),
    "team_of_other_provider": (
        "The team belongs to another provider; name a team of the chosen one.",
        "Gruppen hör till en annan utförare; ange en grupp hos den valda.",
    ),
    "no_team_in_area": (
        "The provider has {count} teams in the client's area; name the team.",
        "Utföraren har {count} grupper i brukarens område; ange gruppen.",
    ),
    "service_not_offered": (
        (
            "The provider does not offer this service; choose another provider, or correct "
            "tjanster in utforare.csv."
        ),
        (
            "Utföraren erbjuder inte tjänsten; välj en annan utförare eller rätta tjanster i "
            "utforare.csv."
        ),
    ),
    "night_is_municipal": (
        "Night patrol and alarm group are the municipality's own; name its own provider.",
        "Nattpatrull och larmgrupp är kommunens egna; ange den egna utföraren.",
    ),
    "substitute_with_team": (
        "A substitute belongs to no team; leave the team empty.",
        "En vikarie hör inte till någon grupp; lämna gruppen tom.",
    ),
    "private_owner_number": (
        "A private owner has no organisation number; leave it empty.",
        "En privat ägare har inget organisationsnummer; lämna det tomt.",
    ),
    "entrance_of_other_property": (
        "The entrance belongs to another property; correct the entrance or the property.",
        "Porten hör till en annan fastighet; rätta porten eller fastigheten.",
    ),
    "partner_is_self": (
        "The partner is the client; name the other one, or leave it empty.",
        "Partnern är brukaren själv; ange den andra eller lämna tomt.",
    ),
    "partner_not_mutual": (
        "The partner does not name this client as partner; correct one of the two.",
        "Partnern anger inte brukaren som sin partner; rätta den ena.",
    ),
    "partner_other_lock": (
        "Partners share one lock, but these two have different ones; correct one of them.",
        "Partner delar lås, men de här två har olika; rätta ett av dem.",
    ),
    "lock_of_wrong_kind": (
        "The lock is an entrance unit; name the lock of the client's own door.",
        "Låset är en portenhet; ange låset i brukarens egen dörr.",
    ),
    "entrance_unit_needs_entrance": (
        "An entrance unit must name its entrance; fill it in.",
        "En portenhet måste ange sin port; fyll i den.",
    ),
    "thumb_turn_has_entrance": (
        "A thumb-turn sits in a home's own door; leave the entrance empty.",
        "Ett vred sitter i bostadens egen dörr; lämna porten tom.",
    ),
    "no_consent": (
        "The owner has not consented to a unit on this entrance; get the consent first.",
        "Ägaren har inte gett medgivande för porten; inhämta det först.",
    ),
    "one_lock_a_door": (
        "The door already has a lock, on line {line}; keep one of them.",
        "Dörren har redan ett lås, på rad {line}; behåll ett av dem.",
    ),
    "serial_missing": (
        "A mounted lock must have its serial number; fill it in.",
        "Ett monterat lås måste ha serienummer; fyll i det.",
    ),
    "serial_too_early": (
        "Only a mounted lock has a serial number; remove it, or set the status to monterad.",
        "Bara ett monterat lås har serienummer; ta bort det eller sätt status monterad.",
    ),
    "installed_elsewhere": (
        (
            "The lock is commissioned, and its new address has another door; release the lock "
            "before it is moved."
        ),
        "Låset är driftsatt och nya adressen har en annan dörr; frigör låset innan det flyttas.",
    ),
    "too_many_withdrawn": (
        (
            "{count} of {total} rows in force are gone from the file; export it again, or import "
            "with --accept-withdrawals if that is meant."
        ),
        (
            "{count} av {total} gällande rader saknas i filen; exportera den igen, eller importera "
            "med --accept-withdrawals om det är avsikten."
        ),
    ),
    # remarks: stored all the same
    "unknown_file": (
        "The file is not one that is imported; it was left alone.",
        "Filen hör inte till dem som importeras; den lämnades orörd.",
    ),
    "unknown_column": (
        "The column {column} is not known; it was left out.",
        "Kolumnen {column} är okänd; den togs inte med.",
    ),
    "gone_from_file": (
        (
            "{count} registered rows are not in the file; nothing is removed for that, so end "
            "them with a date if they have ended."
        ),
        (
            "{count} registrerade rader finns inte i filen; inget tas bort för det, så avsluta "
            "dem med ett datum om de har upphört."
        ),
    ),
    "decided_otherwise": (
        (
            "{count} rows differ from what was decided here, which holds; record it in the care "
            "system too."
        ),
        (
            "{count} rader säger något annat än det som är beslutat här, och beslutet här gäller; "
            "för in det även i verksamhetssystemet."
        ),
    ),
    "not_employed": (
        "The employee is not employed that day; correct the shift or the employment.",
        "Den anställda är inte anställd den dagen; rätta passet eller anställningen.",
    ),
    "short_rest": (
        "The employee gets less than 11 hours of rest before this shift; check the plan.",
        "Den anställda får mindre än 11 timmars vila före passet; se över planen.",
    ),
    "long_week": (
        "With this shift the employee works more than 40 hours in the week; check the plan.",
        "Med passet arbetar den anställda mer än 40 timmar i veckan; se över planen.",
    ),
    "visit_outside_shift": (
        "The visit lies outside the employee's shifts, so no key will cover it; mend the plan.",
        "Besöket ligger utanför den anställdas pass, så ingen nyckel täcker det; rätta planen.",
    ),
    "visit_crosses_night": (
        "The visit crosses 22 or 07, where day and night teams change; divide it.",
        "Besöket går över 22 eller 07, där dag och natt byter av; dela det.",
    ),
    "visit_by_other_team": (
        "The employee's team is not the one the client chose for this; check the plan.",
        "Den anställdas grupp är inte den brukaren valt för detta; se över planen.",
    ),
    "more_than_granted": (
        (
            "Planned time exceeds granted time for {service} ({planned} of {granted} minutes); "
            "check the plan or the decision."
        ),
        (
            "Planerad tid överstiger beviljad för {service} ({planned} av {granted} minuter); se "
            "över planen eller beslutet."
        ),
    ),
}


def sentence(code: str, values: dict[str, object], language: Language) -> str:
    """Write the message `code` in `language`, filled in with `values`."""
    english, swedish = MESSAGES[code]
    return (swedish if language is Language.SWEDISH else english).format_map(values)
