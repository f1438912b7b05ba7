"""What a card says about a job at one glance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from components.cards import Mark, card_data, marks
from components.verb_names import VERB_ICONS, menu_verbs
from printlab.domain.deadline import Danger, Deadline
from printlab.domain.status import JobStatus, Verb, verbs_from
from printlab.domain.views import FileState, JobView, Opened, Outcome
from tests import files_made
from tests.workbench import COLLEAGUE, Workbench


def test_a_card_carries_what_the_student_wrote_whole(bench: Workbench) -> None:
    notes = "The flat side is the visible one.\n" + "x" * 3000
    data = card_data(bench.card(bench.submit(notes=notes)))
    assert [(note["who"], note["text"]) for note in data["notes"]] == [("Jane Doe", notes)]


def test_a_card_carries_the_newest_note_of_staff(bench: Workbench) -> None:
    job, other = bench.submit(), bench.submit()
    for text in ("Asked for matt white.", "Supports are fine."):
        bench.services.jobs.note(job.id, text, COLLEAGUE)
    written = card_data(bench.card(job))["notes"]
    assert [(note["who"], note["text"]) for note in written] == [("Kim Colleague", "Supports are fine.")]
    assert card_data(bench.card(other))["notes"] == []


def test_a_card_without_notes_says_nothing_about_them(bench: Workbench) -> None:
    assert card_data(bench.card(bench.submit()))["notes"] == []


@pytest.mark.parametrize(
    ("facts", "mark"),
    [
        ({"file_state": FileState.PROBLEM}, Mark("negative", "report_problem", "File could not be moved")),
        ({"file_state": FileState.MOVING}, Mark("quiet", "drive_file_move", "File still moving", late=True)),
        ({"failed_prints": 2}, Mark("warning", "error_outline", "2 failed prints")),
        ({"status": JobStatus.READY_TO_PRINT}, Mark("warning", "layers_clear", "No sliced file yet")),
        ({"outcome": Outcome.WAIVED}, Mark("quiet", "flag", "Payment waived")),
        (
            {"requested_color": "Blue", "color": "Black"},
            Mark("quiet", "swap_horiz", "was Blue, now Black", "Changed since the request"),
        ),
        (
            {"needed_by": date(2026, 3, 5)},
            Mark("quiet", "event", "by Thu 5 Mar", "Needed", due="2026-03-05"),
        ),
        (
            {"needed_by": date(2027, 1, 5)},
            Mark("quiet", "event", "by Tue 5 Jan 2027", "Needed", due="2027-01-05"),
        ),
        ({"machine": "MK4S no. 2"}, Mark("quiet", "precision_manufacturing", "MK4S no. 2", "Machine")),
        (
            {"opened": Opened(datetime(2026, 3, 2, 14, 30, tzinfo=UTC), "user:3", "Sam Rivera", "Front Desk")},
            Mark("quiet", "launch", "Open at Front Desk, Sam Rivera", "The file", until="2026-03-02T18:30:00+00:00"),
        ),
        ({"assignee": "Kim Okafor"}, Mark("quiet", "person", "Kim Okafor", "Assigned to")),
    ],
)
def test_what_is_unusual_is_marked(bench: Workbench, facts: dict[str, object], mark: Mark) -> None:
    job = bench.submit()
    assert marks(job, None) == []
    assert marks(replace(job, **facts), None) == [mark]


def test_a_card_whose_file_costs_more_says_what_was_accepted_and_what_it_is_now(bench: Workbench) -> None:
    quoted = bench.add_sliced(bench.submit(), files_made.prusa_gcode(8, "29m"))
    accepted = bench.confirm(bench.approve(quoted, weight_cg=800, time_min=29))
    job = bench.add_sliced(accepted, files_made.prusa_gcode(material="PETG"))
    data = card_data(bench.card(job))
    assert data["figures"] == ["8 g", "29 min", "$0.93 accepted"]
    said = "the file costs $4.34, $0.93 was accepted; it is made of PETG, PLA was accepted"
    assert (data["marks"][0]["text"], data["next"]["label"]) == (f"Needs a new quote: {said}", "Re-quote")


def test_a_card_whose_file_says_half_of_what_it_takes_names_the_other_half(bench: Workbench) -> None:
    quoted = bench.add_sliced(bench.submit(), files_made.prusa_gcode())
    half = files_made.prusa_gcode().replace(b"estimated printing time", b"nothing")
    job = bench.add_sliced(bench.confirm(bench.approve(quoted)), half)
    assert marks(job, None)[0].text == "The newer file does not say what it takes: time"


def test_no_two_actions_of_staff_share_an_icon() -> None:
    assert len(set(VERB_ICONS.values())) == len(VERB_ICONS)


def written_on(bench: Workbench, job: JobView) -> list[tuple[str, str]]:
    """The marks and notes of the job's card: tone or author, and text."""
    data = card_data(bench.card(job))
    return [(mark["tone"], mark["text"]) for mark in data["marks"]] + [(n["who"], n["text"]) for n in data["notes"]]


def test_a_rejected_card_says_why(bench: Workbench) -> None:
    job = bench.reject(bench.submit())
    assert written_on(bench, job) == [("negative", "Too large"), ("Why", "It is 40 cm long.")]


def test_a_card_tells_a_withdrawn_job_from_a_rejected_one(bench: Workbench) -> None:
    job, quoted = bench.submit(), bench.approve(bench.submit())
    cancelled = bench.move(Verb.CANCEL, job, bench.student(job), "I found another way.")
    declined = bench.move(Verb.DECLINE, quoted, bench.student(quoted))
    assert written_on(bench, cancelled) == [("quiet", "Cancelled by the student"), ("Why", "I found another way.")]
    assert written_on(bench, declined) == [("quiet", "Quote declined")]
    icons = {card_data(bench.card(j))["marks"][0]["icon"] for j in (cancelled, declined, bench.reject(bench.submit()))}
    assert len(icons) == 3


def test_why_a_job_was_rejected_goes_when_it_is_open_again(bench: Workbench) -> None:
    job = bench.move(Verb.REOPEN, bench.reject(bench.submit()))
    assert written_on(bench, job) == [("quiet", "Being analysed")]


def test_a_card_says_copies_in_words_before_and_after_the_quote(bench: Workbench) -> None:
    job, single = bench.submit(quantity=4), bench.submit()
    quoted = bench.approve(job)
    for shown in (job, quoted):
        assert card_data(bench.card(shown))["copies"] == "4 copies"
    assert card_data(bench.card(quoted))["figures"] == ["38 g", "2 h 10 min", "$4.34"]
    assert card_data(bench.card(single))["copies"] is None


@pytest.mark.parametrize("status", JobStatus)
def test_a_menu_offers_what_the_table_allows_and_what_ends_a_job_last(status: JobStatus) -> None:
    verbs = menu_verbs(status)
    assert set(verbs) <= verbs_from(status)
    assert Verb.CORRECT not in verbs
    dangerous = [verb in (Verb.REJECT, Verb.DECLINE, Verb.CANCEL) for verb in verbs]
    assert dangerous == sorted(dangerous)


@pytest.mark.parametrize(
    ("danger", "ready_on", "tone", "text"),
    [
        (Danger.PASSED, None, "negative", "Was needed Wed 30 Dec"),
        (Danger.TODAY, None, "warning", "Needed today"),
        (Danger.TOMORROW, None, "warning", "Needed tomorrow"),
        (Danger.TIGHT, date(2026, 12, 31), "warning", "Needed Wed 30 Dec, may take until Thu 31 Dec"),
        (Danger.HARDLY, date(2027, 1, 4), "negative", "Needed Wed 30 Dec, hardly ready before Mon 4 Jan 2027"),
    ],
)
def test_a_day_at_risk_is_named_once_and_first(
    bench: Workbench, danger: Danger, ready_on: date | None, tone: str, text: str
) -> None:
    day = date(2026, 12, 30)
    job = replace(bench.submit(needed_by=day), failed_prints=1)
    first, *others = marks(job, Deadline(day, danger, ready_on))
    assert (first.tone, first.text, first.means) == (tone, text, "Deadline at risk")
    assert [mark.text for mark in others] == ["1 failed print"]
