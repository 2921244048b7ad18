"""A small world for store tests: files written into an inbox, taken in on stated days, built, asked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.ingest.vault import Vault
from flows.normalise.build import BuildResult, build

HEADER = "案号,受理日期,申请人,身份证号,结案日期,调解结果,申请金额（元）,兑现金额（元）"
#: Made up: a number of the standard's own example form, valid by its check digit.
PERSON = "11010519491231002X"


class World:
    """One data folder; `send` writes a file and takes the inbox in, `ask` queries the build."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder)
        self.vault = Vault(self.paths.vault)

    def write(self, name: str, *lines: str, sender: str = "永川区总工会", header: str = HEADER) -> None:
        path = self.paths.inbox / sender / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")

    def take_in(self, day: str) -> None:
        moment = datetime.fromisoformat(day)
        self.vault.take_in(self.paths.inbox, moment, reference().resolve_sender)

    def send(
        self, day: str, name: str, *lines: str, sender: str = "永川区总工会", header: str = HEADER
    ) -> None:
        self.write(name, *lines, sender=sender, header=header)
        self.take_in(day)

    def build(self, as_of: str | None = None) -> BuildResult:
        return build(self.paths, datetime.fromisoformat(as_of) if as_of else None)

    def ask(self, sql: str, as_of: str | None = None) -> list[tuple[object, ...]]:
        file = self.paths.build_file(datetime.fromisoformat(as_of) if as_of else None)
        con = duckdb.connect(str(file), read_only=True)
        try:
            return con.execute(sql).fetchall()
        finally:
            con.close()


def case(
    number: int,
    accepted: str = "2015-03-01",
    closed: str = "2015-03-20",
    result: str = "调解成功",
    claimed: str = "5000",
    paid: str = "4000",
    person: str = "",
) -> str:
    """One mediation line in the order of `HEADER`."""
    return f"{number},{accepted},样某,{person},{closed},{result},{claimed},{paid}"
