"""Commands that ask what would change a score: further records, other weights, another target or ruling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import settings
from flows.cli.base import AsJson, command, echo, plainly, say, unit_code
from flows.language import _, again

if TYPE_CHECKING:
    from flows.assess.scheme_gate import AdmittedScheme
    from flows.score.engine.facts import Facts
    from flows.score.scheme.scheme_loader import SchemeYear
    from flows.score.whatif.appeals import Kind

Year = Annotated[int, typer.Option(min=1990, max=2100, help=_("The assessment year."))]


@command()
def headroom(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help=_("A unit: name, short name or code."))],
    year: Year,
    grade: Annotated[
        str | None, typer.Option(help=_("Code of the grade to reach; default: the next better one."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the fewest further records with which a unit reaches a better grade.

    For each indicator of the scheme alone, where none does it for pairs of
    them, under its caps, bands, quotas and bars, the others standing still: a
    path, not advice, proven by scoring a copy of the facts. Nothing is written.

    [bold]union-assessment headroom 永川区 --year 2015[/]
    [bold]union-assessment headroom 永川区 --year 2015 --grade special --json[/]

    Exit code 0 also where nothing reaches it; 2: no such unit or grade.

    With --json one object: unit, now (points, group_rank, overall_rank,
    grade), grades (those that would do), bars (gate, effect, detail), short
    (points missing), singles and pairs (moves, records, after), near (gain),
    not_offered (indicator, reason). A move: indicator, category, period,
    records, per_record, is_part_of_target, figure_before, figure_after.
    """
    code = unit_code(unit) or ""
    with plainly():
        from flows.report.path_table import paths_json, show_paths
        from flows.report.terminal import results
        from flows.score.whatif.path_to_grade import paths_to_grade

        scheme, facts = _published(year)
        grades = [level.grade for level in scheme.scheme.grades.list_]
        if grade is not None and grade not in grades:
            raise typer.BadParameter(
                _(
                    "the scheme of {year} has no grade {grade}; it has {names}",
                    year=year,
                    grade=grade,
                    names=", ".join(grades),
                )
            )
        if code not in facts.units:
            raise typer.BadParameter(_("{unit} is not assessed in {year}", unit=unit, year=year))
        paths = paths_to_grade(scheme, facts, code, grade)
        if as_json:
            echo(paths_json(facts, paths))
        else:
            show_paths(results(), scheme, facts, paths)


@command()
def sensitivity(
    year: Year,
    draws: Annotated[
        int, typer.Option(min=20, max=100_000, help=_("How often other weights are drawn."))
    ] = 300,
    as_json: AsJson = False,
) -> None:
    """Show how far places and grades depend on the weights of the items.

    The full points are drawn anew around those of the scheme, what a unit
    reached of each item stands; places and grades follow the scheme's own
    steps. Weights are decided, not measured: this judges no score. Nothing is
    written; the same draws give the same answer on every machine.

    [bold]union-assessment sensitivity --year 2015[/]

    With --json one array, an object per unit: unit, draws, group_rank_low,
    group_rank_median, group_rank_high (5th, 50th, 95th percentile),
    grade_flip_rate (share of draws with another grade than the scheme gives).
    """
    with plainly():
        from flows.report.terminal import results
        from flows.report.whatif_table import show_sensitivity
        from flows.report.whatif_text import to_json
        from flows.score.engine.scoring import YearScoring
        from flows.score.engine.scoring_context import ScoringContext
        from flows.score.whatif.sensitivity import weight_sensitivity

        scheme, facts = _published(year)
        rows = weight_sensitivity(YearScoring(ScoringContext(scheme, facts)), draws)
        if as_json:
            echo(to_json(rows))
        else:
            show_sensitivity(results(), scheme, facts, rows)


@command()
def rescore(
    year: Year,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help=_(
                "items.ID.points=10, target.UNIT.INDICATOR=300, group.UNIT=GROUP, or any other path of "
                "scheme.yml; the value is YAML."
            ),
        ),
    ] = None,
    accept_appeal: Annotated[
        list[str] | None,
        typer.Option(
            metavar="UNIT:ITEM[.figure|.points][=VALUE]",
            help=_("As if this appeal were accepted, with what it claims or with VALUE."),
        ),
    ] = None,
    scheme: Annotated[
        Path | None,
        typer.Option(help=_("Another folder in place of the year's."), exists=True, file_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a year with something changed, and show what differs for every unit.

    Works on a copy; nothing is written. The changed scheme is linted first,
    and not scored with errors.

    [bold]union-assessment rescore --year 2015 --set items.mediation.points=10[/]
    [bold]… --set target.永川区.mediation_succeeded=300 --set rounding.total=1[/]
    [bold]… --set grades.list.special.count=3 --set rank.ties=dense[/]
    [bold]… --accept-appeal 永川区:mediation[/]  (what the open appeal claims)
    [bold]… --accept-appeal 永川区:mediation.figure=520[/]  (or .points=4)
    [bold]… --scheme drafts/2016[/]  (a whole other folder, for this year's facts)

    Lists of named things go by name: items.ID wherever in the tree, gates.ID,
    bonus.classes.ID, grades.list.GRADE; other lists by position from 0.

    Exit code 0 also where nothing differs; 1: the changed scheme has errors;
    2: there is no such path, unit or appeal (what there is, is listed).

    With --json one object: changes, units (unit, group, before, after, items
    (item, before, after)), findings (what the change brings up). before and
    after: base_points, bonus_points, deduction_points, total_points,
    group_rank, overall_rank, grade. Points are decimal texts.
    """
    changes = [
        *([_("the scheme is {folder}", folder=scheme)] if scheme else ()),
        *(set_ or ()),
        *(_("accepted: {appeal}", appeal=appeal) for appeal in accept_appeal or ()),
    ]
    if not changes:
        raise typer.BadParameter(_("nothing is changed: give --set, --accept-appeal or --scheme"))
    with plainly():
        from flows.report.terminal import results
        from flows.report.whatif_table import diff_json, show_diff
        from flows.score.engine.scoring import score
        from flows.score.whatif.score_diff import new_findings, score_diff
        from flows.warehouse.published_inputs import known_facts

        warehouse, now = settings.paths().warehouse_file(), _admitted(year)
        supposed = _changed(now, scheme, set_ or ())
        facts = known_facts(warehouse, now.year)
        other = _accepted(supposed, known_facts(warehouse, supposed), accept_appeal or ())
        before, after = score(now.year, facts), score(supposed, other)
        diffs, findings = score_diff(before, after), new_findings(before, after)
        if as_json:
            echo(diff_json(changes, diffs, findings))
        else:
            show_diff(results(), supposed, facts, changes, diffs, findings)


def _published(year: int) -> tuple[SchemeYear, Facts]:
    """The year's folder, and what the last run knew."""
    from flows.warehouse.published_inputs import known_facts

    scheme = _admitted(year).year
    return scheme, known_facts(settings.paths().warehouse_file(), scheme)


def _admitted(year: int) -> AdmittedScheme:
    """The year's folder as it is now; that it was edited since the results were published is said."""
    from flows.warehouse.published_inputs import known_scheme

    found = known_scheme(settings.paths().warehouse_file(), year)
    if found.is_edited:
        say(
            _(
                "note: {folder} was edited after the published results were scored: what follows is reckoned with the folder as "
                "it is now, also what is called now or before; run `union-assessment run --year {year}` to publish it",
                folder=found.year.folder,
                year=year,
            )
        )
    return found


def _changed(now: AdmittedScheme, folder: Path | None, settings_: Sequence[str]) -> SchemeYear:
    """The year with its changes; linted, so that what only the change brings is said, and errors stop it."""
    from flows.report import terminal
    from flows.score.lint import refuse
    from flows.score.scheme.scheme_loader import load_folder
    from flows.score.whatif.scenario import ScenarioError, with_setting

    year = load_folder(folder) if folder else now.year
    for setting in settings_:
        path, equals, value = setting.partition("=")
        if not equals:
            raise typer.BadParameter(_("{setting}: expected PATH=VALUE", setting=setting))
        head, *rest = path.split(".")
        if head in ("target", "group") and rest:
            path = ".".join([head, unit_code(rest[0]) or "", *rest[1:]])
        try:
            year = with_setting(year, path, value)
        except ScenarioError as error:
            raise typer.BadParameter(str(error)) from None
    known = {(f.code, f.clause, f.message) for f in now.remarks}
    for finding in refuse(year):
        if (finding.code, finding.clause, finding.message) not in known:
            severity = terminal.severity(finding.severity)
            say(f"{severity}: {finding.clause}: {again(finding.message)}; {again(finding.hint)}")
    if year.year == now.year.year:
        return year
    say(
        _(
            "note: {folder} is the scheme of {year}; it is applied to {year2}",
            folder=folder,
            year=year.year,
            year2=now.year.year,
        )
    )
    return replace(year, scheme=year.scheme.model_copy(update={"year": now.year.year}))


def _accepted(year: SchemeYear, facts: Facts, appeals: Sequence[str]) -> Facts:
    """The facts with these appeals accepted, each written UNIT:ITEM[.figure|.points][=VALUE]."""
    from flows.score.whatif.appeals import with_appeal
    from flows.score.whatif.scenario import ScenarioError

    for appeal in appeals:
        head, equals, text = appeal.partition("=")
        unit, *rest = head.split(":", 1)
        about = "".join(rest)
        if not about:
            raise typer.BadParameter(
                _(
                    "{appeal}: expected UNIT:ITEM, UNIT:ITEM.figure=VALUE or UNIT:ITEM.points=VALUE",
                    appeal=appeal,
                )
            )
        kind: Kind | None = None
        if about.endswith(".figure"):
            about, kind = about.removesuffix(".figure"), "figure"
        elif about.endswith(".points"):
            about, kind = about.removesuffix(".points"), "points"
        try:
            value = Fraction(text) if equals else None
            facts = with_appeal(year, facts, unit_code(unit) or "", about, kind, value)
        except ScenarioError as error:
            raise typer.BadParameter(str(error)) from None
        except (ValueError, ZeroDivisionError):
            raise typer.BadParameter(
                _("{appeal}: {text} is not a number", appeal=appeal, text=text)
            ) from None
    return facts
