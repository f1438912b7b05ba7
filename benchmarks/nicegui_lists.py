"""What a page of plain NiceGUI makes of the same list: a card of elements for each job, the rows of one table, or one
element that is given the first of them and then what changes. A page with one label says what any page takes.

Run by ``board_peers.py``; ``LIST_ITEMS`` says how many. ``POST /change`` changes one job on every page.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any

from nicegui import app, ui

_ITEMS = int(os.environ["LIST_ITEMS"])
_SHOWN = 60
_COLUMNS = ("number", "who", "file", "printer", "material", "figures", "note")
_changes = itertools.count(1)
_told: dict[str, Callable[[str], None]] = {}


def _job(number: int) -> dict[str, Any]:
    return {
        "number": number,
        "who": f"Student {number}",
        "file": f"bracket_v{number}.stl",
        "printer": "Prusa MK4S",
        "material": "PLA · Blue",
        "figures": "38 g · 2 h 10 min · $4.34",
        "note": "The flat side is the visible one.",
    }


def _follow(tell: Callable[[str], None]) -> None:
    client = ui.context.client
    _told[client.id] = tell
    client.on_delete(lambda: _told.pop(client.id, None))


@ui.page("/cards")
def cards() -> None:
    """A card of elements for each."""
    notes: list[ui.label] = []
    for number in range(_ITEMS):
        job = _job(number)
        with ui.card():
            ui.label(f"#{number} {job['who']}")
            ui.label(f"{job['file']} · {job['printer']} · {job['material']}")
            ui.label(job["figures"])
            notes.append(ui.label(job["note"]))
            ui.button("Approve")
    _follow(notes[0].set_text)


@ui.page("/table")
def table() -> None:
    """The rows of one table, all of them in the page."""
    rows = [_job(number) for number in range(_ITEMS)]
    columns = [{"name": name, "label": name, "field": name} for name in _COLUMNS]
    shown = ui.table(columns=columns, rows=rows, row_key="number", pagination=50)

    def tell(note: str) -> None:
        shown.rows[0]["note"] = note
        shown.update()

    _follow(tell)


@ui.page("/element")
def element() -> None:
    """What a screen shows of them, in one element that is told of changes: the least that a live list can take."""
    shown = ui.element("div")
    shown.props["rows"] = [_job(number) for number in range(min(_ITEMS, _SHOWN))]
    _follow(lambda note: shown.run_method("upsert", _job(0) | {"note": note}))


@ui.page("/label")
def label() -> None:
    """None of them."""
    _follow(ui.label("No jobs").set_text)


@app.post("/change")
def change() -> dict[str, int]:
    """Change the first job on every page that is open."""
    number = next(_changes)
    for tell in list(_told.values()):
        tell(f"change {number} of the benchmark")
    return {"change": number}


@app.get("/alive")
def alive() -> dict[str, int]:
    """Whether it serves."""
    return {"items": _ITEMS}


if __name__ in {"__main__", "__mp_main__"}:
    ui.run(
        host="127.0.0.1",
        port=int(os.environ["LIST_PORT"]),
        reload=False,
        show=False,
        show_welcome_message=False,
        tailwind=False,
        uvicorn_logging_level="warning",
        reconnect_timeout=45,
    )
