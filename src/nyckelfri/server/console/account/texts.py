"""Words of signing in and of one's own account."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # signing in
    "log_in_wrong": (
        "Användarnamn och lösenord hör inte ihop. Försök igen.",
        "User name and password do not belong together. Try again.",
    ),
    "too_often": (
        "För många försök. Vänta en kvart och försök igen.",
        "Too many tries. Wait a quarter of an hour and try again.",
    ),
    "with_passkey": ("Logga in med nyckel", "Log in with a passkey"),
    "with_passkey_hint": (
        "Mobilen, datorn eller en säkerhetsnyckel känner igen dig. Inget lösenord behövs.",
        "Your phone, computer or security key recognises you. No password is needed.",
    ),
    "with_municipality": ("Logga in med kommunens konto", "Log in with the municipality's account"),
    "other_ways": ("Andra sätt att logga in", "Other ways to log in"),
    "first_time": ("Första gången här?", "First time here?"),
    "first_time_link": ("Aktivera ditt konto", "Activate your account"),
    "password_lost": (
        "Glömt lösenordet eller tappat bort det andra steget? Din chef kan ge dig en ny kod.",
        "Forgotten the password or lost the second step? Your manager can give you a new code.",
    ),
    "ended_vila": (
        "Du loggades ut eftersom sidan inte använts på en halvtimme.",
        "You were logged out because the page had not been used for half an hour.",
    ),
    "ended_dag": (
        "Inloggningen har gått ut. Logga in igen.",
        "The log-in has run out. Log in again.",
    ),
    "ended_session": (
        "Inloggningen gäller inte längre. Logga in igen.",
        "The log-in is no longer good. Log in again.",
    ),
    "ended_anstallning": (
        (
            "Anställningen har upphört eller inte börjat, så du kan inte logga in. Vänd dig "
            "till din chef."
        ),
        "The employment has ended or not begun, so you cannot log in. Turn to your manager.",
    ),
    "ended_nyckel": (
        "Nyckeln kändes inte igen. Försök igen, eller logga in med lösenord.",
        "The passkey was not recognised. Try again, or log in with your password.",
    ),
    "ended_aktiverad": (
        "Lösenordet är sparat. Nu kan du logga in på telefonen med det.",
        "The password is saved. Now you can sign in on the phone with it.",
    ),
    # second step
    "second_step": ("Visa att det är du", "Show that it is you"),
    "second_step_lead": (
        "Lösenordet stämmer. Nu behövs det andra steget.",
        "The password is right. Now the second step is needed.",
    ),
    "code": ("Kod", "Code"),
    "code_hint": (
        "Sex siffror ur appen, eller en av dina reservkoder.",
        "Six digits from the app, or one of your recovery codes.",
    ),
    "use_code": ("Använd koden", "Use the code"),
    "use_passkey": ("Använd nyckel", "Use a passkey"),
    "code_wrong": (
        "Koden stämmer inte, eller har redan använts. Vänta på nästa och försök igen.",
        "The code is wrong or has been used. Wait for the next one and try again.",
    ),
    "password_wrong": ("Lösenordet stämmer inte.", "The password is wrong."),
    "passkey_wrong": (
        "Nyckeln kändes inte igen. Försök igen.",
        "The passkey was not recognised. Try again.",
    ),
    "passkey_failed": (
        "Det avbröts, eller så kan den här webbläsaren inte använda nycklar.",
        "It was broken off, or this browser cannot use passkeys.",
    ),
    "needs_script": (
        "Nycklar kräver JavaScript i webbläsaren.",
        "Passkeys need JavaScript in the browser.",
    ),
    "again": ("Visa igen att det är du", "Show again that it is you"),
    "again_lead": (
        "Du ska ändra något känsligt, så vi frågar en gång till.",
        "You are about to change something delicate, so we ask once more.",
    ),
    "other_way": ("Visa det på ett annat sätt", "Show it in another way"),
    "begin_again": ("Börja om", "Begin again"),
    # not let in
    "not_ready": ("Kontot är inte aktiverat", "The account is not activated"),
    "not_ready_lead": (
        (
            "Lösenordet räcker inte för de här sidorna. Be din chef om en aktiveringskod och "
            "använd den här."
        ),
        (
            "The password is not enough for these pages. Ask your manager for an activation "
            "code and use it here."
        ),
    ),
    "refused": ("Du är inte inloggad", "You are not logged in"),
    "refused_avbruten": (
        "Inloggningen hos kommunen avbröts. Försök igen när du vill.",
        "The log-in at the municipality was broken off. Try again when you like.",
    ),
    "refused_for-sent": (
        "Inloggningen tog för lång tid eller har redan använts. Börja om.",
        "The log-in took too long or has been used already. Begin again.",
    ),
    "refused_fel": (
        (
            "Kommunens inloggning svarade inte som den ska. Försök igen, och säg till "
            "systemansvarig om det inte går."
        ),
        (
            "The municipality's log-in did not answer as it should. Try again, and tell the "
            "system manager if that fails."
        ),
    ),
    "refused_okand": (
        (
            "Ditt konto hos kommunen hör inte ihop med någon anställd här. Vänd dig till "
            "systemansvarig."
        ),
        "Your account at the municipality belongs to no employee here. Turn to the system manager.",
    ),
    "refused_anstallning": (
        "Anställningen har upphört eller inte börjat. Vänd dig till din chef.",
        "The employment has ended or not begun. Turn to your manager.",
    ),
    "refused_konto": (
        "Du har inget konto här än. Be din chef om en aktiveringskod.",
        "You have no account here yet. Ask your manager for an activation code.",
    ),
    "refused_koppling": (
        "Kontot här är kopplat till någon annan hos kommunen. Vänd dig till systemansvarig.",
        (
            "The account here is linked to somebody else at the municipality. Turn to the "
            "system manager."
        ),
    ),
    "moving_on": ("Du skickas vidare", "You are being sent on"),
    # activation
    "activate": ("Aktivera ditt konto", "Activate your account"),
    "activate_lead": (
        "Du har fått en kod av din chef. Den gäller i ett dygn.",
        "You have been given a code by your manager. It is good for a day.",
    ),
    "activation_code": ("Aktiveringskod", "Activation code"),
    "activation_code_hint": (
        "Sexton tecken, till exempel ABCD-EFGH-JKLM-NPQR",
        "Sixteen characters, such as ABCD-EFGH-JKLM-NPQR",
    ),
    "new_password": ("Nytt lösenord", "New password"),
    "new_password_hint": (
        "Minst 12 tecken. Några ord i rad är lätta att minnas och svåra att gissa.",
        "At least 12 characters. A few words in a row are easy to remember and hard to guess.",
    ),
    "new_password_again": ("Samma lösenord igen", "The same password again"),
    "old_password": ("Nuvarande lösenord", "Present password"),
    "activation_wrong": (
        "Användarnamn och kod hör inte ihop, eller så är koden för gammal. Be din chef om en ny.",
        (
            "User name and code do not belong together, or the code is too old. Ask your "
            "manager for a new one."
        ),
    ),
    "password_too_short": (
        "Lösenordet är för kort: minst 12 tecken.",
        "The password is too short: at least 12 characters.",
    ),
    "password_too_common": (
        "Lösenordet är för vanligt. Välj ett annat.",
        "The password is too common. Choose another.",
    ),
    "password_too_similar": (
        "Lösenordet liknar användarnamnet. Välj ett annat.",
        "The password is like the user name. Choose another.",
    ),
    "password_too_long": (
        "Lösenordet är för långt: högst 256 tecken.",
        "The password is too long: at most 256 characters.",
    ),
    "passwords_differ": ("Lösenorden är inte lika.", "The passwords differ."),
    "missing": ("Fyll i den här rutan.", "Fill in this field."),
    "unusable": (
        "Det gick inte att läsa. Kontrollera och försök igen.",
        "That cannot be read. Check it and try again.",
    ),
    # setting up
    "set_up": ("Skaffa ett andra steg", "Get a second step"),
    "set_up_lead": (
        (
            "Här visas var gamla och sjuka bor och vem som kan öppna hos dem. Därför räcker "
            "inte ett lösenord. Välj ett sätt nu; du kan lägga till fler sedan."
        ),
        (
            "These pages show where old and ill people live and who can open their doors, so a "
            "password is not enough. Choose a way now; you can add more later."
        ),
    ),
    "passkey": ("Nyckel", "Passkey"),
    "passkey_what": (
        (
            "Fingeravtryck, ansikte eller PIN på mobilen eller datorn, eller en "
            "säkerhetsnyckel. Snabbast, och går inte att lura av dig."
        ),
        (
            "Fingerprint, face or PIN on your phone or computer, or a security key. Quickest, "
            "and nobody can trick you out of it."
        ),
    ),
    "app": ("App med koder", "App with codes"),
    "app_what": (
        "En app på mobilen visar sex siffror som byts var halvminut.",
        "An app on your phone shows six digits that change every half minute.",
    ),
    "add_passkey": ("Lägg till en nyckel", "Add a passkey"),
    "add_passkey_lead": (
        "Ge nyckeln ett namn, så att du känner igen den. Sedan frågar webbläsaren.",
        "Give the passkey a name that you will recognise. Then the browser asks.",
    ),
    "passkey_name": ("Namn på nyckeln", "Name of the passkey"),
    "my_passkey": ("Min nyckel {number}", "My passkey {number}"),
    "add_app": ("Koppla en app", "Connect an app"),
    "add_app_lead": (
        "Läs av bilden med appen, och skriv koden som den visar.",
        "Scan the picture with the app, and type the code that it shows.",
    ),
    "add_app_picture": ("Bild att läsa av med appen", "Picture to scan with the app"),
    "add_app_by_hand": (
        "Går det inte att läsa av? Skriv in det här i appen:",
        "Cannot scan it? Type this into the app:",
    ),
    "remove_app": ("Ta bort appen", "Remove the app"),
    "remove_app_lead": (
        "Koderna från appen slutar gälla på det här kontot.",
        "The app's codes are no longer good for this account.",
    ),
    "remove_passkey": ("Ta bort nyckeln", "Remove the passkey"),
    "remove_passkey_lead": (
        "Det går inte längre att logga in med {name}.",
        "It will no longer be possible to log in with {name}.",
    ),
    "last_step": (
        "Det är ditt enda andra steg. Lägg till ett annat först.",
        "It is your only second step. Add another first.",
    ),
    "removed": ("Det är borttaget.", "It is removed."),
    # account
    "number": ("Anställningsnummer", "Employee number"),
    "role": ("Roll", "Role"),
    "second_steps": ("Andra steget", "Second step"),
    "added": ("tillagd", "added"),
    "last_used": ("senast använd", "last used"),
    "never_used": ("aldrig använd", "never used"),
    "remove": ("Ta bort", "Remove"),
    "recovery_codes": ("Reservkoder", "Recovery codes"),
    "recovery_left": ("{count} kvar", "{count} left"),
    "recovery_make": ("Gör nya reservkoder", "Make new recovery codes"),
    "recovery_make_lead": (
        "De gamla slutar gälla.",
        "The old ones are no longer good.",
    ),
    "recovery_lead": (
        (
            "Skriv upp eller skriv ut koderna och lägg dem på ett säkert ställe. De visas bara "
            "nu. Var och en fungerar en gång, om du blir av med det andra steget."
        ),
        (
            "Write the codes down or print them and keep them safe. They are shown only now. "
            "Each works once, if you lose the second step."
        ),
    ),
    "recovery_seen": (
        "Koderna har redan visats. Gör nya om du inte har dem kvar.",
        "The codes have been shown already. Make new ones if you no longer have them.",
    ),
    "sessions": ("Här är du inloggad", "Where you are logged in"),
    "session_opened": ("Inloggad", "Logged in"),
    "session_seen": ("Senast använd", "Last used"),
    "session_where": ("Varifrån", "From where"),
    "session_agent": ("Webbläsare", "Browser"),
    "session_here": ("den här", "this one"),
    "session_end": ("Avsluta", "End"),
    "sessions_end": ("Avsluta alla andra", "End all others"),
    "sessions_ended": ("Avslutat. Övriga inloggningar: {count}.", "Ended. Other log-ins: {count}."),
    "change_password": ("Byt lösenord", "Change password"),
    "change_password_lead": (
        "Samma lösenord gäller på telefonen. Du loggas ut överallt, också där.",
        "The same password is used on the phone. You are logged out everywhere, there too.",
    ),
    "password_changed": ("Lösenordet är bytt.", "The password is changed."),
    # codes for others
    "give_code": ("Ge en aktiveringskod", "Give an activation code"),
    "give_code_new": (
        (
            "{number} har inget konto än. Med koden väljer hen sitt lösenord, och för de här "
            "sidorna ett andra steg."
        ),
        (
            "{number} has no account yet. With the code they choose a password, and for these "
            "pages a second step."
        ),
    ),
    "give_code_again": (
        (
            "När koden används får {number} ett nytt lösenord och ett nytt andra steg, och "
            "loggas ut överallt."
        ),
        (
            "When the code is used, {number} gets a new password and a new second step, and is "
            "logged out everywhere."
        ),
    ),
    "give_code_stop": (
        "Stäng det gamla nu: lösenord, andra steg och inloggningar slutar gälla genast",
        "Close the old now: password, second step and log-ins are no longer good from this moment",
    ),
    "give_code_make": ("Visa koden", "Show the code"),
    "give_code_done": ("Koden för {number}", "The code for {number}"),
    "give_code_done_lead": (
        "Den visas bara nu och gäller till {until}. Lämna den direkt till personen, inte i e-post.",
        (
            "It is shown only now and is good until {until}. Give it to the person directly, "
            "not by e-mail."
        ),
    ),
    "give_code_self": (
        "Ingen ger sig själv en kod. Be en annan chef.",
        "Nobody gives themselves a code. Ask another manager.",
    ),
    "give_code_left": (
        "Anställningen har upphört eller inte börjat.",
        "The employment has ended or not begun.",
    ),
    "give_code_where": ("Används på", "Used at"),
    "back": ("Tillbaka", "Back"),
}

text: Final = Words(TEXTS)
"""The words of this area."""
