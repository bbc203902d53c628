"""Words of the pages of visits as performed."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.performed.texts_flags import FLAGS
from nyckelfri.server.console.performed.texts_parts import PARTS
from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **FLAGS,
    **PARTS,
    "lead": (
        "Vad som planerades, vad som gjordes, och vad som visar det.",
        "What was planned, what was done, and what shows it.",
    ),
    "choose": ("Välj dag och grupp", "Choose day and team"),
    "one_day": ("Dag", "Day"),
    "day_before": ("Dagen före", "The day before"),
    "day_after": ("Dagen efter", "The day after"),
    "today": ("I dag", "Today"),
    "wrong_day": ("Ange ett datum.", "Give a date."),
    "team": ("Grupp", "Team"),
    "all_teams": ("Alla grupper", "All teams"),
    "which": ("Vilka besök", "Which visits"),
    "show_look": ("Att titta på", "To look at"),
    "show_waiting": ("Väntar", "Waiting"),
    "show_fits": ("Stämmer", "Fit"),
    "show_approved": ("Godkända", "Approved"),
    "show_all": ("Alla", "All"),
    "n_planned": ("planerade", "planned"),
    "n_performed": ("utförda", "performed"),
    "n_look": ("att titta på", "to look at"),
    "n_approved": ("godkända", "approved"),
    "hours": ("{hours} h {minutes} min", "{hours} h {minutes} min"),
    "minutes": ("{count} min", "{count} min"),
    "minutes_of": ("{count} av {of} min", "{count} of {of} min"),
    "progress": ("{done} av {all} besök är granskade", "{done} of {all} visits are reviewed"),
    "all_reviewed": ("Alla dagens besök är granskade.", "All visits of the day are reviewed."),
    "approve_fitting": ("Godkänn {count} som stämmer", "Approve {count} that fit"),
    "planned": ("Planerat", "Planned"),
    "performed": ("Utfört", "Performed"),
    "not_planned": ("Inte planerat", "Not planned"),
    "staff_member": ("Personal", "Staff"),
    "services": ("Insatser", "Services"),
    "shown_by": ("Visas av", "Shown by"),
    "state": ("Granskning", "Review"),
    "with": ("med {name}", "with {name}"),
    "corrected": ("Rättat", "Corrected"),
    "contested": ("Nya uppgifter", "New evidence"),
    "not_derived": (
        "Dagens besök är inte sammanställda än. Det sker av sig självt; titta igen om en stund.",
        "The day's visits have not been put together yet. That happens by itself; look in a while.",
    ),
    "month_stands": (
        "Månaden är stängd. Besöken ligger fast.",
        "The month is closed. Its visits stand.",
    ),
    "none": ("Inga besök den här dagen", "No visits that day"),
    "none_hint": (
        "Varken planerade eller utförda. Välj en annan dag eller grupp.",
        "Neither planned nor performed. Choose another day or team.",
    ),
    "none_look": ("Inget att titta på", "Nothing to look at"),
    "none_look_hint": (
        "Inget besök den här dagen sticker ut. Godkänn dem som stämmer, så är dagen klar.",
        "No visit of the day stands out. Approve those that fit, and the day is done.",
    ),
    "none_such": ("Inga sådana besök den här dagen", "No such visits that day"),
    "none_such_hint": ("Välj Alla för att se hela dagen.", "Choose All to see the whole day."),
    "approve_heading": (
        "Godkänn besöken som stämmer {day}?",
        "Approve the visits that fit, {day}?",
    ),
    "approve_effect": (
        "I {count} besök sticker inget ut. De som är att titta på godkänns inte.",
        "In {count} visits nothing stands out. Those to look at are not approved.",
    ),
    "approve_undo": (
        "Ett godkännande kan tas tillbaka på besökets sida så länge månaden är öppen.",
        "An approval can be taken back on the visit's page while the month is open.",
    ),
    "do_approve_fitting": ("Godkänn {count} besök", "Approve {count} visits"),
    "nothing_fits": ("Inget mer att godkänna på en gång", "Nothing more to approve at once"),
    "back_to_day": ("Tillbaka till dagen", "Back to the day"),
    "approved_many": (
        "{count} besök är godkända. Blev något fel: öppna besöket och ta tillbaka godkännandet.",
        "{count} visits are approved. If one is wrong: open it and take the approval back.",
    ),
    "loose": ("Sådant som inte hör till något besök", "What belongs to no visit"),
    "loose_hint": (
        "En dörr, en etikett eller en uppgift som inte passar någonstans.",
        "A door, a label or an entry that fits nowhere.",
    ),
    "loose_more": (
        "De {count} första visas. När de är hanterade kommer fler.",
        "The first {count} are shown. When they are dealt with, more come.",
    ),
    "loose_one": ("Utan besök, {number}", "Without a visit, {number}"),
    "when": ("När", "When"),
    "what": ("Vad", "What"),
    "why": ("Varför", "Why"),
    "nobody": ("Okänd", "Unknown"),
    "settle": ("Markera som hanterat", "Mark as dealt with"),
    "settle_hint": (
        "Skriv kort vad du kom fram till. Uppgifterna finns kvar.",
        "Say briefly what you found. The evidence is kept.",
    ),
    "settled": ("Nummer {number} är hanterat.", "Number {number} is dealt with."),
    "settled_by": ("Hanterat av", "Dealt with by"),
    "one_visit": ("Besök {number}", "Visit {number}"),
    "correct_visit": ("Rätta besök {number}", "Correct visit {number}"),
    "correct_effect": (
        "Rättelsen räknas i stället för underlaget, som står kvar bredvid med vem och varför.",
        "The correction counts instead of the evidence, which stays beside it with who and why.",
    ),
    "do_correct": ("Spara rättelsen", "Save the correction"),
    "outcome": ("Utfall", "Outcome"),
    "time": ("Tid", "Time"),
    "by_rule": ("slutet räknat efter regel", "the end counted by rule"),
    "added_by_hand": ("Tillagt för hand", "Added by hand"),
    "by_whom": ("av {name}", "by {name}"),
    "approved_by": ("Godkänt av {name}", "Approved by {name}"),
    "on_invoice": ("Besöket står på faktura", "The visit stands on invoice"),
    "is_invoiced": ("Besöket är fakturerat.", "The visit has been invoiced."),
    "newer": ("Nya uppgifter har kommit", "New evidence has come"),
    "newer_kept": (
        "Nyare uppgifter, som någon har sett och låtit vara",
        "Newer evidence, which somebody has seen and let be",
    ),
    "newer_gone": (
        "Underlaget visar inte längre något sådant besök.",
        "The evidence no longer shows any such visit.",
    ),
    "stands_out": ("Det här sticker ut", "What stands out"),
    "corrected_to": ("Rättat till", "Corrected to"),
    "evidence_says": ("Underlaget visar", "The evidence shows"),
    "doubled": ("Den andra", "The other"),
    "evidence": ("Underlag", "Evidence"),
    "no_evidence": ("Ingenting visar besöket.", "Nothing shows the visit."),
    "decide": ("Bestäm", "Decide"),
    "history": ("Vad som har gjorts", "What has been done"),
    "look_logged": (
        "Att du har öppnat besöket antecknas i loggen.",
        "That you have opened the visit is noted in the log.",
    ),
    "act_approve": ("Godkänn", "Approve"),
    "effect_approve": (
        "Besöket räknas som det står här.",
        "The visit counts as it stands here.",
    ),
    "hint_approve": (
        "Något sticker ut. Skriv kort varför besöket ändå stämmer.",
        "Something stands out. Say briefly why the visit is right all the same.",
    ),
    "hint_why": ("Skriv kort varför.", "Say briefly why."),
    "hint_may_say": ("Behövs inte för att godkänna.", "Not needed for an approval."),
    "did_approve": ("Besöket är godkänt.", "The visit is approved."),
    "act_reopen": ("Ta tillbaka godkännandet", "Take the approval back"),
    "effect_reopen": (
        "Besöket granskas på nytt, och kan rättas.",
        "The visit is reviewed anew, and can be corrected.",
    ),
    "did_reopen": ("Godkännandet är taget tillbaka.", "The approval is taken back."),
    "act_undo": ("Ångra rättelsen", "Undo the correction"),
    "effect_undo": (
        "Det som underlaget visar räknas igen.",
        "What the evidence shows counts again.",
    ),
    "did_undo": ("Rättelsen är ångrad.", "The correction is undone."),
    "act_take": ("Använd de nya uppgifterna", "Use the new evidence"),
    "effect_take": (
        "De räknas i stället, och besöket godkänns på nytt.",
        "It counts instead, and the visit is approved anew.",
    ),
    "did_take": ("De nya uppgifterna gäller.", "The new evidence holds."),
    "act_keep": ("Låt besöket stå", "Let the visit stand"),
    "effect_keep": (
        "Besöket räknas som förut. De nya uppgifterna finns kvar här.",
        "The visit counts as before. The new evidence is kept here.",
    ),
    "did_keep": ("Besöket står som det var.", "The visit stands as it was."),
    "act_correct": ("Rätta besöket", "Correct the visit"),
    "did_correct": ("Besöket är rättat.", "The visit is corrected."),
    "event_approved": ("Godkänt", "Approved"),
    "event_approved_many": ("Godkänt med andra som stämde", "Approved with others that fit"),
    "event_reopened": ("Godkännandet togs tillbaka", "The approval was taken back"),
    "event_renewed": ("Nya uppgifter togs in", "New evidence was taken"),
    "event_kept": ("Fick stå trots nya uppgifter", "Let stand, new evidence or not"),
    "event_corrected": ("Rättat", "Corrected"),
    "event_undone": ("Rättelsen ångrades", "The correction was undone"),
    "enter_visit": ("Registrera i efterhand", "Enter a visit afterwards"),
    "find_lead": (
        "Sök fram kunden som besöket gällde.",
        "Find the client whom the visit was to.",
    ),
    "find_client": ("Kundens nummer, namn eller adress", "The client's number, name or address"),
    "which_client": ("Vem menar du?", "Whom do you mean?"),
    "which_more": (
        "Det finns fler som passar. Skriv mer av namnet.",
        "There are more who fit. Write more of the name.",
    ),
    "no_such_client": (
        "Ingen kund passar. Den som har skyddad identitet hittas på numret.",
        "No client fits. Who has protected identity is found by number.",
    ),
    "enter_effect": (
        (
            "Registreringen blir underlag som annat, med ditt namn och skäl. Är besöket redan "
            "framtaget är det bättre att rätta det."
        ),
        (
            "The entry becomes evidence like any other, with your name and reason. If the visit "
            "is there already, rather correct it."
        ),
    ),
    "other_day": ("Byt dag", "Change the day"),
    "no_plans": (
        "Inget besök var planerat hos kunden den här dagen.",
        "No visit to the client was planned that day.",
    ),
    "do_enter": ("Registrera besöket", "Enter the visit"),
    "entered": ("Besöket är registrerat.", "The visit is entered."),
    "none_of_them": ("Inget av dem", "None of them"),
    "kind_visit": ("Besöket utfördes", "The visit was made"),
    "kind_declined": ("Kunden avböjde", "The client declined"),
    "kind_missed": ("Ingen var hemma (bomkörning)", "Nobody was at home"),
    "no_such_employee": (
        "Ingen i personalen har det numret eller namnet.",
        "Nobody of the staff has that number or name.",
    ),
    "too_many_employees": (
        "Många passar. Skriv hela namnet eller numret.",
        "Many fit. Write the whole name or the number.",
    ),
    "which_employee": (
        "Flera passar: {names}. Skriv numret.",
        "Several fit: {names}. Write the number.",
    ),
    "ask_take_back": ("Ta tillbaka registreringen?", "Take the entry back?"),
    "effect_take_back": (
        "Registreringen räknas inte längre, men finns kvar med skälet.",
        "The entry counts no longer, but is kept with the reason.",
    ),
    "do_take_back": ("Ta tillbaka registreringen", "Take the entry back"),
    "taken_back": ("Registreringen är tagen tillbaka.", "The entry is taken back."),
    "taken_back_at": ("Tagen tillbaka", "Taken back"),
    "entered_why": ("Skäl då", "Reason then"),
    "visits_of": ("Besök hos {number}", "Visits to {number}"),
    "month": ("Månad", "Month"),
    "month_before": ("Månaden före", "The month before"),
    "month_after": ("Månaden efter", "The month after"),
    "none_of_client": ("Inga besök den här månaden", "No visits that month"),
    "none_of_client_hint": (
        "Varken planerade eller utförda. Välj en annan månad.",
        "Neither planned nor performed. Choose another month.",
    ),
    "months": ("Månader", "Months"),
    "months_lead": (
        "Hur långt granskningen har kommit. När en månad är stängd ligger besöken fast.",
        "How far the review has come. Once a month is closed its visits stand.",
    ),
    "invoices_made": ("Fakturor", "Invoices"),
    "lock_date": ("Utförarens sista dag", "Provider's last day"),
    "month_state": ("Läge", "State"),
    "is_open": ("Öppen", "Open"),
    "is_closed": ("Stängd", "Closed"),
    "later_months": ("Senare månader", "Later months"),
    "earlier_months": ("Tidigare månader", "Earlier months"),
    "days_of": ("Dagar {month}", "Days of {month}"),
    "days_to_look_at": ("Dagar med besök att titta på", "Days with visits to look at"),
    "more_days": ("De {count} första dagarna visas.", "The first {count} days are shown."),
    "none_days": ("Inget att titta på", "Nothing to look at"),
    "none_days_hint": (
        "Inget besök före i dag väntar på att någon tittar på det.",
        "No visit before today waits for somebody to look at it.",
    ),
    "none_month": ("Inga besök den månaden", "No visits that month"),
    "none_month_hint": ("Välj en annan månad.", "Choose another month."),
    "ask_close": ("Stäng {month}?", "Close {month}?"),
    "effect_close": (
        "Alla besök är granskade. När månaden är stängd ligger de fast.",
        "All visits are reviewed. Once the month is closed they stand.",
    ),
    "effect_close_left": (
        (
            "{count} besök är inte granskade. När månaden är stängd ligger besöken fast, och "
            "kunder med ogranskade besök får ingen faktura."
        ),
        (
            "{count} visits are not reviewed. Once the month is closed its visits stand, and "
            "clients with visits that are not reviewed get no invoice."
        ),
    ),
    "do_close": ("Stäng månaden", "Close the month"),
    "month_closed": ("{month} är stängd.", "{month} is closed."),
    "ask_reopen_month": ("Öppna {month} igen?", "Open {month} again?"),
    "effect_reopen_month": (
        "Besöken kan granskas och rättas igen.",
        "The visits can be reviewed and corrected again.",
    ),
    "do_reopen_month": ("Öppna igen", "Open again"),
    "month_opened": ("{month} är öppen igen.", "{month} is open again."),
    "field_planned": ("Vilket planerat besök?", "Which planned visit?"),
    "field_employee": ("Vem var där?", "Who was there?"),
    "hint_employee": ("Nummer eller namn.", "Number or name."),
    "field_kind": ("Vad hände?", "What happened?"),
    "field_reason": ("Skäl", "Reason"),
    "field_seen": ("Version", "Version"),
    "field_outcome": ("Vad blev det av besöket?", "What became of the visit?"),
    "field_entry": ("Började", "Began"),
    "field_exit": ("Slutade", "Ended"),
    "field_services": ("Vad som gjordes", "What was done"),
    "hint_entry": (
        "Tider och insatser behövs bara för ett utfört besök.",
        "Times and services are needed for a performed visit only.",
    ),
    "hint_reason": (
        "Skriv kort hur du vet. Det står kvar bredvid besöket.",
        "Say briefly how you know. It stays beside the visit.",
    ),
    "missing": ("Fyll i fältet.", "Fill this in."),
    "too_long": ("Skriv kortare.", "Write less."),
    "unusable": ("Det går inte att läsa. Rätta och försök igen.", "Cannot be read. Correct it."),
}
text: Final = Words(TEXTS)
"""Words of this area."""
