"""Texts of the reference phone for people, Swedish and English.

House rule: why a lock refuses stands in `door.reasons`; everything else the phone says stands here.
"""

from __future__ import annotations

from typing import Final

from nyckelfri.door.reasons import Language
from nyckelfri.phone.account import SignInError, WipedError, WrongPasswordError
from nyckelfri.phone.client import BlockedError, UnreachableError
from nyckelfri.phone.commission import CommissioningError, UnsureError
from nyckelfri.phone.luggage import NoGrantError
from nyckelfri.phone.release import ReleaseError
from nyckelfri.phone.store import AlreadyEnrolledError, NotEnrolledError, StoreError
from nyckelfri.phone.vault import VaultError, WrongPinError

_TEXTS: Final[dict[str, dict[Language, str]]] = {
    "searching": {"sv": "Söker låset …", "en": "Looking for the lock …"},
    "found": {"sv": "Hittade låset", "en": "Found the lock"},
    "connected": {"sv": "Ansluten", "en": "Connected"},
    "lock_proven": {"sv": "Det är rätt lås", "en": "It is the right lock"},
    "decided": {"sv": "Låset har svarat", "en": "The lock has answered"},
    "retrying": {"sv": "Försöker en gång till …", "en": "Trying once more …"},
    "status": {"sv": "Låset berättar om sig", "en": "The lock tells how it is"},
    "delivered": {"sv": "Lämnade nyheter till låset", "en": "Brought news to the lock"},
    "moved": {"sv": "Kolven har rört sig", "en": "The bolt has moved"},
    "fetched": {"sv": "Hämtade loggen", "en": "Fetched the log"},
    "ended": {"sv": "Klart", "en": "Done"},
    "unlocked": {"sv": "Upplåst", "en": "Unlocked"},
    "locked": {"sv": "Låst", "en": "Locked"},
    "jammed": {
        "sv": "Kolven har fastnat. Tryck på dörren och försök igen, annars reservnyckel.",
        "en": "The bolt is stuck. Push the door and try again, or use the reserve key.",
    },
    "not_moved": {
        "sv": "Godkänt, men låset har inte berättat om kolven rörde sig. Känn på dörren.",
        "en": "Granted, but the lock did not tell whether the bolt moved. Try the door.",
    },
    "no_lock": {
        "sv": "Hittar inget lås. Gå närmare dörren och försök igen, annars reservrutinen.",
        "en": "No lock found. Step closer to the door and try again, or use the reserve routine.",
    },
    "carried": {"sv": "Lås som fick nyheter: {count}", "en": "Locks that got news: {count}"},
    "commissioned": {
        "sv": "Enheten är nu ett lås: {lock}",
        "en": "The unit is a lock now: {lock}",
    },
    "released": {
        "sv": "Enheten är fri. Sätt den nya etiketten på den: {label}",
        "en": "The unit is free. Put its new label on it: {label}",
    },
    "release_unknown": {
        "sv": "Länken bröts i slutet: det är inte säkert att enheten är fri. Försök igen. Om den"
        " inte svarar, tryck på dess knapp, och upprepa med --gone. Ny etikett: {label}",
        "en": "The link was lost at the end: the unit may be free or not. Try again. If it does"
        " not answer, press its button, and repeat with --gone. New label: {label}",
    },
    "release_stopped": {
        "sv": "Länken bröts innan enheten släpptes fri. Försök igen.",
        "en": "The link was lost before the unit was let go. Try again.",
    },
    "no_label": {
        "sv": "Ingen ny etikett finns för den dörren: enheten är inte frisläppt härifrån.",
        "en": "There is no new label for that door: this phone has not let its unit go.",
    },
    "label_waits": {
        "sv": "Servern har inte etiketten än. Synka där det finns täckning.",
        "en": "The server does not have the label yet. Sync where there is coverage.",
    },
    "record_waits": {
        "sv": "Servern vet det inte än. Synka där det finns täckning, innan du lämnar platsen.",
        "en": "The server does not know yet. Sync where there is coverage before you leave.",
    },
    "record_unsure": {
        "sv": "Det är oklart om enheten {lock} blev ett lås. Gå till den och installera den igen.",
        "en": "It is not known whether the unit {lock} became a lock. Go there and commission it"
        " again.",
    },
    "enrolled": {"sv": "Telefonen är inskriven", "en": "This phone is enrolled"},
    "signed_in": {"sv": "Inloggad: {name}", "en": "Signed in: {name}"},
    "signed_in_offline": {
        "sv": "Inloggad utan server: {name}",
        "en": "Signed in without the server: {name}",
    },
    "signed_out": {"sv": "Utloggad", "en": "Signed out"},
    "synced": {
        "sv": "Synkad: {doors} dörrar, {grants} nycklar; lämnade {sent} loggposter",
        "en": "Synced: {doors} doors, {grants} keys; delivered {sent} log records",
    },
    "server_busy": {
        "sv": "Servern har mycket att göra: det som är kvar skickas om {later} s.",
        "en": "The server is busy: what is left is sent in {later} s.",
    },
    "not_signed_in": {
        "sv": "Ingen är inloggad: loggen lämnades, men inga nycklar hämtades.",
        "en": "Nobody is signed in: the log was delivered, but no keys were fetched.",
    },
    "not_synced": {"sv": "Inte synkad: {why}", "en": "Not synced: {why}"},
    "wiped": {"sv": "Telefonen är tömd", "en": "This phone is wiped"},
    "wipe_sure": {
        "sv": "Allt på telefonen försvinner. Upprepa med --yes. {waiting}",
        "en": "Everything on this phone will go. Repeat with --yes. {waiting}",
    },
    "no_doors": {
        "sv": "Inga dörrar. Logga in och synka.",
        "en": "No doors. Sign in and sync.",
    },
    "door": {"sv": "Dörr", "en": "Door"},
    "address": {"sv": "Adress", "en": "Address"},
    "window": {"sv": "Nyckeln gäller", "en": "Key valid"},
    "now": {"sv": "nu", "en": "now"},
    "no_key": {"sv": "ingen nyckel", "en": "no key"},
    "pin": {"sv": "PIN-kod: ", "en": "PIN: "},
    "new_pin": {
        "sv": "Välj en PIN-kod, 6 till 12 siffror: ",
        "en": "Choose a PIN, 6 to 12 digits: ",
    },
    "pin_again": {"sv": "En gång till: ", "en": "Once more: "},
    "password": {"sv": "Lösenord: ", "en": "Password: "},
}

_SWEDISH: Final[dict[type[Exception], str]] = {
    BlockedError: "Telefonen är spärrad och tömd. Lämna den till din chef.",
    UnreachableError: "Servern svarar inte. Försök igen där det finns täckning.",
    WipedError: "För många fel PIN-koder: telefonen är tömd. Den måste skrivas in på nytt.",
    SignInError: "Ingen är inloggad. Logga in med användarnamn och lösenord.",
    WrongPasswordError: "Fel användarnamn eller lösenord. Utan server går bara fem försök.",
    NoGrantError: "Telefonen har ingen nyckel till den dörren. Synka eller ring din samordnare.",
    ReleaseError: "Enheten släpptes inte fri. Synka och försök igen, annars ring din samordnare.",
    CommissioningError: "Enheten blev inte ett lås. Tryck på dess knapp och försök igen.",
    UnsureError: "Länken bröts i slutet: det är inte säkert att enheten blev ett lås. Stanna vid"
    " den, tryck på dess knapp och upprepa samma kommando.",
    NotEnrolledError: "Telefonen är inte inskriven. Skriv in den med en engångskod.",
    AlreadyEnrolledError: "Telefonen är redan inskriven. Töm den först.",
    StoreError: "Telefonens minne går inte att använda. Töm telefonen och skriv in den på nytt.",
    VaultError: "Telefonens minne går inte att använda. Töm telefonen och skriv in den på nytt.",
}


def text(name: str, language: Language, /, **values: object) -> str:
    """One of the texts above."""
    return _TEXTS[name][language].format(**values)


def problem(error: Exception, language: Language) -> str:
    """What is wrong and what to do."""
    if isinstance(error, BlockedError) and language == "en":
        return "This phone is blocked and has been wiped. Hand it to your manager."
    if language == "en":
        return str(error)
    if isinstance(error, WrongPinError):
        return f"Fel PIN-kod: {error.left} försök kvar, sedan töms telefonen."
    return _SWEDISH.get(type(error), str(error))
