"""Words of the pages of phones."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "phones_lead": (
        "Tjänstetelefonerna: vem som svarar för var och en, och när den senast hördes av.",
        "The service phones: who answers for each, and when it was last heard of.",
    ),
    "label": ("Märkning", "Label"),
    "label_hint": (
        "Det som står på telefonen, till exempel Telefon 14. Inget personnamn.",
        "What stands on the phone, such as Phone 14. No person's name.",
    ),
    "state": ("Läge", "State"),
    "every_state": ("Alla lägen", "All states"),
    "state_registered": ("Väntar på kod", "Waiting for a code"),
    "state_enrolled": ("I bruk", "In use"),
    "state_blocked": ("Spärrad", "Blocked"),
    "state_retired": ("Ur bruk", "Out of use"),
    "holder": ("Innehavare", "Holder"),
    "holder_hint": ("Anställningsnummer", "Employee number"),
    "nobody": ("Ingen, ligger i skåpet", "Nobody, lies in the cupboard"),
    "signed_in": ("Inloggad", "Signed in"),
    "nobody_signed_in": ("Ingen", "Nobody"),
    "synced": ("Hördes av", "Last heard of"),
    "never_synced": ("Aldrig", "Never"),
    "silent": ("Tyst länge", "Silent for long"),
    "search_phones": ("Märkning, namn eller nummer", "Label, name or number"),
    "none": ("Inga telefoner här.", "No phones here."),
    "none_hint": (
        "Välj ett annat läge eller sök på något annat.",
        "Choose another state, or search for something else.",
    ),
    "shown_part": (
        "Fler än så träffades. Skriv mer för att hitta rätt.",
        "There were more hits than these. Write more to find the right one.",
    ),
    "new_phone": ("Ny telefon", "New phone"),
    "do_block": ("Spärra telefonen", "Block the phone"),
    "do_block_short": ("Spärra", "Block"),
    "do_unblock": ("Häv spärren", "Lift the block"),
    "do_invite": ("Visa en ny kod", "Show a new code"),
    "do_hand_over": ("Lämna över telefonen", "Hand the phone over"),
    "do_take_back": ("Ta emot telefonen", "Take the phone back"),
    "do_retire": ("Ta telefonen ur bruk", "Take the phone out of use"),
    "ask_block": ("Spärra {name}?", "Block {name}?"),
    "ask_unblock": ("Häva spärren på {name}?", "Lift the block on {name}?"),
    "ask_invite": ("Ge {name} en kod?", "Give {name} a code?"),
    "ask_hand_over": ("Lämna över {name}", "Hand over {name}"),
    "ask_take_back": ("Ta emot {name}", "Take {name} back"),
    "ask_retire": ("Ta {name} ur bruk?", "Take {name} out of use?"),
    "effect_block": (
        (
            "Telefonen får inga fler nycklar och tömmer sig själv nästa gång den får kontakt. "
            "Låsen får veta det med nästa kollega som kommer förbi. Den som håller i telefonen "
            "loggas ut och behöver en annan telefon."
        ),
        (
            "The phone gets no more keys and empties itself the next time it is in contact. "
            "The locks hear of it with the next colleague who passes. Whoever holds the phone is "
            "signed out and needs another phone."
        ),
    ),
    "effect_unblock": (
        (
            "Telefonen kan tas i bruk igen, med en ny kod och nya nycklar. De gamla nycklarna "
            "fortsätter att vara spärrade. Gör det bara när du har telefonen i handen."
        ),
        (
            "The phone can be used again, with a new code and new keys. The old keys stay revoked. "
            "Do this only when you have the phone in your hand."
        ),
    ),
    "effect_invite": (
        "Koden gäller i 15 minuter och en gång. En tidigare kod slutar gälla.",
        "The code is valid for 15 minutes and once. An earlier code becomes void.",
    ),
    "effect_hand_over": (
        (
            "Nycklarna i telefonen spärras, den som är inloggad loggas ut och telefonen tömmer "
            "sig. Den nya innehavaren tar den i bruk med en ny kod."
        ),
        (
            "The keys in the phone are revoked, whoever is signed in is signed out, and the phone "
            "empties itself. The new holder takes it into use with a new code."
        ),
    ),
    "effect_take_back": (
        "Nycklarna i telefonen spärras och ingen svarar längre för den. Den kan lämnas ut igen.",
        "The keys in the phone are revoked and nobody answers for it. It can be handed out again.",
    ),
    "effect_retire": (
        "Nycklarna i telefonen spärras och den kan aldrig tas i bruk igen.",
        "The keys in the phone are revoked and it can never be used again.",
    ),
    "is_blocked": (
        "{label} är spärrad. Nedan står vad den ännu kan öppna.",
        "{label} is blocked. Below is what it can still open.",
    ),
    "is_handed_over": (
        "Telefonen är {name}s. Visa en kod när den ska tas i bruk.",
        "The phone is now with {name}. Show a code when it is to be taken into use.",
    ),
    "is_registered": (
        "{label} finns nu. Visa en kod när den ska tas i bruk.",
        "{label} is known now. Show a code when it is to be taken into use.",
    ),
    "after_unblock": (
        "Spärren på {label} är hävd. Visa en kod när den ska tas i bruk.",
        "The block on {label} is lifted. Show a code when it is to be taken into use.",
    ),
    "after_take_back": ("{label} ligger i skåpet.", "{label} lies in the cupboard."),
    "after_retire": ("{label} är ur bruk.", "{label} is out of use."),
    "state_in_the_way": (
        "Telefonen är inte i ett läge där det går. Någon annan kan ha ändrat den: titta igen.",
        (
            "The phone is not in a state that allows this. Somebody else may have changed it: look "
            "again."
        ),
    ),
    "no_such_employee": (
        "Ingen som arbetar här nu har det numret.",
        "Nobody who works here now has that number.",
    ),
    "new_holder": ("Ny innehavare", "New holder"),
    "block_why": ("Vad har hänt?", "What has happened?"),
    "block_lost": ("Telefonen är borta", "The phone is lost"),
    "block_stolen": ("Telefonen är stulen", "The phone is stolen"),
    "block_opened": ("Någon annan har använt den", "Somebody else has used it"),
    "block_other": ("Något annat", "Something else"),
    "block_more": ("Mer, om du vill", "More, if you like"),
    "reason_hint": (
        "Läses i ändringsloggen. Nämn ingen vid namn.",
        "Is read in the audit log. Name nobody.",
    ),
    "missing": ("Fyll i fältet.", "Fill this in."),
    "too_long": ("Skriv kortare.", "Write less."),
    "choose_one": ("Välj ett av alternativen.", "Choose one of these."),
    "code_for": ("Kod till {label}", "Code for {label}"),
    "code_lead": (
        "Skriv koden på telefonen. Den visas bara den här gången.",
        "Type the code on the phone. It is shown this once only.",
    ),
    "code_until": ("Gäller till", "Valid until"),
    "code_waits": (
        "En kod är utlämnad och väntar på att skrivas in.",
        "A code has been given out and waits to be typed in.",
    ),
    "back_to_phone": ("Till telefonen", "To the phone"),
    "facts": ("Telefonen", "The phone"),
    "enrolled_at": ("I bruk sedan", "In use since"),
    "blocked_at": ("Spärrad", "Blocked"),
    "number": ("Id", "Id"),
    "can_open": ("Vad telefonen kan öppna", "What the phone can open"),
    "can_open_if_lost": (
        "Om telefonen försvann nu och ingen såg den igen:",
        "If the phone were lost now and nobody saw it again:",
    ),
    "can_open_blocked": (
        "Värsta fallet, om den som har telefonen står vid dörren innan låset vet:",
        "The worst case, if whoever has the phone stands at the door before the lock knows:",
    ),
    "doors_left": ("dörrar kan öppnas ännu", "doors can still be opened"),
    "until": ("då är allt slut", "when all of it ends"),
    "first_news": ("första kollegan med nyheten", "first colleague with the news"),
    "opens_nothing": ("Telefonen öppnar ingenting.", "The phone opens nothing."),
    "opens_nothing_hint": (
        "Den har inga nycklar som gäller, eller så vet låsen redan.",
        "It has no valid keys, or the locks know already.",
    ),
    "door": ("Dörr", "Door"),
    "till_when": ("Senast till", "At the latest until"),
    "lock_knows": ("Vet låset?", "Does the lock know?"),
    "standing_not_known": ("Vet vi inte", "We do not know"),
    "standing_passed": (
        "En kollega med nyheten har varit där",
        "A colleague with the news has been there",
    ),
    "standing_heard": ("Ja, låset har nekat", "Yes, the lock has refused"),
    "who_comes": ("Vem kommer dit?", "Who comes there?"),
    "nobody_comes": ("Ingen planerad", "Nobody planned"),
    "clock_doubt": (
        "Låsets klocka är osäker: det kan gälla längre, tills en kollega varit där.",
        "The lock's clock is in doubt: it may last longer, until a colleague has been there.",
    ),
    "honest": (
        (
            "Ett lås utan nät får veta om spärren först när en telefon med nyheten kommer förbi. "
            "Därför har varje nyckel ett slut. Ett lås som har varit utan ström och tappat tiden "
            "är undantaget: det går efter telefonens, tills en kollega har varit där."
        ),
        (
            "A lock without a network hears of the block only when a phone with the news passes. "
            "That is why each key has an end. A lock that was without power and lost the time is "
            "the exception: it goes by the phone's, until a colleague has been there."
        ),
    ),
    "forgotten": (
        "Servern har återställts och kan ha glömt nycklar som telefonen har.",
        "The server was restored and may have forgotten keys that the phone has.",
    ),
    "forgotten_here": (
        "De kan gälla vid dörrarna här, tills någon med de nya nycklarna har varit där.",
        "They may hold at the doors here, until somebody with the new keys has been there.",
    ),
    "forgotten_1": (
        "Kanske öppnar den också en dörr till, tills någon med de nya nycklarna har varit där.",
        "It may open one more door too, until somebody with the new keys has been there.",
    ),
    "forgotten_many": (
        (
            "Kanske öppnar den också någon av {count} dörrar till, var och en tills någon med de "
            "nya nycklarna har varit där."
        ),
        (
            "It may open any of {count} more doors too, each until somebody with the new keys has "
            "been there."
        ),
    ),
    "history": ("Historik", "History"),
    "history_of": ("Historik för {label}", "History of {label}"),
    "no_history": ("Ingenting har hänt än.", "Nothing has happened yet."),
    "when": ("När", "When"),
    "what": ("Vad", "What"),
    "who": ("Vem", "Who"),
    "deed_register": ("Registrerad", "Registered"),
    "deed_invite": ("Kod utlämnad", "Code given"),
    "deed_enrol": ("Tagen i bruk", "Taken into use"),
    "deed_block": ("Spärrad", "Blocked"),
    "deed_unblock": ("Spärren hävd", "Block lifted"),
    "deed_retire": ("Ur bruk", "Out of use"),
    "deed_hand_over": ("Överlämnad", "Handed over"),
    "deed_return": ("Mottagen", "Taken back"),
    "deed_tell": ("Enhetshanteringen underrättad", "Device management told"),
    "actor_phone": ("telefonen själv", "the phone itself"),
    "actor_system": ("systemet", "the system"),
    "actor_test": ("prov", "test"),
}

text: Final = Words(TEXTS)
