"""Who may do what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from printlab.domain.policy import (
    ANONYMOUS,
    SYSTEM,
    UNDO_WINDOW,
    Action,
    Actor,
    allowed_verbs,
    may,
    require,
    student,
    takes_sliced_files,
)
from printlab.domain.pricing import Rates
from printlab.domain.status import JobStatus, Verb
from printlab.domain.views import FileState, JobView, LastMove, Strength
from printlab.errors import Conflict, NotAllowed, NotSignedIn, PrintLabError
from tests.workbench import ADMIN, COLLEAGUE, STAFF

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
STUDENT, STRANGER = student(42, "Jane Doe", 1), student(43, "John Roe", 1)
STUDENT_VERBS = {Verb.CONFIRM, Verb.DECLINE, Verb.CANCEL, Verb.CORRECT}


def job(status: JobStatus = JobStatus.PENDING, last_move: LastMove | None = None) -> JobView:
    return JobView(
        id=42, version=3, status=status, status_since=NOW, created_at=NOW, updated_at=NOW,
        stem="JaneDoe_Filament_Blue_42", filename="JaneDoe_Filament_Blue_42.stl", original_name="part.stl",
        student_name="Jane Doe", student_email="jane@example.edu", method="Filament", printer="Prusa MK4S",
        material="PLA", color="Blue", color_hex="#0000FF", quantity=1, strength=Strength.STANDARD, needed_by=None,
        course=None, notes=None, requested_color="Blue", requested_printer="Prusa MK4S", requested_material="PLA",
        requested_quantity=1, requested_strength=Strength.STANDARD, currency="USD", rates=Rates(80_000, 10_000),
        quote=None, reject_reasons=(), reject_note=None, machine=None, actual_weight_cg=None, actual_time_min=None,
        failed_prints=0, outcome=None, assignee_id=None, assignee=None, walk_in=False, file_state=FileState.SETTLED,
        file_problem=None, authoritative=1, revisions=(), last_move=last_move, track_url="",
    )  # fmt: skip


def moved_by(actor: Actor, ago: timedelta = timedelta(), verb: Verb = Verb.APPROVE) -> JobView:
    return job(last_move=LastMove(verb, NOW - ago, actor.key, actor.name))


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in (Verb.UNDO, Verb.LAPSE)])
def test_verbs_belong_to_staff_and_a_few_to_the_student(verb: Verb) -> None:
    assert may(STAFF, verb, job(), NOW)
    assert may(ADMIN, verb, job(), NOW)
    assert may(SYSTEM, verb, job(), NOW)
    assert may(STUDENT, verb, job(), NOW) == (verb in STUDENT_VERBS)
    assert not may(STRANGER, verb, job(), NOW)
    assert not may(ANONYMOUS, verb, job(), NOW)


def test_a_quote_lapses_by_nobodys_hand() -> None:
    assert may(SYSTEM, Verb.LAPSE, job(), NOW)
    for actor in (STAFF, ADMIN, STUDENT):
        with pytest.raises(NotAllowed, match="lapses by itself"):
            require(actor, Verb.LAPSE, job(), NOW)


@pytest.mark.parametrize("action", list(Action))
def test_what_else_can_be_done(action: Action) -> None:
    of_admins = {Action.MANAGE_LAB, Action.MANAGE_ACCOUNTS, Action.MANAGE_STUDENTS}
    assert may(ADMIN, action, job())
    assert may(STAFF, action, job()) == (action not in of_admins)
    assert may(STUDENT, action, job()) == (action in {Action.VIEW, Action.SAY_SIZE, Action.KEEP, Action.WRITE})
    assert not may(STRANGER, action, job())
    assert not may(ANONYMOUS, action, job())


def test_a_student_without_a_job_may_nothing() -> None:
    assert not any(may(STUDENT, action) for action in (*Action, *Verb))


def test_undo_is_for_whoever_made_the_move_and_for_admins() -> None:
    assert may(STAFF, Verb.UNDO, moved_by(STAFF), NOW)
    assert may(ADMIN, Verb.UNDO, moved_by(STAFF), NOW)
    assert not may(COLLEAGUE, Verb.UNDO, moved_by(STAFF), NOW)
    assert not may(STUDENT, Verb.UNDO, moved_by(STAFF), NOW)
    assert may(STUDENT, Verb.UNDO, moved_by(STUDENT, verb=Verb.CONFIRM), NOW)
    assert not may(STAFF, Verb.UNDO, moved_by(STUDENT, verb=Verb.CONFIRM), NOW)


def test_the_systems_moves_are_undone_by_admins_only() -> None:
    assert may(ADMIN, Verb.UNDO, moved_by(SYSTEM), NOW)
    assert not may(STAFF, Verb.UNDO, moved_by(SYSTEM), NOW)
    assert not may(STUDENT, Verb.UNDO, moved_by(SYSTEM), NOW)


def test_undo_ends_after_ten_minutes() -> None:
    assert timedelta(minutes=10) == UNDO_WINDOW
    assert may(STAFF, Verb.UNDO, moved_by(STAFF, UNDO_WINDOW), NOW)
    late = moved_by(STAFF, UNDO_WINDOW + timedelta(microseconds=1))
    assert not may(STAFF, Verb.UNDO, late, NOW)
    assert not may(ADMIN, Verb.UNDO, late, NOW)
    assert not may(ADMIN, Verb.UNDO, moved_by(STAFF), None)


def test_an_undo_is_not_undone() -> None:
    assert not may(ADMIN, Verb.UNDO, moved_by(ADMIN, verb=Verb.UNDO), NOW)
    assert not may(STAFF, Verb.UNDO, job(), NOW)


@pytest.mark.parametrize(
    ("actor", "shown", "refusal", "sentence"),
    [
        (STAFF, job(), Conflict, "Nothing has been done to job 42 that could be undone."),
        (STAFF, moved_by(STAFF, verb=Verb.UNDO), Conflict, "an undo cannot be undone"),
        (STAFF, moved_by(STAFF, timedelta(minutes=11)), Conflict, "more than 10 minutes ago"),
        (STAFF, moved_by(COLLEAGUE), NotAllowed, "Only Kim Colleague or an admin can undo it."),
        (STRANGER, moved_by(STRANGER), NotAllowed, "This is for lab staff"),
    ],
)
def test_why_there_is_no_undo(actor: Actor, shown: JobView, refusal: type[PrintLabError], sentence: str) -> None:
    with pytest.raises(refusal, match=sentence):
        require(actor, Verb.UNDO, shown, NOW)


def test_refusals_say_whom_to_ask() -> None:
    with pytest.raises(NotSignedIn, match="Sign in to do this"):
        require(ANONYMOUS, Verb.APPROVE, job())
    with pytest.raises(NotAllowed, match="Only an admin can do this"):
        require(STAFF, Action.MANAGE_LAB)
    with pytest.raises(NotAllowed, match="This is for lab staff"):
        require(STUDENT, Verb.APPROVE, job())


def test_the_buttons_are_the_table_and_the_policy() -> None:
    shown = moved_by(STAFF)
    assert set(allowed_verbs(STAFF, shown, NOW)) == {
        Verb.CONFIRM, Verb.REJECT, Verb.DECLINE, Verb.CANCEL, Verb.REQUOTE, Verb.UNDO,
    }  # fmt: skip
    assert set(allowed_verbs(STUDENT, shown, NOW)) == {Verb.CONFIRM, Verb.DECLINE, Verb.CANCEL}
    assert allowed_verbs(ANONYMOUS, shown, NOW) == ()
    assert allowed_verbs(STAFF, replace(shown, status=JobStatus.PAID_PICKED_UP), NOW) == (Verb.UNDO,)


def test_sliced_files_count_until_printing_starts() -> None:
    before = {JobStatus.UPLOADED, JobStatus.PENDING, JobStatus.READY_TO_PRINT}
    assert {status for status in JobStatus if takes_sliced_files(status)} == before
