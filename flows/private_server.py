"""A Prefect server of our own: on loopback, behind a password, for its own pages alone, gone with who started it.

Whoever reaches Prefect's API can run commands as the user it runs for, and any page in a browser on the machine
reaches loopback. Prefect's own guards are all on (`settings.prefect_environment`): a password for every call but
the two that ask whether it is up, a token that a plain form cannot send, no other origin in CORS. They neither look
at the name by which the server was called (a foreign name that suddenly points to loopback makes a foreign page the
server's own) nor refuse a foreign page that has the password, so `_OwnPagesOnly` does.

A server that is already up for the same data folder (`make serve` in another terminal) is used instead of a second
one. A child is in a process group of its own, so that Ctrl-C reaches this process alone and children are stopped in
order; when this process ends in any other way, killed included, they end by themselves.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, Request, build_opener

from filelock import FileLock, Timeout

from flows import settings
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.language import _
from flows.report.doctor import SelfCheck

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Seconds until a server answers on a slow disk; it took 8 to 16 on two cores.
_START_SECONDS = 120
#: Seconds a child may take to end by itself before it is killed.
_STOP_SECONDS = 20

_direct = build_opener(ProxyHandler({}))  # a proxy of the user's must not see loopback calls


class ServerError(RuntimeError):
    """The local Prefect server or the runner did not start, or ended by itself."""


@contextmanager
def server(where: Paths, port: int | None = None, *, scheduling: bool = False) -> Iterator[str]:
    """The API address of a server for `where`, started if none is up and stopped afterwards.

    With `scheduling` it also has the scheduler and the pages, and is the one others find.
    """
    if lack := settings.lack_of_memory() or settings.lack_of_room(where):
        raise ServerError(lack)
    running = running_server(where)
    if running is not None and not scheduling:
        yield running
        return
    url = f"http://{settings.LOOPBACK}:{_free_port(port or 0)}/api"
    environment = settings.environment_with(settings.prefect_environment(where, url))
    if not scheduling:
        environment["PREFECT__SERVER_WEBSERVER_ONLY"] = "1"
        environment["PREFECT_UI_ENABLED"] = "false"
    log = where.prefect / "server.log"
    _set_damaged_aside(where)
    with ExitStack() as stack:
        if scheduling:
            try:
                stack.enter_context(_note_lock(where).acquire(timeout=1))
            except Timeout:
                known = _("a server for {folder} is already up", folder=where.data)
                raise ServerError(f"{known}: {running}" if running else known) from None
        process = stack.enter_context(child(["flows.private_server", url], environment, log))
        try:
            _await_answer(url, settings.password(where), process, log)
        except ServerError:
            ended = process.poll()  # by a signal: for want of memory, or killed
            if ended is None or ended < 0 or not database(where).exists():
                raise
            _set_aside(where, "the server does not start with it")  # of another Prefect, say
            process = stack.enter_context(child(["flows.private_server", url], environment, log))
            _await_answer(url, settings.password(where), process, log)
        if scheduling:
            _note(where).write_text(json.dumps({"url": url}), encoding="utf-8")
            stack.callback(_note(where).unlink, missing_ok=True)
        yield url


def database(where: Paths) -> Path:
    """What Prefect keeps of runs: nothing that a result depends on."""
    return where.prefect / "prefect.db"


def damage(where: Paths) -> str | None:
    """What is wrong with Prefect's database; None if it is sound or not there yet."""
    if not database(where).exists():
        return None
    try:
        with closing(sqlite3.connect(f"{database(where).as_uri()}?mode=ro", uri=True, timeout=30)) as con:
            [first, *_] = con.execute("pragma quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return None if isinstance(error, sqlite3.OperationalError) else str(error)
    return None if first == "ok" else str(first)


def _set_damaged_aside(where: Paths) -> None:
    if found := damage(where):
        _set_aside(where, found)


def _set_aside(where: Paths, why: str) -> None:
    """Keep Prefect's database under another name, the last such one, so that the next server begins anew."""
    for end in ("", "-wal", "-shm"):
        file = where.prefect / f"prefect.db{end}"
        if file.exists():
            file.replace(where.prefect / f"prefect.aside.db{end}")
    sys.stderr.write(
        _(
            "Prefect's database is set aside as {path} and begun anew: {why}\n",
            path=where.prefect / "prefect.aside.db",
            why=why,
        )
    )


def running_server(where: Paths) -> str | None:
    """The address of the server that `serve` has up for `where`, if it answers to the folder's password.

    What an ended `serve` has noted is not asked: anybody may have its port by now, and would be handed the password.
    """
    url = noted_url(where)
    if url is None:
        return None
    with suppress(Timeout), _note_lock(where).acquire(timeout=0):
        return None
    return url if answers(url, settings.password(where)) else None


def noted_url(where: Paths) -> str | None:
    """The address that the last `serve` for `where` has left, whether or not anything answers there."""
    try:
        return str(json.loads(_note(where).read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, KeyError):
        return None


def answers(url: str, user_and_password: str | None = None) -> bool:
    """Whether a Prefect API lets such a caller in; without a password it is open to everybody."""
    request = Request(url + "/admin/version")  # noqa: S310 (our own loopback address, or what the user has configured)
    if user_and_password is not None:
        request.add_header("Authorization", "Basic " + base64.b64encode(user_and_password.encode()).decode())
    try:
        with _direct.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):  # a refusal is an OSError too
        return False


def examine_servers(where: Paths) -> Iterator[SelfCheck]:
    """Whether a server that is up for `where`, or that this account's Prefect is configured for, is open to everybody,
    and whether the database of the private one is sound."""
    for url in filter(None, (noted_url(where), settings.configured_api())):
        if answers(url):
            yield SelfCheck(
                False,
                _(
                    "Prefect server {url} lets in whoever calls, and they can run commands as its user: stop an old `serve` "
                    "and start it again; where others provide it, they have to set PREFECT_SERVER_API_AUTH_STRING",
                    url=url,
                ),
            )
        else:
            yield SelfCheck(
                True, _("Prefect server {url} lets nobody in without a password, or is not up", url=url)
            )
    if found := damage(where):
        yield SelfCheck(
            False,
            _(
                "{file}: {damage}; the next run sets it aside and begins anew",
                file=database(where),
                damage=found,
            ),
        )


@contextmanager
def child(
    module: list[str], environment: dict[str, str], log: Path, say: Callable[[str], None] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A module of ours as a process in a group of its own; ended with its group on the way out.

    Args:
        module: The module's name and its arguments, which everybody on the machine can read.
        environment: Its whole environment.
        log: The file to which its messages are added.
        say: Is given each line that it prints; without one they are added to `log` too.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream, ExitStack() as stack:
        # An interrupt while the child is being started would leave it behind: it waits until the child is known.
        caught: list[int] = []
        before = {}
        if threading.current_thread() is threading.main_thread():
            before = {
                s: signal.signal(s, lambda n, _: caught.append(n))
                for s in (getattr(signal, name, None) for name in ("SIGTERM", "SIGINT", "SIGHUP"))
                if s is not None and signal.getsignal(s) is not signal.SIG_IGN
            }
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,  # never written to: see `end_with_parent`
            stdout=subprocess.PIPE if say else stream,
            stderr=stream,
            start_new_session=True,  # without effect on Windows, where terminate() ends the child itself
        )
        stack.enter_context(process)  # closes the pipes
        stack.callback(_end, process)
        for number, handler in before.items():
            signal.signal(number, handler)
        if caught:
            raise KeyboardInterrupt
        if say and process.stdout:
            threading.Thread(target=_pass_on, args=(process.stdout, say), daemon=True).start()
        yield process


def end_with_parent() -> None:
    """End this process and its group as soon as its `child` parent is gone, in whatever way that ended.

    The system closes a dead process's end of a pipe, on every system; only a signal (SIGKILL) could not be passed on.
    """

    def wait() -> None:
        while os.read(0, 1):
            pass
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


class _OwnPagesOnly:
    """Refuses what a foreign page sends or what was sent to a foreign name, and lets no page show ours in a frame.

    A browser states the origin of the page with every call that can change something, "null" for a saved file;
    Prefect's own client is no page and states none.
    """

    def __init__(self, app: ASGIApp, address: str) -> None:
        self.app = app
        self.address = address
        self.host, self.origin = address.removeprefix("http://").encode(), address.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.responses import PlainTextResponse
        from starlette.websockets import WebSocketClose

        async def send_unframed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", b"frame-ancestors 'none'"),
                ]
            await send(message)

        if scope["type"] == "lifespan" or self._is_own(scope["headers"]):
            await self.app(scope, receive, send_unframed)
        elif scope["type"] == "websocket":
            await WebSocketClose(1008)(scope, receive, send)
        else:
            text = f"This server answers only {self.address} and its own pages.\n"
            await PlainTextResponse(text, 403)(scope, receive, send)

    def _is_own(self, headers: list[tuple[bytes, bytes]]) -> bool:
        hosts = [value for name, value in headers if name == b"host"]
        return hosts == [self.host] and all(
            value == self.origin for name, value in headers if name == b"origin"
        )


def _pass_on(lines: Iterable[bytes], say: Callable[[str], None]) -> None:
    for line in lines:
        say(line.decode("utf-8", "replace").rstrip())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # the group is empty, as it should be
            os.killpg(process.pid, signal.SIGKILL)  # what it left behind; the group is ours alone


def _await_answer(url: str, user_and_password: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + _START_SECONDS
    while not answers(url, user_and_password):
        if process.poll() is not None:
            raise ServerError(
                _(
                    "the Prefect server ended while starting (code {code}): see {log}",
                    code=process.returncode,
                    log=log,
                )
            )
        if time.monotonic() > limit:
            raise ServerError(
                _(
                    "the Prefect server did not answer within {seconds} s: see {log}",
                    seconds=_START_SECONDS,
                    log=log,
                )
            )
        time.sleep(0.1)


def _note(where: Paths) -> Path:
    return where.prefect / "server.json"


def _note_lock(where: Paths) -> FileLock:
    """Held while the noted server is up; the system's own, so it goes with the process however that ends."""
    return FileLock(where.prefect / "server.lock", mode=0o600)


def _free_port(port: int) -> int:
    """That port, or any for 0; `ServerError` if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left may be taken again
        try:
            probe.bind((settings.LOOPBACK, port))
        except OSError:
            raise ServerError(
                _(
                    "port {port} of {host} is taken: choose another with --port",
                    port=port,
                    host=settings.LOOPBACK,
                )
            ) from None
        return int(probe.getsockname()[1])


def _run_server(url: str) -> None:
    end_with_parent()
    import uvicorn
    from prefect.server.api.server import create_app

    address = url.removesuffix("/api")
    app: Any = _OwnPagesOnly(create_app(final=True), address)
    uvicorn.run(app, host=settings.LOOPBACK, port=int(address.rpartition(":")[2]), log_level="error")


if __name__ == "__main__":
    _run_server(sys.argv[1])
