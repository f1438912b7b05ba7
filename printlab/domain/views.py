"""What services return: frozen values, safe to hand to pages, the API and mail templates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from printlab.domain import words
from printlab.domain.ageing import AgeLimits
from printlab.domain.analysis import AnalysisView
from printlab.domain.calendar import OpenDays
from printlab.domain.model_facts import ModelFacts
from printlab.domain.policy import ActorKind
from printlab.domain.pricing import Rates
from printlab.domain.retention import RetentionDays
from printlab.domain.sliced_facts import SlicedFacts
from printlab.domain.status import JobStatus, Verb
from printlab.domain.time_limits import TimeLimits

if TYPE_CHECKING:
    from printlab.domain.automatic import Automatic
    from printlab.domain.judging import Finding
    from printlab.domain.remarks import Remark
    from printlab.domain.slicing import Figures, Outgrown


class Strength(StrEnum):
    """How solid the part is printed; the lab's default when the student does not choose."""

    DRAFT = "draft"
    STANDARD = "standard"
    STRONG = "strong"

    @property
    def label(self) -> str:
        """The word for it on the screen."""
        return self.value.capitalize()


class RevisionKind(StrEnum):
    """What a file revision is.

    A project is what a slicer saved of a model with its settings, not sliced: the part stays the student's.
    """

    ORIGINAL = "original"
    CORRECTED = "corrected"
    PROJECT = "project"
    SLICED = "sliced"

    @property
    def is_model(self) -> bool:
        """Whether it is the part itself, and not something that was made of it."""
        return self in (RevisionKind.ORIGINAL, RevisionKind.CORRECTED)


class PaymentMethod(StrEnum):
    """How a hand-over was paid."""

    CASH = "cash"
    CARD = "card"
    ACCOUNT = "account"
    WAIVED = "waived"


class Outcome(StrEnum):
    """How a job ended."""

    COLLECTED = "collected"
    WAIVED = "waived"
    DISPOSED = "disposed"


SHOWN_OPEN = timedelta(hours=4)
"""How long a file counts as open: no slicer tells when it is closed, and after half a shift it likely was."""


class FileState(StrEnum):
    """Whether the working copy lies where the database says."""

    SETTLED = "settled"
    MOVING = "moving"
    PROBLEM = "problem"


FORMER_STUDENT = "Former student"
"""Who an anonymised job was for."""
NO_SCALE_MICRO = 1_000_000
"""The scale of a file in millimetres, in millionths."""

SUBMITTED, AT_THE_DESK, BY_THE_STUDENT = "submitted", "brought to the desk", "sent by the student"
"""Where a student's own files come from, as it stands at each of them."""
SAVED = "saved in the shared folder"
SAVED_OVER = "changed in the shared folder"
STUDENTS_ORIGINS = frozenset({SUBMITTED, AT_THE_DESK, BY_THE_STUDENT})


@dataclass(frozen=True, slots=True)
class RevisionView:
    """One file of a job. ``filename`` is the name it has as the job's working copy, ``extension`` the end of it
    (``.gcode.3mf``), ``model`` the number of the model that it is or was sliced from.

    ``sliced`` is what a slicer's result says of itself; None for others, and for one that could not be read.
    ``one_copy``: staff said that it holds one copy, however many the job has. ``facts`` are what was measured of a
    model. The addresses are of its pictures. ``purged_at`` is when its bytes were deleted under the retention rule.
    """

    number: int
    filename: str
    extension: str
    original_name: str
    kind: RevisionKind
    bytes: int
    sha256: str
    authoritative: bool
    origin: str
    created_by: str
    created_at: datetime
    model: int
    sliced: SlicedFacts | None = None
    one_copy: bool = False
    facts: ModelFacts | None = None
    thumbnail_url: str | None = None
    model_url: str | None = None
    tool_path_url: str | None = None
    purged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuoteView:
    """One numbered quote: what the student is asked to accept. ``changes`` says what differs from the request;
    ``revision`` is the number of the file that it was told for, ``holds_for_revision`` that of a newer one that
    costs the same by the word of staff.
    """

    number: int
    revision: int
    printer_id: int
    holds_for_revision: int | None
    weight_cg: int
    time_min: int
    price_cents: int
    computed_cents: int
    rates: Rates
    override_reason: str | None
    changes: tuple[str, ...]
    created_at: datetime
    created_by: str
    accepted_at: datetime | None

    def covers(self, revision: int) -> bool:
        """Whether it is the price of the file of this number, whatever that says of itself."""
        return revision in (self.revision, self.holds_for_revision)


@dataclass(frozen=True, slots=True)
class LastMove:
    """The latest step of a job, for undo and for telling others who was first."""

    verb: Verb
    at: datetime
    actor_key: str
    actor_name: str


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of a job's history: who did what, when, from where, what changed and why."""

    id: int
    job_id: int
    at: datetime
    action: str
    actor_kind: ActorKind
    actor_name: str
    workstation: str | None
    from_status: JobStatus | None
    to_status: JobStatus | None
    changes: dict[str, tuple[Any, Any]]
    reason: str | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """What one side of a job wrote to the other, and when that first had it on a page."""

    id: int
    job_id: int
    from_student: bool
    author_name: str
    text: str
    at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """Who opened the file that counts last, and where; nobody moved the job or changed that file since."""

    at: datetime
    actor_key: str
    actor_name: str
    workstation: str

    @property
    def until(self) -> datetime:
        """Until when it counts as open."""
        return self.at + SHOWN_OPEN


@dataclass(frozen=True, slots=True)
class OpenLink:
    """The way to open a file in place: an address for the helper on the same computer, good once and for a minute.

    ``path`` is the file's place below the storage root with forward slashes, ``local_path`` the same as staff PCs see
    it when that is known. ``token_id`` asks for the helper's answer.
    """

    token_id: int
    url: str
    expires_at: datetime
    path: str = ""
    local_path: str = ""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """What the helper gets for its token: the file that counts, as it is now, and what it must be."""

    job_id: int
    filename: str
    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class HelperAnswer:
    """That the helper took up a link: on which computer, and what kept it from opening the file, if anything.

    Until ``is_over`` it may still say that: it has the file's place and compares what lies there.
    """

    workstation: str
    problem: str | None
    is_over: bool = True


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One booking: positive for money taken, negative for its reversal, in cents."""

    amount_cents: int
    method: PaymentMethod | None
    reference: str | None
    collected_by: str | None
    received_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JobView:
    """Everything about one job. Since ``archived_at`` no working copy lies in a status folder; since ``anonymised_at``
    nothing says whose it was. ``kept_until`` is the day until which the student of a part that is ready needs.
    """

    id: int
    version: int
    status: JobStatus
    status_since: datetime
    created_at: datetime
    updated_at: datetime
    stem: str
    filename: str
    original_name: str
    student_name: str
    student_email: str
    method: str
    printer: str
    material: str
    color: str
    color_hex: str
    quantity: int
    strength: Strength
    needed_by: date | None
    course: str | None
    notes: str | None
    requested_color: str
    requested_printer: str
    requested_material: str
    requested_quantity: int
    requested_strength: Strength
    currency: str
    rates: Rates
    quote: QuoteView | None
    reject_reasons: tuple[str, ...]
    reject_note: str | None
    machine: str | None
    actual_weight_cg: int | None
    actual_time_min: int | None
    failed_prints: int
    outcome: Outcome | None
    assignee_id: int | None
    assignee: str | None
    walk_in: bool
    file_state: FileState
    file_problem: str | None
    authoritative: int
    revisions: tuple[RevisionView, ...]
    last_move: LastMove | None
    track_url: str
    payments: tuple[PaymentView, ...] = ()
    scale_micro: int = NO_SCALE_MICRO
    size_is_right: bool = False
    analysis: AnalysisView | None = None
    outgrown: Outgrown | None = None
    opened: Opened | None = None
    automatic: Automatic | None = None
    looked_at: datetime | None = None
    looked_by: str | None = None
    archived_at: datetime | None = None
    anonymised_at: datetime | None = None
    kept_until: date | None = None

    @property
    def needs_new_quote(self) -> bool:
        """Whether the job cannot be started as it is: its accepted price does not hold for its file."""
        return self.outgrown is not None and not self.outgrown.only_unsaid

    @property
    def scale(self) -> float:
        """What the file's lengths are multiplied by to be millimetres; 1 unless the file is in other units."""
        return self.scale_micro / NO_SCALE_MICRO

    @property
    def weight_cg(self) -> int | None:
        """Weight of all copies in 0.01 g, as quoted."""
        return self.quote.weight_cg if self.quote else None

    @property
    def time_min(self) -> int | None:
        """Printing time of all copies in minutes, as quoted."""
        return self.quote.time_min if self.quote else None

    @property
    def price_cents(self) -> int | None:
        """The price in cents, as quoted."""
        return self.quote.price_cents if self.quote else None

    @property
    def price(self) -> str | None:
        """The price as people read it, as quoted."""
        return None if self.price_cents is None else words.money(self.price_cents, self.currency)

    @property
    def place(self) -> str:
        """Where the working copy belongs, below the storage root, with a forward slash."""
        return self.status.place_of(self.filename)

    @property
    def counting_file(self) -> RevisionView:
        """The authoritative file: the one that would be printed."""
        return next(revision for revision in self.revisions if revision.authoritative)

    @property
    def known_as(self) -> str:
        """What the part is called at a glance: by the file that counts, or by the student's.

        A file that bears the job's own name says who and in which colour once more, and not what it is.
        """
        counting = self.counting_file.original_name
        return self.original_name if counting.casefold().startswith(self.stem.casefold()) else counting

    @property
    def is_sliced(self) -> bool:
        """Whether the authoritative file is a slicer's result, ready for a machine."""
        return self.counting_file.kind is RevisionKind.SLICED

    @property
    def students_file(self) -> RevisionView | None:
        """The newest file that came from the student, through the page or over the desk.

        What staff sent or somebody saved in the shared folder is none of theirs, whatever kind of file it is.
        """
        return next((r for r in reversed(self.revisions) if r.origin in STUDENTS_ORIGINS), None)

    @property
    def without_findings(self) -> JobView:
        """The same job before anything was found in its files: what is only about the job stays as it is meanwhile."""
        undrawn = (
            replace(revision, facts=None, thumbnail_url=None, model_url=None, tool_path_url=None)
            for revision in self.revisions
        )
        return replace(self, analysis=None, automatic=None, revisions=tuple(undrawn))

    @property
    def changes_since_request(self) -> tuple[str, ...]:
        """What differs from the student's request, each as ``was Blue, now Black``."""
        pairs = (
            (self.requested_printer, self.printer),
            (self.requested_material, self.material),
            (self.requested_color, self.color),
            (copies(self.requested_quantity), copies(self.quantity)),
            (self.requested_strength.label, self.strength.label),
        )
        return tuple(f"was {old}, now {new}" for old, new in pairs if old != new)


def copies(count: int) -> str:
    """``1 copy``, ``4 copies``: how a quantity reads everywhere."""
    return "1 copy" if count == 1 else f"{count} copies"


@dataclass(frozen=True, slots=True)
class CardView:
    """One job as the board shows it, with what staff wrote about it last, what was found in its model and what is odd
    about its sliced file, each the worst first.

    ``message`` is the student's newest that none of the staff has seen. Hints are not among the findings. ``takes`` is
    what its sliced file says, where there is no quote yet, or, with ``is_automatic``, what the automatic estimate does.
    """

    job: JobView
    staff_note: EventView | None
    findings: tuple[Finding, ...] = ()
    takes: Figures | None = None
    is_automatic: bool = False
    remarks: tuple[Remark, ...] = ()
    message: MessageView | None = None


WITHDRAWALS: dict[Verb, str] = {
    Verb.CANCEL: "Cancelled by the student",
    Verb.DECLINE: "Quote declined",
    Verb.LAPSE: "No answer to the quote",
}
"""The one reason of a job that was withdrawn, which tells it from a job that the lab rejected."""


def withdrawal(job: JobView) -> Verb | None:
    """How a job ended that the lab had nothing against: cancelled or declined, by the student or on their word, or
    lapsed because they said none.
    """
    if job.status is not JobStatus.REJECTED:
        return None
    return next((verb for verb, reason in WITHDRAWALS.items() if job.reject_reasons == (reason,)), None)


def waits_since(job: JobView) -> datetime:
    """Since when a job waits as it does: its latest step, also an undo that brought it back."""
    return job.last_move.at if job.last_move is not None else job.status_since


@dataclass(frozen=True, slots=True)
class Page:
    """A page of jobs and the cursor for the next one (None at the end)."""

    items: tuple[JobView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class StagedFile:
    """An upload that waits to be sent: an opaque id, the student's name for it, its size and hash."""

    id: str
    original_name: str
    extension: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a student gets back for a file: the job and its private tracking link. ``repeated``: it was there before."""

    job: JobView
    track_url: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class ProfileView:
    """The slicer's settings of a printer as an admin uploaded them: the file's name and the hash of what was kept."""

    name: str
    sha256: str
    layer_height_mm: float
    nozzle_mm: float
    uploaded_by: str
    uploaded_at: datetime


class PrintsLike(StrEnum):
    """The printer that was measured for estimates and that another one resembles most; the value is its name."""

    MK4S = "Prusa MK4S"
    XL = "Prusa XL"
    PRO2_PLUS = "Raise3D Pro2 Plus"
    RESIN = "Resin"

    @property
    def is_resin(self) -> bool:
        """Whether it cures resin: other walls can be printed, and supports go without saying."""
        return self is PrintsLike.RESIN


@dataclass(frozen=True, slots=True)
class PrinterView:
    """A printer of the lab; build volume in mm, rates in millionths of the currency unit.

    ``method`` is what the lab calls the way it prints, ``prints_like`` what is known of that.
    """

    id: int
    name: str
    method: str
    build_x_mm: int
    build_y_mm: int
    build_z_mm: int
    per_gram_micro: int
    per_minute_micro: int
    active: bool
    prints_like: PrintsLike
    profile: ProfileView | None = None

    @property
    def build_volume(self) -> str:
        """Build volume as people read it."""
        return f"{self.build_x_mm} × {self.build_y_mm} × {self.build_z_mm} mm"


@dataclass(frozen=True, slots=True)
class MaterialView:
    """A material of the lab; density in g/cm³ × 1000."""

    id: int
    name: str
    method: str
    density_mg_cm3: int
    active: bool


@dataclass(frozen=True, slots=True)
class ColorView:
    """A colour of a method; ``hex`` is ``#rrggbb``; inactive means out of stock."""

    id: int
    name: str
    method: str
    hex: str
    active: bool


@dataclass(frozen=True, slots=True)
class RejectReasonView:
    """A reason that staff can tick: a short label, and the sentence that the student reads."""

    id: int
    label: str
    sentence: str
    active: bool


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that can be chosen. Inactive entries are there too: old jobs still name them."""

    printers: tuple[PrinterView, ...]
    materials: tuple[MaterialView, ...]
    colors: tuple[ColorView, ...]
    reject_reasons: tuple[RejectReasonView, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The print methods that have a printer in use, in the printers' order."""
        return tuple(dict.fromkeys(p.method for p in self.printers if p.active))

    @property
    def methods_to_order(self) -> tuple[str, ...]:
        """Those of them that have a material and a colour, in use or not: without, they are not set up yet."""
        materials, colors = {m.method for m in self.materials}, {c.method for c in self.colors}
        return tuple(method for method in self.methods if method in materials & colors)

    @property
    def printers_in_use(self) -> tuple[PrinterView, ...]:
        """Those of all methods."""
        return tuple(p for p in self.printers if p.active)

    def printer(self, name: str | None) -> PrinterView | None:
        """The printer of this name, in use or not; None where there is none."""
        return next((p for p in self.printers if p.name == name), None)

    def material(self, name: str | None, method: str) -> MaterialView | None:
        """The material of this name for a method, in use or not; None where there is none."""
        return next((m for m in self.materials if (m.name, m.method) == (name, method)), None)

    def printers_of(self, method: str) -> tuple[PrinterView, ...]:
        """Printers in use of one method."""
        return tuple(p for p in self.printers if p.active and p.method == method)

    def materials_of(self, method: str) -> tuple[MaterialView, ...]:
        """Materials in use of one method."""
        return tuple(m for m in self.materials if m.active and m.method == method)

    def colors_of(self, method: str) -> tuple[ColorView, ...]:
        """Colours in stock of one method."""
        return tuple(c for c in self.colors if c.active and c.method == method)


@dataclass(frozen=True, slots=True)
class LabView:
    """What an admin edits about the lab: texts, price floor, whether submissions are open, when a card is old, how long
    it waits for students and on which days it works.
    """

    terms: str
    terms_version: int
    opening_hours: str
    pickup_where: str
    pickup_bring: str
    welcome: str
    minimum_charge_cents: int
    default_strength: Strength
    submissions_open: bool
    closed_message: str
    reopens_on: date | None
    age_limits: AgeLimits
    retention: RetentionDays
    time_limits: TimeLimits
    open_days: OpenDays


@dataclass(frozen=True, slots=True)
class StrayView:
    """A file in the storage root that is no job's; ``place`` is its path from there, ``job_id`` the job that its name
    may mean. ``can_be_given``: a job can have it all the same, for it is of a kind and size that is printed.
    ``mtime_ns`` is when it was written.
    """

    place: str
    bytes: int
    why: str
    job_id: int | None
    can_be_given: bool
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class OrphanView:
    """A file where only PrintLab writes that is no job's; ``place`` is its path below the storage root."""

    place: str
    bytes: int
    why: str


@dataclass(frozen=True, slots=True)
class MailView:
    """One mail of the outbox as it was or will be sent."""

    id: int
    job_id: int | None
    kind: str
    to: str
    to_name: str
    to_staff: bool
    subject: str
    text: str
    html: str
    state: str
    attempts: int
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class WordingView:
    """What a kind of mail says in this lab. ``is_own``: in the lab's own words; one that is optional may be off."""

    kind: str
    subject: str
    body: str
    is_own: bool
    is_optional: bool
    is_on: bool
    changed_by: str | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class UserView:
    """A staff account."""

    id: int
    email: str
    name: str
    role: ActorKind
    active: bool
    created_at: datetime
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionView:
    """A signed-in browser of a staff account."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    user_agent: str
    current: bool


@dataclass(frozen=True, slots=True)
class TokenView:
    """An API token that is good; the token itself is shown only when it is made."""

    id: int
    name: str
    role: ActorKind
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the app can work: each check with None for good, or a sentence about what is wrong.

    ``limitations`` are told in the same way and stop nobody.
    """

    checks: dict[str, str | None] = field(default_factory=dict[str, str | None])
    limitations: dict[str, str | None] = field(default_factory=dict[str, str | None])

    @property
    def ready(self) -> bool:
        """True when every check is good; a limitation is none."""
        return all(problem is None for problem in self.checks.values())
