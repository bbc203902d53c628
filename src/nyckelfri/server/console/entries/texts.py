"""Words of what comes from phones."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "lead": (
        "Felanmälda lås, och det som telefonerna lämnat men som någon behöver se över.",
        "Reported locks, and what phones delivered that somebody needs to look into.",
    ),
    "to_do": ("Att göra", "To do"),
    "dealt_with": ("Hanterade", "Dealt with"),
    "label_readings": ("Etiketter som inte stämmer", "Labels that do not fit"),
    "which_list": ("Vilken lista", "Which list"),
    "none_waiting": ("Ingenting väntar", "Nothing waits"),
    "none_waiting_hint": (
        "Inget lås är felanmält, och allt som har kommit gick att förstå.",
        "No lock is reported, and all that came could be understood.",
    ),
    "none_settled": ("Ingenting är hanterat än", "Nothing has been dealt with yet"),
    "none_settled_hint": (
        "Här finns det som någon har markerat som hanterat, med skälet.",
        "Here is what somebody has marked as dealt with, and why.",
    ),
    "what": ("Vad", "What"),
    "why": ("Varför", "Why"),
    "when": ("När, enligt telefonen", "When, by the phone"),
    "came": ("Kom", "Came"),
    "who": ("Vem", "Who"),
    "nobody": ("Okänd", "Unknown"),
    "phone": ("Telefon", "Phone"),
    "said": ("Vad som står", "What it says"),
    "sent": ("Så kom det", "As it came"),
    "one": ("Från en telefon, {number}", "From a phone, {number}"),
    "settled_by": ("Hanterad av", "Dealt with by"),
    "settled_why": ("Vad som gjordes", "What was done"),
    "settle": ("Markera som hanterad", "Mark as dealt with"),
    "reopen": ("Ta upp den igen", "Take it up again"),
    "settled": ("Nummer {number} är markerat som hanterat.", "Number {number} is dealt with."),
    "reopened": ("Nummer {number} väntar igen på någon.", "Number {number} waits again."),
    "already": (
        "Någon annan hann före. Så här ser det ut nu.",
        "Somebody else was first. This is how it is now.",
    ),
    "kind_visit_start": ("Besök börjar", "Visit begins"),
    "kind_visit_end": ("Besök slutar", "Visit ends"),
    "kind_missed": ("Bomkörning", "Missed visit"),
    "kind_declined": ("Avböjt besök", "Declined visit"),
    "kind_undo": ("Ångrade bomkörning eller avböjt", "Took back missed or declined"),
    "kind_note": ("Anteckning", "Note"),
    "kind_deviation": ("Avvikelse", "Deviation"),
    "kind_unplanned": ("Öppnar utan planerat besök", "Opens without a planned visit"),
    "kind_batteries": ("Batteribyte", "Change of batteries"),
    "kind_lock_fault": ("Felanmält lås", "Reported lock"),
    "kind_tap": ("Avläst etikett", "Label read"),
    "kind_none": ("Oläsligt", "Unreadable"),
    "flaw_unreadable": (
        "Går inte att läsa. Fråga den som hade telefonen, och uppdatera appen.",
        "Cannot be read. Ask who had the phone, and update the app.",
    ),
    "flaw_changed": (
        "Har kommit förut med annat innehåll. Båda finns kvar.",
        "Has come before with other content. Both are kept.",
    ),
    "flaw_unknown_author": (
        "Ingen var inloggad på telefonen då. Ta reda på vem det var.",
        "Nobody was signed in on the phone then. Find out who it was.",
    ),
    "flaw_unproven_author": (
        "Personen var inte inloggad på telefonen då.",
        "The person was not signed in on the phone then.",
    ),
    "flaw_future": (
        "Tiden har inte varit än. Telefonens klocka går fel.",
        "The time has not been yet. The phone's clock is wrong.",
    ),
    "flaw_unknown_client": ("Kunden finns inte i registret.", "The client is not registered."),
    "flaw_unknown_visit": ("Besöket finns inte i planeringen.", "The visit is not in the plan."),
    "flaw_unknown_lock": ("Låset finns inte i registret.", "The lock is not registered."),
    "flaw_unknown_label": (
        "Etiketten finns inte i registret.",
        "The label is not registered.",
    ),
    "flaw_other_visit": (
        "Besöket är planerat hos en annan kund.",
        "The visit is planned at another client's.",
    ),
    "flaw_others_client": (
        "Kunden hör inte till den här personens grupp, besök eller nycklar.",
        "The client is none of this person's team, visits or keys.",
    ),
    "fault_no_answer": ("Låset svarar inte.", "The lock does not answer."),
    "fault_jammed": ("Låset kärvar.", "The lock jams."),
    "fault_refused": ("Låset nekar.", "The lock refuses."),
    "fault_other": ("Något annat fel.", "Something else."),
    "fallback_used": ("Reservrutinen användes.", "The fallback was used."),
    "fallback_not_used": ("Reservrutinen behövdes inte.", "The fallback was not needed."),
    "readings_lead": (
        "Avläsningar som inte går ihop med låsens journal. En fråga att ställa, inget bevis.",
        "Readings that do not agree with the locks' journals. A question to ask, no proof.",
    ),
    "one_day": ("Dag", "Day"),
    "wrong_day": ("Ange ett datum.", "Give a date."),
    "label": ("Etikett", "Label"),
    "more": ("Bara de {count} senaste visas.", "Only the newest {count} are shown."),
    "none_odd": ("Alla avläsningar den dagen stämmer", "All readings of that day fit"),
    "none_odd_hint": (
        "Det som låsens journaler inte har berättat än väntar vi på.",
        "What the locks' journals have not told yet is waited for.",
    ),
    "why_forged": ("Förfalskad", "Forged"),
    "hint_forged": (
        "Etiketten har inte undertecknat det som lästes.",
        "The label has not signed what was read.",
    ),
    "why_replayed": ("Använd förut", "Used before"),
    "hint_replayed": (
        "Samma avläsning har redan räknats. Den kan vara kopierad.",
        "The same reading has been counted already. It may be a copy.",
    ),
    "why_unsigned": ("Utan underskrift", "Unsigned"),
    "hint_unsigned": (
        "Etiketten brukar underteckna, men avläsningen gick inte att kontrollera.",
        "The label signs as a rule, but the reading could not be checked.",
    ),
    "why_unknown": ("Okänd etikett", "Unknown label"),
    "hint_unknown": ("Etiketten finns inte i registret.", "The label is not registered."),
    "why_no_door": ("Ingen öppnade dörren", "Nobody opened the door"),
    "hint_no_door": (
        "Hemmets lås användes inte av personen då. Någon kan ha öppnat inifrån.",
        "The person did not use the home's lock then. Somebody may have opened from inside.",
    ),
    "why_elsewhere": ("Var i ett annat hem", "Was in another home"),
    "hint_elsewhere": (
        "Enligt ett annat lås var personen inne där då. Etiketten kan ha flyttats.",
        "By another lock the person was inside there then. The label may have been moved.",
    ),
    "why_saved_up": ("Sparad avläsning", "Saved-up reading"),
    "hint_saved_up": (
        "En senare avläsning av etiketten gjordes tidigare. Den här kan ha sparats.",
        "A later reading of the label was made earlier. This one may have been saved up.",
    ),
}
text: Final = Words(TEXTS)
