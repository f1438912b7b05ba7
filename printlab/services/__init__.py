"""The verbs. Everything that pages, the API and the command line can do is a method of one of these services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from printlab.db import Database
from printlab.domain.calendar import LabCalendar
from printlab.domain.retention import CleanupKind
from printlab.domain.time_limits import Rules
from printlab.files.archive import Archive
from printlab.files.drawings import Drawings
from printlab.files.space import Space
from printlab.files.staging import Staging
from printlab.geometry.sandbox import Sandbox
from printlab.keyring import Keyring, open_keyring
from printlab.live import Listener, Live
from printlab.mail.compose import Composer
from printlab.prusa.running import PrusaSlicer
from printlab.queue import Queue
from printlab.services.accounts import Accounts
from printlab.services.adopting import Adoption
from printlab.services.analyses import Analyses
from printlab.services.anonymising import Anonymising
from printlab.services.archiving import Archiving
from printlab.services.board import BoardIndex, Draw
from printlab.services.catalog import CatalogService
from printlab.services.delivery import Delivery
from printlab.services.desk import Clock, Desk
from printlab.services.estimates import Estimates
from printlab.services.filing import Filing
from printlab.services.health import HealthService
from printlab.services.intake import Intake
from printlab.services.jobs import Jobs
from printlab.services.lab import LabService
from printlab.services.links import track_url
from printlab.services.lost_links import LostLinks
from printlab.services.mail import MailService
from printlab.services.messages import Messages
from printlab.services.new_files import NewFiles
from printlab.services.noticing import Noticing
from printlab.services.opening import Opening
from printlab.services.orphans import Orphans
from printlab.services.outbox import Outbox
from printlab.services.plans import Sweep
from printlab.services.preferences import Preferences
from printlab.services.presence import Presence
from printlab.services.profiles import Profiles
from printlab.services.purging import Purging
from printlab.services.quotes import Quotes
from printlab.services.reminders import Reminders
from printlab.services.retention import Retention
from printlab.services.revisions import Revisions
from printlab.services.search import Search
from printlab.services.slicing import READERS, READING_SECONDS, SlicedFiles
from printlab.services.space import LOCAL, SHARED, DiskWatch
from printlab.services.students import Students
from printlab.services.submissions import Submissions
from printlab.services.thumbnails import Thumbnails
from printlab.services.views import ViewBuilder
from printlab.services.waiting import Waiting
from printlab.services.wordings import Wordings
from printlab.settings import Settings

_UPLOADS_WAITING = 20  # of the largest size; docs/decisions.md
_SENDER_MB = 1000


@dataclass(frozen=True, slots=True)
class Services:
    """All services of one installation, wired once at the start."""

    settings: Settings
    clock: Clock
    database: Database
    keyring: Keyring
    live: Live
    views: ViewBuilder
    listener: Listener
    filing: Filing
    outbox: Outbox
    submissions: Submissions
    jobs: Jobs
    search: Search
    waiting: Waiting
    quotes: Quotes
    revisions: Revisions
    opening: Opening
    catalog: CatalogService
    presence: Presence
    profiles: Profiles
    preferences: Preferences
    estimates: Estimates
    lab: LabService
    accounts: Accounts
    mail: MailService
    delivery: Delivery
    wordings: Wordings
    messages: Messages
    reminders: Reminders
    lost_links: LostLinks
    intake: Intake
    sandbox: Sandbox
    sliced_files: SlicedFiles
    noticing: Noticing
    thumbnails: Thumbnails
    health: HealthService
    disk_watch: DiskWatch
    archiving: Archiving
    retention: Retention
    students: Students
    orphans: Orphans

    def board_index(self, draw: Draw) -> BoardIndex:
        """The open jobs in memory, as ``draw`` makes cards of them; a process that shows boards has one."""
        return BoardIndex(
            self.database,
            self.views,
            self.catalog.view,
            self.settings.zone,
            self.clock,
            self.waiting.now,
            self.reminders.rules,
            draw,
        )

    def read_ahead(self) -> None:
        """Have in memory what pages ask for on the event loop; whoever publishes a change of it reads it again."""
        self.catalog.view()
        self.lab.view()
        self.waiting.renew()

    def end_readers(self) -> None:
        """End the processes that read what strangers send, also in the middle: nothing is read after it."""
        self.sandbox.close()
        self.sliced_files.close()
        self.estimates.close()

    def close(self) -> None:
        """End the readers and close the database: nothing is used after it."""
        self.end_readers()
        self.database.dispose()


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def build_services(
    settings: Settings,
    clock: Clock = utc_now,
    sandbox: Sandbox | None = None,
    sliced_sandbox: Sandbox | None = None,
) -> Services:
    """Open the database and wire the services; the database is expected to be migrated.

    Models are read in ``sandbox``, sliced files in ``sliced_sandbox``; each is made unless it is given.
    """
    database = Database(settings.sqlalchemy_url)
    keyring, live = open_keyring(settings.data_dir), Live()

    def today() -> date:
        return clock().astimezone(settings.zone).date()

    def rules() -> Rules:
        now = lab.view()
        return Rules(now.time_limits, LabCalendar(now.open_days, settings.zone))

    def reject(job_id: int, version: int, message: str) -> None:
        jobs.reject_unreadable(job_id, version, message)

    def on_measured(sha256: str) -> None:
        estimates.want_content(sha256)

    catalog, lab = CatalogService(database, live, clock), LabService(database, live, clock, today)
    analyses = Analyses(keyring)
    views = ViewBuilder(
        catalog.view,
        analyses,
        settings.currency,
        settings.quote_tolerance,
        lambda job: track_url(settings, keyring, job),
    )
    room_mb = _UPLOADS_WAITING * max(settings.max_upload_mb, settings.max_sliced_mb)
    space = Space(settings.space_limits, {SHARED: settings.storage, LOCAL: settings.data_dir})
    sender_mb = max(_SENDER_MB, 2 * settings.max_upload_mb)
    staging = Staging(settings.staging, room_mb, sender_mb, space)
    queue, archive = Queue(settings.sqlalchemy_url), Archive(settings.storage)
    sandbox, sliced_sandbox = sandbox or Sandbox(), sliced_sandbox or Sandbox(READING_SECONDS, READERS)
    drawings, thumbnails = Drawings(settings.drawings), Thumbnails()
    intake = Intake(
        database,
        queue,
        sandbox,
        drawings,
        thumbnails,
        analyses,
        archive,
        staging,
        live,
        clock,
        reject,
        on_measured,
    )
    new_files, sliced_files = NewFiles(archive, intake), SlicedFiles(sliced_sandbox)
    filing = Filing(database, settings.storage, settings.locks, views, new_files, sliced_files, live, clock)
    outbox = Outbox(settings, lab.view)
    composer = Composer(
        lab_name=settings.lab_name,
        mail_from=settings.mail_from,
        contact_email=settings.contact_email,
        brand_color=settings.brand_color,
        accent_color=settings.accent_color,
    )
    slicer = PrusaSlicer(settings.prusa_slicer, settings.slicing) if settings.prusa_slicer else None
    estimates = Estimates(
        database, queue, intake, sandbox, sliced_files, slicer, settings.slicing, catalog.view, views, clock
    )
    desk = Desk(database, views, filing, outbox, estimates, live, clock)
    search = Search(database, views, keyring, clock)
    adoption = Adoption(new_files, intake)
    jobs = Jobs(desk, catalog.view, today, rules)
    submissions = Submissions(desk, staging, catalog.view, lab.view, intake, settings)
    opening = Opening(database, settings, search, views, live, clock)
    accounts = Accounts(database, clock)
    archiving = Archiving(database, filing, lab.view, live, clock)
    purging = Purging(database, archive, intake, lab.view, live, clock)
    anonymising = Anonymising(database, views, lab.view, live, clock)
    retention = Retention(
        database,
        queue,
        rules={"archive_after_days": archiving, "purge_after_days": purging, "anonymise_after_days": anonymising},
        once=(),
        everywhere=(
            Sweep(CleanupKind.UPLOADS, submissions.abandoned, submissions.sweep),
            Sweep(CleanupKind.DRAWINGS, intake.unwanted, intake.sweep),
            Sweep(CleanupKind.ESTIMATES, estimates.unwanted, estimates.sweep),
            Sweep(CleanupKind.LINKS, opening.expired, opening.sweep),
            Sweep(CleanupKind.SESSIONS, accounts.expired, accounts.sweep),
        ),
        zone=settings.zone,
        clock=clock,
    )
    noticing = Noticing(
        desk, adoption, sliced_files, catalog.view, settings.storage, settings.max_sliced_mb, retention.record
    )
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        keyring=keyring,
        live=live,
        views=views,
        listener=Listener(database, live),
        filing=filing,
        outbox=outbox,
        submissions=submissions,
        jobs=jobs,
        search=search,
        waiting=Waiting(database, catalog.view, lab.view, live, clock),
        quotes=Quotes(desk, adoption, catalog.view, lab.view),
        revisions=Revisions(desk, search, staging, intake, adoption, sliced_files, lambda: settings.upload_extensions),
        opening=opening,
        catalog=catalog,
        preferences=Preferences(database, clock),
        presence=Presence(database, live, clock),
        profiles=Profiles(database, staging, catalog, estimates, live, clock),
        estimates=estimates,
        lab=lab,
        accounts=accounts,
        mail=MailService(database, composer, live, clock, outbox, settings.public_url),
        wordings=Wordings(database, composer, outbox, clock),
        delivery=Delivery(database, composer, settings, keyring, live, clock),
        messages=Messages(database, views, outbox, live, clock),
        reminders=Reminders(desk, rules),
        lost_links=LostLinks(database, views, outbox, clock),
        intake=intake,
        sandbox=sandbox,
        sliced_files=sliced_files,
        noticing=noticing,
        orphans=Orphans(database, settings.storage, retention.record, live, clock),
        thumbnails=thumbnails,
        health=HealthService(database, thumbnails, space, settings),
        disk_watch=DiskWatch(database, space, outbox, settings, live, clock),
        archiving=archiving,
        retention=retention,
        students=Students(database, archive, archiving, anonymising, retention.record, clock),
    )
