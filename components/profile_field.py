"""The slicer's settings of a printer, for the automatic estimate: which there are, another file, none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from components import design
from components.buttons import icon_button
from components.upload import Upload
from printlab.domain.limits import MAX_PROFILE_MB
from printlab.domain.views import ProfileView

_HINT = (
    "Each new part is sliced with it on the server, and its weight and time fill the quote in. In PrusaSlicer: "
    "File → Export → Export Config…"
)


class ProfileField:
    """``on_uploaded`` gets the id of a file that arrived, ``on_remove`` is asked for none; both count at once."""

    def __init__(
        self, *, on_uploaded: Callable[[str], Awaitable[None]], on_remove: Callable[[], Awaitable[None]]
    ) -> None:
        self._on_uploaded = on_uploaded
        with ui.element("div").classes("pl-stack pl-tight"):
            ui.label("Profile for the automatic estimate").classes("pl-field-label")
            with ui.element("div").classes("pla-profile") as self._there:
                with ui.element("div"):
                    self._name = ui.label().classes(design.BREAK)
                    self._facts = ui.label().classes(f"{design.SMALL} {design.MUTED}")
                icon_button("delete_outline", "Remove the profile", on_remove).props("type=button")
            self._box = ui.element("div")
            ui.label(_HINT).classes("pl-hint")

    def show(self, profile: ProfileView | None, when: str) -> None:
        """Show the profile that the printer has, ``when`` it was uploaded in words, and a field for another file."""
        self._there.set_visibility(profile is not None)
        if profile is not None:
            self._name.set_text(profile.name)
            layers = f"Layers of {profile.layer_height_mm:g} mm, nozzle {profile.nozzle_mm:g} mm"
            self._facts.set_text(f"{layers}, by {profile.uploaded_by}, {when}")
        self._box.clear()
        with self._box:
            self._upload = Upload(
                extensions=(".ini",),
                max_mb=MAX_PROFILE_MB,
                on_uploaded=self._on_uploaded,
                purpose="profile",
                title="Drop or choose an exported .ini",
                compact=True,
            )

    def refuse(self, sentence: str) -> None:
        """Say beside the field why a file was not taken."""
        self._upload.refuse(sentence)
