"""Words of imports."""

from __future__ import annotations

from typing import Final

from nyckelfri.server.console.texts import Words

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "import_lead": (
        (
            "Ladda upp filer från verksamhetssystemet. Du ser vad som ändras, och vem som får "
            "eller förlorar tillgång, innan något införs."
        ),
        (
            "Upload files from the care system. You see what changes, and who gains or loses "
            "access, before anything is stored."
        ),
    ),
    "new_import": ("Ny import", "New import"),
    "files": ("Filer", "Files"),
    "files_hint": (
        (
            "CSV-filer med systemets egna namn, till exempel brukare.csv, eller en ZIP-fil med "
            "dem. Högst {most} MB."
        ),
        (
            "CSV files under the system’s own names, for example brukare.csv, or a ZIP file of "
            "them. At most {most} MB."
        ),
    ),
    "upload": ("Ladda upp och kontrollera", "Upload and check"),
    "earlier": ("Tidigare importer", "Earlier imports"),
    "none_earlier": ("Inga importer än.", "No imports yet."),
    "none_earlier_hint": (
        "Exportera filerna ur verksamhetssystemet och ladda upp dem här. Första gången alla.",
        "Export the files from the care system and upload them here. The first time: all.",
    ),
    "number": ("Nummer", "Number"),
    "uploaded": ("Uppladdad", "Uploaded"),
    "by": ("Av", "By"),
    "state": ("Läge", "State"),
    "one_import": ("Import {number}", "Import {number}"),
    "state_checking": ("Kontrolleras", "Being checked"),
    "state_ready": ("Väntar på ditt beslut", "Waits for your decision"),
    "state_faulty": ("Har fel", "Has faults"),
    "state_storing": ("Införs", "Being stored"),
    "state_stored": ("Infört", "Stored"),
    "state_stale": ("Behöver kontrolleras igen", "Needs to be checked again"),
    "state_cancelled": ("Avbrutet", "Cancelled"),
    "state_failed": ("Gick inte", "Failed"),
    "lead_checking": (
        "Filerna läses och jämförs med det som redan finns. Inget ändras. Du kan lämna sidan.",
        (
            "The files are read and compared with what is there. Nothing changes. You may leave "
            "the page."
        ),
    ),
    "lead_storing": (
        "Filerna införs. Antingen införs allt eller inget. Du kan lämna sidan.",
        "The files are being stored: all of it, or nothing. You may leave the page.",
    ),
    "lead_ready": (
        "Så här skulle registret ändras. Inget är infört än.",
        "This is how the register would change. Nothing is stored yet.",
    ),
    "lead_faulty": (
        "Inget är infört. Rätta felen i verksamhetssystemet eller filerna och ladda upp igen.",
        "Nothing is stored. Mend the faults in the care system or the files and upload again.",
    ),
    "lead_stored": (
        "Allt är infört, och den som inte längre ska komma in är återkallad.",
        "All is stored, and whoever shall no longer get in is revoked.",
    ),
    "lead_stale": (
        "En annan import har kommit emellan. Kontrollera filerna igen innan de införs.",
        "Another import has come between. Check the files again before they are stored.",
    ),
    "lead_cancelled": (
        "Filerna är borttagna. Inget är infört.",
        "The files are removed. Nothing is stored.",
    ),
    "lead_failed": (
        (
            "Något gick fel hos oss, inte i filerna. Inget är infört. Försök igen, och säg till "
            "systemansvarig om det inte hjälper."
        ),
        (
            "Something went wrong here, not in the files. Nothing is stored. Try again, and tell "
            "the system manager if that does not help."
        ),
    ),
    "working_on": ("Arbetar med {file}", "Working on {file}"),
    "what_changes": ("Det som ändras", "What changes"),
    "file": ("Fil", "File"),
    "created": ("Nya", "New"),
    "changed": ("Ändrade", "Changed"),
    "unchanged": ("Oförändrade", "Unchanged"),
    "withdrawn": ("Återtagna", "Taken back"),
    "access_changes": ("Vem som får och förlorar tillgång", "Who gains and loses access"),
    "access_lead": (
        "Dörrar från nu och ett och ett halvt dygn framåt, efter arbetspassen i filerna.",
        "Doors from now and a day and a half ahead, by the shifts in the files.",
    ),
    "access_same": (
        "Ingen får eller förlorar tillgång till någon dörr.",
        "Nobody gains or loses access to any door.",
    ),
    "person": ("Person", "Person"),
    "gains": ("Får dörrar", "Gains doors"),
    "loses": ("Förlorar dörrar", "Loses doors"),
    "more_people": ("och {count} personer till", "and {count} people more"),
    "faults": ("Fel", "Faults"),
    "remarks": ("Att tänka på", "To bear in mind"),
    "line": ("Rad", "Line"),
    "column": ("Kolumn", "Column"),
    "what": ("Vad", "What"),
    "more_lines": ("och {count} till", "and {count} more"),
    "suspicious": (
        "Ovanligt många rader skulle tas bort. Det är ofta tecken på att exporten blev avklippt.",
        "Unusually many rows would be taken back. Often the export was cut off.",
    ),
    "suspicious_file": (
        "{file}: {count} av {total} rader som gäller saknas i filen",
        "{file}: {count} of {total} rows in force are missing in the file",
    ),
    "accept": (
        "Ja, raderna ska tas bort. Jag har kontrollerat exporten.",
        "Yes, the rows shall go. I have checked the export.",
    ),
    "accept_first": (
        "Kryssa i att raderna ska tas bort, eller avbryt och exportera igen.",
        "Tick that the rows shall go, or cancel and export again.",
    ),
    "store": ("Inför", "Store"),
    "drop": ("Avbryt och ta bort filerna", "Cancel and remove the files"),
    "check_again": ("Kontrollera igen", "Check again"),
    "upload_again": ("Ladda upp igen", "Upload again"),
    "began": ("Filerna kontrolleras.", "The files are being checked."),
    "dropped": ("Filerna är borttagna.", "The files are removed."),
    "moved_on": (
        "Importen har redan gått vidare. Så här är läget nu.",
        "The import has already gone on. This is where it is now.",
    ),
    "upload_none": ("Välj minst en fil.", "Choose at least one file."),
    "upload_unknown_name": (
        "Filen {name} känns inte igen. Använd systemets egna namn, till exempel brukare.csv.",
        "The file {name} is not known. Use the system’s own names, for example brukare.csv.",
    ),
    "upload_twice": ("Filen {name} kom två gånger. Välj en.", "{name} came twice. Choose one."),
    "upload_too_large": (
        "Filerna är för stora tillsammans. Exportera en kortare period.",
        "The files are too large together. Export a shorter period.",
    ),
    "upload_broken_zip": (
        "ZIP-filen går inte att öppna. Packa den igen utan lösenord, eller ladda upp filerna.",
        "The ZIP file cannot be opened. Pack it again without a password, or upload the files.",
    ),
}
text: Final = Words(TEXTS)
