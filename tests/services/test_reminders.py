"""What the lab's clock does: it warns of quotes that lapse, lets them lapse, and reminds of parts that wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from components.cards import card_json
from printlab.domain.board import Attention, Concern
from printlab.domain.calendar import ALL_WEEK, Closing, OpenDays
from printlab.domain.commands import KeepUntil
from printlab.domain.status import JobStatus, Verb
from printlab.domain.time_limits import Step, TimeLimits
from printlab.domain.views import JobView, withdrawal
from printlab.errors import Conflict, InvalidInput, NotAllowed
from printlab.models import MailState, OutboxMail
from printlab.services import Services, build_services
from printlab.settings import Settings
from tests.services.together import at_once
from tests.workbench import ADMIN, STAFF, Clock, Workbench, change_lab

pytestmark = pytest.mark.usefixtures("database_url")
BERLIN = ZoneInfo("Europe/Berlin")
CLOCKS = ("lapsing", "lapsed", "collect", "unclaimed")


@pytest.fixture
def changed_settings() -> dict[str, object]:
    """A lab where the clocks are put forward and back, with a mail server."""
    return {"timezone": "Europe/Berlin", "smtp_url": "smtp://127.0.0.1:2525"}


@pytest.fixture(autouse=True)
def _monday_afternoon(clock: Clock) -> None:
    clock.now = datetime(2026, 3, 2, 14, 30, tzinfo=BERLIN)


def told(services: Services, job_id: int) -> list[OutboxMail]:
    """What the clock wrote about a job, the oldest first."""
    with services.database.read() as session:
        mails = select(OutboxMail).where(OutboxMail.job_id == job_id, col(OutboxMail.kind).in_(CLOCKS))
        return list(session.exec(mails.order_by(col(OutboxMail.id))))


def kinds(services: Services, job_id: int) -> list[str]:
    return [mail.kind for mail in told(services, job_id)]


def numbers(services: Services, job_id: int) -> list[int]:
    return [mail.context["number"] for mail in told(services, job_id) if mail.kind == "collect"]


def go_to(clock: Clock, services: Services, *moments: datetime) -> None:
    """Let the clock look at each of these moments, as it would have looked in between."""
    for moment in moments:
        assert moment >= clock.now
        clock.now = moment
        services.reminders.run()


def hours(first: datetime, days: int) -> Iterator[datetime]:
    """Every hour of some days, as they pass for everybody."""
    begin = first.astimezone(UTC)
    return (begin + timedelta(hours=hour) for hour in range(days * 24))


def at(month: int, day: int, hour: int = 9, minute: int = 1) -> datetime:
    """A moment of 2026 in the lab."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


# ---------- quotes ----------


def test_a_quote_lapses_with_a_warning_before(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.PENDING)
    go_to(clock, services, at(3, 12), at(3, 13, 8, 59))
    assert told(services, job.id) == []
    go_to(clock, services, at(3, 13), at(3, 13, 12))
    (warning,) = told(services, job.id)
    assert (warning.kind, warning.context["answer_by"]) == ("lapsing", "Mon 16 Mar 2026")
    go_to(clock, services, at(3, 16, 19), at(3, 17, 8, 59))
    assert bench.get(job.id).status is JobStatus.PENDING
    go_to(clock, services, at(3, 17), at(3, 17, 10))
    lapsed = bench.get(job.id)
    assert (lapsed.status, withdrawal(lapsed)) == (JobStatus.REJECTED, Verb.LAPSE)
    assert lapsed.reject_reasons == ("No answer to the quote",)
    assert kinds(services, job.id) == ["lapsing", "lapsed"]
    event = services.search.events(job.id, STAFF)[0]
    assert (event.action, event.actor_name) == ("lapse", "PrintLab")
    assert bench.agrees(lapsed)


def test_staff_reopen_a_job_whose_quote_lapsed(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.PENDING)
    go_to(clock, services, at(3, 13), at(3, 17))
    reopened = bench.move(Verb.REOPEN, bench.get(job.id))
    assert reopened.status is JobStatus.UPLOADED
    quoted = bench.approve(reopened)
    go_to(clock, services, at(3, 18), at(3, 27))
    assert bench.get(quoted.id).status is JobStatus.PENDING
    go_to(clock, services, at(4, 1))
    assert bench.get(quoted.id).status is JobStatus.REJECTED
    assert kinds(services, job.id) == ["lapsing", "lapsed", "lapsing", "lapsed"]


def test_a_quote_that_an_admin_brings_back_has_its_whole_time_again(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    job = bench.at(JobStatus.PENDING)
    go_to(clock, services, at(3, 13), at(3, 17))
    with pytest.raises(NotAllowed):
        bench.undo(bench.get(job.id), STAFF)
    back = bench.undo(bench.get(job.id), ADMIN)
    assert (back.status, back.quote, back.reject_reasons) == (JobStatus.PENDING, job.quote, ())
    assert bench.agrees(back)
    assert told(services, job.id)[-1].state is MailState.CANCELLED
    go_to(clock, services, at(3, 17, 9, 5), at(3, 26))
    assert bench.get(job.id).status is JobStatus.PENDING
    go_to(clock, services, at(3, 27), at(3, 31, 19))
    assert bench.get(job.id).status is JobStatus.PENDING
    go_to(clock, services, at(4, 1))
    assert bench.get(job.id).status is JobStatus.REJECTED


def test_a_new_quote_has_its_own_time(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.PENDING)
    go_to(clock, services, at(3, 13))
    bench.requote(bench.get(job.id))
    go_to(clock, services, at(3, 17), at(3, 23))
    assert bench.get(job.id).status is JobStatus.PENDING
    assert kinds(services, job.id) == ["lapsing"]


@pytest.mark.parametrize("answer", [Verb.CONFIRM, Verb.DECLINE])
def test_an_answer_ends_the_wait(answer: Verb, bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.PENDING)
    go_to(clock, services, at(3, 13))
    (warning,) = told(services, job.id)
    assert warning.state is MailState.QUEUED
    answered = bench.do(answer, bench.get(job.id), bench.student(job))
    assert told(services, job.id)[0].state is MailState.CANCELLED  # it was not sent: what it says is no longer true
    go_to(clock, services, at(3, 17), at(4, 30))
    assert bench.get(job.id).status is answered.status
    assert kinds(services, job.id) == ["lapsing"]


def test_no_quote_lapses_unwarned_however_old_it_is(bench: Workbench, services: Services, clock: Clock) -> None:
    """After a server was off, a limit was made shorter or the lab is new to this: the student is warned first."""
    job = bench.at(JobStatus.PENDING)
    go_to(clock, services, at(6, 1), at(6, 1, 10))
    (warning,) = told(services, job.id)
    assert (warning.kind, warning.context["answer_by"]) == ("lapsing", "Thu 4 Jun 2026")
    go_to(clock, services, at(6, 4, 19))
    assert bench.get(job.id).status is JobStatus.PENDING
    go_to(clock, services, at(6, 5))
    assert bench.get(job.id).status is JobStatus.REJECTED


def test_what_a_warning_promised_holds_when_the_limit_is_made_shorter(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    job = bench.at(JobStatus.PENDING)
    go_to(clock, services, at(3, 13))
    change_lab(services, ADMIN, time_limits=TimeLimits(lapse_days=5, warning_days=2))
    go_to(clock, services, at(3, 13, 10), at(3, 16, 19))
    assert bench.get(job.id).status is JobStatus.PENDING
    go_to(clock, services, at(3, 17))
    assert bench.get(job.id).status is JobStatus.REJECTED


def test_limits_that_are_off_do_nothing(bench: Workbench, services: Services, clock: Clock) -> None:
    change_lab(services, ADMIN, time_limits=TimeLimits(None, None, (), None))
    quoted, ready = bench.at(JobStatus.PENDING), bench.at(JobStatus.COMPLETED)
    go_to(clock, services, at(3, 17), at(9, 1))
    assert bench.get(quoted.id).status is JobStatus.PENDING
    assert told(services, quoted.id) == told(services, ready.id) == []


def test_without_a_warning_a_quote_lapses_all_the_same(bench: Workbench, services: Services, clock: Clock) -> None:
    change_lab(services, ADMIN, time_limits=TimeLimits(warning_days=None))
    job = bench.at(JobStatus.PENDING)
    go_to(clock, services, at(3, 13), at(3, 17))
    assert kinds(services, job.id) == ["lapsed"]


def test_nobody_lets_a_quote_lapse_but_the_clock(bench: Workbench, services: Services) -> None:
    job = bench.at(JobStatus.PENDING)
    for actor in (STAFF, ADMIN, bench.student(job)):
        assert Verb.LAPSE not in services.search.allowed(job, actor)
    assert bench.get(job.id) == job


def test_no_quote_lapses_while_its_student_waits_for_an_answer(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    job = bench.at(JobStatus.PENDING)
    go_to(clock, services, at(3, 13))
    services.messages.write(job.id, "Could it be cheaper?", bench.student(job))
    go_to(clock, services, at(3, 17))
    assert bench.get(job.id).status is JobStatus.PENDING
    services.messages.see(job.id, STAFF)
    go_to(clock, services, at(3, 17, 10))
    assert bench.get(job.id).status is JobStatus.REJECTED


@pytest.mark.parametrize("state", [MailState.FAILED, MailState.SENDING])
async def test_a_reminder_that_could_not_be_sent_is_not_sent_once_its_job_went_on(
    state: MailState, bench: Workbench, services: Services, clock: Clock
) -> None:
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, at(3, 5))
    with services.database.write() as unit:
        for mail in unit.session.exec(select(OutboxMail)):
            is_reminder = mail.kind == "collect"
            mail.state = state if is_reminder else MailState.SENT
            mail.leased_until = clock() if is_reminder else None  # whoever sends it died
    bench.hand_over(bench.get(job.id))
    with services.database.write() as unit:
        for mail in unit.session.exec(select(OutboxMail).where(OutboxMail.kind == "receipt")):
            mail.state = MailState.SENT
    clock.advance(hours=1)
    await services.delivery.deliver()
    assert told(services, job.id)[0].state is MailState.CANCELLED


# ---------- parts ----------


def test_reminders_come_on_their_days_and_each_once(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, *hours(at(3, 2, 15), 45))
    assert numbers(services, job.id) == [1, 2, 3]
    days = [mail.created_at.astimezone(BERLIN).date().isoformat() for mail in told(services, job.id)]
    assert days == ["2026-03-05", "2026-03-12", "2026-03-23", "2026-04-01"]
    assert kinds(services, job.id)[-1] == "unclaimed"
    assert {mail.created_at.astimezone(BERLIN).hour for mail in told(services, job.id)} == {9}


@pytest.mark.parametrize(
    "ready", [datetime(2026, 3, 26, 23, 50, tzinfo=BERLIN), datetime(2026, 10, 22, 23, 50, tzinfo=BERLIN)]
)
def test_days_are_those_of_the_lab_when_its_clocks_change(
    ready: datetime, bench: Workbench, services: Services, clock: Clock
) -> None:
    """Both weekends have 47 or 49 hours; three days after Thursday is Sunday, so it comes on Monday at nine."""
    clock.now = ready
    change_lab(services, ADMIN, time_limits=TimeLimits(reminder_days=(3,)))
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, *hours(ready + timedelta(minutes=1), 6))
    (mail,) = told(services, job.id)
    local = mail.created_at.astimezone(BERLIN)
    assert (local.weekday(), local.hour) == (0, 9)


def test_a_server_that_was_off_writes_the_newest_reminder_only(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, at(3, 13, 11))  # the first was due on the 5th, the second on the 12th
    go_to(clock, services, at(3, 13, 11, 5))
    assert numbers(services, job.id) == [2]
    go_to(clock, services, at(3, 23))
    assert numbers(services, job.id) == [2, 3]


def test_a_server_that_was_off_for_three_days_makes_up_for_what_it_missed(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    quoted, ready = bench.at(JobStatus.PENDING), bench.at(JobStatus.COMPLETED)
    go_to(clock, services, at(3, 4), at(3, 9, 11), at(3, 9, 12))
    assert numbers(services, ready.id) == [1]
    go_to(clock, services, at(3, 11), at(3, 14, 11), at(3, 16), at(3, 16, 10))
    assert kinds(services, quoted.id) == ["lapsing"]
    assert told(services, quoted.id)[0].context["answer_by"] == "Thu 19 Mar 2026"  # three days, as for everybody
    assert numbers(services, ready.id) == [1, 2]


def test_nothing_goes_out_at_night_on_a_weekend_or_while_the_lab_is_closed(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    closed = OpenDays(closings=(Closing(at(3, 5).date(), at(3, 10).date(), "spring break"),))
    change_lab(services, ADMIN, open_days=closed)
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, *hours(at(3, 2, 15), 8), at(3, 11, 8))
    assert told(services, job.id) == []
    go_to(clock, services, at(3, 11))
    assert numbers(services, job.id) == [1]


def test_a_lab_that_works_at_weekends_reminds_at_weekends(bench: Workbench, services: Services, clock: Clock) -> None:
    clock.now = at(3, 5)
    change_lab(services, ADMIN, open_days=OpenDays(ALL_WEEK))
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, at(3, 8))
    assert numbers(services, job.id) == [1]


def test_a_part_that_was_collected_is_waited_for_no_more(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, at(3, 5))
    bench.hand_over(bench.get(job.id))
    assert told(services, job.id)[0].state is MailState.CANCELLED
    go_to(clock, services, at(3, 12), at(4, 30))
    assert numbers(services, job.id) == [1]


def test_a_part_that_comes_back_begins_anew(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, at(3, 5), at(3, 12))
    back = bench.undo(bench.hand_over(bench.get(job.id)))
    assert back.status is JobStatus.COMPLETED
    go_to(clock, services, at(3, 13), at(3, 16))
    assert numbers(services, job.id) == [1, 2, 1]
    again = bench.complete(bench.start(bench.move(Verb.REPRINT, bench.get(job.id))))
    go_to(clock, services, at(3, 17), at(3, 19))
    assert numbers(services, again.id) == [1, 2, 1, 1]


# ---------- "I need until …" ----------


def test_reminders_wait_for_the_day_that_the_student_named(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, at(3, 5))
    kept = services.jobs.keep(KeepUntil(job.id, job.version, at(3, 20).date()), bench.student(job))
    assert kept.kept_until == at(3, 20).date()
    assert told(services, job.id)[0].state is MailState.CANCELLED  # it was not sent yet, and they have answered it
    event = services.search.events(job.id, STAFF)[0]
    assert (event.action, event.changes) == ("kept", {"kept_until": (None, "Fri 20 Mar 2026")})
    go_to(clock, services, *hours(at(3, 5, 10), 14))
    assert numbers(services, job.id) == [1]
    go_to(clock, services, at(3, 20), at(3, 20, 12))
    assert numbers(services, job.id) == [1, 2]
    assert told(services, job.id)[-1].context["kept_until"] == "Fri 20 Mar 2026"
    go_to(clock, services, at(3, 23))
    assert numbers(services, job.id) == [1, 2, 3]


def test_a_part_is_unclaimed_after_the_day_that_the_student_named(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    job = bench.at(JobStatus.COMPLETED)
    go_to(clock, services, at(3, 23), at(4, 1))
    assert kinds(services, job.id)[-1] == "unclaimed"
    services.jobs.keep(KeepUntil(job.id, job.version, at(4, 24).date()), bench.student(job))
    go_to(clock, services, at(4, 2), at(4, 24), at(4, 27), at(4, 27, 10), at(5, 4))
    assert kinds(services, job.id)[-3:] == ["unclaimed", "collect", "unclaimed"]


@pytest.mark.parametrize("day", [at(3, 2), at(3, 1), at(4, 2)])
def test_a_day_that_is_too_early_or_too_late_is_refused(day: datetime, bench: Workbench, services: Services) -> None:
    job = bench.at(JobStatus.COMPLETED)
    with pytest.raises(InvalidInput):
        services.jobs.keep(KeepUntil(job.id, job.version, day.date()), bench.student(job))
    assert bench.get(job.id) == job


def test_only_of_a_part_that_is_ready_and_ones_own_it_is_said(bench: Workbench, services: Services) -> None:
    printing, ready = bench.at(JobStatus.PRINTING), bench.at(JobStatus.COMPLETED)
    day = at(3, 20).date()
    with pytest.raises(Conflict, match="no part waits"):
        services.jobs.keep(KeepUntil(printing.id, printing.version, day), bench.student(printing))
    with pytest.raises(NotAllowed):
        services.jobs.keep(KeepUntil(ready.id, ready.version, day), bench.student(printing))
    assert services.jobs.keep(KeepUntil(ready.id, ready.version, day), STAFF).kept_until == day


def test_what_was_said_of_one_print_is_not_said_of_the_next(bench: Workbench, services: Services) -> None:
    job = bench.at(JobStatus.COMPLETED)
    kept = services.jobs.keep(KeepUntil(job.id, job.version, at(3, 20).date()), bench.student(job))
    assert bench.undo(bench.hand_over(kept)).kept_until == at(3, 20).date()
    again = bench.complete(bench.start(bench.move(Verb.REPRINT, bench.get(job.id))))
    assert again.kept_until is None


def test_an_unclaimed_part_waits_for_staff_on_the_board(bench: Workbench, services: Services, clock: Clock) -> None:
    job = bench.at(JobStatus.COMPLETED)
    index = services.board_index(card_json)
    index.read()
    clock.now = at(4, 1)
    (turned,) = index.follow([], is_turn=True).changed
    assert turned.entry.attention is Attention.UNCLAIMED
    assert Concern.UNCLAIMED in turned.entry.concerns
    services.jobs.keep(KeepUntil(job.id, job.version, at(4, 24).date()), bench.student(job))
    (told_of,) = index.follow([job.id]).changed
    assert told_of.entry.attention is None
    assert Concern.UNCLAIMED not in told_of.entry.concerns
    assert b"Collects by Fri 24 Apr 2026" in told_of.card


# ---------- what limits would do ----------


def test_a_preview_says_what_limits_would_do_and_does_nothing(
    bench: Workbench, services: Services, clock: Clock
) -> None:
    first, _second = bench.at(JobStatus.PENDING), bench.at(JobStatus.PENDING)
    ready = bench.at(JobStatus.COMPLETED)
    clock.now = at(3, 12, 22)
    limits = TimeLimits(lapse_days=5, warning_days=None, reminder_days=(3,), unclaimed_days=10)
    found = services.reminders.preview(limits, OpenDays(), ADMIN)
    assert found.at == at(3, 13, 9, 0)
    assert (found.steps[Step.LAPSE].count, found.steps[Step.LAPSE].oldest) == (2, first.id)
    assert (found.steps[Step.UNCLAIMED].count, found.steps[Step.UNCLAIMED].oldest) == (1, ready.id)
    assert found.steps[Step.WARN].count == found.steps[Step.REMIND].count == 0
    assert told(services, first.id) == told(services, ready.id) == []
    with pytest.raises(NotAllowed):
        services.reminders.preview(limits, OpenDays(), STAFF)


# ---------- several at once ----------


def second(settings: Settings, clock: Clock) -> Services:
    """Another process on the same database."""
    return build_services(settings, clock)


def test_two_processes_write_each_mail_once(
    bench: Workbench, services: Services, clock: Clock, settings: Settings
) -> None:
    jobs = [bench.at(JobStatus.COMPLETED) for _ in range(4)]
    quotes = [bench.at(JobStatus.PENDING) for _ in range(4)]
    other = second(settings, clock)
    try:
        for moment in (at(3, 5), at(3, 13), at(3, 17)):
            clock.now = moment
            assert at_once(services.reminders.run, other.reminders.run, services.reminders.run) == [None] * 3
    finally:
        other.close()
    assert [numbers(services, job.id) for job in jobs] == [[1, 2]] * 4
    assert [kinds(services, job.id) for job in quotes] == [["lapsing", "lapsed"]] * 4
    assert {bench.get(job.id).status for job in quotes} == {JobStatus.REJECTED}


def test_a_student_who_answers_at_that_very_moment_is_not_told_that_the_quote_lapsed(
    bench: Workbench, services: Services, clock: Clock, settings: Settings
) -> None:
    jobs = [bench.at(JobStatus.PENDING) for _ in range(6)]
    go_to(clock, services, at(3, 13))
    clock.now = at(3, 17)
    students = {job.id: bench.student(job) for job in jobs}

    def answer() -> None:
        for job in reversed(jobs):
            at_once(lambda job=job: bench.confirm(job, students[job.id]))

    at_once(services.reminders.run, answer)
    for job in jobs:
        now = bench.get(job.id)
        lapsed = "lapsed" in kinds(services, job.id)
        assert (now.status is JobStatus.REJECTED) == lapsed
        assert (now.status is JobStatus.READY_TO_PRINT) != lapsed


def test_one_job_that_fails_keeps_no_other_waiting(
    bench: Workbench, services: Services, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = bench.at(JobStatus.COMPLETED), bench.at(JobStatus.COMPLETED)
    tell = services.outbox.tell

    def fails_once(unit: object, job: JobView, *facts: object, **more: object) -> None:
        if job.id == first.id:
            raise RuntimeError
        tell(unit, job, *facts, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(services.outbox, "tell", fails_once)
        go_to(clock, services, at(3, 5))
    assert (numbers(services, first.id), numbers(services, other.id)) == ([], [1])
    go_to(clock, services, at(3, 5, 9, 2))
    assert numbers(services, first.id) == [1]
