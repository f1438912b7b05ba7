"""The words of one kind of mail, beside the mail as it would be with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from components import design
from components.buttons import primary_button, secondary_button
from components.kept_typing import KeptTyping
from components.mail_body import MailBody
from printlab.domain.views import WordingView

_PAUSE_MS = 400
_HELP = (
    "Heading, greeting, button, facts of the job and footer stand around this text by themselves. A blank line begins "
    "a new paragraph, “- ” a list, two blanks at the beginning set a line in. {{ name }} stands for a fact."
)


class WordingForm:
    """Calls ``on_change`` a moment after something was typed; says nothing itself about what was."""

    def __init__(
        self,
        wording: WordingView,
        names: Mapping[str, str],
        cases: Sequence[str],
        on_change: Callable[[], Any],
        on_save: Callable[[], Any],
        on_test: Callable[[], Any],
        on_reset: Callable[[], Any],
    ) -> None:
        self._on_change = on_change
        with ui.element("div").classes("pla-wording"):
            with ui.element("form").classes(f"{design.CARD} pl-form") as form:
                self._create_fields(wording)
                self.typing = KeptTyping(f"wording.{wording.kind}")
                with ui.element("div").classes("pl-dialog-actions pla-wording-actions"):
                    self.reset = secondary_button("PrintLab’s words", on_reset)
                    self.test = secondary_button("Send a test to me", on_test)
                    self.save = primary_button("Save").props("type=submit")
                self._create_names(names)
            form.on("submit.prevent", on_save, args=[])
            with ui.element("section").classes(f"{design.CARD} pla-wording-preview") as self._preview:
                self._create_preview(cases)
        self.follow(wording)

    def _create_fields(self, wording: WordingView) -> None:
        subject = ui.input("Subject", value=wording.subject).props(f"debounce={_PAUSE_MS} maxlength=500")
        body = ui.textarea("Text", value=wording.body).classes("pla-wording-text")
        body.props(f"debounce={_PAUSE_MS} maxlength=10000 autogrow spellcheck=false")
        self._fields = {"subject": subject, "body": body}
        for field in self._fields.values():
            field.on_value_change(self._on_change)
        ui.label(_HELP).classes("pl-hint")

    def _create_names(self, names: Mapping[str, str]) -> None:
        with ui.expansion("Facts that this mail can name").classes("pla-wording-names"), ui.element("dl"):
            for name, example in names.items():
                with ui.element("dt"):
                    ui.label(f"{{{{ {name} }}}}")
                with ui.element("dd"):
                    ui.label(example.replace("\n", ", "))

    def _create_preview(self, cases: Sequence[str]) -> None:
        ui.label("Preview").classes(design.CARD_TITLE).props("role=heading aria-level=2")
        options = {case: case.replace("-", " ").capitalize() for case in cases}
        self._case = ui.select(options, value=cases[0], label="Case", on_change=self._on_change)
        self._case.set_visibility(len(cases) > 1)
        self._subject = ui.label().classes(f"{design.HEADING} {design.BREAK}").props("role=status")
        self._body = MailBody()

    @property
    def words(self) -> tuple[str, str]:
        """Subject and text as they are typed."""
        return str(self._fields["subject"].value or ""), str(self._fields["body"].value or "")

    @property
    def case(self) -> str:
        """The case that is shown."""
        return str(self._case.value)

    def follow(self, wording: WordingView) -> None:
        """It was saved, or put back: only words of the lab's own can be put back."""
        self.reset.set_visibility(wording.is_own)

    def fill(self, wording: WordingView) -> None:
        """Show the words of this wording."""
        self._fields["subject"].value = wording.subject
        self._fields["body"].value = wording.body

    def show(self, subject: str, text: str, html: str) -> None:
        """Show the mail in these words."""
        for field in self._fields.values():
            field.error = None
        self._preview.classes(remove="pla-wording-preview--old")
        self._subject.set_text(subject)
        self._body.show(subject, text, html)

    def refuse(self, field: str | None, sentence: str) -> None:
        """The words cannot be written: say so where they were typed; the mail before them stays in sight."""
        for name, input_ in self._fields.items():
            input_.error = sentence if name == (field or "body") else None
        self._preview.classes(add="pla-wording-preview--old")
