"""`nyckelfri root`: the holders of the municipal root make it, and sign with it.

House rules: words and results on standard output, what went wrong on standard error.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nyckelfri import clock
from nyckelfri.root import deeds, rehearsal
from nyckelfri.root.errors import RootError
from nyckelfri.root.terminal import Desk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the deeds."""
    found = parser.add_subparsers(title="deeds", metavar="DEED", dest="deed", required=True)
    _add_making(found)
    _add_signing(found)
    show = found.add_parser("show", help="say in words what a file of the ceremony is")
    show.add_argument("file", type=Path, metavar="FILE")
    _add_root(show, "public root, to verify signatures with")
    _add_against(show)
    verify = found.add_parser("verify", help="see that locks of a root would take a signed object")
    verify.add_argument("signed", type=Path, metavar="SIGNED")
    _add_root(verify, "public root", required=True)
    rehearse = found.add_parser(
        "rehearse", help="go through the whole ceremony with keys that are thrown away"
    )
    rehearse.add_argument("--yes", action="store_true", help="do not wait between the steps")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 done, 1 not done."""
    desk = Desk(
        clock.now_seconds(),
        passphrase_file=getattr(args, "passphrase_file", None),
        sure=getattr(args, "yes", False),
    )
    try:
        _do(args, desk)
    except (RootError, OSError) as error:
        print(f"nyckelfri root: {error}", file=sys.stderr)  # noqa: T201 - the terminal
        return 1
    return 0


def _do(args: argparse.Namespace, desk: Desk) -> None:
    match args.deed:
        case "part":
            deeds.make_part(args.directory, args.name, desk)
        case "join":
            deeds.join(args.public, args.threshold, args.output, desk)
        case "new":
            deeds.make_root(
                args.directory,
                count=args.parts,
                threshold=args.threshold,
                desk=desk,
                insecure=args.insecure_demo,
            )
        case "sign":
            deeds.sign(
                args.request,
                args.part,
                args.output,
                root_path=args.root,
                against=args.against,
                desk=desk,
            )
        case "combine":
            deeds.combine(args.request, args.signature, args.output, root_path=args.root, desk=desk)
        case "show":
            deeds.show(args.file, against=args.against, root_path=args.root, desk=desk)
        case "verify":
            deeds.verify(args.signed, args.root, desk)
        case "passphrase":
            deeds.reseal(args.part, args.output, desk)
        case _:
            rehearsal.run(desk, wait=not args.yes)


def _add_making(found: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    part = found.add_parser("part", help="make one holder's part, on the holder's own machine")
    part.add_argument("directory", type=Path, metavar="DIR")
    part.add_argument("--name", default="part", help="of the two files (part)")
    _add_passphrase_file(part)
    join = found.add_parser("join", help="make a root of the holders' public parts")
    join.add_argument("public", type=Path, nargs="+", metavar="PUBLIC")
    join.add_argument("--threshold", type=int, required=True, help="how many must sign")
    join.add_argument("-o", "--output", type=Path, required=True, metavar="ROOT")
    new = found.add_parser("new", help="make a root and all its parts on one machine")
    new.add_argument("directory", type=Path, metavar="DIR")
    new.add_argument("--parts", type=int, default=3, help="holders (3)")
    new.add_argument("--threshold", type=int, default=2, help="how many must sign (2)")
    new.add_argument(
        "--insecure-demo", action="store_true", help="parts without passphrase, for a demonstration"
    )
    _add_passphrase_file(new)
    passphrase = found.add_parser("passphrase", help="write a part anew under another passphrase")
    passphrase.add_argument("part", type=Path, metavar="PART")
    passphrase.add_argument("-o", "--output", type=Path, required=True, metavar="NEW")


def _add_signing(found: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sign = found.add_parser("sign", help="sign a request with one holder's part, or with several")
    sign.add_argument("request", type=Path, metavar="REQUEST")
    sign.add_argument(
        "--part", type=Path, action="append", required=True, metavar="FILE", help="a holder's file"
    )
    _add_root(sign, f"public root ({deeds.ROOT_FILE} beside the first part)")
    _add_against(sign)
    sign.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="one holder's signature file; with several parts the signed object",
    )
    sign.add_argument("--yes", action="store_true", help="do not ask before signing")
    _add_passphrase_file(sign)
    combine = found.add_parser("combine", help="make the signed object of holders' signatures")
    combine.add_argument("request", type=Path, metavar="REQUEST")
    combine.add_argument("signature", type=Path, nargs="+", metavar="SIGNATURE")
    _add_root(combine, "public root", required=True)
    combine.add_argument("-o", "--output", type=Path, required=True, metavar="SIGNED")


def _add_root(parser: argparse.ArgumentParser, text: str, *, required: bool = False) -> None:
    parser.add_argument("--root", type=Path, metavar="FILE", required=required, help=text)


def _add_against(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="the signed key set that is in force"
    )


def _add_passphrase_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="take the passphrase of every part from this file instead of asking",
    )
