"""Commands about a year's scheme: check it, print it, write its targets from a signed workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import settings
from flows.cli.base import FAILED, AsJson, By, command, echo, plainly, say, unit_code
from flows.language import _

if TYPE_CHECKING:
    from flows.report.lint_text import Linted


@command()
def lint(
    schemes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FOLDER|YEAR…]", help=_("Default: every year of data/scheme.")),
    ] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help=_("Also look at the scores in the published warehouse."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a year's scheme before it is run: totals, bands, caps, targets, names, gates, grades.

    [bold]union-assessment lint[/]                       (every year of data/scheme)
    [bold]union-assessment lint data/scheme/2016[/]
    [bold]union-assessment lint 2015 --with-data[/]      (also its scores)

    With data: weights as they work out, items that every unit has in full
    or not at all, and pairs of items that order the units alike.

    Two lines per finding: file:line: severity: clause: what is wrong, then
    what to do. A scheme with an error is not run; warnings are computed as
    written. Reads the folder alone; nothing is changed.

    Exit code 0: no errors; 1: errors, or no scores for --with-data; 2: no
    such folder.

    With --json one array, an object per folder: folder, errors, warnings,
    infos, findings (severity, code, file, line, clause, message, hint),
    weights (item, label, full_points, nominal, effective, units, at_full,
    at_zero).
    """
    from flows.contract.catalogue import ROOT

    named = schemes or sorted(p.parent.name for p in (ROOT / "data" / "scheme").glob("[0-9]*/scheme.yml"))
    folders = [_near(ROOT / "data" / "scheme" / n) if n.isdecimal() else Path(n) for n in named]
    for folder in folders:
        if not folder.is_dir():
            raise typer.BadParameter(_("there is no {folder}", folder=folder))
    if not folders:
        raise typer.BadParameter(_("data/scheme has no year with a scheme.yml; name a folder"))
    with plainly():
        from flows.report import lint_text

        linted = [_linted(folder, with_data) for folder in folders]
        if as_json:
            echo(lint_text.as_json(linted))
        for one in () if as_json else linted:
            for line in lint_text.lines(one):
                echo(line)
            if one.weights:
                _show_weights(one)
        raise typer.Exit(0 if all(one.is_sound for one in linted) else FAILED)


def _near(folder: Path) -> Path:
    """A folder as seen from here, if it lies below."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _linted(folder: Path, with_data: bool) -> Linted:
    """What a folder gives; figures are only asked for where the folder could be read."""
    from flows.report.lint_text import Linted
    from flows.score.lint import lint_folder
    from flows.score.lint.weights import weight_findings, weights
    from flows.score.scheme.scheme_loader import load_folder
    from flows.warehouse.published_scores import scored_cells

    findings = lint_folder(folder)
    if not with_data:
        return Linted(folder, findings)
    if any(f.code == "load" for f in findings):
        say(_("{folder} cannot be read, so there is nothing to compare its scores with", folder=folder))
        return Linted(folder, findings)
    year = load_folder(folder)
    cells = scored_cells(settings.paths().warehouse_file(), year.year)
    findings = sorted([*findings, *weight_findings(year, cells)], key=lambda f: f.place)
    return Linted(folder, findings, weights(year, cells))


def _show_weights(one: Linted) -> None:
    """Shares of the points beside shares of the variance of totals."""
    import pandas as pd

    from flows.report import lint_text, terminal

    frame = pd.DataFrame(lint_text.weight_rows(one), columns=list(map(_, lint_text.WEIGHT_HEAD)))
    title = _("Weights as written and as they work out (share of the variance of totals)")
    terminal.show(terminal.results(), frame, title)


@command()
def new_year(
    year: Annotated[
        int, typer.Argument(metavar="YEAR", min=1990, max=2100, help=_("The new assessment year."))
    ],
    source: Annotated[
        int | None,
        typer.Option("--from", metavar="YEAR", help=_("The year to begin with; default: the year before.")),
    ] = None,
) -> None:
    """Begin a year's scheme from another's: data/scheme/YEAR, its periods and due days.

    scheme.yml is kept word for word, with its comments. Days move with the
    calendar and are marked 【待核】, the document number is 【待定】, targets
    are none: they come with the signed letters. Units that are no more are
    left out. The linter refuses the scheme as long as a mark is in it.

    [bold]union-assessment new-year 2016[/]
    [bold]union-assessment new-year 2016 --from 2014[/]

    Exit code 0: written; 1: the year is there already, nothing was written;
    2: no such year to begin with.
    """
    from flows.contract.catalogue import ROOT
    from flows.contract.units import reference

    folder = ROOT / "data" / "scheme" / str(year - 1 if source is None else source)
    if not (folder / "scheme.yml").exists():
        raise typer.BadParameter(_("there is no {folder}", folder=_near(folder)))
    with plainly():
        from flows.score.scheme.new_year import begin_year

        begun = begin_year(year, folder, ROOT / "data" / "reference", reference())
        echo(_("written: {folder}", folder=_near(begun.folder)))
        echo(
            _(
                "data/reference: {periods} periods and {due} due days of {year} added, a year after those before; look at them",
                periods=begun.periods,
                due=begun.due_days,
                year=year,
            )
        )
        for number, line in begun.marked:
            echo(_("scheme.yml:{number}: to fill in or to confirm: {line}", number=number, line=line))
        for number, line in begun.mentions:
            echo(_("scheme.yml:{number}: still names the year before: {line}", number=number, line=line))
        if begun.left_out:
            echo(
                _(
                    "group.csv: left out, no more in {year}: {units}",
                    year=year,
                    units=", ".join(begun.left_out),
                )
            )
        if begun.without_group:
            echo(_("group.csv: without a group yet: {units}", units=", ".join(begun.without_group)))
        echo(
            _(
                "target.csv: empty; hand out `union-assessment template target_letter --period {year}`, then "
                "`union-assessment targets FILE --year {year} --write`",
                year=year,
            )
        )
        echo(_("then: union-assessment lint {year}", year=year))


@command()
def scheme(
    year: Annotated[
        str, typer.Argument(metavar="YEAR", help=_("A year of data/scheme, or the folder of a scheme."))
    ],
    out: Annotated[
        Path | None,
        typer.Option(help=_("File to write; without it the page goes to standard output."), dir_okay=False),
    ] = None,
) -> None:
    """Write a year's scheme as a page to print: what is published is what is computed.

    Purpose, groups, items with their scoring standard, missing data, bonus,
    deductions, vetoes, order of computation, ties, grades, and the targets of
    every unit with their documents. One HTML page without anything fetched;
    a browser prints it on A4.

    [bold]union-assessment scheme 2015 --out 考核办法.html[/]
    [bold]union-assessment scheme drafts/2016 > draft.html[/]
    """
    folder = Path(year)
    if not year.isdigit() and not folder.is_dir():
        raise typer.BadParameter(_("{year} is neither a year nor the folder of a scheme", year=year))
    with plainly():
        from flows.report.printed.scheme_document import document
        from flows.score.scheme.scheme_loader import load_folder, load_year

        found = load_year(int(year)) if year.isdigit() else load_folder(folder)
        page = document(found)
        if out is None:
            echo(page.removesuffix("\n"))
        else:
            out.write_text(page, encoding="utf-8")
            say(f"{found.scheme.label}: {out}")


@command()
def targets(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help=_("Signed target letters, or folders of them."))
    ],
    year: Annotated[int, typer.Option(min=1990, max=2100, help=_("The assessment year."))],
    write: Annotated[
        bool, typer.Option("--write", help=_("Append what is new to the year's target.csv."))
    ] = False,
    unit: Annotated[
        str | None,
        typer.Option(
            help=_(
                "The unit that sent them: its own header spellings are used, and it speaks of itself only."
            )
        ),
    ] = None,
    by: By = None,
    reason: Annotated[str, typer.Option(help=_("Why; it stays in the chain."))] = "",
    as_json: AsJson = False,
) -> None:
    """Compare signed target letters (目标任务书) with data/scheme/YEAR/target.csv, and write what is new.

    Any file that the reader can read; the form is handed out by
    [bold]union-assessment template target_letter --out forms[/].

    [bold]union-assessment targets 永川区目标任务书.xlsx --year 2015[/]
    [bold]union-assessment targets letters/ --year 2015 --write[/]

    new: no target yet; revised: a later day than what is written; earlier:
    a later line is written and goes on counting; same: it is written. Lines
    that are written are never changed. Another value for the same unit,
    indicator and day is an error that names both places.

    Exit code 0: done; 1: something is wrong, and nothing was written; 2: no
    such file. With --json one object: year, file, written, changes (kind,
    unit, indicator, target, before, document_no, effective_on, where),
    errors.
    """
    for path in files:
        if not path.exists():
            raise typer.BadParameter(_("there is no {path}", path=path))
    sender = unit_code(unit)
    with plainly():
        from flows.report import target_text

        wrong = target_text.report(files, year, sender, write, as_json, echo, say)
        if write and not wrong:
            _note_targets(year, files, by, reason)
        raise typer.Exit(FAILED if wrong else 0)


def _note_targets(year: int, files: list[Path], by: str | None, reason: str) -> None:
    """Keep in the vault's chain who wrote targets, from which files, and what the table was then."""
    from flows.contract.catalogue import ROOT
    from flows.ingest.closed_file import sha256_of
    from flows.ingest.lock import run_lock
    from flows.ingest.vault import Vault

    where, table = settings.paths(), ROOT / "data" / "scheme" / str(year) / "target.csv"
    about = {"year": year, "files": [path.name for path in files], "sha256": sha256_of(table)}
    with run_lock(where.lock):
        Vault(where.vault).note_decision("targets", by, reason, settings.now(), **about)
