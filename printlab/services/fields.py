"""Checking what people type: each function gives the clean value, or raises InvalidInput naming its field."""

from __future__ import annotations

import re
from datetime import date

from email_validator import EmailNotValidError, validate_email

from printlab.domain.limits import MAX_CENTS, MAX_COPIES, MAX_TIME_MIN, MAX_WEIGHT_G
from printlab.domain.views import NO_SCALE_MICRO, Catalog, ColorView, MaterialView, PrinterView
from printlab.errors import InvalidInput

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
PASSWORD_MIN, PASSWORD_MAX = 10, 200
_NAME_LIMIT, _LINE_LIMIT, _TEXT_LIMIT, _EMAIL_LIMIT = 300, 200, 4000, 254
_MIN_SCALE, _MAX_SCALE = 0.0001, 10_000.0


def line(text: str | None, field: str, limit: int = _LINE_LIMIT) -> str | None:
    """One line without control characters; None when nothing is left."""
    cleaned = _SPACES.sub(" ", _CONTROL.sub("", text or "")).strip()
    if len(cleaned) > limit:
        raise InvalidInput(f"This is too long: {len(cleaned)} characters, at most {limit}. Shorten it.", field)
    return cleaned if _is_visible(cleaned) else None


def _is_visible(cleaned: str) -> bool:
    """Whether there is anything to read: zero-width characters alone are no reason and no name."""
    return any(char.isprintable() and not char.isspace() for char in cleaned)


def text(value: str | None, field: str) -> str | None:
    """Several lines without control characters; None when nothing is left."""
    cleaned = _CONTROL.sub("", (value or "").replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(cleaned) > _TEXT_LIMIT:
        raise InvalidInput(f"This is too long: {len(cleaned)} characters, at most {_TEXT_LIMIT}. Shorten it.", field)
    return cleaned if _is_visible(cleaned) else None


def person_name(value: str, field: str = "name") -> str:
    """A person's name in any script."""
    cleaned = line(value, field, _NAME_LIMIT)
    if cleaned is None:
        raise InvalidInput("Enter your first and last name.", field)
    return cleaned


def email(value: str, field: str = "email") -> str:
    """An e-mail address in its normal form."""
    if len(value) > _EMAIL_LIMIT:
        raise InvalidInput("This e-mail address is too long. Check it.", field)
    try:
        found = validate_email(value.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise InvalidInput("This is not an e-mail address. Check it for a typing error.", field) from None
    return found.normalized


def quantity(value: int) -> int:
    """How many copies."""
    if not 1 <= value <= MAX_COPIES:
        raise InvalidInput(f"Choose between 1 and {MAX_COPIES} copies.", "quantity")
    return value


def weight_cg(value: int, field: str = "weight_g") -> int:
    """A part's weight in 0.01 g: more than nothing, at most 100 kg."""
    if not 0 < value <= MAX_WEIGHT_G * 100:
        raise InvalidInput("Enter the weight in grams: more than 0, at most 100,000.", field)
    return value


def time_min(value: int, field: str = "time_min") -> int:
    """A printing time in minutes: more than nothing, at most 60 days."""
    if not 0 < value <= MAX_TIME_MIN:
        raise InvalidInput("Enter the printing time in minutes: more than 0, at most 60 days.", field)
    return value


def scale(value: float) -> float:
    """A factor that a file's lengths may be multiplied by, to a millionth."""
    return scale_micro(value) / NO_SCALE_MICRO


def scale_micro(value: float | None) -> int:
    """The factor of a file that is not in millimetres, in millionths; None is 1."""
    factor = 1.0 if value is None else value
    if not _MIN_SCALE <= factor <= _MAX_SCALE:
        raise InvalidInput(f"Enter a scale between {_MIN_SCALE} and {_MAX_SCALE:,.0f}.", "scale")
    return round(factor * NO_SCALE_MICRO)


def cents(value: int, field: str) -> int:
    """An amount of money in cents, not negative."""
    if not 0 <= value <= MAX_CENTS:
        raise InvalidInput("Enter an amount between 0 and 100,000.", field)
    return value


def day(text: str, field: str) -> date | None:
    """The day of a text in ISO 8601; None of an empty one."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise InvalidInput("Enter a day as year-month-day, for example 2026-12-24.", field) from None


def not_past(value: date | None, today: date) -> date | None:
    """A wished date, not before today."""
    if value is not None and value < today:
        raise InvalidInput("This date has passed. Choose today or a later day.", "needed_by")
    return value


def printer(catalog: Catalog, name: str, method: str | None = None) -> PrinterView:
    """A printer in use, of ``method`` when given."""
    found = next((p for p in catalog.printers if p.active and _same(p.name, name)), None)
    if found is None:
        known = ", ".join(p.name for p in catalog.printers if p.active)
        raise InvalidInput(f"There is no printer “{name}” here. Choose one of: {known}.", "printer")
    if method is not None and not _same(found.method, method):
        raise InvalidInput(f"The {found.name} prints {found.method}, not {method}. Choose another printer.", "printer")
    return found


def method(catalog: Catalog, name: str) -> str:
    """A print method that has a printer in use."""
    found = next((m for m in catalog.methods if _same(m, name)), None)
    if found is None:
        raise InvalidInput(f"There is no print method “{name}”. Choose one of: {', '.join(catalog.methods)}.", "method")
    return found


def material(catalog: Catalog, name: str, method: str) -> MaterialView:
    """A material in use of ``method``."""
    found = next((m for m in catalog.materials_of(method) if _same(m.name, name)), None)
    if found is None:
        known = ", ".join(m.name for m in catalog.materials_of(method))
        raise InvalidInput(f"“{name}” cannot be printed with {method}. Choose one of: {known}.", "material")
    return found


def color(catalog: Catalog, name: str, method: str) -> ColorView:
    """A colour in stock of ``method``."""
    found = next((c for c in catalog.colors_of(method) if _same(c.name, name)), None)
    if found is None:
        known = ", ".join(c.name for c in catalog.colors_of(method))
        raise InvalidInput(f"“{name}” is not in stock for {method}. Choose one of: {known}.", "color")
    return found


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.strip().casefold()


def new_password(text: str, field: str = "password") -> str:
    """A password as it was chosen; raises InvalidInput when it is too short or too long."""
    if not PASSWORD_MIN <= len(text) <= PASSWORD_MAX:
        raise InvalidInput(f"Choose a password of {PASSWORD_MIN} to {PASSWORD_MAX} characters.", field)
    return text
