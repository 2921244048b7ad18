"""Where this installation keeps its data, and the environment Prefect runs in.

The only reader (and writer) of the process environment: everything else is handed a `Paths`. Prefect
takes its settings from the environment when it is first imported, so `enter_prefect` must run before. The language of this
process is chosen when this module is imported: the help of commands is made then.
It refuses to let a run reach a profile, an API address or a server of the user's: every PREFECT_*
variable that was there is dropped, Prefect's home is inside the data folder, and nothing is reported
to anybody. It also lets nobody else reach a server of ours: a page in a browser on the machine could
otherwise have it run what it likes.
"""

from __future__ import annotations

import locale
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.language import _, chosen, use

#: The zone in which a day of the schedule, or one given without an hour, is meant.
ZONE = "Asia/Shanghai"

LOOPBACK = "127.0.0.1"

#: Bytes that a run and its server may have to map, each for itself.
_ADDRESS_SPACE = 4000 << 20
#: Bytes of disk for a server and what a run adds, beside a second copy of the warehouse.
_ROOM = 50 << 20


class _Settings(BaseSettings):
    """`UNION_ASSESSMENT_DATA` moves the data folder; the default is `data/` of the clone. `UNION_ASSESSMENT_SIGNING_KEY` is the key
    that signs books; the default is made at the first close, in the user's folder of settings."""

    model_config = SettingsConfigDict(env_prefix="UNION_ASSESSMENT_", extra="ignore")

    data: Path = Field(default=ROOT / "data")
    signing_key: Path = Field(default=Path(typer.get_app_dir("union-assessment")) / "signing-key.pem")


def paths() -> Paths:
    """The paths of this process's data folder."""
    said = _Settings()
    return Paths(said.data.expanduser().resolve(), said.signing_key.expanduser().resolve())


def language(arguments: Sequence[str]) -> str:
    """`zh` or `en`: what `--lang` says, else UNION_ASSESSMENT_LANG, else what the locale is."""
    asked = without_language(arguments)[0]
    named = [asked, *map(os.environ.get, ("UNION_ASSESSMENT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))]
    said = next(filter(None, named), None) or locale.getlocale()[0] or ""  # Windows has none of these
    return "zh" if said.lower().startswith(("zh", "chinese")) else "en"


def without_language(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """What `--lang zh` or `--lang=en` says, and the arguments without it; it may stand anywhere before a `--`."""
    asked, left, rest = None, [], list(arguments)
    while rest and rest[0] != "--":
        first = rest.pop(0)
        if first in ("--lang=zh", "--lang=en"):
            asked = first[-2:]
        elif first == "--lang" and rest[:1] in (["zh"], ["en"]):
            asked = rest.pop(0)
        else:
            left.append(first)
    return asked, left + rest


def now() -> datetime:
    """The time an intake or a withdrawal is recorded with; nothing is computed from it."""
    return datetime.now(ZoneInfo(ZONE))


def lack_of_memory() -> str | None:
    """Why this process may not map as much memory as a command may need, in a sentence; None where it may.

    Below a fourth of it libraries end the process or threads do not start, whatever the command, `doctor` too; a run may
    hang, and up to half of it a load ends for want of memory (what is mapped is far more than what is used).
    """
    try:
        import resource
    except ImportError:  # Windows
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY or limit >= _ADDRESS_SPACE:
        return None
    return _(
        "this process may use {limit} MiB of address space (ulimit -v) and needs {needed} MiB: raise the limit",
        limit=limit >> 20,
        needed=_ADDRESS_SPACE >> 20,
    )


def lack_of_room(where: Paths) -> str | None:
    """Why the disk has no room for a run, in a sentence; None where it has. Without, Prefect's own database fails first."""
    existing = next(p for p in (where.data, *where.data.parents) if p.exists())
    warehouse = where.warehouse_file()
    needed = _ROOM + (warehouse.stat().st_size if warehouse.exists() else 0)
    free = shutil.disk_usage(existing).free
    if free >= needed:
        return None
    return _(
        "{folder}: only {free} MiB are free there and a run needs {needed} MiB: make room",
        folder=existing,
        free=free >> 20,
        needed=needed >> 20,
    )


def password_file(where: Paths) -> Path:
    """Holds the one line `user:password` that the pages ask for; of this account alone."""
    return where.prefect / "password"


def password(where: Paths) -> str:
    """The random `user:password` of this data folder's servers: made where there is none, or others could read it.

    It stays the same from start to start, because a browser that has logged in remembers it.
    """
    where.prefect.mkdir(parents=True, exist_ok=True)
    where.prefect.chmod(0o700)  # what Prefect keeps of every run is in there too
    file = password_file(where)
    if not file.exists() or (os.name == "posix" and file.stat().st_mode & 0o077):
        descriptor, new = tempfile.mkstemp(dir=where.prefect)  # 0600 from the start
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(f"office:{secrets.token_urlsafe(32)}\n")
        Path(new).replace(file)
    return file.read_text(encoding="ascii").strip()


def prefect_environment(where: Paths, api_url: str) -> dict[str, str]:
    """What Prefect 3.8 needs to stay inside `where.prefect`, on loopback, silent and shut.

    There are four separate senders: server analytics, resource metrics, the cloud's, and the SDK's,
    which has no setting of its own and knows only DO_NOT_TRACK. The password goes to the server and to its
    callers alike; it is in the environment, which only the same account can read, and never in arguments.
    """
    home = where.prefect
    user_and_password = password(where)
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_URL": api_url,
        "PREFECT_UI_API_URL": api_url,
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_API_AUTH_STRING": user_and_password,
        "PREFECT_API_AUTH_STRING": user_and_password,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": api_url.removesuffix("/api"),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_RUNNER_POLL_FREQUENCY": "5",
        # Prefect keeps its log lines and ours with the run; the terminal belongs to what is said to a person.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "flows",
        "PREFECT_LOGGING_ROOT_LEVEL": "INFO",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "UNION_ASSESSMENT_DATA": str(where.data),
        "UNION_ASSESSMENT_LANG": chosen(),
    }


def configured_api() -> str | None:
    """The API address in the user's own environment; no run of ours goes there, `doctor` looks whether it is open."""
    return os.environ.get("PREFECT_API_URL")


def environment_with(changes: dict[str, str]) -> dict[str, str]:
    """This process's environment for a child: without the user's PREFECT_* and without any proxy.

    All calls go to loopback. A proxy must not see them, and even one that is told to spare loopback breaks a
    run: httpx builds its clients for every proxy first, and raises for SOCKS, which needs a further package.
    With NO_PROXY set, a proxy of the system's settings (macOS, Windows) is not looked up either.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PREFECT_") and not name.lower().endswith("_proxy")
    }
    return {**kept, "NO_PROXY": "*", "no_proxy": "*", **changes}


def enter_prefect(where: Paths, api_url: str) -> None:
    """Give this very process that environment, before its first import of Prefect."""
    environment = environment_with(prefect_environment(where, api_url))
    for name in [name for name in os.environ if name not in environment]:
        del os.environ[name]
    os.environ.update(environment)


use(language(sys.argv[1:]))
