"""Commands about records: samples, files, intake, runs, questions, what goes back to districts."""

from __future__ import annotations

import sys
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import settings
from flows.cli.base import (
    FAILED,
    UNREAD,
    AsJson,
    Inbox,
    Received,
    Unit,
    command,
    echo,
    existing,
    name_passed_over,
    name_unknown,
    plainly,
    say,
    to_moment,
    unit_code,
    warn_of_sample,
)
from flows.language import _, later

if TYPE_CHECKING:
    from rich.console import Console

#: What was done with a returned file.
_RETURNED = {
    "written": later("written"),
    "unchanged": later("unchanged"),
    "answered": later("answered"),
    "worked_in": later("worked in, left alone"),
    "failed": later("failed"),
}


@command()
def sample(
    target: Annotated[
        Path | None, typer.Argument(help=_("Folder to write; default: sample in the data folder."))
    ] = None,
    seed: Annotated[int, typer.Option(help=_("Another seed, other made-up people."))] = 2015,
) -> None:
    """Write made-up records of 40 units for 2011 to 2015, with a truth file that says what is right."""
    with plainly():
        from flows.report import terminal
        from flows.sample import generate

        target = target or settings.paths().data / "sample"
        with terminal.progress(terminal.remarks()) as listener:
            made = generate(target, seed, progress=listener)
        say(
            _(
                "{files:,} files with {rows:,} rows of made-up records in {path}",
                files=made.files,
                rows=made.rows,
                path=target / "inbox",
            )
        )
        say(
            _(
                "what is right about them: {truth}; what was withdrawn later: {withdrawals}",
                truth=made.truth,
                withdrawals=made.withdrawals,
            )
        )


@command()
def read(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=_("Files, or folders of them."))],
    as_json: AsJson = False,
    unit: Annotated[
        str | None,
        typer.Option(help=_("The sender: name, short name or code. Its own header spellings are used.")),
    ] = None,
) -> None:
    """Show what is in files, whatever they are: what to run first on a strange one.

    Format and encoding, sheets, tables with their record kind, covered
    period and the meaning of every column, row counts, what became of every
    cell, and what is wrong where. Nothing is kept or changed. The folders above a
    file give its sender and period as in the inbox; many files end with a summary.

    [bold]union-assessment read 台账.xlsx[/]
    [bold]union-assessment read inbox/永川区总工会 --unit 永川区[/]  (a folder: all in it)
    [bold]union-assessment read *.csv --json > found.json[/]

    Exit code 0: all were read, also those without a table of a known kind;
    1: one was refused (encrypted, broken, no spreadsheet …); 2: no such file.

    With --json one array, an object per file: file, format, encoding,
    evidence, refused, error, sheets (sheet, inside, hidden, rows, columns,
    cells, blocks), tables and unrecognised (sheet, record, label, held,
    turned, header_row, header_rows, first_row, last_row, covers_from,
    covers_to, covers_evidence, rows_read, rows_ignored, rows_rejected,
    columns (column, header, meaning, label, evidence, unit, ignored_by)),
    account (sheet, class, cells), cells, problems (severity, code, message,
    sheet, row, column, add (file, line)).
    Evidence of a column: exact, synonym, same (other words that say the same),
    parent (the merged header above) or own (a spelling of the unit).
    """
    for path in files:
        if not path.exists():
            raise typer.BadParameter(_("there is no {path}", path=path))
    sender = unit_code(unit)
    with plainly():
        from flows.report import terminal
        from flows.report.files import inspection_text

        refused = inspection_text.report(terminal.results(), files, sender, as_json, say)
        raise typer.Exit(FAILED if refused else 0)


@command()
def template(
    out: Annotated[Path, typer.Option(help=_("Folder to write into."), file_okay=False)],
    kinds: Annotated[
        list[str] | None, typer.Argument(metavar="[KIND…]", help=_("Record kinds, by name or Chinese label."))
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=_("All record kinds."))] = False,
    unit: Annotated[
        str | None, typer.Option(help=_("The unit that is to fill it in: name, short name or code."))
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(help=_("What it is to cover: 2015, 2015-09, 2015年1-9月, 截至2015年9月30日 …")),
    ] = None,
) -> None:
    """Write empty forms for districts to fill in, as the contracts have them.

    Headers, notes, drop-downs. A form that comes back is read without any
    mapping; one that comes back empty is a zero report. A file that is there
    and differs is left as it is, and named (exit code 1); the others are written.

    [bold]union-assessment template mediation --out forms[/]
    [bold]union-assessment template 法律援助台账 --out forms --unit 永川区 --period 2015[/]
    [bold]union-assessment template --all --out forms --period 2015[/]
    """
    from flows.contract.catalogue import records
    from flows.report.files.form_header import Handout, covered

    named = {name: r for r in records().values() for name in (r.record, r.label)}
    known = ", ".join(f"{r.record} {r.label}" for r in records().values())
    if unknown := [kind for kind in kinds or () if kind not in named]:
        raise typer.BadParameter(
            _("no record kind {names}; there are {known}", names=", ".join(unknown), known=known)
        )
    if bool(kinds) == every:
        raise typer.BadParameter(_("give either record kinds or --all; there are {known}", known=known))
    try:
        span = covered(period) if period else None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    sender = unit_code(unit)
    with plainly():
        from flows.contract.units import reference
        from flows.report.files.template import write_templates

        name = next((u.name for u in reference().units if u.unit_code == sender), "")
        chosen = {named[kind].record: named[kind] for kind in kinds or records()}
        done, differing = write_templates(list(chosen.values()), out, Handout(name, span))
        for path in done:
            echo(str(path))
        for path in differing:
            say(
                _(
                    "{path} exists and differs: it is left as it is; move it away or name another folder with "
                    "--out",
                    path=path,
                )
            )
        raise typer.Exit(FAILED if differing else 0)


@command()
def intake(inbox: Inbox = None, received: Received = None) -> None:
    """Keep what has arrived in the vault, without building anything. The inbox is left as it is."""
    day = to_moment(received, time.min)
    with plainly():
        from flows.contract.units import reference
        from flows.ingest.lock import run_lock
        from flows.ingest.vault import Vault
        from flows.report import terminal

        where = settings.paths()
        with run_lock(where.lock), terminal.progress(terminal.remarks()) as listener:
            listener(_("taking in what has arrived"), 0, 0)
            report = Vault(where.vault).take_in(
                existing(inbox, where), settings.now(), reference().resolve_sender, day
            )
        say(
            _(
                "{new:,} new deliveries, {repeated:,} files that were there already",
                new=len(report.new),
                repeated=len(report.repeated),
            )
        )
        name_unknown(report.unknown_senders)
        name_passed_over(where)


@command()
def run(
    year: Annotated[int, typer.Option(min=1990, max=2100, help=_("The assessment year."))],
    inbox: Inbox = None,
    received: Received = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help=_(
                "Use only what was received by then, a day (to its end) or YYYY-MM-DDTHH:MM; own warehouse."
            ),
        ),
    ] = None,
    unit: Unit = None,
    as_json: AsJson = False,
) -> None:
    """Take in, build, assess, publish: the whole annual run, under Prefect.

    A file that cannot be used is an issue with sheet and row, and the others go on; the run is then
    completed with issues. It fails only when it cannot produce a warehouse, and leaves the last one in place.

    Exit code 0: published; 1: not, or without the letters of the year; 4: published, without deliveries that this machine cannot read, as a named person let it.
    """
    code = unit_code(unit)
    moment, day = to_moment(as_of), to_moment(received, time.min)
    with plainly():
        from flows.ingest.lock import run_lock
        from flows.report import run_summary as outcome
        from flows.report import terminal
        from flows.score.scheme.scheme_loader import years
        from flows.serve import run_annual
        from flows.warehouse.publication_stops import unread

        where = settings.paths()
        if moment is None:
            existing(inbox, where)
        warn_of_sample(inbox)
        with run_lock(where.lock):
            pass  # refuse a second run now, not after the seconds that Prefect needs to start
        with terminal.progress(terminal.remarks()) as listener:
            done = run_annual(where, listener, year=year, inbox=inbox, received=day, as_of=moment)
        if done.build.remade:
            say(_("the build was made anew from the vault: {why}", why=done.build.remade))
        if done.published.cleared_wal:
            say(
                _(
                    "removed {file}: somebody had opened the last edition for writing",
                    file=done.published.cleared_wal,
                )
            )
        if done.published.altered:
            say(
                _(
                    "the last edition was changed after it was published; this one takes its place, and it is kept as {file}",
                    file=done.published.altered,
                )
            )
        if as_json:
            echo(outcome.as_json(done.year, code, done.edition, done.published))
        else:
            outcome.show(done.year, code, done.edition, done.published)
            if done.results is not None:
                made = done.results
                echo(
                    _(
                        "results: {page}, {book}, {n} letters in units/, tables in data/",
                        page=made.page,
                        book=made.workbook.name,
                        n=len(made.letters),
                    )
                )
            written = done.returned.get("written", 0)
            echo(_("returns to districts: {folder} ({n:,} files written)", folder=where.returns, n=written))
            echo(_("vault: {folder}", folder=where.vault))
        if done.intake:
            name_unknown(done.intake.unknown_senders)
            name_passed_over(where)
        if done.year not in years():
            told = say if as_json else echo
            told(
                _(
                    "{year} has no scheme: it is not scored until there is data/scheme/{year}/scheme.yml",
                    year=done.year,
                )
            )
        if done.build.unread:
            for line in unread(where):
                say(line)
        if done.results is not None and done.results.missing:
            say(done.results.missing)
            if not done.results.letters:  # refused: a number without its key, a template that is none
                raise typer.Exit(FAILED)
        if done.build.unread:
            raise typer.Exit(UNREAD)


@command()
def status() -> None:
    """What the warehouse holds, its most frequent open issues, closed years, whether everything is what it was, and whether a
    run or a server is under way.

    Every file of the vault is read (a second for 1.5 GB); exit code 1: something is not what it was.
    """
    with plainly():
        import duckdb

        from flows.ingest.lock import AlreadyRunningError, run_lock
        from flows.private_server import running_server
        from flows.report import terminal
        from flows.report.year_tables import show_editions
        from flows.warehouse.publication_stops import screen, stops_at_hand, unread
        from flows.warehouse.verify import differences_at_hand

        where = settings.paths()
        file = where.warehouse_file()
        out = terminal.results()
        if file.exists():
            try:
                _show_warehouse(out, file)
            except duckdb.Error as error:
                out.print(
                    _("{file} cannot be read: {kind}", file=file, kind=type(error).__name__), markup=False
                )
        else:
            out.print(
                _("no warehouse at {file}: run `union-assessment run --year YEAR --inbox DIR`", file=file),
                markup=False,
            )
        show_editions(out, where)
        with terminal.progress(terminal.remarks()) as listener:
            found = differences_at_hand(where, listener)
        for difference in found:
            out.print(_("NOT AS IT WAS: {difference}", difference=difference), markup=False)
        for line in (*unread(where), *screen(stops_at_hand(where))):
            out.print(line, markup=False)
        try:
            with run_lock(where.lock):
                out.print(_("run under way: none"))
        except AlreadyRunningError as error:
            out.print(_("run under way: {owner}", owner=error.owner), markup=False)
        except OSError as error:
            out.print(_("run under way: none; {why}", why=error.strerror), markup=False)
        out.print(_("server: {address}", address=running_server(where) or _("none")), markup=False)
        for page in sorted(where.results.glob("*/index.html")):
            out.print(_("results: {page}", page=page), markup=False)
        raise typer.Exit(FAILED if found or not file.exists() else 0)


def _show_warehouse(out: Console, file: Path) -> None:
    """Counts of the published edition and its most frequent open issues."""
    from flows.report import terminal
    from flows.warehouse.counts import compare
    from flows.warehouse.query import run_sql

    frame = run_sql(
        file,
        "select severity, issue_code, count(*) as issues, count(distinct delivery_id) as files "
        "from meta.issue where state = 'open' and severity <> 'info' group by all order by issues desc, issue_code limit 15",
    )
    terminal.show_counts(out, compare(file, None).counts, str(file))
    frame["severity"] = frame["severity"].map(terminal.severity)
    heads = {
        "severity": _("severity"),
        "issue_code": _("code"),
        "issues": _("issues"),
        "files": _("files"),
    }
    title = _(
        "Most frequent open issues (each: {view}; also those settled: meta.issue)", view="open.问题清单"
    )
    terminal.show(out, frame.rename(columns=heads), title)


@command()
def sql(
    query: Annotated[str, typer.Argument(help=_('A SELECT, e.g. "from ref.indicator". DuckDB\'s SQL.'))],
    as_json: AsJson = False,
    csv: Annotated[
        bool, typer.Option("--csv", help=_("Print CSV (UTF-8 with BOM) instead of a table."))
    ] = False,
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help=_("Write a workbook instead."))] = None,
    parquet: Annotated[Path | None, typer.Option(metavar="FILE", help=_("Write Parquet instead."))] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help=_("How long it may take, else two minutes."))
    ] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help=_("How much memory it may take, else 2GB."))
    ] = None,
) -> None:
    """Ask the published warehouse, read-only; no other file is read, every digit is kept.

    Start with [bold]"show all tables"[/], [bold]"from meta.issue limit 20"[/] or the views of
    schema [bold]open[/].
    """
    if as_json + csv + (xlsx is not None) + (parquet is not None) > 1:
        raise typer.BadParameter(_("--json, --csv, --xlsx and --parquet exclude each other"))
    with plainly():
        from flows.ingest import closed_file
        from flows.report import answer_file, terminal
        from flows.warehouse.query import MEMORY, SECONDS, run_arrow, run_sql

        file, where = xlsx or parquet, settings.paths().warehouse_file()
        limits = (seconds or SECONDS, memory or MEMORY)
        if file is not None and not file.resolve().parent.is_dir():
            raise typer.BadParameter(_("there is no folder {folder}", folder=file.resolve().parent))
        if parquet is not None:
            table = run_arrow(where, query, None, *limits)
            closed_file.write(parquet, answer_file.parquet(table), is_remade=True)
            say(_("{n:,} rows: {file}", n=table.num_rows, file=parquet))
            return
        frame = run_sql(where, query, None, *limits)
        if xlsx is not None:
            rows = list(frame.itertuples(index=False, name=None))
            closed_file.write(xlsx, answer_file.workbook(list(frame.columns), rows), is_remade=True)
            say(_("{n:,} rows: {file}", n=len(frame), file=xlsx))
        elif as_json:
            echo(terminal.as_json(frame))
        elif csv:
            sys.stdout.write(terminal.as_csv(frame))
        else:
            terminal.show(terminal.results(), frame)


@command()
def returns(
    unit: Annotated[str | None, typer.Option(help=_("Code of a unit, e.g. yongchuan; default: all."))] = None,
    delivery: Annotated[
        int | None, typer.Option(min=1, help=_("Number of one delivery (delivery_id of meta.delivery)."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write what goes back to the districts: their own files with what to put right, in data/returns.

    For every delivery with errors or warnings. Files whose findings did not change stay as they are. A run does
    this too. What comes back is put into the inbox like any other file: [bold]meta.returned_row[/] then says
    of each row what became of it.
    """
    with plainly():
        from flows.ingest.lock import run_lock
        from flows.report import terminal
        from flows.returns.write_returns import as_frame, write_returns

        where = settings.paths()
        with run_lock(where.lock), terminal.progress(terminal.remarks()) as listener:
            frame = as_frame(where, write_returns(where, unit, delivery, listener))
        if as_json:
            echo(terminal.as_json(frame))
        elif frame.empty:
            say(_("no such delivery has errors or warnings: nothing goes back"))
        else:
            heads = {
                "unit": _("unit"),
                "delivery_id": _("delivery"),
                "file": _("file"),
                "errors": _("errors"),
                "warnings": _("warnings"),
                "done": _("done"),
            }
            frame["done"] = [_(_RETURNED[str(done)]) for done in frame["done"]]
            terminal.show(terminal.results(), frame.rename(columns=heads))
            echo(_("returns    {returns}", returns=where.returns))


@command()
def serve(
    port: Annotated[int, typer.Option(help=_("Port on 127.0.0.1 for the pages and the API."))] = 4200,
    every: Annotated[
        float | None, typer.Option(help=_("Try out: run every so many seconds instead of by prefect.yaml."))
    ] = None,
) -> None:
    """Run the schedule of prefect.yaml on this machine until Ctrl-C. Only this machine can reach it."""
    with plainly():
        from flows.serve import serve as serve_schedule

        serve_schedule(settings.paths(), port, timedelta(seconds=every) if every else None, say)


@command()
def dictionary() -> None:
    """Write the data dictionary anew from the contracts and indicators."""
    with plainly():
        from flows.report.dictionary import main as write

        raise typer.Exit(write([]))


@command()
def doctor() -> None:
    """Check this installation: versions, folders, permissions, disk, lock, open servers. Changes nothing."""
    with plainly():
        from flows.private_server import examine_servers
        from flows.report.doctor import examine

        findings = [*examine(settings.paths()), *examine_servers(settings.paths())]
        for finding in findings:
            echo(f"{_('ok  ') if finding.good else _('LOOK')}  {finding.text}")
        raise typer.Exit(0 if all(finding.good for finding in findings) else FAILED)
