"""The private server lets in its own clients and pages, nobody else, and does not outlive who started it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flows import private_server, settings
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from tests.processes import PATIENCE, alive_after, await_line, children, command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="process groups are POSIX")

EVIL = "https://evil.example"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Door:
    """A server that is up, and how to call it as anybody might."""

    where: Paths
    url: str

    @property
    def address(self) -> str:
        return self.url.removesuffix("/api")

    @property
    def password(self) -> dict[str, str]:
        text = settings.password_file(self.where).read_text().strip()
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    def ask(self, method: str, path: str, headers: dict[str, str], body: object = None) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, f"/api{path}", data, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def with_token(self) -> dict[str, str]:
        """What the pages send with a change once somebody has logged in."""
        _, answer = self.ask("GET", "/csrf-token?client=page", self.password)
        token = json.loads(answer)["token"]
        own = {"Origin": self.address, "Prefect-Csrf-Client": "page", "Prefect-Csrf-Token": token}
        return {**JSON, **self.password, **own}

    def flows(self) -> set[str]:
        status, answer = self.ask("POST", "/flows/filter", self.with_token(), {})
        assert status == 200
        return {flow["name"] for flow in json.loads(answer)}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    where = Paths(tmp_path_factory.mktemp("door") / "data")
    with private_server.server(where, scheduling=True) as url:
        yield Door(where, url)


def test_who_has_the_password_is_let_in(door: Door) -> None:
    assert private_server.answers(door.url, settings.password(door.where))
    assert door.ask("POST", "/flows/", door.with_token(), {"name": "mine"})[0] in (200, 201)
    assert "mine" in door.flows()


@pytest.mark.parametrize(
    "headers",
    [
        JSON,
        {"Content-Type": "text/plain"},
        {},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {**JSON, "Authorization": "Basic " + base64.b64encode(b"office:guess").decode()},
    ],
    ids=["json", "text", "no type", "form", "wrong password"],
)
def test_an_anonymous_call_is_refused(door: Door, headers: dict[str, str]) -> None:
    assert not private_server.answers(door.url)
    assert door.ask("POST", "/flows/", headers, {"name": "theirs"})[0] in (401, 403)
    assert door.ask("GET", "/admin/version", headers)[0] == 401
    assert "theirs" not in door.flows()


def test_the_password_alone_changes_nothing(door: Door) -> None:
    """A page that makes a browser send what it has remembered still lacks the token."""
    assert door.ask("POST", "/flows/", {**JSON, **door.password}, {"name": "theirs"})[0] == 403
    assert "theirs" not in door.flows()


@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost:4200", "file://"])
def test_a_foreign_page_is_refused_even_with_password_and_token(door: Door, origin: str) -> None:
    headers = {**door.with_token(), "Origin": origin}
    assert door.ask("POST", "/flows/", headers, {"name": "theirs"})[0] == 403
    assert door.ask("GET", "/health", {"Origin": origin})[0] == 403
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    assert door.ask("OPTIONS", "/flows/", {"Origin": origin, **asked})[0] == 403
    assert "theirs" not in door.flows()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "localhost:{port}", "127.0.0.1"])
def test_a_foreign_name_is_refused_even_with_password_and_token(door: Door, host: str) -> None:
    """A name of theirs that has come to mean loopback makes their page one of our origin, for the browser."""
    name = {"Host": host.format(port=urlsplit(door.url).port)}
    assert door.ask("POST", "/flows/", {**door.with_token(), **name}, {"name": "theirs"})[0] == 403
    assert door.ask("GET", "/health", name)[0] == 403
    assert "theirs" not in door.flows()


@pytest.mark.parametrize("origin", [None, EVIL])
def test_a_stream_of_events_needs_the_password_and_no_foreign_page(door: Door, origin: str | None) -> None:
    from websockets.exceptions import ConnectionClosed, InvalidStatus
    from websockets.sync.client import connect
    from websockets.typing import Origin, Subprotocol

    stream = door.url.replace("http", "ws") + "/events/out"
    page = None if origin is None else Origin(origin)
    with (
        pytest.raises((ConnectionClosed, InvalidStatus)),
        connect(stream, origin=page, subprotocols=[Subprotocol("prefect")], proxy=None) as socket,
    ):
        socket.send(json.dumps({"type": "auth", "token": "guess"}))
        socket.recv(timeout=20)


def test_no_page_may_show_ours_in_a_frame(door: Door) -> None:
    parts = urlsplit(door.url)
    connection = http.client.HTTPConnection(f"{parts.hostname}:{parts.port}", timeout=20)
    connection.request("GET", "/")
    assert "frame-ancestors 'none'" in (connection.getresponse().getheader("content-security-policy") or "")


def test_the_password_is_for_this_account_alone_and_shown_nowhere(door: Door) -> None:
    file = settings.password_file(door.where)
    secret = file.read_text().strip().partition(":")[2]
    assert len(secret) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    processes = subprocess.run(["ps", "-eo", "args="], stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S607
    assert "flows.private_server" in processes
    assert secret not in processes
    for path in file.parent.rglob("*"):
        if path.is_file() and path != file:
            assert secret.encode() not in path.read_bytes(), path


def test_a_password_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    where = Paths(tmp_path)
    first = settings.password(where)
    assert settings.password(where) == first
    settings.password_file(where).chmod(0o644)
    assert settings.password(where) != first
    assert stat.S_IMODE(settings.password_file(where).stat().st_mode) == 0o600


def test_a_server_that_is_up_is_used_and_a_second_one_refused(door: Door) -> None:
    with private_server.server(door.where) as same:
        assert same == door.url
    with (
        pytest.raises(private_server.ServerError, match="already up: http"),
        private_server.server(door.where, scheduling=True),
    ):
        pass


def test_a_run_uses_the_server_that_is_up_whatever_proxy_is_set(door: Door) -> None:
    proxies = dict.fromkeys(("ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"), "socks5://127.0.0.1:9")
    door.where.inbox.mkdir(parents=True, exist_ok=True)
    with command(door.where, "run", "--year", "2011", **proxies, NO_PROXY="") as (process, lines):
        assert process.wait(240) == 0, lines
    assert "annual" in door.flows()


def test_what_an_ended_server_has_noted_is_not_asked(tmp_path: Path) -> None:
    """Whoever has its port by now would be sent the password."""
    where = Paths(tmp_path)
    settings.password(where)
    (where.prefect / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:9/api"}))
    assert private_server.noted_url(where) == "http://127.0.0.1:9/api"
    asked: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(private_server, "answers", lambda url, *_: asked.append(url))
        assert private_server.running_server(where) is None
    assert not asked


def test_doctor_says_which_server_is_open(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL")
    assert [finding.good for finding in private_server.examine_servers(door.where)] == [True]
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.example/api")
    monkeypatch.setattr(private_server, "answers", lambda url: "example" in url)
    ours, theirs = private_server.examine_servers(door.where)
    assert (ours.good, theirs.good) == (True, False)
    assert "https://prefect.example/api lets in whoever calls" in theirs.text


def test_a_taken_port_is_said_so(data_folder: Paths) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(private_server.ServerError, match=f"port {port}"),
            private_server.server(data_folder, port),
        ):
            pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_ended_run_is_130_and_leaves_no_server_behind(data_folder: Paths, number: signal.Signals) -> None:
    with command(data_folder, "run", "--year", "2011") as (process, lines):
        await_line(lines, "starting Prefect", process)
        started = started_by(process)
        process.send_signal(number)
        assert process.wait(60) == 130
        assert not alive_after(5, started)
        assert "interrupted" in "".join(lines)


def test_a_killed_run_leaves_no_server_behind(data_folder: Paths) -> None:
    with command(data_folder, "run", "--year", "2011") as (process, lines):
        await_line(lines, "starting Prefect", process)
        started = started_by(process)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
        assert not alive_after(5, started)


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
@pytest.mark.parametrize(
    ("megabytes", "command"),
    [(500, "doctor"), (600, "backup there"), (700, "status"), (900, "run --year 2011")],
)
def test_a_command_that_may_not_map_enough_memory_is_refused_before_it_begins(
    data_folder: Paths, megabytes: int, command: str
) -> None:
    """At these limits libraries ended the process: no sentence, and an exit code of theirs."""
    import resource

    size = megabytes << 20
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", *command.split()],
        cwd=ROOT,
        env=settings.environment_with({"UNION_ASSESSMENT_DATA": str(data_folder.data)}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)),
    )
    assert done.returncode == 1
    assert f"{megabytes} MiB of address space (ulimit -v) and needs 4000 MiB" in done.stderr
    assert not (data_folder.prefect / "server.log").exists()


def test_a_full_disk_is_said_before_prefects_database_is_taken_for_useless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=49 << 20)
    monkeypatch.setattr(settings.shutil, "disk_usage", lambda _: usage)
    with (
        pytest.raises(private_server.ServerError, match="only 49 MiB are free there and a run needs 50 MiB"),
        private_server.server(Paths(tmp_path)),
    ):
        pytest.fail("a server on a full disk")
    assert list(tmp_path.iterdir()) == []


def test_a_hangup_does_not_end_a_run_that_was_told_to_ignore_it_and_a_broken_database_is_begun_anew(
    data_folder: Paths,
) -> None:
    settings.password(data_folder)
    private_server.database(data_folder).write_bytes(b"SQLite format 3\0 and then nothing" * 200)
    assert private_server.damage(data_folder)
    told = [s.text for s in private_server.examine_servers(data_folder) if not s.good]
    assert len(told) == 1 and "prefect.db" in told[0], "doctor says it and changes nothing"
    with command(data_folder, "run", "--year", "2011", hangup=signal.SIG_IGN) as (process, lines):
        await_line(lines, "set aside", process)
        process.send_signal(signal.SIGHUP)
        assert process.wait(240) == 0, lines
    assert (data_folder.prefect / "prefect.aside.db").exists()
    assert private_server.damage(data_folder) is None


def test_a_database_that_the_server_does_not_start_with_is_begun_anew(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As one that another version of Prefect has written: sound, and of no use."""
    where = Paths(tmp_path)
    settings.password(where)
    with closing(sqlite3.connect(private_server.database(where))) as con:
        con.execute("create table alembic_version (version_num varchar(32) not null)")
        con.execute("insert into alembic_version values ('of another time')")
        con.commit()
    with private_server.server(where) as url:
        assert private_server.answers(url, settings.password(where))
    assert "set aside" in capfd.readouterr().err


def started_by(process: subprocess.Popen[str]) -> set[int]:
    while not (started := children(process.pid)):
        assert process.poll() is None
        time.sleep(0.1)
    return started


#: What a saved page can try without asking anybody: calls that a browser sends unasked, and a form.
SAVED_PAGE = """<!doctype html><title>saved page</title><pre id="said"></pre><iframe name="sink"></iframe>
<form id="form" target="sink" method="post" enctype="text/plain" action="URL/flows/">
<input name='{"name": "by form", "a": "' value='"}'></form><script>
const say = text => said.textContent += text + "\\n";
form.submit();
const body = JSON.stringify({name: "by script"});
Promise.all([
  fetch("URL/flows/", {method: "POST", mode: "no-cors", body}).then(() => say("simple call sent"), e => say("simple " + e)),
  fetch("URL/flows/", {method: "POST", headers: {"Content-Type": "application/json"}, body})
    .then(r => say("call answered " + r.status), e => say("call " + e)),
  fetch("URL/flows/filter", {method: "POST", body: "{}"}).then(r => r.text()).then(t => say("read " + t), e => say("read " + e)),
]).then(() => say("done"));
</script>"""


@pytest.fixture(scope="session")
def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no chromium on this machine")


def dom(chromium: str, folder: Path, url: str, *flags: str) -> str:
    """The page as a browser has it after ten seconds of its own time."""
    fixed = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--virtual-time-budget=10000"]
    done = subprocess.run(
        [chromium, *fixed, f"--user-data-dir={folder / 'profile'}", *flags, "--dump-dom", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=120,
    )
    return done.stdout


def test_a_saved_page_in_a_browser_reaches_nothing(door: Door, chromium: str, tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text(SAVED_PAGE.replace("URL", door.url))
    said = dom(chromium, tmp_path, page.as_uri()).partition('<pre id="said">')[2].partition("</pre>")[0]
    assert "done" in said
    assert "call answered" not in said
    assert "read TypeError" in said
    assert not door.flows() & {"by form", "by script"}


def test_a_name_that_comes_to_mean_loopback_reaches_nothing(
    door: Door, chromium: str, tmp_path: Path
) -> None:
    rebound = f"http://evil.example:{urlsplit(door.url).port}/"
    seen = dom(chromium, tmp_path, rebound, "--host-resolver-rules=MAP evil.example 127.0.0.1")
    assert "answers only" in seen


def test_the_pages_themselves_ask_for_the_password(door: Door, chromium: str, tmp_path: Path) -> None:
    seen = dom(chromium, tmp_path, door.address)
    assert "Login" in seen or "password" in seen.lower()
