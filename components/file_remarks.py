"""What is odd about a sliced file, a notice each."""

from __future__ import annotations

from collections.abc import Iterable

from components.notice import notice
from printlab.domain.remarks import Remark


def show_remarks(found: Iterable[Remark]) -> None:
    """Lay them out in the current slot."""
    for remark in found:
        notice(remark.text, "negative" if remark.is_damage else "warning")
