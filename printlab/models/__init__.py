"""The tables. Importing this package fills ``metadata``, which the migrations compare against."""

from printlab.models.account import AccessToken, CountedTry, LoginSession, TokenPurpose, UserAccount
from printlab.models.analysis import Analysis
from printlab.models.automatic import AutomaticEstimate
from printlab.models.base import metadata
from printlab.models.catalog import Color, Material, Printer, PrinterProfile, RejectReason
from printlab.models.cleanup import CleanupRecord, DiskLevel, OrphanFile
from printlab.models.desk import Preference, SavedView
from printlab.models.file import SeenFile
from printlab.models.job import Event, FileMove, Job, Payment, Quote, Revision
from printlab.models.lab import Lab, Terms
from printlab.models.mail import MailState, OutboxMail
from printlab.models.message import Message
from printlab.models.wording import MailWording

__all__ = [
    "AccessToken",
    "Analysis",
    "AutomaticEstimate",
    "CleanupRecord",
    "Color",
    "CountedTry",
    "DiskLevel",
    "Event",
    "FileMove",
    "Job",
    "Lab",
    "LoginSession",
    "MailState",
    "MailWording",
    "Material",
    "Message",
    "OrphanFile",
    "OutboxMail",
    "Payment",
    "Preference",
    "Printer",
    "PrinterProfile",
    "Quote",
    "RejectReason",
    "Revision",
    "SavedView",
    "SeenFile",
    "Terms",
    "TokenPurpose",
    "UserAccount",
    "metadata",
]
