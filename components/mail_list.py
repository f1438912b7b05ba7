"""Mails in a list, and one of them opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from components import design
from components.buttons import secondary_button
from components.choice import Choice, Option
from components.notice import notice
from printlab.domain import words
from printlab.domain.views import MailView

_AS_SENT, _PLAIN = "html", "text"


@dataclass(frozen=True, slots=True)
class MailState:
    """A mail's state in words; ``tone`` is good, bad, waiting or quiet."""

    label: str
    icon: str
    tone: str


_STATES = {
    "queued": MailState("Waits to be sent", "schedule", "waiting"),
    "sending": MailState("Being sent", "send", "waiting"),
    "sent": MailState("Sent", "check_circle", "good"),
    "not sent": MailState("Not sent", "drafts", "quiet"),
    "cancelled": MailState("Cancelled", "block", "quiet"),
    "failed": MailState("Could not be sent", "error", "bad"),
}
_KINDS = {
    "received": "File received",
    "quote": "Quote",
    "rejected": "Rejected",
    "ready": "Ready for pickup",
    "receipt": "Receipt",
    "correction": "Correction",
}


def mail_state(mail: MailView) -> MailState:
    """How a mail stands, in words."""
    return _STATES.get(mail.state, MailState(mail.state, "mail_outline", "quiet"))


def mail_kind(mail: MailView) -> str:
    """What a mail tells, in words."""
    return _KINDS.get(mail.kind, mail.kind)


class MailList(Element, component="mail_list.js"):
    """The mails in the order given, to be searched and filtered in the browser; ``on_open`` gets a mail's id."""

    def __init__(self, on_open: Callable[[int], Any], zone: tzinfo) -> None:
        super().__init__()
        self._props["mails"] = []
        self._zone = zone
        self._ids: frozenset[int] = frozenset()
        self._on_open = on_open
        self.on("open", self._opened)

    def show(self, mails: Iterable[MailView], now: datetime) -> None:
        """Show these mails."""
        rows = [_row(mail, now, self._zone) for mail in mails]
        self._ids = frozenset(row["id"] for row in rows)
        self._props["mails"] = rows
        self.update()

    async def _opened(self, event: GenericEventArguments) -> None:
        if event.args in self._ids:
            await self._on_open(event.args)


def _row(mail: MailView, now: datetime, zone: tzinfo) -> dict[str, Any]:
    state = mail_state(mail)
    return {
        "id": mail.id,
        "job": mail.job_id,
        "kind": mail_kind(mail),
        "to": mail.to,
        "subject": mail.subject,
        "state": state.label,
        "icon": state.icon,
        "tone": state.tone,
        "when": words.when(mail.created_at, now, zone),
        "at": mail.created_at.isoformat(),
    }


class OpenMail:
    """One mail in a dialog: how it stands, and its text as HTML or plain."""

    def __init__(self, mail: MailView, zone: tzinfo, now: datetime) -> None:
        self._mail = mail
        self._zone = zone
        self._now = now

    def open(self) -> None:
        """Show it."""
        mail = self._mail
        with ui.dialog() as self._dialog, ui.card().classes("pla-mail"):
            ui.label(mail.subject).classes(f"{design.TITLE} {design.BREAK}").props("role=heading aria-level=2")
            self._create_facts()
            if mail.last_error:
                notice(f"Last answer of the mail server: {mail.last_error}", "negative").props("role=note")
            self._create_body()
            with ui.element("div").classes("pl-dialog-actions"):
                secondary_button("Close", self._dialog.close)
        self._dialog.props["aria-label"] = mail.subject
        self._dialog.on("hide", self._hidden, args=[])
        self._dialog.open()

    def _create_facts(self) -> None:
        mail = self._mail
        with ui.element("dl").classes("pl-facts"):
            for name, value in self._pairs():
                with ui.element("dt"):
                    ui.label(name)
                with ui.element("dd"):
                    ui.label(value)
            if mail.job_id is not None:
                with ui.element("dt"):
                    ui.label("Job")
                with ui.element("dd"):
                    ui.link(f"Job {mail.job_id}", f"/jobs/{mail.job_id}")

    def _pairs(self) -> Iterable[tuple[str, str]]:
        mail = self._mail
        yield "State", _state_sentence(mail, self._when)
        yield "To", mail.to
        yield "Kind", mail_kind(mail)
        yield "Written", self._when(mail.created_at)

    def _create_body(self) -> None:
        mail = self._mail
        options = (Option(_AS_SENT, "As the student sees it"), Option(_PLAIN, "Plain text"))
        view = Choice("Show", options, value=_AS_SENT)
        # An empty sandbox: no scripts, no forms, no way out of the frame.
        page = ui.element("iframe").classes("pla-mail-page").props('sandbox="" referrerpolicy=no-referrer')
        page.props["srcdoc"] = mail.html
        page.props["title"] = f"Mail: {mail.subject}"
        text = ui.label(mail.text).classes("pla-mail-text").props('tabindex=0 role=region aria-label="Plain text"')

        def show() -> None:
            page.set_visibility(view.value == _AS_SENT)
            text.set_visibility(view.value == _PLAIN)

        view.on_value_change(show)
        show()

    def _when(self, moment: datetime) -> str:
        return words.when(moment, self._now, self._zone)

    def _hidden(self) -> None:
        if not self._dialog.is_deleted:
            self._dialog.clear()
            self._dialog.delete()


def _state_sentence(mail: MailView, when: Callable[[datetime], str]) -> str:
    label = mail_state(mail).label
    tries = "" if mail.attempts < 2 else f", {mail.attempts} tries"
    if mail.state == "sent" and mail.sent_at:
        return f"{label} {when(mail.sent_at)}{tries}"
    if mail.state == "queued" and mail.attempts:
        return f"Tried {'once' if mail.attempts == 1 else f'{mail.attempts} times'}; next try {when(mail.due_at)}"
    if mail.state == "not sent":
        return "Not sent: no mail server was set up when it was written"
    return f"{label}{tries}"
