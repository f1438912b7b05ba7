"""Only our own scripts run: NiceGUI's page template gets the nonce that the answer's security policy names.

The template is read through the framework's own loader, so this is right for the pinned release (its page has only
``<script`` tags of its own); a test opens every page in a browser that enforces the policy.
"""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import BaseLoader, Environment
from nicegui.client import templates

_NONCE = '<script nonce="{{ request.state.csp_nonce }}"'


class _WithNonce(BaseLoader):
    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, is_current = self._loader.get_source(environment, template)
        return source.replace("<script", _NONCE), path, is_current


def install() -> None:
    """Give every script of the page template its nonce. Call once, before the first page."""
    loader = templates.env.loader
    if loader is not None and not isinstance(loader, _WithNonce):
        templates.env.loader = _WithNonce(loader)
