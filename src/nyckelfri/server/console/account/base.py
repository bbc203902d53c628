"""What the pages of allauth's flows share here: our base page, our words, our marks on errors.

House rules: allauth decides what follows what; what people read is ours. An error without
words of ours says that it cannot be read, and is never shown in somebody else's words.
"""

from __future__ import annotations

from typing import Any, Final

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.views.generic.base import ContextMixin, TemplateResponseMixin, View

from nyckelfri.server.access.viewers import viewer
from nyckelfri.server.console import shell
from nyckelfri.server.console.account.texts import text
from nyckelfri.server.people.models import Employee, User

_OF_CODE: Final = {
    "required": "missing",
    "username_password_mismatch": "log_in_wrong",
    "too_many_login_attempts": "too_often",
    "incorrect_code": "code_wrong",
    "incorrect_password": "password_wrong",
    "cannot_delete_authenticator": "last_step",
}


def around(request: HttpRequest, heading: str, at: str = "account") -> dict[str, Any]:
    """What the base page needs, for somebody logged in or not; `heading` is a key."""
    employee: Employee | None = getattr(request, "employee", None)
    who = viewer(employee) if employee is not None else None
    return {**shell.common(request, who, at, text), "viewer": who, "heading": text[heading]}


def in_our_words(form: Form) -> None:
    """Put our words in the place of every error of a form that has been judged."""
    for name, errors in form.errors.as_data().items():
        ours = [text(_OF_CODE.get(str(error.code), "unusable")) for error in errors]
        form.errors[name] = form.error_class(ours, renderer=form.renderer)


class OurPage(TemplateResponseMixin, ContextMixin, View):
    """A page of allauth's in our clothes; stands before allauth's own class.

    Nothing here touches `dispatch`, `get` or `post`, in which allauth asks who it is.
    """

    heading = ""
    labels: dict[str, tuple[str, str]] = {}  # noqa: RUF012 -- each class gives its own
    """Of each field, the keys of its label and its hint."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what every page has, and our words on the form."""
        found = {**super().get_context_data(**kwargs)}
        form = found.get("form")
        if isinstance(form, Form):
            _label(form, self.labels)
            if form.is_bound:
                in_our_words(form)
        return {**found, **around(self.request, self.heading)}

    def render_to_response(self, context: dict[str, Any], **more: Any) -> HttpResponse:
        """Answer; 422 where a form was wrong."""
        form = context.get("form")
        wrong = isinstance(form, Form) and form.is_bound and form.errors
        if self.request.method == "POST" and (wrong or context.get("problem")):
            more.setdefault("status", 422)
        answer: HttpResponse = super().render_to_response(context, **more)
        add_never_cache_headers(answer)
        return answer


def me(request: HttpRequest) -> Employee:
    """The employee who is logged in."""
    asked: Any = request  # the gate has set it
    found: Employee = asked.employee
    return found


def user_of(request: HttpRequest) -> User:
    """Who is logged in; the gate and `login_required` stand before."""
    if not isinstance(request.user, User):
        raise TypeError("Ask for a log-in before this")
    return request.user


def _label(form: Form, labels: dict[str, tuple[str, str]]) -> None:
    for name, field in form.fields.items():
        # The bound field, since a form that was judged has copied allauth's words already.
        label, hint = labels.get(name, ("", ""))
        form[name].label = text[label] if label else str(field.label or "")
        form[name].help_text = text[hint] if hint else ""
        field.widget.attrs.pop("placeholder", None)
