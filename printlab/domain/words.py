"""How figures read: ``$5.55``, ``38 g``, ``2 h 10 min``, ``2 h ago``."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "CHF": "CHF\u00a0", "INR": "₹"}
_CG_PER_G = 100
_EXACT_BELOW_CG = 10_000
_IN_HOURS = timedelta(hours=36)


def money(cents: int, currency: str) -> str:
    """``$5.55``; a currency without a sign of its own is named after the amount."""
    return _named(_amount(cents), currency, "−" if cents < 0 else "")


def money_range(low_cents: int, high_cents: int, currency: str) -> str:
    """``$3.90–4.60``, ``$3.90`` when both are the same; neither is below nothing."""
    low, high = _amount(low_cents), _amount(high_cents)
    return _named(low if low == high else f"{low}–{high}", currency)


def _amount(cents: int) -> str:
    return f"{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def _named(amount: str, currency: str, sign: str = "") -> str:
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{amount}" if symbol else f"{sign}{amount}\u00a0{currency}"


def weight(weight_cg: int) -> str:
    """``38 g``, ``12.5 g``, ``1,234 g``: below 100 g with its decimal, so that a price can be checked."""
    if weight_cg < _EXACT_BELOW_CG:
        return f"{weight_cg / _CG_PER_G:.1f}".removesuffix(".0") + " g"
    return f"{(weight_cg + _CG_PER_G // 2) // _CG_PER_G:,} g"


def duration(minutes: int) -> str:
    """``2 h 10 min``, ``45 min``, ``3 h``."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{rest} min"] if rest or not hours else []
    return " ".join(parts)


def rough_duration(minutes: int) -> str:
    """``45 min``, ``2 h 10 min``, ``7 h``: no more exact than an estimate is."""
    step = 5 if minutes < 60 else 10 if minutes < 180 else 60
    return duration(max(step, (minutes + step // 2) // step * step))


def when(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """``today 14:30``, ``yesterday 09:05``, ``Mon 3 Nov 14:30`` in the lab's zone; never seconds."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return f"today {clock}"
    if local.date() == today - timedelta(days=1):
        return f"yesterday {clock}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local:%a} {local.day} {local:%b}{year} {clock}"


def between(earliest: datetime, latest: datetime, now: datetime, zone: tzinfo) -> str:
    """``today by 18:30``, ``today between 14:00 and 18:30``, ``today or tomorrow``, ``between tomorrow and Thu 3 Dec``:
    never narrower than it is, and only today with the time of day.
    """
    first, last = earliest.astimezone(zone), _next_half_hour(latest.astimezone(zone))
    today = now.astimezone(zone).date()
    if last.date() != today:
        return _days(_named_day(first.date(), today), _named_day(last.date(), today))
    begin = first - _past_half_hour(first)
    by = f"{last:%H:%M}"
    return f"today between {begin:%H:%M} and {by}" if now < begin < last else f"today by {by}"


def time_range(shortest: timedelta, longest: timedelta) -> str:
    """``2 to 4 days``, ``5 to 20 hours``, ``up to 3 hours``, ``1 day``: whole ones, never narrower than it is."""
    unit, name = (timedelta(days=1), "day") if longest > _IN_HOURS else (timedelta(hours=1), "hour")
    low, high = shortest // unit, max(1, -(-longest // unit))
    named = f"{name}s" if high > 1 else name
    if low == high:
        return f"{high} {named}"
    return f"{low} to {high} {named}" if low else f"up to {high} {named}"


def _days(first: str, last: str) -> str:
    if first == last:
        return first
    return "today or tomorrow" if (first, last) == ("today", "tomorrow") else f"between {first} and {last}"


def _named_day(value: date, today: date) -> str:
    if value in (today, today + timedelta(days=1)):
        return "today" if value == today else "tomorrow"
    year = f" {value.year}" if value.year != today.year else ""
    return f"{value:%a} {value.day} {value:%b}{year}"


def _past_half_hour(moment: datetime) -> timedelta:
    return timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)


def _next_half_hour(moment: datetime) -> datetime:
    past = _past_half_hour(moment)
    return moment - past + timedelta(minutes=30) if past else moment


def ago(moment: datetime, now: datetime) -> str:
    """``just now``, ``5 min ago``, ``2 h ago``."""
    minutes = max(0, int((now - moment).total_seconds()) // 60)
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago"


def day(value: date) -> str:
    """``Mon 3 Nov 2025``."""
    return f"{value:%a} {value.day} {value:%b} {value.year}"


def size(count: int) -> str:
    """``84 bytes``, ``1.2 MB``, ``41 GB`` (1 MB is 1,000,000 bytes here, as file managers count)."""
    if count < 1000:
        return f"{count} bytes"
    of, unit = next((of, unit) for of, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if count >= of)
    value = count / of
    return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"
