"""Mails in a list, and one of them opened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from components import design
from components.buttons import busy, primary_button, secondary_button
from components.mail_body import MailBody
from components.mail_names import mail_name
from components.notice import notice
from printlab.domain import words
from printlab.domain.views import MailView

_WRONG_ADDRESS = "If the address is wrong, correct it on the job’s page first: the mail goes to the one that is there."
_ADVICE = {
    "failed": _WRONG_ADDRESS,
    "bounced": _WRONG_ADDRESS,
    "sent": "It did not arrive? It goes once more, to the address that its job has now.",
}


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
    "bounced": MailState("Came back", "error", "bad"),
}


def mail_state(mail: MailView) -> MailState:
    """How a mail stands, in words."""
    return _STATES.get(mail.state, MailState(mail.state, "mail_outline", "quiet"))


def is_settled(mail: MailView) -> bool:
    """Whether nothing more happens to a mail, and nobody need look at it."""
    return mail.state in ("sent", "not sent", "cancelled")


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
        shown = tuple(mails)
        rows = [_row(mail, _trouble(mail, shown, now, self._zone), now, self._zone) for mail in shown]
        self._ids = frozenset(row["id"] for row in rows)
        self._props["mails"] = rows
        self.update()

    async def _opened(self, event: GenericEventArguments) -> None:
        if event.args in self._ids:
            await self._on_open(event.args)


def _row(mail: MailView, trouble: str, now: datetime, zone: tzinfo) -> dict[str, Any]:
    state = mail_state(mail)
    return {
        "id": mail.id,
        "job": mail.job_id,
        "kind": mail_name(mail.kind),
        "to": mail.to,
        "name": mail.to_name,
        "subject": mail.subject,
        "state": state.label,
        "icon": state.icon,
        "tone": state.tone,
        "trouble": trouble,
        "when": words.when(mail.created_at, now, zone),
        "at": mail.created_at.isoformat(),
    }


def _trouble(mail: MailView, mails: Sequence[MailView], now: datetime, zone: tzinfo) -> str:
    """Why a mail is not out yet, in words; empty when all is well."""
    if mail.state == "queued" and not mail.attempts and _is_held_back(mail, mails):
        return "Goes out after the mail before it, which is not sent yet."
    if is_settled(mail) or not mail.last_error:
        return ""
    return f"{_tries(mail, words.when(mail.due_at, now, zone))}. {mail.last_error}"


def _is_held_back(mail: MailView, mails: Sequence[MailView]) -> bool:
    """The mails of one job go out in the order in which they were written."""
    return any(
        other.job_id == mail.job_id and other.id < mail.id and other.state in ("queued", "sending") for other in mails
    )


class OpenMail:
    """One mail in a dialog: how it stands, and its text as HTML or plain.

    ``on_send_again`` gets a mail that was sent or could not be, and answers whether it is queued; None offers no such
    button.
    """

    def __init__(
        self,
        mail: MailView,
        zone: tzinfo,
        now: datetime,
        on_send_again: Callable[[MailView], Awaitable[bool]] | None = None,
    ) -> None:
        self._mail = mail
        self._zone = zone
        self._now = now
        self._on_send_again = on_send_again if mail.state in _ADVICE else None

    def open(self) -> None:
        """Show it."""
        mail = self._mail
        with ui.dialog() as self._dialog, ui.card().classes("pla-mail"):
            ui.label(mail.subject).classes(f"{design.TITLE} {design.BREAK}").props("role=heading aria-level=2")
            self._create_facts()
            if mail.last_error:
                notice(mail.last_error, "negative").props("role=note")
            if self._on_send_again:
                ui.label(_ADVICE[mail.state]).classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
                with ui.element("div"):
                    button = secondary_button if mail.state == "sent" else primary_button
                    self._again = button("Send it again", self._send_again)
            MailBody().show(mail.subject, mail.text, mail.html)
            with ui.element("div").classes("pl-dialog-actions"):
                secondary_button("Close", self._dialog.close)
        self._dialog.props["aria-label"] = mail.subject
        self._dialog.on("hide", self._hidden, args=[])
        self._dialog.open()

    async def _send_again(self) -> None:
        assert self._on_send_again is not None  # noqa: S101  (there is no button without it)
        with busy(self._again):
            if await self._on_send_again(self._mail):
                self._dialog.close()

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
        yield "Kind", mail_name(mail.kind)
        yield "Written", self._when(mail.created_at)

    def _when(self, moment: datetime) -> str:
        return words.when(moment, self._now, self._zone)

    def _hidden(self) -> None:
        if not self._dialog.is_deleted:
            self._dialog.clear()
            self._dialog.delete()


def _state_sentence(mail: MailView, when: Callable[[datetime], str]) -> str:
    label = mail_state(mail).label
    if mail.state == "sent" and mail.sent_at:
        return f"{label} {when(mail.sent_at)}" + (f", after {mail.attempts} tries" if mail.attempts > 1 else "")
    if mail.state == "queued" and mail.attempts:
        return _tries(mail, when(mail.due_at))
    if mail.state == "queued":
        return "Waits for its turn: the mails of one job go out in the order in which they were written"
    if mail.state == "failed":
        return f"{label}. {_tries(mail, '')}"
    if mail.state == "not sent":
        return "Not sent: no mail server was set up when it was written"
    return label


def _tries(mail: MailView, next_try: str) -> str:
    tried = "Tried once" if mail.attempts == 1 else f"Tried {mail.attempts} times"
    return f"{tried}; next try {next_try}" if mail.state == "queued" else tried
