"""What an order will roughly cost, beside the button that sends it; on a phone at the window's lower edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from components import design
from components.buttons import primary_button
from components.findings import SHORT
from components.model_report import (
    FOUND,
    cannot_be_printed,
    likely_price,
    pointer,
    price_outlook,
    size_question,
    trouble,
)
from printlab.domain import words
from printlab.domain.estimating import Estimate
from printlab.domain.judging import Finding
from printlab.domain.report import Report

_SETTLED_AFTER_S = 1.0
_ANYWAY = "Send anyway"


@dataclass(frozen=True, slots=True)
class Brief:
    """What there is to say in two short lines, and in a sentence for those who hear it."""

    first: str
    second: str = ""
    spoken: str = ""
    trouble: bool = False
    """The second line leads to what was found."""


_NOTHING = Brief("The likely price appears here.")
_MEASURING = Brief("Working out the price …")
_BY_HAND = Brief("No estimate", "The lab looks at it by hand.", "There is no estimate. The lab looks at it by hand.")


class SendBar:
    """Two lines and a button; ``show`` follows the part.

    A screen reader is told once the words have stood for a second: while somebody types a number they change with
    every key.
    """

    def __init__(self, label: str, on_send: Callable[[], Any], currency: str) -> None:
        self._currency = currency
        self._label = label
        self._doubt: Finding | None = None
        self._retold: Finding | None = None
        self._speaking: ui.timer | None = None
        with ui.element("div").classes("pl-send") as self._box:
            self._sentence = ui.label().classes(f"pl-send-sentence {design.PROSE}")
            self._long_link = ui.link("", f"#{FOUND}").classes("pl-send-sentence")
            with ui.element("div").classes("pl-send-brief"):
                self._first = ui.label().props("aria-hidden=true")
                self._second = ui.label().classes("pl-send-second").props("aria-hidden=true")
                self._short_link = ui.link("", f"#{FOUND}").classes("pl-send-way")
            self._spoken = ui.label().classes("pl-sr").props("role=status")
            self.button = primary_button(label, on_send).classes("pl-btn-big")
        self.show(None)

    def show(self, report: Report | None) -> None:
        """Say what the order is likely to cost, or what stands against it; None while there is no file."""
        brief = in_brief(report, self._currency)
        self._first.set_text(brief.first)
        self._first.classes(remove="pl-send-price pl-send-trouble", add=_tone(brief))
        second, way = ("", brief.second) if brief.trouble else (brief.second, "")
        found = self._doubt = trouble(report) or size_question(report)
        if found != self._retold:
            self._retold = None
        self.button.set_text(_ANYWAY if self._retold else self._label)
        sentence = "" if found else cannot_be_printed(report) or price_outlook(report, self._currency)
        _show_line(self._second, second)
        _show_line(self._short_link, way)
        _show_line(self._long_link, self._retold.student if self._retold else pointer(found) if found else "")
        _show_line(self._sentence, sentence)
        self._speak(brief.spoken)

    def asks_first(self) -> bool:
        """Whether something stops the print, or its size is asked about, that was not told at this button yet: it is
        told now, in whole, and the next click sends the part all the same.
        """
        found = self._doubt
        if found is None or found == self._retold:
            return False
        self._retold = found
        self.button.set_text(_ANYWAY)
        _show_line(self._long_link, found.student)
        self._speak(f"{found.student} {_ANYWAY}?")
        ui.run_javascript(f"document.getElementsByName({FOUND!r})[0]?.scrollIntoView({{block: 'center'}})")
        return True

    def set_visibility(self, *, visible: bool) -> None:
        """Take the bar away, or bring it back."""
        self._box.set_visibility(visible)

    def _speak(self, sentence: str) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            self._speaking = None
        if sentence != self._spoken.text:
            with self._box:
                self._speaking = ui.timer(
                    _SETTLED_AFTER_S, lambda: self._spoken.set_text(sentence), once=True, immediate=False
                )


def _show_line(line: TextElement, text: str) -> None:
    line.set_text(text)
    line.set_visibility(bool(text))


def in_brief(report: Report | None, currency: str) -> Brief:
    """What the bar says where there is no room for a sentence."""
    if report is None:
        return _NOTHING
    worst = trouble(report)
    if worst is not None:
        return Brief(SHORT[worst.code], "See what was found", worst.student or "", trouble=True)
    if report.failed:
        return _BY_HAND
    question = size_question(report)
    if question is not None:
        return Brief("Which size is right?", "Answer it", question.student or "", trouble=True)
    if report.estimate is None:
        return _MEASURING if report.is_waiting else _NOTHING
    return _priced(report.estimate, currency)


def _priced(estimate: Estimate, currency: str) -> Brief:
    price, weight_cg = estimate.price_cents, estimate.weight_cg.likely
    time = words.rough_duration(estimate.time_min.likely)
    return Brief(
        f"~ {words.money_range(price.low, price.high, currency)}",
        f"about {time} · {words.weight(round(weight_cg, -2) or weight_cg)}",
        f"Likely price: {likely_price(estimate, currency)}, about {time}.",
    )


def _tone(brief: Brief) -> str:
    return "pl-send-trouble" if brief.trouble else "pl-send-price" if brief.second else ""
