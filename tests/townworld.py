"""A municipality small enough to read, whole and correct, to be broken by tests.

House rules: a test changes one thing and says what must come of it. Lines of a file
are counted as the importer counts them: the header is line 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nyckelfri.server.importer import actions
from nyckelfri.server.importer.check import check
from nyckelfri.server.importer.rules import Registered

if TYPE_CHECKING:
    from pathlib import Path

    from nyckelfri.server.importer.actions import Report
    from nyckelfri.server.importer.check import Checked

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

SMALL = {
    "utforare": """\
org_nr;namn;typ;tjanster;telefon;epost;beskrivning
212999-2083;Kommunens hemtjänst;kommunal;omvardnad,service,natt,larm;070-1740658;a@a.example;Egen
559992-4429;Omtanke AB;privat;omvardnad,service;;;
559996-4193;Köket AB;privat;matlada;;;
""",
    "grupper": """\
grupp_id;namn;org_nr;typ;omrade
G1;Hemtjänst Centrum;212999-2083;hemtjanst;Centrum
G2;Omtanke Centrum;559992-4429;hemtjanst;Centrum
GN;Nattpatrullen;212999-2083;nattpatrull;
GL;Larmgruppen;212999-2083;larmgrupp;
""",
    "personal": """\
anst_nr;namn;grupp_id;roll;telefon;fran;till
10001;Åsa Ek;G1;underskoterska;070-1740623;2024-08-25;
10002;Bo Berg;G1;vardbitrade;;2024-08-25;
10003;Cia Ali;G2;underskoterska;;2024-08-25;2027-12-31
10004;Dan Lund;GN;underskoterska;;2024-08-25;
10005;Eva Ask;GL;underskoterska;;2024-08-25;
10006;Fia Sten;;vikarie;;2024-08-25;
""",
    "fastigheter": """\
fastighet_id;beteckning;adress;postnr;ort;omrade;agare_org_nr;agare_namn;agare_typ
F001;Haren 1;Kyrkogatan 1;940 36;Björkvik;Centrum;559998-3219;Södra AB;hyresvard
F002;Åsnan 2;Parkvägen 2;940 36;Björkvik;Centrum;;Jan Ek;privat
""",
    "portar": """\
port_id;fastighet_id;adress;strom;medgivande
F001-A;F001;Kyrkogatan 1;24V;ja
F002-A;F002;Parkvägen 2;batteri;nej
""",
    "las": """\
las_id;typ;modell;serienr;adress;lgh;port_id;status
L1;port;P-24;PN1;Kyrkogatan 1;;F001-A;monterad
L2;vred;V-1;SN2;Kyrkogatan 1;1101;;monterad
L3;vred;V-1;SN3;Storgatan 3;;;monterad
L4;vred;V-2;;Parkvägen 2;1201;;planerad
""",
    "brukare": (
        "brukare_id;personnummer;namn;adress;lgh;fastighet_id;port_id;las_id;omrade;telefon;"
        "skyddad;trygghetslarm;civilstand;partner_id;instruktion\n"
        "B1;19341123-2394;Karl Ek;Kyrkogatan 1;1101;F001;F001-A;L2;Centrum;;nej;ja;"
        "sammanboende;B2;Ring på\n"
        "B2;19370812-2381;Karin Ek;Kyrkogatan 1;1101;F001;F001-A;L2;Centrum;;nej;nej;"
        "sammanboende;B1;\n"
        "B3;19491023-2380;Per Björk;Storgatan 3;;;;L3;Centrum;;ja;ja;ensam;;\n"
        "B4;19430668-2396;Ida Öman;Parkvägen 2;1201;F002;F002-A;L4;Centrum;;nej;nej;ensam;;\n"
    ),
    "etiketter": """\
etikett_id;brukare_id;plats;typ
E1;B1;hallskåp;424
E2;B3;kapprum;enkel
""",
    "beslut": """\
beslut_id;brukare_id;insats;omfattning;enhet;grund;fran;till
D1;B1;omvardnad;60;min/dag;beslut;2025-05-24;
D2;B2;omvardnad;60;min/dag;beslut;2025-05-24;2026-11-30
D3;B3;omvardnad;120;min/dag;beslut;2025-05-24;
D4;B3;service;1,5;tim/vecka;egen_anmalan;2025-05-24;
D5;B3;trygghetslarm;1;manad;beslut;2025-05-24;
""",
    "val": """\
brukare_id;tjanst;org_nr;grupp_id;fran;till
B1;omvardnad;212999-2083;;2025-05-24;
B2;omvardnad;212999-2083;G1;2025-05-24;
B3;omvardnad;559992-4429;;2025-05-24;2026-11-25
B3;omvardnad;212999-2083;;2026-11-26;
B3;service;559992-4429;;2025-05-24;
""",
    "arbetspass": """\
pass_id;anst_nr;start;slut
P1;10001;2026-11-23 07:00;2026-11-23 15:00
P2;10001;2026-11-24 07:00;2026-11-24 15:00
P3;10003;2026-11-23 07:00;2026-11-23 15:00
P4;10004;2026-11-23 21:30;2026-11-24 07:15
P5;10002;2026-11-25 07:00;2026-11-25 15:00
""",
    "planerade_besok": """\
besok_id;brukare_id;anst_nr;start;slut;insatser;dubbel
V1;B1;10001;2026-11-23 08:00;2026-11-23 08:30;omvardnad;
V2;B2;10001;2026-11-23 08:30;2026-11-23 09:00;omvardnad;
V3;B3;10003;2026-11-23 09:00;2026-11-23 09:45;omvardnad,service;
V4;B1;10004;2026-11-23 23:00;2026-11-23 23:15;omvardnad;
V5;B1;10001;2026-11-24 08:00;2026-11-24 08:30;omvardnad;
V6;B2;10002;2026-11-25 08:00;2026-11-25 08:30;omvardnad;
""",
    "avgiftsunderlag": """\
brukare_id;nettoinkomst;bostadstillagg;boendekostnad;partner_nettoinkomst;fran
B1;12505;0;6652;9000;2026-01-01
""",
    "taxa": """\
artikel;benamning;pris;enhet;fran;till
omvardnad;Omvårdnad;133,00;tim;2026-01-01;
omvardnad;Omvårdnad;128,00;tim;2025-01-01;2025-12-31
""",
    "ersattning": """\
tjanst;omrade;pris;enhet;grund;fran;till
omvardnad;;464,00;tim;utford;2026-01-01;
omvardnad;Landsbygd;506,70;tim;utford;2026-01-01;
""",
    "handelser": """\
handelse_id;las_id;lopnr;tid;anst_nr;handelse;orsak;batteri;mottagen
H1;L2;7;2026-11-22T07:00:05Z;10001;upplast;;59;2026-11-22T07:10:07Z
H2;L2;8;2026-11-22T07:30:05Z;10001;nekad;for_langt_bort;59;2026-11-22T07:40:07Z
""",
    "avlasningar": """\
avlasning_id;etikett_id;anst_nr;tid;raknare;signatur;mottagen
A1;E1;10001;2026-11-22T07:00:42Z;306;ok;2026-11-22T07:35:41Z
A2;E2;10003;2026-11-22T07:00:42Z;;saknas;2026-11-22T07:35:41Z
""",
    "manuella": """\
post_id;besok_id;anst_nr;in;ut;skal;mottagen
M1;V1;10001;2026-11-23T07:00:00Z;2026-11-23T07:03:00Z;avbojt;2026-11-23T07:04:00Z
""",
    "leveranser": "brukare_id;datum;antal\nB1;2026-11-01;1\n",
    "franvaro": "brukare_id;fran;till;orsak\nB1;2026-11-01;;sjukhus\n",
    "larm": """\
larm_id;brukare_id;tid;kvitterad_av;kvitterad;pa_plats
R1;B3;2026-11-01T02:01:13Z;10005;2026-11-01T02:03:00Z;
""",
}


@dataclass
class Town:
    """The small municipality's files as text, and what the importer makes of them."""

    directory: Path
    files: dict[str, str] = field(default_factory=lambda: dict(SMALL))

    def change(self, name: str, old: str, new: str) -> None:
        """Replace `old`, which must stand once in the file, by `new`."""
        assert self.files[name].count(old) == 1, f"{old!r} must stand once in {name}"
        self.files[name] = self.files[name].replace(old, new)

    def add(self, name: str, row: str) -> int:
        """Append a row; give its line."""
        self.files[name] += row + "\n"
        return self.files[name].count("\n")

    def drop(self, name: str, key: str) -> None:
        """Remove the row that begins with `key`."""
        lines = self.files[name].splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{key};")]
        assert len(kept) < len(lines)
        self.files[name] = "".join(kept)

    def write(self, encoding: str = "utf-8", newline: str = "\n") -> Path:
        """Write the files as they now are."""
        for path in self.directory.iterdir():
            path.unlink()
        for name, text in self.files.items():
            content = text.replace("\n", newline).encode(encoding)
            (self.directory / f"{name}.csv").write_bytes(content)
        return self.directory

    def check(self, encoding: str = "utf-8", newline: str = "\n") -> Checked:
        """Check the files against an empty register."""
        return check(self.write(encoding, newline), Registered())

    def bring_in(
        self, now: datetime = NOW, *, dry_run: bool = False, accept_withdrawals: bool = False
    ) -> Report:
        """Import the files."""
        return actions.import_files(
            self.write(),
            actor="system:test",
            now=now,
            dry_run=dry_run,
            accept_withdrawals=accept_withdrawals,
        )
