"""The quote that a student accepts or declines: price, weight, time, and what differs from the request."""

from __future__ import annotations

from nicegui import ui

from components import design
from components.facts import facts, figures
from components.notice import notice
from printlab.domain import words
from printlab.domain.views import JobView, QuoteView


def quote_figures(job: JobView, quote: QuoteView, replaced: str | None) -> None:
    """Price large, weight and time beside it, and what staff changed against the request.

    ``replaced`` says which quote this one replaces, if any.
    """
    if replaced:
        notice(replaced, icon="change_circle")
    with ui.element("div").classes("pl-stack pl-tight"):
        ui.label("Price").classes(f"{design.SMALL} {design.MUTED}")
        ui.label(words.money(quote.price_cents, job.currency)).classes("pl-price")
    figures(
        (
            (_of_all("Weight", job), words.weight(quote.weight_cg)),
            (_of_all("Printing time", job), words.duration(quote.time_min)),
            ("Copies", str(job.quantity)),
        )
    )
    if quote.changes:
        notice(f"Not quite what you asked for: {'; '.join(quote.changes)}.", "warning", icon="change_circle")


def quote_summary(job: JobView, quote: QuoteView, agreement: tuple[str, str] | None) -> None:
    """The same figures small, once the answer is given; ``agreement`` says how, by whom and when."""
    facts(
        (
            ("Price", words.money(quote.price_cents, job.currency)),
            (_of_all("Weight", job), words.weight(quote.weight_cg)),
            (_of_all("Printing time", job), words.duration(quote.time_min)),
            ("Copies", str(job.quantity)),
            ("Changed", "; ".join(quote.changes)),
            agreement or ("Accepted", None),
        )
    )


def _of_all(figure: str, job: JobView) -> str:
    """The figure's name: weight and time of a quote are those of all copies together."""
    return figure if job.quantity == 1 else f"{figure} in total"
