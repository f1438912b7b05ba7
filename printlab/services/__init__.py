"""The verbs. Everything that pages, the API and the command line can do is a method of one of these services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from printlab.db import Database
from printlab.files.staging import Staging
from printlab.keyring import Keyring, open_keyring
from printlab.live import Listener, Live
from printlab.services.accounts import Accounts
from printlab.services.catalog import CatalogService
from printlab.services.desk import Clock, Desk
from printlab.services.filing import Filing
from printlab.services.health import HealthService
from printlab.services.jobs import Jobs
from printlab.services.lab import LabService
from printlab.services.links import track_url
from printlab.services.mail import MailService
from printlab.services.outbox import Outbox
from printlab.services.quotes import Quotes
from printlab.services.revisions import Revisions
from printlab.services.search import Search
from printlab.services.submissions import Submissions
from printlab.services.views import ViewBuilder
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
    listener: Listener
    filing: Filing
    outbox: Outbox
    submissions: Submissions
    jobs: Jobs
    search: Search
    quotes: Quotes
    revisions: Revisions
    catalog: CatalogService
    lab: LabService
    accounts: Accounts
    mail: MailService
    health: HealthService


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def build_services(settings: Settings, clock: Clock = utc_now) -> Services:
    """Open the database and wire the services; the database is expected to be migrated."""
    database = Database(settings.sqlalchemy_url)
    keyring, live = open_keyring(settings.data_dir), Live()
    catalog, lab = CatalogService(database, live, clock), LabService(database, live, clock)
    views = ViewBuilder(catalog.view, settings.currency, lambda job: track_url(settings, keyring, job))
    filing = Filing(database, settings.storage, settings.locks, views, live, clock)
    outbox = Outbox(settings, lab.view)
    desk = Desk(database, views, filing, outbox, live, clock)
    search = Search(database, views, keyring, clock)
    room_mb = _UPLOADS_WAITING * max(settings.max_upload_mb, settings.max_sliced_mb)
    staging = Staging(settings.staging, room_mb, sender_mb=max(_SENDER_MB, 2 * settings.max_upload_mb))
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        keyring=keyring,
        live=live,
        listener=Listener(database, live),
        filing=filing,
        outbox=outbox,
        submissions=Submissions(desk, staging, catalog.view, lab.view, settings),
        jobs=Jobs(desk, catalog.view),
        search=search,
        quotes=Quotes(desk, catalog.view, lab.view),
        revisions=Revisions(desk, search, staging, lambda: settings.upload_extensions),
        catalog=catalog,
        lab=lab,
        accounts=Accounts(database, clock),
        mail=MailService(database, settings, keyring, live, clock),
        health=HealthService(database, settings),
    )
