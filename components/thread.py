"""What staff and the student of a job wrote to each other, and the field for the next message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any

from nicegui import ui
from nicegui.element import Element

from components import design
from components.buttons import busy, secondary_button
from components.kept_typing import KeptTyping
from printlab.domain import words
from printlab.domain.views import MessageView

_SEEN = {True: "Seen by the student", False: "Seen by the lab"}


class Messages(Element, component="thread.js"):
    """The thread as one side reads it; ``on_seen`` is called when something new has come before their eyes."""

    def __init__(self, zone: tzinfo, on_seen: Callable[[], Awaitable[None]], *, for_staff: bool) -> None:
        super().__init__()
        self._zone = zone
        self._for_staff = for_staff
        self._props["messages"] = []
        self.on("seen", on_seen, args=[])

    def show(self, messages: Sequence[MessageView], now: datetime) -> None:
        """Show these."""
        last_seen = max((message.id for message in messages if self._is_own(message) and message.seen_at), default=0)
        self._props["messages"] = [self._values(message, now, last_seen) for message in messages]
        self.set_visibility(bool(messages))
        self.update()

    def _values(self, message: MessageView, now: datetime, last_seen: int) -> dict[str, Any]:
        own = self._is_own(message)
        return {
            "id": message.id,
            "who": message.author_name if self._for_staff or not own else "You",
            "when": words.when(message.at, now, self._zone),
            "at": message.at.isoformat(),
            "text": message.text,
            "isOwn": own,
            "isNew": not own and message.seen_at is None,
            "seen": _SEEN[self._for_staff] if message.id == last_seen else "",
        }

    def _is_own(self, message: MessageView) -> bool:
        return message.from_student is not self._for_staff


class Thread:
    """The messages and the form below them. ``on_send`` gets a text and answers whether it was taken."""

    def __init__(
        self,
        zone: tzinfo,
        hint: str,
        kept_as: str,
        on_send: Callable[[str], Awaitable[bool]],
        on_seen: Callable[[], Awaitable[None]],
        *,
        for_staff: bool,
    ) -> None:
        self._on_send = on_send
        self._is_sending = False
        self._shown: Sequence[MessageView] | None = None
        self._hint = ui.label(hint).classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
        self._messages = Messages(zone, on_seen, for_staff=for_staff)
        label = "Message to the student" if for_staff else "Message to the lab"
        with ui.element("form").classes("pl-adding-form pl-message-form") as form:
            self._field = ui.textarea(label).props("autogrow rows=1 maxlength=4000")
            self._button = secondary_button("Send").props("type=submit")
            self._kept = KeptTyping(kept_as)
        form.on("submit.prevent", self._send, args=[])

    def show(self, messages: Sequence[MessageView], now: datetime) -> None:
        """Show these, unless they stand there; as long as there are none, the hint says what this is for."""
        if messages == self._shown:
            return
        self._shown = messages
        self._hint.set_visibility(not messages)
        self._messages.show(messages, now)

    async def _send(self) -> None:
        text = str(self._field.value or "").strip()
        if not text:
            self._field.run_method("focus")
            return
        if self._is_sending:
            return
        self._is_sending = True
        try:
            with busy(self._button):
                if await self._on_send(text):
                    self._field.set_value("")
                    self._kept.forget()
        finally:
            self._is_sending = False
