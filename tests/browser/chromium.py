"""The Chromium of all browser tests."""

from __future__ import annotations

import os
from collections.abc import Sequence

from playwright.sync_api import Browser, Playwright

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    # WebGL on the processor: there is no graphics card to be had.
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    # Letters as wide as in a window: the build without windows rounds their widths otherwise.
    "--font-render-hinting=none",
)


def chromium() -> str:
    """The path of the browser with windows."""
    return os.environ.get("CHROMIUM") or "/usr/bin/chromium"


def launched(
    playwright: Playwright, environment: dict[str, str] | None = None, arguments: Sequence[str] = _ARGUMENTS
) -> Browser:
    """A browser of its own without windows, with some more in its environment if need be.

    CHROMIUM_HEADLESS names a Chromium that was built without them: it takes little more than half the processor time.
    """
    path = os.environ.get("CHROMIUM_HEADLESS") or chromium()
    return playwright.chromium.launch(
        executable_path=path, args=list(arguments), env={**os.environ, **(environment or {})}
    )
