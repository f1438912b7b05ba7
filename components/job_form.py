"""Forms about one job: filled from the job, read into a command, and able to follow when the job changes underneath."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement
from nicegui.elements.mixins.value_element import ValueElement

from components import design
from components.choice import Choice
from printlab.domain import commands
from printlab.domain.views import Catalog, JobView

Command = (
    commands.ApproveJob
    | commands.RejectJob
    | commands.ConfirmJob
    | commands.MoveJob
    | commands.StartJob
    | commands.CompleteJob
    | commands.HandOverJob
    | commands.UseFile
    | commands.EditJob
)
Markable = ValidationElement[Any] | Choice
# What the services call a field → what the forms call it.
_FIELD_NAMES = {
    "weight_g": "weight",
    "time_min": "time",
    "price_cents": "price",
    "actual_weight_g": "weight",
    "actual_time_min": "time",
    "amount_cents": "amount",
    "payment_method": "method",
    "reasons": "note",
}
_SHORT = 40
Field = TypeVar("Field", bound=ValueElement[Any])
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Choices:
    """What forms offer besides the job itself: the catalog, colleagues, the time in the lab, whether mails go out."""

    catalog: Catalog
    zone: tzinfo
    now: datetime
    colleagues: tuple[str, ...] = ()
    mails: bool = True


class JobForm(ABC):
    """The fields of one action. ``create`` lays them out; ``command`` reads them."""

    def __init__(self, job: JobView, choices: Choices) -> None:
        self.job = job
        self.choices = choices
        self._filled: list[tuple[ValueElement[Any], Callable[[JobView], Any]]] = []
        self._complete = True
        self.on_relabel: Callable[[], None] = lambda: None

    @property
    @abstractmethod
    def title(self) -> str:
        """What the action is called above the fields."""

    @property
    def kept_as(self) -> str:
        """The KeptTyping of what is typed: which form of which job."""
        return f"job {self.job.id} {type(self).__name__}"

    @property
    @abstractmethod
    def submit_label(self) -> str:
        """What the button says: what happens when it is pressed."""

    @property
    def danger(self) -> bool:
        """Whether the action takes something away from somebody."""
        return False

    @abstractmethod
    def create(self) -> None:
        """Lay out the fields in the current slot."""

    @abstractmethod
    def read(self) -> Command:
        """The command that the fields say; every ``parse`` and ``demand`` that failed has marked its field."""

    def command(self) -> Command | None:
        """The command, or None when something is missing or unreadable; the fields then say what."""
        self._complete = True
        command = self.read()
        return command if self._complete else None

    @property
    def touched(self) -> bool:
        """Whether somebody typed or chose something that differs from what was filled in."""
        return any(field.value != prefill(self.job) for field, prefill in self._filled)

    def rebase(self, job: JobView, choices: Choices | None = None) -> None:
        """Follow the job to its new version, and the lab to what it offers now: untouched fields show the new values,
        typed ones stay.
        """

        def change() -> None:
            self.job = job
            self.choices = choices or self.choices

        self.refill(change)

    def refill(self, change: Callable[[], None]) -> None:
        """Change what the fields are filled from: untouched ones show it, typed ones stay."""
        untouched = [(field, prefill) for field, prefill in self._filled if field.value == prefill(self.job)]
        change()
        for field, prefill in untouched:
            _offer(field, prefill(self.job))
            field.set_value(prefill(self.job))

    def filled(self, field: Field, prefill: Callable[[JobView], Any]) -> Field:
        """Fill ``field`` from the job, and remember how; a mark on it goes when its value changes."""
        field.set_value(prefill(self.job))
        field.on_value_change(lambda: _clear(field))
        self._filled.append((field, prefill))
        return field

    def parse(self, field: Markable, reader: Callable[[str], Read], otherwise: Read) -> Read:
        """What ``reader`` makes of the text; when it raises ValueError, mark the field and give ``otherwise``."""
        try:
            return reader(str(field.value or ""))
        except ValueError as problem:
            self.demand(field, str(problem))
            return otherwise

    def demand(self, field: Markable, sentence: str) -> None:
        """Mark ``field`` as missing or wrong: there will be no command."""
        field.error = sentence
        if self._complete:
            field.run_method("focus")
        self._complete = False

    def blame(self, name: str, sentence: str) -> bool:
        """Show a refusal beside the field that the services call ``name``; False when it is not on the screen."""
        known = {id(field) for field, _ in self._filled if isinstance(field, (ValidationElement, Choice))}
        field: Any = getattr(self, _FIELD_NAMES.get(name, name), None)
        if id(field) not in known or not field.visible:
            return False
        self.demand(field, sentence)
        return True


def _offer(field: ValueElement[Any], value: object) -> None:
    """A select shows nothing for a value that it does not offer; what the job has, it offers."""
    if isinstance(field, ui.select) and isinstance(field.options, list) and value not in field.options:
        field.set_options([*field.options, value])


def _clear(field: ValueElement[Any]) -> None:
    if isinstance(field, ValidationElement):
        field.error = None


def text(field: ValueElement[Any]) -> str | None:
    """The field's text without outer blanks, or None when there is none."""
    return str(field.value or "").strip() or None


def unless_same(chosen: object, current: str) -> str | None:
    """What a field says as text, or None when that is what the job has already."""
    return None if chosen == current else str(chosen or "")


def short(name: str) -> str:
    """A name that fits into a button or a short notification."""
    return name if len(name) <= _SHORT else f"{name[: _SHORT - 1].rstrip()}…"


def offered(names: list[str], current: str) -> list[str]:
    """What a field offers: what the lab has, and what is chosen already."""
    return names if current in names else [*names, current]


def pair() -> ui.element:
    """Two fields beside each other."""
    return ui.element("div").classes("plj-pair")


def hint(sentence: str) -> ui.label:
    """A quiet sentence below or above fields."""
    return ui.label(sentence).classes(f"{design.SMALL} {design.MUTED} {design.PROSE}")
