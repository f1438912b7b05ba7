"""One way in: once, checked, nothing lost when it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from printlab.domain.commands import JobFilter, SubmitJob
from printlab.domain.policy import ANONYMOUS, Actor
from printlab.domain.status import JobStatus
from printlab.domain.views import JobView, Strength, Submitted
from printlab.errors import (
    FileTooLarge,
    InvalidFile,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    SubmissionsClosed,
    TooManyRequests,
)
from printlab.files.staging import Staging
from printlab.limits import RateLimiter
from printlab.services import Services, build_services
from tests import files_made
from tests.services.together import at_once
from tests.workbench import ORDER, STAFF, Workbench, change_lab


def close(services: Services, admin: Actor, message: str) -> None:
    change_lab(services, admin, submissions_open=False, closed_message=message, reopens_on=date(2026, 4, 1))


def jobs_on_disk(bench: Workbench) -> int:
    return len([path for path in (bench.root / "Uploaded").iterdir() if path.suffix == ".stl"])


@pytest.mark.usefixtures("database_url")
def test_a_repeated_request_gives_the_same_job(bench: Workbench, services: Services) -> None:
    staged = bench.stage()
    first = services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key")
    second = services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key")
    assert (first.repeated, second.repeated) == (False, True)
    assert (second.job, second.track_url) == (first.job, first.track_url)
    assert jobs_on_disk(bench) == 1


@pytest.mark.usefixtures("database_url")
def test_a_double_click_makes_one_job(bench: Workbench, services: Services, staff: Actor) -> None:
    for number in range(3):
        staged = bench.stage()
        act = lambda key=f"key {number}", file=staged.id: services.submissions.submit(  # noqa: E731
            ORDER, "browser", file, ANONYMOUS, key
        )
        results = at_once(*[act] * 8)
        assert [result for result in results if not isinstance(result, Submitted)] == []
        assert len({result.job.id for result in results if isinstance(result, Submitted)}) == 1
    assert services.search.counts(staff)[JobStatus.UPLOADED] == 3
    assert jobs_on_disk(bench) == 3
    assert len(services.mail.outbox(staff)) == 3


@pytest.mark.usefixtures("database_url")
def test_retries_that_upload_again_make_one_job(bench: Workbench, services: Services, staff: Actor) -> None:
    """Eight requests with the same file and key, each with its own upload, as the API gets them."""
    content = files_made.stl()
    staged = [bench.stage(content) for _ in range(8)]
    acts = [
        lambda file=file: services.submissions.submit(ORDER, "browser", file.id, ANONYMOUS, "key") for file in staged
    ]
    results = at_once(*acts)
    assert [result for result in results if not isinstance(result, Submitted)] == []
    assert services.search.counts(staff)[JobStatus.UPLOADED] == 1
    assert jobs_on_disk(bench) == 1


def test_a_key_is_for_one_order(bench: Workbench) -> None:
    bench.send(key="key")
    with pytest.raises(InvalidInput, match="used for another order"):
        bench.send(key="key", color="Black")
    with pytest.raises(InvalidInput, match="used for another order"):
        bench.send(key="key")  # another file


def test_two_students_may_use_one_key(bench: Workbench) -> None:
    assert bench.send(key="key").job.id != bench.send(key="key", email="john@example.edu").job.id


def test_closed_with_the_labs_own_words(bench: Workbench, services: Services, staff: Actor, admin: Actor) -> None:
    close(services, admin, "We are moving. Back in April.")
    staged = bench.stage()
    with pytest.raises(SubmissionsClosed, match=r"We are moving\. Back in April\."):
        services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key")
    assert services.submissions.staged("browser", staged.id) == staged
    assert bench.send(walk_in=True, actor=staff).job.walk_in


def test_a_walk_in_is_for_staff(bench: Workbench, staff: Actor) -> None:
    with pytest.raises(NotSignedIn):
        bench.send(walk_in=True)
    with pytest.raises(NotAllowed):
        bench.send(walk_in=True, actor=bench.student(bench.submit()))
    job = bench.send(walk_in=True, actor=staff).job
    assert (job.revisions[0].origin, job.revisions[0].created_by) == ("brought to the desk", "Sam Staff")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 301}, "name"),
        ({"email": "jane"}, "email"),
        ({"email": "jane@example.edu\nBcc: all@example.edu"}, "email"),
        ({"method": "Clay"}, "method"),
        ({"printer": "Nope"}, "printer"),
        ({"printer": "Formlabs Form 3"}, "printer"),
        ({"material": "Cheese"}, "material"),
        ({"color": "Mauve"}, "color"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 501}, "quantity"),
        ({"needed_by": date(2026, 3, 1)}, "needed_by"),
        ({"course": "x" * 201}, "course"),
        ({"notes": "x" * 4001}, "notes"),
        ({"accept_terms": False}, "accept_terms"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_lost(
    bench: Workbench, services: Services, facts: dict[str, object], field: str
) -> None:
    staged = bench.stage()
    with pytest.raises(InvalidInput) as refused:
        services.submissions.submit(replace(ORDER, **facts), "browser", staged.id, ANONYMOUS, "key")
    assert refused.value.field == field
    assert str(refused.value).endswith(".")
    assert services.submissions.staged("browser", staged.id) == staged
    assert services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key").job.status is JobStatus.UPLOADED


def test_today_is_the_labs_day(bench: Workbench) -> None:
    assert bench.submit(needed_by=date(2026, 3, 2)).needed_by == date(2026, 3, 2)


def test_the_defaults_of_an_order(bench: Workbench, services: Services) -> None:
    job = bench.submit()
    assert (job.strength, job.quantity, job.walk_in) == (services.lab.view().default_strength, 1, False)
    assert bench.submit(strength=Strength.STRONG).strength is Strength.STRONG


@pytest.mark.parametrize(
    "name", ["Zoë Müller-Łukasz", "李小龙", "../../etc/passwd", "CON", "a\0b", "😀", "x" * 300, "'; --"]
)
def test_anybody_can_order(name: str, bench: Workbench) -> None:
    job = bench.submit(name=name)
    assert bench.agrees(job)
    assert bench.working_copy(job).resolve().parent == (bench.root / "Uploaded").resolve()


@pytest.mark.parametrize(("made", "file"), [(files_made.obj, "a.obj"), (files_made.threemf, "A.3MF")])
def test_other_formats(made: object, file: str, bench: Workbench) -> None:
    content = made()  # type: ignore[operator]
    job: JobView = bench.submit(content, file)
    assert bench.working_copy(job).read_bytes() == content


def test_an_upload_belongs_to_one_browser(bench: Workbench, services: Services) -> None:
    staged = bench.stage(browser="mine")
    with pytest.raises(NotFound, match="Choose it again"):
        services.submissions.staged("yours", staged.id)
    with pytest.raises(NotFound):
        services.submissions.submit(ORDER, "yours", staged.id, ANONYMOUS, "key")
    services.submissions.discard("yours", staged.id)
    assert services.submissions.staged("mine", staged.id) == staged
    services.submissions.discard("mine", staged.id)
    with pytest.raises(NotFound):
        services.submissions.staged("mine", staged.id)


@pytest.mark.parametrize("staged_id", ["", "../../secrets", "x" * 22, "a/b" * 7, "\0" * 22])
def test_an_upload_is_found_by_its_id_only(staged_id: str, services: Services) -> None:
    with pytest.raises(NotFound):
        services.submissions.staged("browser", staged_id)


def test_a_sent_file_leaves_the_staging_folder(bench: Workbench, services: Services) -> None:
    bench.submit()
    assert list(services.settings.staging.iterdir()) == []


def test_a_sliced_file_is_no_order(bench: Workbench, services: Services) -> None:
    with pytest.raises(InvalidFile, match=r"accepts \.stl, \.obj and \.3mf files"):
        bench.stage(files_made.gcode(), "part.gcode")
    staged = bench.stage(files_made.gcode(), "part.gcode", sliced=True)
    with pytest.raises(InvalidFile):
        services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key")


class TestNarrowed:
    """A lab that takes less."""

    @pytest.fixture
    def changed_settings(self) -> dict[str, object]:
        return {"upload_extensions": "stl", "max_upload_mb": 1}

    def test_extensions_and_size(self, bench: Workbench) -> None:
        with pytest.raises(InvalidFile, match=r"accepts \.stl files"):
            bench.submit(files_made.obj(), "part.obj")
        with pytest.raises(FileTooLarge, match="larger than 1 MB"):
            bench.submit(files_made.stl() + b"\0" * 1_000_000)


def test_the_tracking_link(bench: Workbench, services: Services) -> None:
    sent = bench.send()
    token = sent.track_url.rsplit("/", 1)[1]
    job, student = services.search.by_token(token)
    assert (job, student.job_id, student.name) == (sent.job, sent.job.id, "Jane Doe")
    tail = "A" if token[-1] != "A" else "B"
    for forged in ("", token[:-1] + tail, token.replace("1-", "2-", 1), "1-1-" + "A" * 24, token + "\n"):
        with pytest.raises(NotFound, match="not valid any more"):
            services.search.by_token(forged)


def test_students_see_their_own_job_only(bench: Workbench, services: Services) -> None:
    mine, other = bench.submit(), bench.submit()
    student = bench.student(mine)
    assert services.search.get(mine.id, student) == mine
    with pytest.raises(NotAllowed):
        services.search.get(other.id, student)
    with pytest.raises(NotAllowed):
        services.revisions.content(other.id, 1, student)
    with pytest.raises(NotAllowed):
        services.search.find(JobFilter(), student)
    with pytest.raises(NotSignedIn):
        services.search.get(mine.id, ANONYMOUS)


def test_a_second_click_that_finds_its_upload_taken(
    bench: Workbench, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process looked for the key before the first click's commit, and for the upload after it."""
    staged, real, other = bench.stage(), Staging.get, build_services(services.settings)
    first: list[Submitted] = []

    def late(self: Staging, browser: str, staged_id: str) -> object:
        monkeypatch.setattr(Staging, "get", real)
        first.append(other.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key"))
        return real(self, browser, staged_id)

    monkeypatch.setattr(Staging, "get", late)
    second = services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key")
    other.close()
    assert (second.job, second.repeated) == (first[0].job, True)
    assert jobs_on_disk(bench) == 1


@pytest.mark.usefixtures("database_url")
def test_one_upload_becomes_one_job_whoever_sends_it_at_once(bench: Workbench, services: Services) -> None:
    """A browser with several windows on one form, each with a key and an address of its own."""
    staged = bench.stage()
    orders = [replace(ORDER, email=f"jane{number}@example.edu") for number in range(6)]

    def send(order: SubmitJob) -> Submitted:
        return services.submissions.submit(order, "browser", staged.id, ANONYMOUS, order.email)

    results = at_once(*[partial(send, order) for order in orders])
    assert sorted(type(result).__name__ for result in results) == ["NotFound"] * 5 + ["Submitted"]
    assert len(services.search.find(JobFilter(), STAFF).items) == 1


def test_a_refused_order_leaves_the_upload_for_the_next_try(bench: Workbench, services: Services) -> None:
    staged = bench.stage()
    with pytest.raises(InvalidInput):
        services.submissions.submit(replace(ORDER, color="Plaid"), "browser", staged.id, ANONYMOUS, "key")
    assert services.submissions.submit(ORDER, "browser", staged.id, ANONYMOUS, "key").job.id


def test_a_stranger_is_counted_and_staff_are_not(bench: Workbench, services: Services, staff: Actor) -> None:
    services.submissions.per_caller = RateLimiter(1, 3600)
    send = partial(services.submissions.submit, ORDER, "browser")
    content = files_made.stl()
    send(bench.stage(content).id, ANONYMOUS, "first", "198.51.100.7")
    repeated = bench.stage(content)
    assert send(repeated.id, ANONYMOUS, "first", "198.51.100.7").repeated
    waits = bench.stage()
    with pytest.raises(TooManyRequests):
        send(waits.id, ANONYMOUS, "second", "198.51.100.7")
    assert send(waits.id, ANONYMOUS, "second", "198.51.100.8").job.id
    assert send(bench.stage().id, staff, "third", "198.51.100.7").job.id


def test_an_order_that_becomes_no_job_is_not_counted(bench: Workbench, services: Services) -> None:
    services.submissions.per_caller = RateLimiter(1, 3600)
    send = partial(services.submissions.submit, ORDER, "browser")
    for _ in range(3):
        with pytest.raises(NotFound):
            send("0" * 22, ANONYMOUS, "key", "198.51.100.7")
    assert send(bench.stage().id, ANONYMOUS, "key", "198.51.100.7").job.id
