"""How solid a part can be printed, as forms offer it."""

from __future__ import annotations

from components.choice import Option
from printlab.domain.views import Strength

_FOR = {
    Strength.DRAFT: "quick and light",
    Strength.STANDARD: "for most parts",
    Strength.STRONG: "takes load",
}
STRENGTH_NAMES = {strength: strength.label for strength in Strength}
STRENGTHS = tuple(Option(strength, strength.label, _FOR[strength]) for strength in Strength)
