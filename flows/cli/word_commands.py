"""Words that districts write and nobody knows: shown with what they may mean, let in one by one, taken back."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import settings
from flows.cli.base import AsJson, By, command, echo, plainly, say
from flows.language import _

if TYPE_CHECKING:
    from flows.contract.spelling import LearntWord
    from flows.normalise.unsettled_words import UnsettledWord

#: Columns of the list that `--out` writes and `--accept` reads; `meaning` is to be filled in.
_LISTED = ("unit", "record", "column", "word", "meaning", "candidates", "cells", "samples", "files")


@command()
def words(
    out: Annotated[
        Path | None,
        typer.Option(
            help=_(
                "Write the list as CSV, to be filled in; it quotes files of the vault and is yours alone."
            ),
            dir_okay=False,
        ),
    ] = None,
    accept: Annotated[
        Path | None,
        typer.Option(
            help=_("Let in what this list says in its column meaning."), exists=True, dir_okay=False
        ),
    ] = None,
    learnt: Annotated[
        bool, typer.Option("--learnt", help=_("What was let in before, by whom and when."))
    ] = False,
    revoke: Annotated[
        str | None, typer.Option(metavar="UNIT/RECORD/WORD", help=_("Take a word out again."))
    ] = None,
    by: By = None,
    reason: Annotated[str, typer.Option(help=_("Why; it stays in the chain."))] = "",
    as_json: AsJson = False,
) -> None:
    """What is not understood in the files in force, over all units, and what it may mean.

    Tables of no known kind, headers, words of code lists, townships and folders, those of most cells first, with candidates, masked sample
    cells, and what other units mean by them. On a terminal each is asked about with one key: [bold]y[/] the first candidate,
    [bold]o[/] another, [bold]x[/] extra (the column means nothing to us), [bold]l[/] later, [bold]q[/] enough.

    [bold]union-assessment words[/]
    [bold]union-assessment words --out 待认.csv[/], fill in its column meaning, [bold]union-assessment words --accept 待认.csv[/]
    [bold]union-assessment words --learnt[/] and [bold]--revoke yongchuan/mediation/处理情况[/]

    A word is kept for its unit in data/reference/header or word, and never applied to another. The next run reads the
    files again with it. Exit code 0, also where nothing is left; 2: a list or a word that cannot be used.
    """
    with plainly():
        from flows.contract.catalogue import ContractError
        from flows.contract.spelling import learn
        from flows.contract.spelling import learnt as known
        from flows.ingest.lock import login

        who = by or login()
        try:
            if learnt:
                _show_learnt(known(), as_json)
            elif revoke is not None:
                _note("spelling_revoked", _revoke(revoke, known()), who, reason)
            elif accept is not None:
                chosen = _accepted(accept, who)
                learn(chosen)
                _note("spelling", chosen, who, reason or accept.name)
                say(_("{count} words let in; the next run reads the files with them", count=len(chosen)))
            else:
                _list(_unsettled(), out, who, as_json)
        except ContractError as error:
            raise typer.BadParameter(str(error)) from None


def _unsettled() -> list[UnsettledWord]:
    from flows.contract.catalogue import records
    from flows.contract.spelling import learnt
    from flows.database.connect import open_published
    from flows.ingest.vault import Vault
    from flows.normalise.unsettled_words import unsettled_words

    where = settings.paths()
    with open_published(where.warehouse_file()) as con:
        return unsettled_words(con, Vault(where.vault), records(), learnt())


def _list(found: Sequence[UnsettledWord], out: Path | None, by: str, as_json: bool) -> None:
    if as_json:
        echo(json.dumps([asdict(word) for word in found], ensure_ascii=False, indent=1))
    elif out is not None:
        from flows.ingest.closed_file import create

        with io.TextIOWrapper(create(out, os.O_TRUNC), encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(_LISTED)
            writer.writerows(_row(word) for word in found)
        say(
            _(
                "{count} words in {out}: fill in the column meaning, then words --accept {out}",
                count=len(found),
                out=out,
            )
        )
    elif sys.stdin.isatty() and sys.stdout.isatty():
        _ask(found, by)
    else:
        for word in found:
            echo("  ".join(_said(word)))
        say(_("{count} words are not understood", count=len(found)))


def _row(word: UnsettledWord) -> tuple[object, ...]:
    candidates = "；".join(f"{code} {label}" for code, label in word.candidates.items())
    address = (word.unit, word.record, word.column, word.word, "")
    return (*address, candidates, word.count, "；".join(word.samples), "；".join(word.files))


def _said(word: UnsettledWord) -> list[str]:
    """A word in a few cells of text: whose, where, the word, how often, what it may mean."""
    from flows.contract.catalogue import records
    from flows.contract.units import reference

    unit = reference().unit(word.unit).short_name if word.unit else ""
    record = records().get(word.record)
    if record is None:
        place = unit or _("folder of the inbox")
        kind, count = (
            (_("table"), _("{n} rows", n=word.count)) if unit else (_("unit"), _("{n} files", n=word.count))
        )
    else:
        place, kind = f"{unit} {record.label}", _("word") if word.column else _("header")
        place += f"·{record.columns[word.column].label}" if word.column else ""
        count = _("{n} cells", n=word.count)
    out = [place, f"{kind} “{word.word}”", count]
    if word.candidates:
        out.append(_("may be: {labels}", labels="、".join(word.candidates.values())))
    if word.samples:
        out.append(_("e.g. {samples}", samples=" | ".join(word.samples)))
    for other in word.elsewhere:
        short = reference().unit(other.unit).short_name
        out.append(_("({unit} takes it for {meaning})", unit=short, meaning=other.meaning))
    return out


def _ask(found: Sequence[UnsettledWord], by: str) -> None:
    """One key per word; each is written as it is decided, so that nothing is lost by leaving."""
    import click

    from flows.contract.spelling import IGNORE, learn

    asked = [word for word in found if word.unit]
    for number, word in enumerate(asked, 1):
        echo(f"\n[{number}/{len(asked)}] " + "\n    ".join(_said(word)))
        codes = list(word.candidates)
        click.echo(_("    y yes  o another  x nothing to us  l later  q enough: "), nl=False)
        key = click.getchar().lower()
        click.echo(key)
        if key == "q":
            break
        extra = IGNORE if word.record and not word.column else ""
        meaning = {"y": codes[0] if codes else "", "x": extra}.get(key, "")
        if key == "o":
            for n, code in enumerate(codes, 1):
                echo(f"    {n} {word.candidates[code]}（{code}）")
            text = typer.prompt(_("    number or code")).strip()
            meaning = codes[int(text) - 1] if text.isdigit() and 0 < int(text) <= len(codes) else text
        if meaning:
            learnt = _learnt(word.unit, word.record, word.column, word.word, meaning, by)
            learn([learnt])
            _note("spelling", [learnt], by, "")
            echo(_("    kept: {word} → {meaning}", word=word.word, meaning=meaning))
    for word in found:
        if not word.unit:
            echo(
                "  ".join(_said(word))
                + _("  rename the folder, or add a line to data/reference/unit_name.csv")
            )


def _learnt(unit: str, record: str, column: str, word: str, meaning: str, by: str) -> LearntWord:
    from flows.contract.spelling import TABLE, LearntWord

    if not record:  # a whole table: what it means is a kind
        record, meaning = meaning, TABLE
    return LearntWord(unit, record, column, word, meaning, by, f"{settings.now():%Y-%m-%d}")


def _accepted(path: Path, by: str) -> list[LearntWord]:
    """Lines of a list whose meaning is filled in."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if missing := set(_LISTED[:5]) - set(reader.fieldnames or ()):
            raise typer.BadParameter(
                _(
                    "{path}:1: no column {names}; write the list with --out",
                    path=path,
                    names=", ".join(sorted(missing)),
                )
            )
        rows = [row for row in reader if (row["meaning"] or "").strip() and row["unit"]]
    return [_learnt(r["unit"], r["record"], r["column"], r["word"], r["meaning"].strip(), by) for r in rows]


def _show_learnt(found: Sequence[LearntWord], as_json: bool) -> None:
    if as_json:
        echo(json.dumps([asdict(word) for word in found], ensure_ascii=False, indent=1))
        return
    for word in found:
        place = f"{word.record}.{word.column}" if word.column else word.record
        echo(f"{word.unit}  {place}  {word.word} → {word.meaning}  {word.by} {word.on}".rstrip())
    say(_("{count} words of units' own", count=len(found)))


def _note(event: str, words: Sequence[LearntWord], by: str, reason: str) -> None:
    """Keep in the vault's chain who let a spelling in, or took it out, and why."""
    from flows.ingest.lock import run_lock
    from flows.ingest.vault import Vault

    where = settings.paths()
    said = [[w.unit, w.record, w.column, w.word, w.meaning] for w in words]
    if said:
        with run_lock(where.lock):
            Vault(where.vault).note_decision(event, by, reason, settings.now(), words=said)


def _revoke(named: str, found: Sequence[LearntWord]) -> list[LearntWord]:
    """Take a word out; what was taken out."""
    from flows.contract.spelling import revoke as take_out

    unit, record, text = (*named.split("/", 2), "", "")[:3]
    chosen = [w for w in found if (w.unit, w.record, w.word) == (unit, record, text)]
    if not chosen:
        raise typer.BadParameter(_("{named} was not let in; see words --learnt", named=named))
    for word in chosen:
        take_out(word)
        say(_("taken out: {word} → {meaning}", word=word.word, meaning=word.meaning))
    return chosen
