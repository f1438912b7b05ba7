"""The names of our cookies: set and read in more than one place, written down in this one."""

from __future__ import annotations

SESSION_COOKIE = "printlab_session"
"""A signed-in staff member's opaque session token."""

BROWSER_COOKIE = "printlab_browser"
"""An opaque id of each browser: what it uploads before sending belongs to it alone."""
