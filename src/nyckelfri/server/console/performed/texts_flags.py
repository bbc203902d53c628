"""What stands out about a visit, and what to do about it: words for each flag."""

from __future__ import annotations

from typing import Final

FLAGS: Final[dict[str, tuple[str, str]]] = {
    "flag_not_made": ("Inte utfört", "Not made"),
    "why_not_made": (
        "Låsets journal har kommit hem, och ingenting visar att någon var där.",
        "The lock's journal has come home, and nothing shows that anybody was there.",
    ),
    "do_not_made": (
        "Fråga den som skulle gå. Var någon där: registrera besöket i efterhand.",
        "Ask who was to go. If somebody was there: enter the visit afterwards.",
    ),
    "flag_no_exit": ("Slut saknas", "No end"),
    "why_no_exit": (
        "Varken dörr eller etikett visar slutet: tiden är telefonens, eller kommunens regel.",
        "Neither door nor label shows the end: its time is the phone's, or by the rule.",
    ),
    "do_no_exit": (
        "Fråga när det slutade, och rätta tiden om den är fel.",
        "Ask when it ended, and correct the time if it is wrong.",
    ),
    "flag_no_door": ("Dörren vet inget", "The door knows nothing"),
    "why_no_door": (
        "Etiketten är avläst, men hemmets lås har inte öppnats av någon.",
        "The label was read, but nobody opened the home's lock.",
    ),
    "do_no_door": (
        "Fråga hur personen kom in. Någon kan ha öppnat inifrån.",
        "Ask how the person got in. Somebody may have opened from inside.",
    ),
    "flag_forged_tap": ("Etiketten är inte äkta", "The label is not genuine"),
    "why_forged_tap": (
        "Etikettens underskrift är fel eller saknas. Avläsningen bevisar inget.",
        "The label's signature is wrong or missing. The reading proves nothing.",
    ),
    "do_forged_tap": (
        "Fråga hur etiketten lästes av, och låt någon titta på den i hemmet.",
        "Ask how the label was read, and have somebody look at it in the home.",
    ),
    "flag_replayed_tap": ("Avläsningen är använd förut", "The reading was used before"),
    "why_replayed_tap": (
        "Etikettens räknare steg inte. Avläsningen kan vara kopierad.",
        "The label's counter did not rise. The reading may be a copy.",
    ),
    "do_replayed_tap": (
        "Lita på dörren. Visar den inget besök: fråga vad som hände.",
        "Trust the door. If it shows no visit: ask what happened.",
    ),
    "flag_two_places": ("Två ställen samtidigt", "Two places at once"),
    "why_two_places": (
        "Uppgifterna säger att personen var hos två kunder på samma gång.",
        "The evidence says that the person was with two clients at the same time.",
    ),
    "do_two_places": (
        "Ta reda på vilket som stämmer, och rätta det andra.",
        "Find out which is right, and correct the other.",
    ),
    "flag_too_short": ("Mycket kort", "Very short"),
    "why_too_short": (
        "Besöket var mycket kortare än planerat.",
        "The visit was much shorter than planned.",
    ),
    "do_too_short": (
        "Fråga varför. Stämmer tiden: godkänn den som den är.",
        "Ask why. If the time is right: approve it as it is.",
    ),
    "flag_wrong_door": ("Fel dörr", "Wrong door"),
    "why_wrong_door": (
        "En dörr öppnades där inget var planerat, och stängdes strax igen.",
        "A door was opened where nothing was planned, and closed again at once.",
    ),
    "do_wrong_door": (
        "Fråga om personen gick fel. Kunden ska få veta om någon var inne.",
        "Ask whether it was a mistake. The client shall know if somebody was inside.",
    ),
    "flag_unplanned": ("Inte planerat", "Not planned"),
    "why_unplanned": (
        "Det finns varken planering, larm eller angivet skäl.",
        "There is no plan, no alarm and no reason given.",
    ),
    "do_unplanned": (
        "Fråga vad besöket gällde, och skriv det som skäl när du godkänner.",
        "Ask what the visit was for, and write that as the reason when you approve.",
    ),
    "flag_late_sync": ("Kom sent", "Came late"),
    "why_late_sync": (
        "Uppgifterna kom in flera dygn efter besöket.",
        "The evidence came in several days after the visit.",
    ),
    "do_late_sync": (
        "Se efter att telefonen och låset lämnar sina uppgifter som de ska.",
        "Check that the phone and the lock deliver as they should.",
    ),
    "flag_no_grant": ("Utan behörighet", "Without the right"),
    "why_no_grant": (
        "Enligt schema, beslut och val av utförare skulle personen inte vara där då.",
        "By rota, decision and choice of provider the person was not to be there then.",
    ),
    "do_no_grant": (
        "Fråga varför personen var där. Saknas ett beslut: låt handläggaren rätta det.",
        "Ask why the person was there. If a decision is missing: have the assessor correct it.",
    ),
    "flag_alone": ("Ensam", "Alone"),
    "why_alone": (
        "Två var planerade, och en kom.",
        "Two were planned, and one came.",
    ),
    "do_alone": (
        "Fråga den andra. Var båda där: registrera den andras besök i efterhand.",
        "Ask the other. If both were there: enter the other's visit afterwards.",
    ),
    "flag_while_away": ("Kunden var borta", "The client was away"),
    "why_while_away": (
        "Kunden är anmäld borta den här dagen, men något visar ett besök.",
        "The client is reported away that day, but something shows a visit.",
    ),
    "do_while_away": (
        "Fråga om kunden var hemma. Är frånvaron fel: rätta den.",
        "Ask whether the client was at home. If the absence is wrong: correct it.",
    ),
    "flag_pattern": ("Upprepat", "Repeated"),
    "why_pattern": (
        "Samma avvikelse har hänt flera gånger i det här hemmet.",
        "The same deviation has happened several times in this home.",
    ),
    "do_pattern": (
        "Se efter om låset eller etiketten behöver lagas.",
        "Check whether the lock or the label needs repair.",
    ),
    "flag_by_hand_against": ("Säger emot dörren", "Contradicts the door"),
    "why_by_hand_against": (
        "Det som angavs för hand stämmer inte med dörr eller etikett.",
        "What was entered by hand does not agree with door or label.",
    ),
    "do_by_hand_against": (
        "Fråga vad som hände, och rätta besöket så att det stämmer.",
        "Ask what happened, and correct the visit so that it is right.",
    ),
}
