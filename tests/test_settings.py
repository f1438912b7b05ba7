"""Settings from outside: wrong ones stop the start with one line that names them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from printlab.settings import WrongSetting, load_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("MAX_UPLOAD_MB", "0"),
        ("MAX_SLICED_MB", "-5"),
        ("UPLOAD_EXTENSIONS", ".exe"),
        ("UPLOAD_EXTENSIONS", ""),
        ("CURRENCY", "dollars"),
        ("CURRENCY", "JPY"),
        ("TIMEZONE", "Chicago"),
        ("BRAND_COLOR", "purple"),
        ("ACCENT_COLOR", "#12345"),
        ("BASE_URL", "print.example.edu"),
        ("BASE_URL", "https://example.edu/print"),
        ("LOGO", "missing.png"),
        ("MAIL_FROM", "nobody"),
        ("CONTACT_EMAIL", "nobody"),
        ("LAB_NAME", ""),
        ("BRAND_NAME", ""),
        ("LOG_LEVEL", "LOUD"),
        ("PRUSA_SLICER", "no-such-slicer"),
        ("PRUSA_SLICER", "/"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PRINTLAB_{name}", value)
    with pytest.raises(WrongSetting) as refused:
        load_settings()
    assert str(refused.value).startswith(f"PRINTLAB_{name}: ")
    assert "\n" not in str(refused.value)


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "UPLOAD_EXTENSIONS": "STL, .3mf",
        "CURRENCY": "eur",
        "TIMEZONE": "Europe/Warsaw",
        "BASE_URL": "https://print.example.edu/",
        "TRUSTED_PROXIES": "10.0.0.1, 10.0.0.2",
        "DATABASE_URL": "postgres://user:secret@db/printlab",
    }.items():
        monkeypatch.setenv(f"PRINTLAB_{name}", value)
    settings = load_settings()
    assert settings.upload_extensions == (".stl", ".3mf")
    assert (settings.currency, settings.zone.key) == ("EUR", "Europe/Warsaw")
    assert settings.public_url == "https://print.example.edu"
    assert settings.trusted_proxies == ("10.0.0.1", "10.0.0.2")
    assert settings.sqlalchemy_url.startswith("postgresql+psycopg://user:secret@db/printlab?application_name=printlab&")
    assert settings.storage == tmp_path / "storage"
    assert settings.staging == tmp_path / "staging"
    assert "secret" not in repr(settings)


def test_the_defaults() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8080, "http://localhost:8080")
    assert (settings.max_upload_mb, settings.max_sliced_mb) == (50, 500)
    assert settings.upload_extensions == (".stl", ".obj", ".3mf")
    assert (settings.currency, settings.timezone, settings.brand_color, settings.accent_color) == (
        "USD",
        "UTC",
        "#461D7C",
        "#FDD023",
    )
    assert settings.sqlalchemy_url.startswith("sqlite:///")
    assert settings.sqlalchemy_url.endswith("data/printlab.db")


def test_a_lab_without_a_name_goes_by_the_brand(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load_settings().brand_name, load_settings().lab_name) == ("PrintLab", "PrintLab")
    monkeypatch.setenv("PRINTLAB_BRAND_NAME", "Makers")
    assert load_settings().lab_name == "Makers"
    monkeypatch.setenv("PRINTLAB_LAB_NAME", "Campus Print Lab")
    assert (load_settings().brand_name, load_settings().lab_name) == ("Makers", "Campus Print Lab")


def test_the_storage_may_lie_elsewhere(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "local", storage_root=tmp_path / "share")
    assert settings.storage == tmp_path / "share"
    assert settings.staging == tmp_path / "local" / "staging"
    assert settings.locks == tmp_path / "local" / "locks"


@pytest.mark.parametrize("name", ["STORAGE_ROOT", "DATABASE_URL", "SMTP_URL", "CONTACT_EMAIL", "LOGO"])
def test_an_empty_setting_that_may_be_missing_is_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PRINTLAB_{name}", "")
    assert getattr(load_settings(), name.lower()) is None


@pytest.mark.parametrize(
    ("root", "path"),
    [
        ("", "Uploaded/part.stl"),
        ("P:\\", "P:\\Uploaded\\part.stl"),
        ("\\\\files\\prints", "\\\\files\\prints\\Uploaded\\part.stl"),
        ("/mnt/prints/", "/mnt/prints/Uploaded/part.stl"),
    ],
)
def test_a_place_is_named_as_staff_see_it(root: str, path: str) -> None:
    assert load_settings(_env_file=None, staff_root=root).as_staff_see("Uploaded/part.stl") == path


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://print.example.edu", True),
        ("http://localhost:8080", True),
        ("http://127.0.0.1", True),
        ("http://print.example.edu", False),
        ("http://localhost.example.edu", False),
    ],
)
def test_helpers_talk_by_https_or_on_the_computer_itself(url: str, is_safe: bool) -> None:
    assert load_settings(_env_file=None, base_url=url).is_safe_for_helpers is is_safe


def test_no_process_waits_for_ever_for_postgresql_and_each_has_a_name_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRINTLAB_PROCESS", "app-2")
    monkeypatch.setenv("PRINTLAB_DATABASE_URL", "postgresql://user@db/printlab?connect_timeout=9&sslmode=require")
    query = make_url(load_settings().sqlalchemy_url).query
    assert query["application_name"] == "printlab-app-2"
    assert (query["connect_timeout"], query["sslmode"]) == ("9", "require")
    assert int(str(query["tcp_user_timeout"])) <= 10_000
