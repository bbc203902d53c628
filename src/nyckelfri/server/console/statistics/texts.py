"""Words of the statistics."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "as_table": ("Siffrorna i tabell och som fil", "The figures as a table and a file"),
    "team": ("Grupp", "Team"),
    "week": ("Vecka", "Week"),
    "month": ("Månad", "Month"),
    "week_of": ("vecka\xa0{week}", "week\xa0{week}"),
    "too_few": ("för få för att visas", "too few to be shown"),
    "too_few_note": (
        (
            "Där det står ett streck visas inget: det är färre än {clients} kunder eller {staff} i "
            "personalen, eller det näst minsta, så att det minsta inte går att räkna ut."
        ),
        (
            "Where there is a dash nothing is shown: fewer than {clients} clients or {staff} "
            "staff, or the next smallest, so that the smallest cannot be worked out."
        ),
    ),
    "no_figures": (
        "Det finns inget att visa, eller så lite att det skulle handla om enskilda personer.",
        "There is nothing to show, or so little that it would be about single persons.",
    ),
    "percent_of": ("{share} %", "{share}%"),
    "share": ("Andel, %", "Share, %"),
    "continuity": (
        "Hur många olika personer kunderna möter",
        "How many different staff clients meet",
    ),
    "continuity_lead": (
        (
            "Kunder som är {age} år eller äldre och har minst {visits} besök varje dag. Räknat "
            "under {days} dagar från {first}, klockan {opens}–{closes}, utan larm, matlådor och "
            "hälso- och sjukvård. Den som inte har varit hemma hela tiden är inte med."
        ),
        (
            "Clients of {age} or older with at least {visits} visits every day. Counted over "
            "{days} days from {first}, {opens} to {closes}, without alarms, meals and health "
            "care. Who was not at home the whole time is left out."
        ),
    ),
    "continuity_said": (
        "{clients} kunder mötte i medeltal {mean} olika personer. Hälften mötte högst {median}.",
        "{clients} clients met {mean} different staff on average. Half met at most {median}.",
    ),
    "staff_met": ("Olika personer", "Different staff"),
    "clients_count": ("Antal kunder", "Number of clients"),
    "mean": ("Medelvärde", "Mean"),
    "median": ("Median", "Median"),
    "continuity_teams": (
        "Olika personer, i medeltal för varje grupp",
        "Different staff, the mean of each team",
    ),
    "continuity_teams_lead": (
        "En kund hör till den grupp som kom oftast. All personal som kom räknas.",
        "A client belongs to the team that came most often. All staff who came count.",
    ),
    "teams_said": (
        "Från {least} ({least_team}) till {most} ({most_team}).",
        "From {least} ({least_team}) to {most} ({most_team}).",
    ),
    "one_teams_said": ("{most_team}: {most}.", "{most_team}: {most}."),
    "teams_lead": (
        "Besöken hör till den grupp som den som kom arbetar i.",
        "A visit belongs to the team of whoever came.",
    ),
    "weeks_lead": (
        "Hela veckor, också de dagar som ligger i en annan månad.",
        "Whole weeks, with the days that lie in another month.",
    ),
    "months_lead": (
        "De senaste tolv månaderna, så långt det finns besök.",
        "The latest twelve months, as far as there are visits.",
    ),
    "performed": (
        "Vad det blev av de planerade besöken",
        "What became of the planned visits",
    ),
    "became": ("Besöket blev", "The visit was"),
    "performed_weeks": (
        "Planerade och utförda besök, vecka för vecka",
        "Planned and performed visits, week by week",
    ),
    "performed_teams": (
        "Planerade och utförda besök, i varje grupp",
        "Planned and performed visits, by team",
    ),
    "performed_lead": (
        (
            "Hur många av de planerade besöken som blev av. Två som kommer tillsammans räknas som "
            "två besök."
        ),
        "How many of the planned visits were made. Two who come together count as two visits.",
    ),
    "performed_groups_said": (
        "Från {least} procent utförda ({least_team}) till {most} procent ({most_team}).",
        "From {least} per cent performed ({least_team}) to {most} per cent ({most_team}).",
    ),
    "one_performed_groups_said": (
        "{most_team}: {most} procent utförda.",
        "{most_team}: {most} per cent performed.",
    ),
    "performed_said": (
        "{performed} av {planned} planerade besök utfördes, {share} procent.",
        "{performed} of {planned} planned visits were performed, {share} per cent.",
    ),
    "planned_visits": ("Planerade", "Planned"),
    "performed_visits": ("Utförda", "Performed"),
    "planned_minutes": ("Planerade minuter", "Planned minutes"),
    "performed_minutes": ("Utförda minuter", "Performed minutes"),
    "unplanned_visits": ("Utan plan", "Without a plan"),
    "unplanned_minutes": ("Minuter utan plan", "Minutes without a plan"),
    "declined": ("Avböjda", "Declined"),
    "missed": ("Ingen hemma", "Nobody at home"),
    "away": ("Frånvaro", "Absence"),
    "not_made": ("Uteblivna", "Not made"),
    "waiting": ("Väntar på besked", "Waiting for news"),
    "punctuality": (
        "Hur nära planerad tid besöken börjar",
        "How near the planned time visits begin",
    ),
    "punctuality_lead": (
        "Utförda besök som var planerade. I tid är högst {limit} minuter före eller efter.",
        "Performed visits that were planned. In time is at most {limit} minutes before or after.",
    ),
    "punctuality_said": (
        "{share} procent av {visits} besök började i tid.",
        "{share} per cent of {visits} visits began in time.",
    ),
    "began": ("Besöket började", "The visit began"),
    "in_time": ("i tid", "in time"),
    "off_early_between": ("{low}–{high} minuter för tidigt", "{low}–{high} minutes early"),
    "off_early_beyond": ("mer än {low} minuter för tidigt", "more than {low} minutes early"),
    "off_late_between": ("{low}–{high} minuter sent", "{low}–{high} minutes late"),
    "off_late_beyond": ("mer än {low} minuter sent", "more than {low} minutes late"),
    "punctuality_weeks": (
        "Besök som börjar i tid, procent vecka för vecka",
        "Visits that begin in time, per cent week by week",
    ),
    "punctuality_teams": (
        "Besök som börjar i tid, procent i varje grupp",
        "Visits that begin in time, per cent of each team",
    ),
    "evidence": ("Vad som visar att besöken har gjorts", "What shows that visits were made"),
    "evidence_lead": (
        "Låset antecknar själv varje öppning, och etiketten sitter hemma hos kunden.",
        "The lock itself notes each opening, and the label is in the client's home.",
    ),
    "evidence_said": (
        "{share} procent av {visits} besök visas av både dörr och etikett.",
        "{share} per cent of {visits} visits are shown by both door and label.",
    ),
    "evidence_teams": (
        "Besök som visas av både dörr och etikett, procent i varje grupp",
        "Visits shown by both door and label, per cent of each team",
    ),
    "evidence_teams_lead": (
        "En låg siffra kan bero på dörrar utan lås eller på etiketter som saknas.",
        "A low figure may be due to doors without a lock, or to missing labels.",
    ),
    "shown_by": ("Visas av", "Shown by"),
    "grade_door_and_label": ("dörr och etikett", "door and label"),
    "grade_door": ("bara dörren", "the door alone"),
    "grade_label": ("bara etiketten", "the label alone"),
    "grade_by_hand": ("det personalen har skrivit in", "what staff have entered"),
    "grade_none": ("ingenting", "nothing"),
    "key_trips": ("Nyckelresor som inte behövdes", "Trips for a key that were not needed"),
    "key_trips_lead": (
        (
            "Besök vid larm och på natten där telefonen öppnade dörren, och där någon förut hade "
            "behövt hämta en nyckel. En hämtad nyckel räknas i {hours} timmar."
        ),
        (
            "Visits for an alarm and at night where the phone opened the door, and where somebody "
            "would have had to fetch a key before. A fetched key counts for {hours} hours."
        ),
    ),
    "key_trips_said": (
        (
            "I {month} behövdes inte {total} resor efter en nyckel: {alarm} vid larm och {night} "
            "på natten."
        ),
        (
            "In {month} {total} trips for a key were not needed: {alarm} for an alarm and {night} "
            "at night."
        ),
    ),
    "by_alarm": ("Vid larm", "For an alarm"),
    "by_night": ("På natten", "At night"),
    "kilometres": ("Kilometer", "Kilometres"),
    "alarms": (
        "Hur lång tid det tog från larm till dörr",
        "How long it took from alarm to door",
    ),
    "alarms_lead": (
        (
            "Tiden från larmet tills den som tog det öppnade dörren, eller sade sig vara där. "
            "Med färre än {fewest} besök en månad, eller färre än {staff} som gjorde dem, visas "
            "ingen tid."
        ),
        (
            "The time from the alarm until whoever took it opened the door, or said they were "
            "there. With fewer than {fewest} arrivals a month, or fewer than {staff} who made "
            "them, no time is shown."
        ),
    ),
    "alarms_said": (
        (
            "I {month} kom {alarms} larm, och till {reached} kom någon: till hälften inom {median} "
            "minuter, och till nio av tio inom {ninetieth}."
        ),
        (
            "In {month} there were {alarms} alarms, and somebody came to {reached}: to half within "
            "{median} minutes, and to nine in ten within {ninetieth}."
        ),
    ),
    "half_within": ("Hälften inom, minuter", "Half within, minutes"),
    "nine_within": ("Nio av tio inom, minuter", "Nine in ten within, minutes"),
    "promised": ("utlovat: {minutes} minuter", "promised: {minutes} minutes"),
    "alarms_count": ("Larm", "Alarms"),
    "reached_count": ("Där någon kom", "Somebody came"),
    "continuity_months": (
        "Olika personer, månad för månad",
        "Different staff, month by month",
    ),
    "performed_months": (
        "Planerade besök som utfördes, procent månad för månad",
        "Planned visits that were performed, per cent month by month",
    ),
    "punctuality_months": (
        "Besök som börjar i tid, procent månad för månad",
        "Visits that begin in time, per cent month by month",
    ),
    "evidence_months": (
        "Besök som visas av både dörr och etikett, procent månad för månad",
        "Visits shown by both door and label, per cent month by month",
    ),
    "large_continuity": ("olika personer i medeltal", "different staff on average"),
    "large_performed": ("av de planerade besöken utfördes", "of the planned visits were made"),
    "large_punctuality": ("av besöken började i tid", "of the visits began in time"),
    "large_evidence": ("visas av dörr och etikett", "are shown by door and label"),
    "large_key_trips": ("nyckelresor behövdes inte", "trips for a key were not needed"),
    "large_alarms": ("minuter till hälften av larmen", "minutes to half of the alarms"),
    "measure_continuity": ("Kontinuitet", "Continuity"),
    "measure_performed": ("Planerat och utfört", "Planned and performed"),
    "measure_punctuality": ("Punktlighet", "Punctuality"),
    "measure_evidence": ("Vad som visar besöken", "What shows the visits"),
    "measure_key_trips": ("Nyckelresor", "Trips for keys"),
    "measure_alarms": ("Från larm till dörr", "From alarm to door"),
    "lead": (
        "Hur hemtjänsten fungerar, i stort och i varje grupp. Inget här handlar om en person.",
        "How home care works, as a whole and in each team. Nothing here is about a person.",
    ),
    "of_provider": ("Siffrorna gäller {provider}.", "The figures are those of {provider}."),
    "of_whole": (
        "Siffrorna gäller hela kommunen, alla utförare.",
        "The figures are those of the whole municipality, all providers.",
    ),
    "choose_month": ("Välj månad", "Choose a month"),
    "measured": ("Räknat {when}.", "Counted {when}."),
    "open": (
        "Månaden är inte stängd, så siffrorna kan ändras.",
        "The month is not closed, so the figures may change.",
    ),
    "closed": ("Månaden är stängd.", "The month is closed."),
    "nothing": ("Det finns inga siffror för {month}", "There are no figures of {month}"),
    "nothing_hint": (
        (
            "En månad räknas av sig själv några minuter efter att besöken har kommit in, och igen "
            "så länge den är öppen. Välj en annan månad, eller kom tillbaka om en stund."
        ),
        (
            "A month is counted by itself some minutes after its visits have come, and again "
            "while it is open. Choose another month, or come back in a while."
        ),
    ),
    "as_csv": ("CSV-fil", "CSV file"),
    "as_excel": ("Excel-fil", "Excel file"),
    "no_team": ("Vikarier utan grupp", "Substitutes without a team"),
    "in_time_share": ("Inom utlovad tid, %", "Within what is promised, %"),
}
text: Final = Words(TEXTS)
