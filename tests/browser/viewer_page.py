"""A page with nothing but the 3D viewer, under the lab's own security policy: ``python viewer_page.py PORT FOLDER``.

The query says what it shows: ``glb`` (a file of FOLDER), ``bed`` (``250x210x220``), ``scale``, ``local``, ``other``
(a file in a further viewer), ``path`` (a tool path of FOLDER), ``pose`` (like ``bed``: what the server measured),
``items`` (how many things it is, printed one by one), ``color`` (``2E8B45``) and ``insides``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fastapi import Request
from fastapi.responses import FileResponse
from nicegui import app, ui

from components import design
from components.model_viewer import Bed, ModelViewer
from components.upload import Upload
from pages import _nonce
from printlab.api.middleware import SecurityHeaders
from printlab.domain.model_facts import Pose
from tests.domain.parts import item, of_items

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])


@app.get("/models/{name}")
def model(name: str) -> FileResponse:
    """A file of the folder; 404 comes from the framework where there is none."""
    return FileResponse(FOLDER / Path(name).name, media_type="model/gltf-binary")


@app.get("/picture.svg")
def picture() -> FileResponse:
    """A picture that stands in."""
    return FileResponse(FOLDER / "picture.svg", media_type="image/svg+xml")


@app.post("/upload")
async def upload(request: Request) -> dict[str, str | int]:
    """Takes what the field for files sends, and keeps nothing of it."""
    return {"id": "taken", "name": request.query_params["name"], "bytes": len(await request.body())}


@ui.page("/")
def page(request: Request) -> None:
    """One viewer, or two, with what the query says."""
    asked = request.query_params
    ui.dark_mode(value={"dark": True, "light": False}.get(asked.get("theme", "")))
    measured = ui.label().mark("measured").props("id=measured")
    viewer = ModelViewer(
        "A test part in 3D.",
        bed=_bed(asked.get("bed")),
        scale=float(asked.get("scale", "1")),
        fallback_url="/picture.svg" if "picture" in asked else None,
        on_measured=lambda mm: measured.set_text(f"{mm:.3f}"),
        local="local" in asked,
    )
    viewer.stand(_pose(asked.get("pose")))
    if "glb" in asked:
        viewer.show(f"/models/{asked['glb']}")
    if "path" in asked:
        viewer.show_tool_path(f"/models/{asked['path']}")
    if "items" in asked:
        viewer.judge_by(of_items(*[item((25, 25, 25))] * int(asked["items"])))
    viewer.tint(asked.get("color") and f"#{asked['color']}")
    viewer.explain_insides(asked.get("insides"))
    others = [ModelViewer("Another part in 3D.") for _ in asked.getlist("other")]
    for other, name in zip(others, asked.getlist("other"), strict=True):
        other.show(f"/models/{name}")
    if "local" in asked:
        Upload(extensions=(".stl", ".obj", ".3mf"), max_mb=200, on_uploaded=_arrived)
    with ui.row():
        ui.button("small bed", on_click=lambda: viewer.set_bed(Bed("Mini", 20, 20, 20)))
        ui.button("no bed", on_click=lambda: viewer.set_bed(None))
        ui.button("green", on_click=lambda: viewer.tint("#2E8B45"))
        ui.button("inches", on_click=lambda: viewer.set_scale(25.4))
        ui.button("clear", on_click=viewer.clear)
        ui.button("no path", on_click=lambda: viewer.show_tool_path(None))
        ui.button("path arrives", on_click=lambda: viewer.show_tool_path("/models/block.path"))
        ui.button("part arrives", on_click=lambda: viewer.show("/models/box.glb"))
        ui.button("show tall", on_click=lambda: viewer.show("/models/tall.glb"))
        ui.button("remove", on_click=viewer.delete)
        ui.button("remove another", on_click=lambda: others.pop().delete())


def _bed(text: str | None) -> Bed | None:
    return Bed("Prusa MK4S", *(float(length) for length in text.split("x"))) if text else None


def _pose(text: str | None) -> Pose | None:
    if text is None:
        return None
    x, y, z = (float(length) for length in text.split("x"))
    return Pose(((0, 0), (x, 0), (x, y), (0, y)), z)


async def _arrived(_staged_id: str) -> None:
    """Nothing is kept here."""


design.install("#461D7C", "#FDD023")
_nonce.install()
app.add_middleware(SecurityHeaders, secure=False)
ui.run(
    host="127.0.0.1", port=PORT, reload=False, show=False, show_welcome_message=False, tailwind=False, title="Viewer"
)
