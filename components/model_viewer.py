"""A part in 3D on the bed of its printer: one element, which shows a GLB of the lab or a file that was just chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Self

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from components import design
from printlab.domain.model_facts import ModelFacts, Pose
from printlab.domain.views import PrinterView

_EMPTY = "Your part appears here in 3D."
_MODULES = {f"printlab-{folder.replace('_', '-')}": folder for folder in ("measuring", "section", "tool_path")}


@dataclass(frozen=True, slots=True)
class Bed:
    """A printer's build volume in mm, and what people call the printer."""

    name: str
    x_mm: float
    y_mm: float
    z_mm: float

    @classmethod
    def of(cls, printer: PrinterView | None) -> Self | None:
        """That of a printer; None for none."""
        return printer and cls(printer.name, printer.build_x_mm, printer.build_y_mm, printer.build_z_mm)


class ModelViewer(Element, component="model_viewer.js", esm=_MODULES):
    """Draws a part; ``description`` says what it shows to those who do not see it.

    ``scale`` multiplies the file's millimetres. ``fallback_url`` is a picture that stands there until the part is
    drawn, and instead of it in a browser without WebGL. With ``local`` it shows the file that was just chosen on this
    page (the event ``printlab-file`` on ``window``: STL and OBJ up to 100 MB) as long as it is there. ``on_measured``
    gets the distance in mm between two points that somebody clicked. One viewer of a page is live, the newest that
    shows something.
    """

    def __init__(
        self,
        description: str,
        *,
        bed: Bed | None = None,
        scale: float = 1.0,
        fallback_url: str | None = None,
        on_measured: Callable[[float], Any] | None = None,
        local: bool = False,
        empty: str = _EMPTY,
    ) -> None:
        """``empty`` is the sentence that stands there while there is nothing to show."""
        super().__init__()
        design.add_sheets("viewer.css")
        self._props.update(
            {
                "description": description,
                "url": None,
                "tool-path-url": None,
                "pose": None,
                "bed": _as_prop(bed),
                "scale": scale,
                "fallback-url": fallback_url,
                "empty": empty,
                "local": local,
                "color": None,
                "insides": None,
                "several": False,
                "engine-url": design.static_url(design.STATIC / "viewer.js"),
                "worker-url": design.static_url(design.STATIC / "viewer-worker.js"),
            }
        )
        if on_measured is not None:
            self.on("measured", _told(on_measured))

    def show(self, url: str) -> None:
        """Draw the GLB at an address of this site, in place of what was there."""
        self._set("url", url)

    def judge_by(self, facts: ModelFacts | None) -> None:
        """Take what was measured of the part: how it stands, whether it is several, whether its insides are seen.

        Without it the coarser corners of the GLB decide whether the part fits.
        """
        self.stand(facts.items[0].poses[0] if facts is not None and facts.item_count == 1 else None)
        self._set("several", facts is not None and facts.item_count > 1)
        self.explain_insides(insides_in_words(facts))

    def stand(self, pose: Pose | None) -> None:
        """How the part was measured to stand: from the next one on, it decides as on the server whether that fits."""
        outline = pose and [length for corner in pose.outline_mm for length in corner]
        self._set("pose", pose and {"outline": outline, "height": pose.height_mm})

    def show_tool_path(self, url: str | None) -> None:
        """Offer the tool path at an address of this site beside the part, or in its place where there is none."""
        self._set("tool-path-url", url)

    def clear(self) -> Self:
        """Take the GLB away."""
        self._set("url", None)
        return super().clear()

    def set_bed(self, bed: Bed | None) -> None:
        """Put the part on another printer's bed, or on none."""
        self._set("bed", _as_prop(bed))

    def set_scale(self, scale: float) -> None:
        """Draw the part this many times as large as its file says."""
        self._set("scale", scale)

    def tint(self, color: str | None) -> None:
        """Show the part in a colour, ``#rrggbb``, as far as its shape can be read in it; None for the lab's own."""
        self._set("color", color and design.safe_hex(color))

    def explain_insides(self, words: str | None) -> None:
        """Say why the insides of the surface can be seen, plain red; None where they cannot."""
        self._set("insides", words)

    def fall_back_to(self, url: str | None) -> None:
        """Let this picture stand there until the part is drawn, and where it cannot be."""
        self._set("fallback-url", url)

    def describe(self, text: str) -> None:
        """Say what is shown in other words."""
        self._set("description", text)

    def _set(self, prop: str, value: object) -> None:
        if self._props.get(prop) != value:
            self._props[prop] = value
            self.update()


def insides_in_words(facts: ModelFacts | None) -> str | None:
    """Why the inside of a part's surface is seen, red, in the terms of who drew it; None where it is not."""
    if facts is None or not facts.shows_insides:
        return None
    return "Red: holes let you see inside the surface" if facts.open_edges else "Red: faces that look the wrong way"


def _told(on_measured: Callable[[float], Any]) -> Callable[[GenericEventArguments], object]:
    """The handler of the browser's event; what our own script did not send is left aside."""

    def measured(event: GenericEventArguments) -> object:
        mm: object = event.args
        return on_measured(float(mm)) if isinstance(mm, (int, float)) else None

    return measured


def _as_prop(bed: Bed | None) -> dict[str, Any] | None:
    return None if bed is None else {name.removesuffix("_mm"): value for name, value in asdict(bed).items()}
