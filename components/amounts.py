"""Amounts in fields: reading what people type (``38,5``, ``2 h 10``, ``$5.55``), and how they are shown there.

A ValueError's text is for whoever typed.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from printlab.domain import words

_NUMBER = r"\d+(?:[.,]\d+)?"
_HOURS = re.compile(rf"^({_NUMBER})\s*h(?:ours?|rs?)?\s*(?:(\d+)\s*(?:m|min|mins|minutes?)?)?$")
_CLOCK = re.compile(r"^(\d+):([0-5]\d)$")
_MINUTES = re.compile(r"^(\d+)\s*(?:m|min|mins|minutes?)?$")
_AGE = re.compile(r"^(\d{1,6})\s*(h(?:ours?|rs?)?|d(?:ays?)?|w(?:eeks?)?)$")
_HOURS_OF = {"h": 1, "d": 24, "w": 168}
_LARGEST = Decimal(1_000_000)
_MICRO = 1_000_000
PER_GRAM, PER_MINUTE = 2, 3
"""How many decimals a rate shows at least: a minute costs about a cent, so its rates differ in the third."""


def number(text: str, what: str, example: str) -> Decimal:
    """A positive number; a comma is a decimal point, a unit behind it is ignored. Raises ValueError."""
    try:
        value = Decimal(re.sub(r"\s*[a-z]+$", "", text.strip().lower()).replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"Enter the {what} as a number, for example {example}.") from None
    if not value.is_finite() or not 0 < value < _LARGEST:
        raise ValueError(f"Enter a {what} above 0, for example {example}.")
    return value


def minutes(text: str) -> int:
    """Whole minutes of ``130``, ``2 h 10``, ``2h10min``, ``2:10``, ``1.5 h``. Raises ValueError with a sentence."""
    typed = text.strip().lower()
    total: Decimal | None = None
    if match := _HOURS.match(typed):
        total = Decimal(match[1].replace(",", ".")) * 60 + int(match[2] or 0)
    elif match := _CLOCK.match(typed):
        total = Decimal(int(match[1]) * 60 + int(match[2]))
    elif match := _MINUTES.match(typed):
        total = Decimal(match[1])
    if total is None or not 0 < total < _LARGEST:
        raise ValueError("Enter the time in minutes or as hours and minutes, for example 130 or 2 h 10.")
    return int(total.to_integral_value(rounding="ROUND_CEILING"))


def age_h(text: str) -> int | None:
    """Hours of ``36 h``, ``3 days``, ``2 weeks``; None of an empty text. Raises ValueError with a sentence."""
    typed = text.strip().lower()
    if not typed:
        return None
    match = _AGE.match(typed)
    if match is None:
        raise ValueError("Write hours or days, for example 36 h or 3 days.")
    return int(match[1]) * _HOURS_OF[match[2][0]]


def age_text(hours: int | None) -> str:
    """Hours as a field shows them: ``36 h``, ``3 days``; nothing for None."""
    if hours is None:
        return ""
    days, rest = divmod(hours, _HOURS_OF["d"])
    return f"{hours} h" if rest or not days else "1 day" if days == 1 else f"{days} days"


def days(text: str) -> int | None:
    """A number of days: ``30``, ``30 days``; None of an empty text. Raises ValueError with a sentence."""
    typed = text.strip().lower().removesuffix("days").removesuffix("day").strip()
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or int(typed) < 1:
        raise ValueError("Enter a number of days, at least 1, or nothing for never.")
    return int(typed)


def days_text(count: int | None) -> str:
    """Days as a field shows them: ``30 days``; nothing for None."""
    return "" if count is None else "1 day" if count == 1 else f"{count} days"


def cents(text: str) -> int:
    """Cents of ``5.55``, ``$5.55``, ``5,5``; at most two decimals. Raises ValueError with a sentence."""
    typed = re.sub(r"^[^\d.,-]+|[^\d]+$", "", text.strip()).replace(",", ".")
    if not re.fullmatch(r"\d{1,6}(?:\.\d{1,2})?", typed):
        raise ValueError("Enter an amount of 0 or more, for example 5.55.")
    return int(Decimal(typed) * 100)


def grams_text(weight_cg: int | None) -> str:
    """Hundredths of a gram as a field shows them: ``38.5``; nothing for None."""
    return "" if weight_cg is None else f"{Decimal(weight_cg) / 100:f}"


def cents_text(amount_cents: int) -> str:
    """Cents as a field shows them: ``5.55``."""
    return f"{amount_cents // 100}.{amount_cents % 100:02d}"


def rate_figure(micro: int, decimals: int) -> str:
    """``0.08``, ``0.010`` of millionths: a rate as a field shows it, with ``PER_GRAM`` or ``PER_MINUTE`` decimals."""
    return plain(Decimal(micro) / _MICRO, decimals)


def rate_text(micro: int, currency: str, decimals: int) -> str:
    """``$0.08``, ``$0.010`` of millionths of the currency unit, with the decimals of ``rate_figure``."""
    return words.money(0, currency).replace("0.00", rate_figure(micro, decimals))


def plain(value: Decimal, decimals: int) -> str:
    """A number with at least ``decimals`` digits behind the point and no zeros beyond them."""
    whole, _, rest = f"{value:f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(decimals, '0')}"


def currency_sign(currency: str) -> str:
    """What stands before or behind an amount: ``$``, ``CHF``."""
    return words.money(0, currency).replace("0.00", "").strip()
