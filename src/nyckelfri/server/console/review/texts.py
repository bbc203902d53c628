"""Words of what is to be reviewed."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "lead": (
        "Det som lås och telefoner lämnat men som inte kunde godtas. Inget slängs.",
        "What locks and phones delivered but could not be accepted. Nothing is thrown away.",
    ),
    "to_do": ("Att göra", "To do"),
    "dealt_with": ("Hanterade", "Dealt with"),
    "which_list": ("Att göra och hanterade", "To do and dealt with"),
    "none_kept": ("Ingenting att granska", "Nothing to review"),
    "none_kept_hint": (
        "Allt som lås och telefoner har lämnat har kunnat godtas.",
        "Everything that locks and phones delivered could be accepted.",
    ),
    "none_settled": ("Ingenting är hanterat än", "Nothing has been dealt with yet"),
    "none_settled_hint": (
        "Här finns det som någon har markerat som hanterat, med skälet.",
        "Here is what somebody has marked as dealt with, and why.",
    ),
    "waiting_1": (
        "1 öppning är känd av en telefon men finns inte i låsets journal än.",
        "1 opening is known to a phone but not yet in the lock's journal.",
    ),
    "waiting_many": (
        "{count} öppningar är kända av en telefon men finns inte i låsets journal än.",
        "{count} openings are known to a phone but not yet in the lock's journal.",
    ),
    "one": ("Leverans {number}", "Delivery {number}"),
    "came": ("Kom", "Came"),
    "why": ("Varför", "Why"),
    "entries": ("Poster i journalen", "Journal entries"),
    "carried_by": ("Telefonens innehavare", "Holder of the phone"),
    "through": ("Kom in via", "Delivered through"),
    "times": ("Har kommit", "Has come"),
    "times_said": ("{count} gånger", "{count} times"),
    "explained": (
        "Har fått sin förklaring av det som kom senare",
        "Has been explained by what came later",
    ),
    "settled_by": ("Hanterad av", "Dealt with by"),
    "settled_why": ("Vad som gjordes", "What was done"),
    "settle": ("Markera som hanterad", "Mark as dealt with"),
    "settle_hint": (
        "Skriv kort vad du kom fram till eller gjorde. Leveransen finns kvar.",
        "Say briefly what you found or did. The delivery is kept.",
    ),
    "reopen": ("Ta upp den igen", "Take it up again"),
    "reopen_hint": ("Skriv kort varför den behöver ses över igen.", "Say briefly why."),
    "settled": (
        "Leverans {number} är markerad som hanterad.",
        "Delivery {number} is marked as dealt with.",
    ),
    "reopened": ("Leverans {number} väntar igen på någon.", "Delivery {number} waits again."),
    "already": (
        "Någon annan hann före. Så här ser det ut nu.",
        "Somebody else was first. This is how it is now.",
    ),
    "needed": ("Skriv vad som gjordes.", "Say what was done."),
    "kept_gap": ("Poster före den saknas", "Entries before it are missing"),
    "kept_fork": ("Motsäger den lagrade journalen", "Contradicts the stored journal"),
    "kept_bad_signature": ("Inte undertecknad av låset", "Not signed by the lock"),
    "kept_malformed": ("Går inte att läsa", "Cannot be read"),
    "kept_unopened": ("Går inte att öppna med våra nycklar", "Does not open with our keys"),
    "kept_lost": ("Låset har förlorat poster", "The lock has lost entries"),
    "kept_cut_tail": ("Telefonen såg en annan journal", "The phone saw another journal"),
    "kept_unknown_grant": ("Behörigheten är inte utfärdad här", "The grant was not issued here"),
    "kept_changed": ("Samma nummer, annat innehåll", "Same number, other content"),
    "kept_unknown_lock": ("Okänt lås", "Unknown lock"),
    "do_gap": (
        (
            "Servern ber nästa telefon som kommer till låset om det som saknas. Går det mer än "
            "några dygn: be någon gå förbi låset med en telefon."
        ),
        (
            "The server asks the next phone that comes by the lock for what is missing. If it "
            "takes more than a few days: have somebody pass the lock with a phone."
        ),
    ),
    "do_fork": (
        (
            "Låset har berättat två olika saker om samma tid. Någon kan ha bytt eller ändrat "
            "låset. Ta låset ur bruk och låt en montör undersöka det."
        ),
        (
            "The lock has told two stories of the same time. Somebody may have replaced or "
            "changed it. Take it out of use and have an installer look at it."
        ),
    ),
    "do_bad_signature": (
        (
            "Någon kan ha försökt lämna en påhittad journal. Prata med den som bar telefonen "
            "och låt undersöka den."
        ),
        (
            "Somebody may have tried to deliver an invented journal. Talk to whoever carried "
            "the phone and have it looked at."
        ),
    ),
    "do_malformed": (
        "Leveransen är skadad. Kommer det fler från samma telefon: byt telefonen.",
        "The delivery is damaged. If more come from the same phone: replace the phone.",
    ),
    "do_unopened": (
        (
            "Journalen är låst med en nyckel som servern inte har. Servern ber om den igen. Se "
            "efter att ingen gammal säkerhetskopia är i bruk."
        ),
        (
            "The journal is sealed with a key that the server does not have. It is asked for "
            "again. Check that no old backup is in use."
        ),
    ),
    "do_lost": (
        (
            "Låset har fått ge upp poster, oftast för att det varit fullt eller skadat. Jämför "
            "med de planerade besöken, och se till att en telefon kommer förbi oftare."
        ),
        (
            "The lock had to give up entries, mostly because it was full or damaged. Compare "
            "with the planned visits, and see that a phone comes by more often."
        ),
    ),
    "do_cut_tail": (
        (
            "En telefon fick ett annat besked vid dörren än det som står i journalen. Låset kan "
            "ha lästs tillbaka från en äldre kopia. Låt en montör undersöka det."
        ),
        (
            "A phone was told something else at the door than what stands in the journal. The "
            "lock may have been set back to an older copy. Have an installer look at it."
        ),
    ),
    "do_unknown_grant": (
        (
            "Låset öppnade för en behörighet som servern inte minns. Det händer om en äldre "
            "säkerhetskopia har lästs in. Annars: byt nyckeln som undertecknar behörigheter."
        ),
        (
            "The lock opened for a grant that the server does not remember. That happens after "
            "an older backup is restored. Otherwise: rotate the key that signs grants."
        ),
    ),
    "do_changed": (
        (
            "En telefon har berättat två olika saker om samma öppning. Det är låsets journal "
            "som gäller. Låt undersöka telefonen."
        ),
        (
            "A phone has told two stories of the same opening. The lock's journal is what "
            "counts. Have the phone looked at."
        ),
    ),
    "do_unknown_lock": (
        (
            "Leveransen kommer från ett lås som inte är i bruk hos kommunen. Kontrollera om ett "
            "lås har monterats utan att tas i bruk."
        ),
        (
            "The delivery is from a lock that is not in service here. Check whether a lock was "
            "mounted without being taken into service."
        ),
    ),
    "what_to_do": ("Det här betyder det", "What this means"),
}
text: Final = Words(TEXTS)
