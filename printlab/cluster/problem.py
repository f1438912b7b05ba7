"""What keeps a cluster from starting."""

from __future__ import annotations

from printlab.errors import PrintLabError


class NoCluster(PrintLabError):
    """Something that it needs is missing, or ended."""
