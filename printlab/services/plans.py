"""What one kind of cleanup would do now, together with the way to do just that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from printlab.domain.retention import Amount, CleanupKind, Due


@dataclass(frozen=True, slots=True)
class Plan:
    """``carry_out`` does what ``amount`` says, but for what changed meanwhile, and returns what was done.

    It raises PrintLabError when nothing more can be done now.
    """

    kind: CleanupKind
    amount: Amount
    carry_out: Callable[[], Amount]

    @property
    def due(self) -> Due:
        """The same as a value to be shown."""
        return Due(self.kind, self.amount)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A service's own sweep as a kind of cleanup: ``stale`` says what ``sweep`` would remove, or only how many."""

    kind: CleanupKind
    stale: Callable[[], Amount | int]
    sweep: Callable[[], Amount | int]

    def plan(self) -> Plan:
        """What would be removed now."""
        return Plan(self.kind, _amount(self.stale()), lambda: _amount(self.sweep()))


def _amount(said: Amount | int) -> Amount:
    return said if isinstance(said, Amount) else Amount(said)
