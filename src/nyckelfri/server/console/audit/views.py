"""The audit log: the rows, who has looked at somebody, the proof, the files.

House rules: reads only, but for the log itself: whoever reads it is in it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import actions as audit
from nyckelfri.server.audit import looks, proofs, queries
from nyckelfri.server.audit.models import AuditProof
from nyckelfri.server.audit.verbs import Verb
from nyckelfri.server.console import keyset, links, sheets, shell
from nyckelfri.server.console.audit import asked as asking
from nyckelfri.server.console.audit import export, proof, rows
from nyckelfri.server.console.audit.asked import Asked
from nyckelfri.server.console.audit.kinds import Kind
from nyckelfri.server.console.audit.texts import text
from nyckelfri.server.console.page import PageRequest, done, page, show


@page(Permission.SEE_AUDIT, "GET", "POST")
def show_log(request: PageRequest) -> HttpResponse:
    """The rows; what is posted is checked and leads to an address of numbers and days."""
    if request.method != "POST":
        return _shown(request, Asked.read(request.GET, request.now))
    asked = Asked.read(request.POST, request.now)
    if asked.problems:
        return _shown(request, asked, status=422)
    return HttpResponseRedirect(f"{reverse('audit')}?{urlencode(asked.as_query())}")


def _shown(
    request: PageRequest, asked: Asked, *, problem: str = "", status: int = 200
) -> HttpResponse:
    who = request.viewer
    part = keyset.part(asking.found(asked), keyset.asked(request))
    looks.at_log(request, len(part.rows), asked.as_query())
    last = proofs.last()
    names = rows.staff_names(who, [last.asked_by]) if last else {}
    context = {
        "part": part,
        "lines": rows.lines(who, part.rows),
        "asked": asked,
        "problem": problem,
        "kinds": [(kind.value, text(f"kind_{kind.value}")) for kind in Kind],
        "query": urlencode(asked.as_query()),
        "most": f"{export.MOST:_}".replace("_", " "),
        "proven": proof.proven(last, names) if last else None,
    }
    return show(request, "console/audit/list.html", "audit", context, words=text, status=status)


@page(Permission.SEE_AUDIT)
def export_log(request: PageRequest, form: str) -> HttpResponseBase:
    """The same rows as a file."""
    asked = Asked.read(request.GET, request.now)
    if asked.problems:
        return _shown(request, asked, status=422)
    count = export.count(asked)
    if count > export.MOST:
        problem = text("too_many_rows", count=export.MOST)
        return _shown(request, asked, problem=problem, status=422)
    audit.look(
        Verb.LIST_EXPORT,
        "list:audit",
        actor=request.viewer.actor,
        details={"count": count, "form": form, **asked.as_query()},
        now=request.now,
    )
    name = "-".join(["logg", str(asked.days.first), str(asked.days.last)])
    return sheets.answer(export.table(request.viewer, asked), name, text("audit"), form)


@page(Permission.SEE_AUDIT)
def show_looks(request: PageRequest, kind: str, number: str) -> HttpResponse:
    """Who has looked at a client, a member of staff or a phone."""
    if not _exists(request, kind, number):
        raise Http404
    object_id = f"{kind}:{number}"
    found = queries.looks_at(object_id).order_by("-at", "-id")
    part = keyset.part(found, keyset.asked(request))
    looks.at_log(request, len(part.rows), {asking.OBJECT: object_id})
    back = links.href(kind, number)
    trail = [shell.Step(reverse("audit"), text["audit"])]
    trail += [shell.Step(back, f"{text[f'thing_{kind}']} {number}")] if back else []
    return show(
        request,
        "console/audit/looks.html",
        "audit",
        {"part": part, "lines": rows.lines(request.viewer, part.rows)},
        words=text,
        heading=text(f"looks_at_{kind}", number=number),
        trail=trail,
    )


def _exists(request: PageRequest, kind: str, number: str) -> bool:
    """Whether there is such a record, and the viewer may see it."""
    who: Any = request.viewer
    if kind == "client":
        found = who.clients(request.now).filter(external_id=number)
    elif kind == "employee":
        found = who.staff().filter(number=number)
    elif kind == "phone" and rows.is_key(number):
        found = who.phones().filter(identifier=bytes.fromhex(number))
    else:
        return False
    return bool(found.exists())


@page(Permission.SEE_AUDIT, "GET", "POST")
def show_proofs(request: PageRequest) -> HttpResponse:
    """Whether the log is whole; what is posted asks for a new proof."""
    if request.method == "POST":
        proofs.begin(actor=request.viewer.actor, now=request.now)
        done(request, text("verify_began"))
        return HttpResponseRedirect(reverse("audit_proofs"))
    found = list(AuditProof.objects.all()[: proof.SHOWN])
    names = rows.staff_names(request.viewer, [row.asked_by for row in found])
    newest = found[0] if found else None
    ended = [row for row in found if row.state != AuditProof.State.WALKING]
    context = {
        "work": proof.walk(newest, request.now) if newest else None,
        "proven": proof.proven(ended[0], names) if ended else None,
        "earlier": [proof.proven(row, names) for row in ended],
    }
    return show(
        request,
        "console/audit/proofs.html",
        "audit",
        context,
        words=text,
        heading=text("chain"),
        trail=[shell.Step(reverse("audit"), text["audit"])],
        piece="console/audit/_proof.html",
    )
