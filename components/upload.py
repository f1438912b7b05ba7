"""The field for a file: it uploads by itself as soon as it is chosen, with percent and speed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from components.job_form import short

TAKES_NO_FILE = "The file can be replaced only before printing starts."
"""Why a job has no rules."""

Tone = Literal["", "positive", "warning", "negative"]


@dataclass(frozen=True, slots=True)
class FileRules:
    """What a job takes: ``purpose`` is ``model`` or ``sliced``, the size counts in MB."""

    purpose: Literal["model", "sliced"]
    extensions: tuple[str, ...]
    max_mb: int


def of_file(name: str, sentence: str) -> str:
    """``“part.stl”: The file ends too early.``: once it is refused, the name stands nowhere else."""
    return f"“{short(name)}”: {sentence}"


class Upload(Element, component="upload.js", dependencies=["sending.js"]):
    """Sends one file to ``/upload`` and reports its staging id.

    ``on_uploaded`` gets the id as the browser reports it: look it up before believing it. ``show`` then says which
    file is there; without that the field stays open. ``found`` names the place on the page that a verdict leads to.
    """

    def __init__(
        self,
        *,
        extensions: tuple[str, ...],
        max_mb: int,
        on_uploaded: Callable[[str], Awaitable[None]],
        on_removed: Callable[[], Any] | None = None,
        purpose: str = "model",
        title: str = "Drop or choose a file",
        compact: bool = False,
        found: str = "",
    ) -> None:
        super().__init__()
        self._props.update(
            {
                "purpose": purpose,
                "extensions": list(extensions),
                "max-mb": max_mb,
                "title": title,
                "compact": compact,
                "file": None,
                "error": "",
                "tone": "",
                "verdict": "",
                "found": found,
            }
        )
        self._on_uploaded = on_uploaded
        self._under_way = False
        self.on("started", self._started)
        self.on("uploaded", self._uploaded)
        self.on("failed", self._ended)
        self.on("removed", self._ended)
        if on_removed is not None:
            self.on("removed", on_removed)

    @property
    def under_way(self) -> bool:
        """Whether a file is being sent at the moment."""
        return self._under_way

    def show(self, name: str, size_bytes: int) -> None:
        """Show that this file has arrived."""
        self._props["file"] = {"name": name, "bytes": size_bytes}
        self._props["error"] = ""
        self.update()

    def judge(self, tone: Tone = "", sentence: str = "") -> None:
        """Mark the file that is there as what it is: nothing while that is not known, else good, doubtful or bad."""
        if (self._props["tone"], self._props["verdict"]) != (tone, sentence):
            self._props.update({"tone": tone, "verdict": sentence})
            self.update()

    def reset(self) -> None:
        """Open the field for a file again."""
        self._props["file"] = None
        self.judge()
        self._props["error"] = ""
        self.update()

    def refuse(self, sentence: str) -> None:
        """Say beside the field what is wrong; an empty sentence takes it back."""
        self._props["error"] = sentence
        self.update()

    def focus(self) -> None:
        """Move the keyboard to the field."""
        self.run_method("focus")

    def _started(self) -> None:
        self._under_way = True
        self.refuse("")

    def _ended(self) -> None:
        self._under_way = False

    async def _uploaded(self, event: GenericEventArguments) -> None:
        self._ended()
        reported: Any = event.args
        staged_id = reported.get("id") if isinstance(reported, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(staged_id, str):
            await self._on_uploaded(staged_id)
