"""Settings: ``PRINTLAB_*`` from the environment or ``.env``. A wrong one stops the start with a line that names it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import EmailStr, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url

from printlab.domain.naming import UPLOAD_EXTENSIONS
from printlab.domain.slicing import Tolerance
from printlab.domain.space import SpaceLimits
from printlab.errors import PrintLabError

_BRAND = "PrintLab"
# Of PostgreSQL's client: until a connection stands, until a silent one is asked whether it still does and how often,
# and how long something may be under way unacknowledged.
_PATIENCE = {
    "connect_timeout": "3",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
    "tcp_user_timeout": "5000",
}
_HEX_COLOR = re.compile(r"^#[0-9A-Fa-f]{6}$")
# ISO 4217 currencies whose minor unit is not a hundredth: money here is counted in hundredths.
_NO_CENTS = frozenset((
    "NTS", "BHD", "BIF", "CLP", "DJF", "GNF", "IQD", "ISK", "JOD", "JPY", "KMF", "KRW",
    "KWD", "LYD", "OMR", "PYG", "RWF", "TND", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
))  # fmt: skip


def _brand_of(settings: dict[str, Any]) -> str:
    """A lab without a name of its own goes by the brand: the header then says it once."""
    return settings.get("brand_name", _BRAND)


class WrongSetting(PrintLabError):
    """A setting cannot be used; the text names it."""


class Settings(BaseSettings):
    """All that can be set from outside. Sizes in MB of 1,000,000 bytes."""

    model_config = SettingsConfigDict(env_prefix="PRINTLAB_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    storage_root: Path | None = None
    staff_root: str = Field(default="", max_length=200)
    database_url: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    base_url: str = ""
    smtp_url: SecretStr | None = None
    mail_from: EmailStr = "printlab@example.com"
    max_upload_mb: int = Field(default=50, ge=1, le=2000)
    max_sliced_mb: int = Field(default=500, ge=1, le=5000)
    quote_tolerance_percent: int = Field(default=10, ge=0, le=1000)
    quote_tolerance_cents: int = Field(default=50, ge=0)
    disk_warning_mb: int = Field(default=5000, ge=0)
    disk_warning_percent: float = Field(default=10, ge=0, le=100)
    disk_critical_mb: int = Field(default=1000, ge=0)
    disk_critical_percent: float = Field(default=2, ge=0, le=100)
    upload_extensions: Annotated[tuple[str, ...], NoDecode] = UPLOAD_EXTENSIONS
    currency: str = "USD"
    timezone: str = "UTC"
    brand_name: str = Field(default=_BRAND, min_length=1, max_length=40)
    lab_name: str = Field(default_factory=_brand_of, min_length=1, max_length=80)
    contact_email: EmailStr | None = None
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    brand_color: str = "#461D7C"
    accent_color: str = "#FDD023"
    logo: Path | None = None
    prusa_slicer: Path | None = None
    log_level: str = "INFO"
    run_tasks: bool = True
    process: str = Field(default="", pattern=r"^[a-z0-9-]{0,20}$")

    @field_validator("storage_root", "database_url", "smtp_url", "contact_email", "logo", "prusa_slicer", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """``PRINTLAB_SMTP_URL=`` means that there is none."""
        return None if value == "" else value

    @field_validator("upload_extensions", "trusted_proxies", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("upload_extensions")
    @classmethod
    def _known_extensions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        lowered = tuple(ext.lower() if ext.startswith(".") else f".{ext.lower()}" for ext in value)
        if not lowered or not set(lowered) <= set(UPLOAD_EXTENSIONS):
            raise ValueError(f"choose from {', '.join(UPLOAD_EXTENSIONS)}")
        return lowered

    @field_validator("currency")
    @classmethod
    def _currency_code(cls, value: str) -> str:
        code = value.upper()
        if not re.fullmatch(r"[A-Z]{3}", code) or code in _NO_CENTS:
            raise ValueError("use a three-letter currency code with hundredths, such as USD or EUR")
        return code

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("use an IANA name such as America/Chicago")
        return value

    @field_validator("brand_color", "accent_color")
    @classmethod
    def _hex_color(cls, value: str) -> str:
        if not _HEX_COLOR.fullmatch(value):
            raise ValueError("use a colour such as #461D7C")
        return value.upper()

    @field_validator("base_url")
    @classmethod
    def _http_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+", value.rstrip("/")):
            raise ValueError("use an address such as https://print.example.edu, without a path")
        return value.rstrip("/")

    @field_validator("logo")
    @classmethod
    def _readable_logo(cls, value: Path | None) -> Path | None:
        if value is not None and (value.suffix.lower() not in {".svg", ".png", ".webp"} or not value.is_file()):
            raise ValueError("use the path of an .svg, .png or .webp file")
        return value

    @field_validator("prusa_slicer")
    @classmethod
    def _program(cls, value: Path | None) -> Path | None:
        found = None if value is None else shutil.which(value)
        if value is not None and found is None:
            raise ValueError("use the path or the name of a program that can be run, or leave it empty")
        return None if found is None else Path(found).absolute()

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @property
    def storage(self) -> Path:
        """The storage root, which staff PCs may mount."""
        return self.storage_root or self.data_dir / "storage"

    def as_staff_see(self, relative: str) -> str:
        """A place below the storage root as staff PCs name it; as it is, when ``staff_root`` does not say how."""
        if not self.staff_root:
            return relative
        separator = "\\" if "\\" in self.staff_root else "/"
        return separator.join((self.staff_root.rstrip("/\\"), *relative.split("/")))

    @property
    def staging(self) -> Path:
        """Where uploads wait until they are sent; always on the local disk."""
        return self.data_dir / "staging"

    @property
    def drawings(self) -> Path:
        """Thumbnails and models for the viewer, by the hash of the file they show; they can be made again."""
        return self.data_dir / "drawings"

    @property
    def slicing(self) -> Path:
        """Where a slicer works for the automatic estimate; nothing in it is kept."""
        return self.data_dir / "slicing"

    @property
    def locks(self) -> Path:
        """Lock files; always on the local disk."""
        return self.data_dir / "locks"

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address with its driver."""
        if self.database_url is None:
            return f"sqlite:///{(self.data_dir / 'printlab.db').resolve()}"
        url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url.get_secret_value())
        return self._patient(url) if url.startswith("postgresql+psycopg://") else url

    def _patient(self, url: str) -> str:
        """With a name for the database's own lists, and an end to waiting for a server that was cut off; the system's
        own is after a quarter of an hour. What the operator wrote into the address counts.
        """
        address = make_url(url)
        given = {"application_name": self.process_title, **_PATIENCE, **address.query}
        return address.set(query=given).render_as_string(hide_password=False)

    @property
    def process_title(self) -> str:
        """What this process is called in the log's file and in the database, where there are several."""
        return f"printlab-{self.process}" if self.process else "printlab"

    @property
    def public_url(self) -> str:
        """The address that goes into mails, without a slash at the end."""
        return self.base_url or f"http://localhost:{self.port}"

    @property
    def quote_tolerance(self) -> Tolerance:
        """How much more than the accepted price a newer sliced file may cost."""
        return Tolerance(self.quote_tolerance_percent, self.quote_tolerance_cents)

    @property
    def space_limits(self) -> SpaceLimits:
        """How full the disks may get."""
        return SpaceLimits(
            self.disk_warning_mb, self.disk_warning_percent, self.disk_critical_mb, self.disk_critical_percent
        )

    @property
    def is_https(self) -> bool:
        """Whether people come by HTTPS: then cookies and links never travel in the clear."""
        return self.public_url.startswith("https:")

    @property
    def is_safe_for_helpers(self) -> bool:
        """Whether the helpers on staff PCs talk to this address: by HTTPS, or on the computer itself."""
        return self.is_https or bool(re.match(r"http://(localhost|127\.0\.0\.1|\[::1\])(:|$)", self.public_url))

    @property
    def zone(self) -> ZoneInfo:
        """The lab's time zone."""
        return ZoneInfo(self.timezone)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; raise WrongSetting with one line that names the first wrong one."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        message = str(first["msg"]).removeprefix("Value error, ")
        raise WrongSetting(f"PRINTLAB_{name}: {message} (is {_shown(name, first.get('input'))})") from None


def _shown(name: str, value: object) -> str:
    """The wrong value, unless it may hold a password."""
    return "hidden" if name.endswith("_URL") and name != "BASE_URL" else repr(value)
