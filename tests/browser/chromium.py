"""The Chromium of all browser tests."""

from __future__ import annotations

import os

from playwright.sync_api import Browser, Playwright

_ARGUMENTS = [
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
]


def launched(playwright: Playwright, environment: dict[str, str] | None = None) -> Browser:
    """A browser of its own, with some more in its environment if need be."""
    path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    return playwright.chromium.launch(executable_path=path, args=_ARGUMENTS, env={**os.environ, **(environment or {})})
