"""The quote that a student accepts or declines: price, weight, time, and what differs from the request."""

from __future__ import annotations

from nicegui import ui

from components import design
from components.facts import figures
from components.notice import notice
from printlab.domain import words
from printlab.domain.views import JobView, QuoteView


def quote_figures(job: JobView, quote: QuoteView) -> None:
    """Price large, weight and time beside it, and what staff changed against the request."""
    with ui.element("div").classes("pl-stack pl-tight"):
        ui.label("Price").classes(f"{design.SMALL} {design.MUTED}")
        ui.label(words.money(quote.price_cents, job.currency)).classes("pl-price")
    figures(
        (
            ("Weight", words.weight(quote.weight_cg)),
            ("Printing time", words.duration(quote.time_min)),
            ("Copies", str(job.quantity)),
        )
    )
    if quote.changes:
        with notice("This differs from what you asked for:", "warning", icon="change_circle"):
            pass
        with ui.element("ul").classes("pl-list"):
            for change in quote.changes:
                with ui.element("li"):
                    ui.label(change)
