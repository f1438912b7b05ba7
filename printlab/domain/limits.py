"""Limits that hold everywhere."""

from __future__ import annotations

MAX_INTEGER = 2**31 - 1
"""The largest number of a job, a version or a copy: PostgreSQL's integer columns hold no more."""

MAX_PROFILE_MB = 1
"""Of a printer's exported settings."""
