"""The lab's own texts and switches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from printlab.db import Database
from printlab.domain import ageing, calendar, time_limits
from printlab.domain.ageing import MOST_H, AgeLimit
from printlab.domain.calendar import ALL_WEEK, OpenDays
from printlab.domain.commands import LabChanges
from printlab.domain.policy import Action, Actor
from printlab.domain.retention import RetentionDays
from printlab.domain.status import JobStatus
from printlab.domain.views import LabView
from printlab.errors import InvalidInput
from printlab.live import Changed, Live, announce
from printlab.models import Lab, Terms
from printlab.services import fields
from printlab.services.cached import Cached
from printlab.services.history import new_event
from printlab.services.identity import authorise
from printlab.services.merging import own_changes

_MOST_CLOSINGS = 100
_TEXTS = ("opening_hours", "pickup_where", "pickup_bring", "welcome", "closed_message")


class LabService:
    """Read often, so kept in memory until it changes."""

    def __init__(
        self, database: Database, live: Live, clock: Callable[[], datetime], today: Callable[[], date]
    ) -> None:
        """``today`` says which day it is in the lab."""
        self._database = database
        self._live = live
        self._clock = clock
        self._today = today
        self._cached = Cached(database, live, _read)

    def view(self) -> LabView:
        """The lab as it is now, with the newest terms; a day of opening again that has passed is none."""
        return self._as_of_today(self._cached.value())

    def change(self, changes: LabChanges, seen: LabView, actor: Actor) -> LabView:
        """Save what differs from what the admin had ``seen``; changed terms become a new version.

        Raises InvalidInput, NotAllowed, ChangedMeanwhile when somebody else changed the same meanwhile.
        """
        values = _checked(changes)
        with self._database.write() as unit:
            session = unit.session
            authorise(session, actor, Action.MANAGE_LAB, self._clock())
            row = session.get_one(Lab, 1, with_for_update=True)
            old = _values(self._as_of_today(_read(session)))
            own = own_changes(values, _values(seen), old)
            row.sqlmodel_update({name: value for name, value in own.items() if name != "terms"})
            if "terms" in own:
                session.add(Terms(text=own["terms"], created_at=self._clock(), created_by=actor.name))
            event = new_event(actor, "lab changed", self._clock())
            event.changes = {name: [_plain(old[name]), _plain(value)] for name, value in own.items()}
            session.add(event)
            announce(unit, self._live, Changed())
        return self.view()

    def _as_of_today(self, lab: LabView) -> LabView:
        has_passed = lab.reopens_on is not None and lab.reopens_on < self._today()
        return replace(lab, reopens_on=None) if has_passed else lab


def _checked(changes: LabChanges) -> dict[str, Any]:
    values = _values(changes)
    for name in _TEXTS:
        values[name] = fields.text(values[name], name) or ""
    terms = fields.text(changes.terms, "terms")
    if terms is None:
        raise InvalidInput("Enter the terms that students agree to.", "terms")
    if not changes.submissions_open and not values["closed_message"]:
        raise InvalidInput("Enter what students read while submissions are closed.", "closed_message")
    values["terms"] = terms
    values["minimum_charge_cents"] = fields.cents(changes.minimum_charge_cents, "minimum_charge_cents")
    for status, limit in changes.age_limits.items():
        _check_age_limit(status, limit)
    for wrong in (changes.retention.wrong(), changes.time_limits.wrong()):
        if wrong is not None:
            raise InvalidInput(wrong[1], wrong[0])
    _check_open_days(changes.open_days)
    return values


def _check_age_limit(status: JobStatus, limit: AgeLimit) -> None:
    for tone, hours in limit.by_tone.items():
        if hours is not None and not 1 <= hours <= MOST_H:
            raise InvalidInput("Enter a time between an hour and a year, or none.", f"{status.value}.{tone}")
    if limit.amber_h is not None and limit.red_h is not None and limit.red_h <= limit.amber_h:
        raise InvalidInput("Red comes after amber: enter a longer time.", f"{status.value}.red")


def _check_open_days(days: OpenDays) -> None:
    if not days.weekdays or not days.weekdays <= ALL_WEEK:
        raise InvalidInput("Enter the weekdays on which the lab works, at least one.", "weekdays")
    if any(one.last < one.first for one in days.closings):
        raise InvalidInput("A closing ends before it begins. Enter its first day first.", "closings")
    if len(days.closings) > _MOST_CLOSINGS:
        raise InvalidInput(f"Enter at most {_MOST_CLOSINGS} closings; those that have passed can go.", "closings")


def _values(lab: LabView | LabChanges) -> dict[str, Any]:
    values = asdict(lab) | {
        "age_limits": ageing.stored(lab.age_limits),
        "time_limits": time_limits.stored(lab.time_limits),
        "open_days": calendar.stored(lab.open_days),
    }
    return values | values.pop("retention")


def _read(session: Session) -> LabView:
    lab = session.get_one(Lab, 1)
    terms = session.exec(select(Terms).order_by(col(Terms.version).desc()).limit(1)).one()
    return LabView(
        terms=terms.text,
        terms_version=terms.version or 0,
        opening_hours=lab.opening_hours,
        pickup_where=lab.pickup_where,
        pickup_bring=lab.pickup_bring,
        welcome=lab.welcome,
        minimum_charge_cents=lab.minimum_charge_cents,
        default_strength=lab.default_strength,
        submissions_open=lab.submissions_open,
        closed_message=lab.closed_message,
        reopens_on=lab.reopens_on,
        age_limits=ageing.from_stored(lab.age_limits),
        time_limits=time_limits.from_stored(lab.time_limits),
        open_days=calendar.from_stored(lab.open_days),
        retention=RetentionDays(lab.archive_after_days, lab.purge_after_days, lab.anonymise_after_days),
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
