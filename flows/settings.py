"""Where this installation keeps its data, and the environment Prefect runs in.

The only reader (and writer) of the process environment: everything else is handed a `Paths`. Prefect
takes its settings from the environment when it is first imported, so `enter_prefect` must run before.
It refuses to let a run reach a profile, an API address or a server of the user's: every PREFECT_*
variable that was there is dropped, Prefect's home is inside the data folder, and nothing is reported
to anybody.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths

#: The zone in which a day of the schedule, or one given without an hour, is meant.
ZONE = "Asia/Shanghai"

LOOPBACK = "127.0.0.1"


class Settings(BaseSettings):
    """`UNION_ASSESSMENT_DATA` moves the data folder; the default is `data/` of the clone."""

    model_config = SettingsConfigDict(env_prefix="UNION_ASSESSMENT_", extra="ignore")

    data: Path = Field(default=ROOT / "data")


def paths() -> Paths:
    """The paths of this process's data folder."""
    return Paths(Settings().data.expanduser().resolve())


def now() -> datetime:
    """The time an intake or a withdrawal is recorded with; nothing is computed from it."""
    return datetime.now(ZoneInfo(ZONE))


def prefect_environment(where: Paths, api_url: str) -> dict[str, str]:
    """What Prefect 3.8 needs to stay inside `where.prefect`, on loopback, and silent.

    There are four separate senders: server analytics, resource metrics, the cloud's, and the SDK's,
    which has no setting of its own and knows only DO_NOT_TRACK.
    """
    home = where.prefect
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_URL": api_url,
        "PREFECT_UI_API_URL": api_url,
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_RUNNER_POLL_FREQUENCY": "5",
        # Prefect keeps its own log lines; the terminal belongs to ours.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "UNION_ASSESSMENT_DATA": str(where.data),
    }


def environment_with(changes: dict[str, str]) -> dict[str, str]:
    """This process's environment for a child: without the user's PREFECT_*, loopback never proxied."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    direct = ",".join(
        dict.fromkeys([*filter(None, kept.get("NO_PROXY", "").split(",")), LOOPBACK, "localhost"])
    )
    return {**kept, "NO_PROXY": direct, "no_proxy": direct, **changes}


def enter_prefect(where: Paths, api_url: str) -> None:
    """Give this very process that environment, before its first import of Prefect."""
    environment = environment_with(prefect_environment(where, api_url))
    where.prefect.mkdir(parents=True, exist_ok=True)
    for name in [name for name in os.environ if name not in environment]:
        del os.environ[name]
    os.environ.update(environment)
