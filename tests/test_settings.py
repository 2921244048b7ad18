"""No run reaches anything of the user's: profile, server, proxy; nothing is reported to anybody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows import settings
from flows.contract.paths import Paths

URL = "http://127.0.0.1:4200/api"


def test_the_data_folder_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(tmp_path / "elsewhere"))
    assert settings.paths().inbox == tmp_path.resolve() / "elsewhere" / "inbox"
    monkeypatch.delenv("UNION_ASSESSMENT_DATA")
    assert settings.paths().data.name == "data"


def test_a_child_gets_nothing_of_the_users_prefect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "theirs")
    monkeypatch.setenv("PREFECT_PROFILE", "theirs")
    monkeypatch.setenv("NO_PROXY", "intranet")
    for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "socks5://proxy:1080")
    environment = settings.environment_with(settings.prefect_environment(Paths(tmp_path), URL))
    assert "theirs" not in environment.values()
    assert "socks5://proxy:1080" not in environment.values()
    assert environment["NO_PROXY"] == environment["no_proxy"] == "*"
    assert environment["UNION_ASSESSMENT_DATA"] == str(tmp_path)


def test_prefect_understands_every_setting_it_is_given(tmp_path: Path) -> None:
    """A misspelt setting is silently without effect, so Prefect itself is asked what it understood."""
    environment = settings.environment_with(settings.prefect_environment(Paths(tmp_path), URL))
    environment["HOME"] = str(tmp_path / "home")
    (tmp_path / "home").mkdir()
    asked = """
import logging
from prefect.settings import get_current_settings
from prefect.logging.configuration import setup_logging
from prefect._internal.analytics import is_telemetry_enabled
s = get_current_settings()
config = setup_logging()
print(s.home, s.profiles_path, s.api.url, s.server.ephemeral.enabled, s.server.analytics_enabled,
    s.telemetry.enable_resource_metrics, s.cloud.enable_orchestration_telemetry, is_telemetry_enabled(),
    s.server.ui.show_promotional_content, s.results.persist_by_default, s.runner.poll_frequency,
    s.server.database.connection_url.get_secret_value(), s.server.api.host, s.server.ui.api_url,
    s.server.api.auth_string.get_secret_value(), s.api.auth_string.get_secret_value(),
    s.server.api.csrf_protection_enabled, s.client.csrf_support_enabled, s.server.api.cors_allowed_origins,
    config["handlers"]["console"]["level"], sep="\\n")
"""
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    home = tmp_path / "prefect"
    assert done.stdout.split("\n")[:-1] == [
        str(home),
        str(home / "profiles.toml"),
        URL,
        *["False"] * 7,
        "5",
        f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "127.0.0.1",
        URL,
        *[settings.password(Paths(tmp_path))] * 2,
        "True",
        "True",
        "http://127.0.0.1:4200",
        "CRITICAL",
    ]
    assert not list((tmp_path / "home").iterdir()), "something was written to the user's home"
