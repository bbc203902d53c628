"""The letter to a client, to print and post."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from nyckelfri.server.access.permissions import Permission
from nyckelfri.server.audit import looks
from nyckelfri.server.console.letters.texts import text
from nyckelfri.server.console.page import PageRequest, page, show
from nyckelfri.server.letters import pdf, queries


@page(Permission.PRINT_LETTER)
def show_letter(request: PageRequest, number: str) -> HttpResponse:
    """Give the letter as a PDF; of somebody protected only to those named for them."""
    clients = request.viewer.clients(request.now).select_related("property")
    client = get_object_or_404(clients, external_id=number)
    if not request.viewer.sees(client):
        raise Http404
    looks.at(request, f"client:{client.external_id}", why="letter")
    try:
        data = pdf.render(queries.letter(client, request.now), request.now)
    except (queries.NoSenderError, pdf.LetterError) as error:
        context = {"problem": str(error)}
        return show(
            request,
            "console/letters/trouble.html",
            "clients",
            context,
            words=text,
            heading=text["no_letter"],
            status=503,
        )
    name = f'inline; filename="brev-{client.external_id}.pdf"'
    return HttpResponse(data, content_type="application/pdf", headers={"Content-Disposition": name})
