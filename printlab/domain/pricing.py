"""Rates × weight × time → cents, exactly, in integers.

cost = weight_g × rate per gram + time_min × rate per minute, rounded half up to the cent, then raised to the minimum
charge. Weight and time are totals for all copies, so the price never multiplies by quantity.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from printlab.domain.views import PrinterView, QuoteView

# Weight is stored in 0.01 g and a rate in 0.000001 of the currency unit: their product counts 1e-8 units, 1e-6 cents.
_PRODUCT_PER_CENT = 1_000_000
_CG_PER_G = 100


@dataclass(frozen=True, slots=True)
class Rates:
    """What a printer charges, in millionths of the currency unit, and the least that a job costs, in cents."""

    per_gram_micro: int
    per_minute_micro: int
    minimum_cents: int = 0


def price_cents(rates: Rates, weight_cg: int, time_min: int) -> int:
    """Price in cents of ``weight_cg`` hundredths of a gram and ``time_min`` minutes, half a cent rounded up."""
    product = weight_cg * rates.per_gram_micro + time_min * _CG_PER_G * rates.per_minute_micro
    cents = (2 * product + _PRODUCT_PER_CENT) // (2 * _PRODUCT_PER_CENT)
    return max(cents, rates.minimum_cents)


def price_if_known(rates: Rates, weight_cg: int | None, time_min: int | None) -> int | None:
    """The price where weight and time are both known, else None: half of it would be taken for the whole."""
    return None if weight_cg is None or time_min is None else price_cents(rates, weight_cg, time_min)


def rates_on(printer: PrinterView, minimum_cents: int) -> Rates:
    """What the printer charges now, with the minimum charge of an order."""
    return Rates(printer.per_gram_micro, printer.per_minute_micro, minimum_cents)


def rates_of_next_quote(printer: PrinterView, quote: QuoteView | None, minimum_cents: int) -> Rates:
    """The rates by which a job is quoted next: those it was quoted with, until it goes to another ``printer``."""
    if quote is not None and quote.printer_id == printer.id:
        return quote.rates
    return rates_on(printer, minimum_cents)


def weight_cg(weight_g: Decimal | float | str) -> int:
    """Grams → hundredths of a gram, half rounded up. Raises decimal.InvalidOperation for what is no number."""
    return int((Decimal(str(weight_g)) * _CG_PER_G).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def weight_cg_of_volume(volume_ml: Decimal | float | str, density_g_cm3: Decimal | float | str) -> int:
    """Millilitres of resin × density in g/cm³ → hundredths of a gram (1 ml is 1 cm³)."""
    return weight_cg(Decimal(str(volume_ml)) * Decimal(str(density_g_cm3)))


def micro(rate: Decimal | float | str) -> int:
    """A rate in currency units → millionths of it, half rounded up."""
    return int((Decimal(str(rate)) * 1_000_000).quantize(Decimal(1), rounding=ROUND_HALF_UP))
