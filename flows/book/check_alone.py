"""核对本账册 Check this book: `python verify.py [FOLDER]`, with Python 3.8 or later and nothing else.

This file lies in every book as `verify.py`; nothing of the software that wrote the book is needed. It works out anew, from the CSV
files: the hash of every file, the rows of every table, blocks from their items, totals from items, bonus and deductions, places
with their ties, grades with their quotas and gates, what changed since the edition before from its parts, and the chain of editions where neighbours are there. Points are compared to
the six places that the tables have. What it cannot do by itself it says: the signature needs the package `cryptography`
(or openssl), and that Parquet and CSV say the same needs `union-assessment verify BOOK`.

It says nothing about where figures come from. Take this file from a book or a copy that you trust: whoever changes a book can
change the file in it, too.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

MILLIONTH = Fraction(1, 10**6)


class Claim(NamedTuple):
    """What a book claims, and how it stands: `wrong` names what differs; `is_open` where it could not be checked, `claim` then says why."""

    name: str
    claim: str
    wrong: tuple[str, ...] = ()
    is_open: bool = False


class BookFiles:
    """A folder with a book, read as text; nothing in it is believed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads(self.bytes("edition.json"))
        self.decides: dict[str, Any] = json.loads(self.bytes("scheme/scheme.json"))
        self.facts: dict[str, Any] = json.loads(self.bytes("facts.json"))
        self.results = {row["unit_code"]: row for row in self.rows("result")}
        self.items = {row["item_id"]: row for row in self.rows("item")}
        self.points = {(r["unit_code"], r["item_id"]): number(r["points"]) for r in self.rows("item_score")}
        effects = {gate["id"]: gate["effect"] for gate in self.decides.get("gates", ())}
        held: dict[str, dict[str, Any]] = defaultdict(dict)
        for row in self.rows("gate"):
            held[row["unit_code"]][row["gate_id"]] = effects.get(row["gate_id"], {})
        self.effects = {unit: list(gates.values()) for unit, gates in held.items()}

    def bytes(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def rows(self, table: str) -> list[dict[str, str]]:
        """The rows of a table, from its CSV file."""
        text = self.bytes(f"csv/{table}.csv").decode("utf-8-sig")
        return list(csv.DictReader(text.splitlines(keepends=True)))

    def hash(self) -> str:
        """SHA-256 of the manifest."""
        return hashlib.sha256(self.bytes("edition.json")).hexdigest()

    def is_zeroed(self, unit: str) -> bool:
        return any(effect.get("zero_score") for effect in self.effects.get(unit, ()))


def number(text: str) -> Fraction | None:
    return Fraction(text) if text else None


def checks(folder: Path) -> Iterator[Claim]:
    """Every claim of the book in a folder; a book that cannot be read ends with a check that says so."""
    try:
        yield _files(folder)
        if "files" not in json.loads((folder / "edition.json").read_bytes()):
            told = "旧版程序所写，没有签名，只能核对指纹 of older code: not signed, and only its hashes can be checked"
            yield Claim("read", told, is_open=True)
            return
        book = BookFiles(folder)
        yield _rows(book)
        yield _blocks(book)
        yield _totals(book)
        yield _bonus(book)
        yield _deductions(book)
        yield _places(book)
        yield _grades(book)
        if "restatement" in book.manifest["rows"]:
            yield _restatement(book)
        yield _chain(book)
        yield _signature(folder)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, csv.Error) as error:
        yield Claim("read", "账册读不下去 the book cannot be read", (f"{type(error).__name__}: {error}",))


def _files(folder: Path) -> Claim:
    wrong, sums = [], {}
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        sha256, _, name = line.partition("  ")
        sums[name] = sha256
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()} - {"SHA256SUMS"}
    wrong += [f"{name}：缺失 is missing" for name in sorted(sums.keys() - there)]
    wrong += [f"{name}：不属于账册 does not belong to the book" for name in sorted(there - sums.keys())]
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in there}
    for name in sorted(there & sums.keys()):
        if hashes[name] != sums[name]:
            wrong.append(f"{name}：已改动 was changed (SHA256SUMS)")
    said = json.loads((folder / "edition.json").read_bytes()).get("files")
    for name in sorted((there | said.keys()) - {"edition.json", "edition.sig"}) if said is not None else ():
        if said.get(name) != hashes.get(name):
            wrong.append(f"{name}：与清单不符 is not what the manifest says (edition.json)")
    return Claim("files", f"{len(sums)} 个文件与清单一致 files are those of the manifest", tuple(wrong))


def _rows(book: BookFiles) -> Claim:
    said = {**book.manifest["rows"], **book.manifest.get("beside", {})}
    found = {table: len(book.rows(table)) for table in said}
    wrong = [
        f"{t}：{found[t]} 行，清单为 {n} 行 rows, the manifest says {n}"
        for t, n in said.items()
        if found[t] != n
    ]
    return Claim(
        "rows", f"{len(said)} 张表行数一致 tables have the rows that the manifest says", tuple(wrong)
    )


def _blocks(book: BookFiles) -> Claim:
    """Points of a block are those of its items within its cap and floor; a ruling may say otherwise."""
    inner: dict[tuple[str, str], list[Fraction]] = defaultdict(list)
    for (unit, item), points in book.points.items():
        if book.items[item]["parent_id"]:
            inner[unit, book.items[item]["parent_id"]].append(points or Fraction(0))
    ruled = {(r["unit_code"], r["item_id"]) for r in book.rows("adjustment") if r["kind"] == "ruled_points"}
    wrong = []
    for (unit, item), parts in inner.items():
        most, least = number(book.items[item]["most_points"]), number(book.items[item]["least_points"])
        whole = sum(parts, start=Fraction(0))
        kept = whole if most is None else min(whole, most)
        kept = kept if least is None else max(kept, least)
        said = book.points[unit, item] or Fraction(0)
        is_void = said == 0 and any(item in effect.get("void", ()) for effect in book.effects.get(unit, ()))
        if (unit, item) not in ruled and not is_void and abs(said - kept) > MILLIONTH * (len(parts) + 1):
            wrong.append(f"{unit} {item}：{_text(said)}，各项合计 its items give {_text(kept)}")
    return Claim("items", f"{len(inner)} 个板块等于其项目之和 blocks are their items", tuple(wrong))


def _totals(book: BookFiles) -> Claim:
    """Items (times the factor of what is left out), bonus and deductions make the total, rounded as the scheme says."""
    places = int(book.decides["rounding"]["total"])
    order = book.decides["order"]
    half = Fraction(1, 2 * 10**places) if "round" in order else Fraction(0)
    wrong = []
    for unit, row in book.results.items():
        top = sum(
            (book.points.get((unit, i)) or Fraction(0) for i in book.items if not book.items[i]["parent_id"]),
            start=Fraction(0),
        )
        base, rescale = Fraction(row["base_points"]), Fraction(row["rescale"])
        if abs(base - top * rescale) > MILLIONTH * (top + len(book.items)):
            wrong.append(f"{unit}：基础分 base {_text(base)}，各板块 its blocks give {_text(top * rescale)}")
        raw = base + Fraction(row["bonus_points"]) - Fraction(row["deduction_points"])
        total = Fraction(row["total_points"])
        if book.is_zeroed(unit):
            raw = Fraction(0)
        if abs(total - raw) > half + 2 * MILLIONTH or (
            order[-2:] == ["round", "grades"] and (total * 10**places).denominator != 1
        ):
            wrong.append(f"{unit}：总分 total {_text(total)}，各部分 its parts give {_text(raw)}")
    return Claim(
        "totals", f"{len(book.results)} 个总分等于各部分之和 totals are made of their parts", tuple(wrong)
    )


def _bonus(book: BookFiles) -> Claim:
    spec = book.decides.get("bonus") or {"classes": [], "cap": 0}
    caps = {c["id"]: Fraction(c["cap"]) for c in spec["classes"] if c.get("cap") is not None}
    of_class: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in book.rows("bonus"):
        of_class[row["unit_code"], row["class_id"]] += Fraction(row["counted"])
    of_unit: dict[str, Fraction] = defaultdict(Fraction)
    for (unit, name), points in of_class.items():
        of_unit[unit] += min(points, caps.get(name, points))
    wrong = []
    for unit, row in book.results.items():
        due = min(of_unit[unit], Fraction(spec["cap"]))
        if abs(Fraction(row["bonus_points"]) - due) > 20 * MILLIONTH:
            wrong.append(
                f"{unit}：加分 bonus {row['bonus_points']}，按各申请和上限应为 the applications give {_text(due)}"
            )
    return Claim(
        "bonus", "加分等于各申请（按上限）bonus is that of the applications, within caps", tuple(wrong)
    )


def _deductions(book: BookFiles) -> Claim:
    """By class, within caps; a factor by size only lets through what is no more than that."""
    spec = book.decides.get("deductions") or {"classes": []}
    caps = {c["id"]: Fraction(c["cap"]) for c in spec["classes"] if c.get("cap") is not None}
    of_class: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in book.rows("adjustment"):
        if row["kind"] == "deduction":
            above, at = set(), row["item_id"]
            while at and at not in above:
                above.add(at)
                at = book.items[at]["parent_id"]
            named = [c["id"] for c in spec["classes"] if above & set(c.get("items", ()))]
            others = [c["id"] for c in spec["classes"] if not c.get("items")]
            of_class[row["unit_code"], (named or others)[0]] += Fraction(row["amount"])
    of_unit: dict[str, Fraction] = defaultdict(Fraction)
    for (unit, name), points in of_class.items():
        of_unit[unit] += min(points, caps.get(name, points))
    wrong = []
    for unit, row in book.results.items():
        due, said = of_unit[unit], Fraction(row["deduction_points"])
        if not spec.get("factor"):
            due = min(due, Fraction(spec["cap"])) if spec.get("cap") is not None else due
        is_right = (said > 0) == (due > 0) if spec.get("factor") else abs(said - due) <= 20 * MILLIONTH
        if not is_right or (spec.get("cap") is not None and said > Fraction(spec["cap"])):
            wrong.append(
                f"{unit}：扣分 deduction {row['deduction_points']}，按各通知和上限应为 the notices give {_text(due)}"
            )
    return Claim(
        "deductions", "扣分有通知可依 deductions are those of the notices, within caps", tuple(wrong)
    )


# -- places and grades


def _keys(book: BookFiles) -> dict[str, list[Fraction]]:
    """What the place of each unit is made from: the total at that step of the scheme, then what breaks ties; larger wins."""
    order = book.decides["order"]
    before = order[: order.index("rank")]
    past = {row[0]: row[3] for row in book.facts["past"] if row[1] == book.manifest["year"] - 1}
    decided = {row[0]: row[1] for row in sorted(book.facts["decisions"], key=lambda row: row[-1])}
    keys = {}
    for unit, row in book.results.items():
        base = Fraction(row["base_points"])
        if "rescale" in order and "rescale" not in before:
            base /= Fraction(row["rescale"])
        total = Fraction(0)
        for step in before:
            if step == "items":
                total = base
            elif step == "bonus":
                total += Fraction(row["bonus_points"])
            elif step == "deductions":
                total -= Fraction(row["deduction_points"])
            elif step == "round":
                total = _half_up(total, int(book.decides["rounding"]["total"]))
        key = [Fraction(0) if "gates" in before and book.is_zeroed(unit) else total]
        for by in book.decides["rank"].get("break", ()):
            if by == "base_points":
                key.append(base)
            elif by == "bonus_points":
                key.append(Fraction(row["bonus_points"]))
            elif by == "past_rank":
                key.append(Fraction(-(past.get(unit) or 10**6)))
            elif by == "decision":
                key.append(Fraction(-decided.get(unit, 10**6)))
            else:
                key.append(book.points.get((unit, by.partition(":")[2])) or Fraction(0))
        keys[unit] = key
    return keys


def _is_ahead(one: list[Fraction], other: list[Fraction]) -> bool | None:
    """Whether a key wins; None where six places do not tell."""
    for at, mine in enumerate(one):
        theirs = other[at]
        if abs(mine - theirs) > 3 * MILLIONTH:
            return mine > theirs
        if mine != theirs:
            return None
    return False


def _places(book: BookFiles) -> Claim:
    keys, wrong, close = _keys(book), [], 0
    scopes = [("overall_rank", list(book.results))]
    groups = defaultdict(list)
    for unit, row in book.results.items():
        groups[row["group_id"]].append(unit)
    scopes += [("group_rank", units) for units in groups.values()]
    for column, units in scopes:
        places = {u: int(book.results[u][column]) for u in units}
        for unit in units:
            ahead = {u: _is_ahead(keys[u], keys[unit]) for u in units if u != unit}
            sure = [u for u, wins in ahead.items() if wins]
            unclear = [u for u, wins in ahead.items() if wins is None]
            close += len(unclear)
            if book.decides["rank"]["ties"] == "dense":
                least, most = (
                    1 + len({places[u] for u in sure}),
                    1 + len({places[u] for u in (*sure, *unclear)}),
                )
            else:
                least, most = 1 + len(sure), 1 + len(sure) + len(unclear)
            if not least <= places[unit] <= most:
                wrong.append(f"{unit} {column}：{places[unit]}，应为 it follows {least}")
    told = f"；{close // 2} 对相差不到百万分之三 pairs too close to tell" if close else ""
    return Claim("places", f"{len(keys)} 个单位名次与总分一致 places follow the totals{told}", tuple(wrong))


def _grades(book: BookFiles) -> Claim:
    spec = book.decides["grades"]
    scopes: dict[str, list[str]] = defaultdict(list)
    for unit, row in book.results.items():
        scopes["" if spec["scope"] == "all" else row["group_id"]].append(unit)
    place = "overall_rank" if spec["scope"] == "all" else "group_rank"
    wrong = []
    for units in scopes.values():
        given = _graded(book, units, {u: int(book.results[u][place]) for u in units})
        for unit in units:
            if book.results[unit]["grade"] != given[unit]:
                wrong.append(
                    f"{unit}：等次 grade {book.results[unit]['grade']}，按名额和限制应为 it follows {given[unit]}"
                )
    return Claim(
        "grades", f"{len(book.results)} 个等次合名额和限制 grades follow quotas and gates", tuple(wrong)
    )


def _graded(book: BookFiles, units: list[str], ranks: Mapping[str, int]) -> dict[str, str]:
    """Places are filled from the best grade down, then gates lower what they lower."""
    spec = book.decides["grades"]
    names = [level["grade"] for level in spec["list"]]
    decided = {row[0]: row[1] for row in sorted(book.facts["decisions"], key=lambda row: row[-1])}
    best = {u: _best(book.effects.get(u, ()), names) for u in units}
    left, out = set(units), {}
    spent: set[str] = set()
    for at, level in enumerate(spec["list"]):
        floor = Fraction(level["min_points"]) if level.get("min_points") is not None else None
        enough = {u for u in left if floor is None or Fraction(book.results[u]["total_points"]) >= floor}
        entitled = {u for u in enough if best[u] <= at}
        barred = enough - entitled - spent if spec["barred"] == "keeps_place" else set()
        quota = _quota(level, len(units))
        takers, used = (set(entitled), set(barred)) if quota is None else (set(), set())
        for place in sorted({ranks[u] for u in (*entitled, *barred)}) if quota is not None else ():
            free = (quota or 0) - len(takers) - len(used)
            if free <= 0:
                break
            tied = sorted(u for u in entitled if ranks[u] == place)
            if len(tied) > free:
                if spec["edge_tie"] == "extend":
                    takers |= set(tied)
                elif spec["edge_tie"] == "decide" and len({decided[u] for u in tied if u in decided}) == len(
                    tied
                ):
                    takers |= set(sorted(tied, key=lambda u: decided[u])[:free])
                break
            takers |= set(tied)
            used |= {u for u in barred if ranks[u] == place and len(tied) < free}
        spent |= used
        out.update(dict.fromkeys(takers, level["grade"]))
        left -= takers
    out.update(dict.fromkeys(left, spec["no_award"]))
    return {u: _lowered(grade, book.effects.get(u, ()), names, spec["no_award"]) for u, grade in out.items()}


def _quota(level: Mapping[str, Any], units: int) -> int | None:
    if level.get("share") is None:
        return level.get("count")
    exact = Fraction(level["share"]) * units
    whole = {"floor": exact // 1, "ceil": -(-exact // 1), "half_up": (exact + Fraction(1, 2)) // 1}
    return max(int(whole[level["round"]]), int(level["at_least_units"]))


def _best(effects: Any, names: list[str]) -> int:
    found = [0]
    for effect in effects:
        found += [len(names)] if effect.get("no_award") else []
        found += [len(names) - 1] if effect.get("lowest") else []
        found += [names.index(effect["at_best"])] if effect.get("at_best") else []
    return max(found)


def _lowered(grade: str, effects: Any, names: list[str], no_award: str) -> str:
    if any(e.get("no_award") for e in effects) or grade == no_award:
        return no_award
    at = names.index(grade) + sum(bool(e.get("lower_one")) for e in effects)
    if any(e.get("lowest") for e in effects):
        at = max(at, len(names) - 1)
    return names[at] if at < len(names) else no_award


# -- what changed, chain and signature


def _restatement(book: BookFiles) -> Claim:
    """Each difference from the edition before is the sum of its parts, and what it says of this one is what this one says."""
    rows, wrong = book.rows("restatement"), []
    columns = {"total": "total_points", "bonus": "bonus_points"}
    for row in rows:
        unit, kind, name = row["unit_code"], row["kind"], row["item_id"]
        parts = [number(row[f"by_{of}"]) for of in ("data", "target", "scheme", "decision", "code")]
        before, after = number(row["before"]), number(row["after"])
        if before is not None and after is not None and None not in parts:
            whole = sum((part or Fraction(0) for part in parts), start=Fraction(0))
            if abs(after - before - whole) > 4 * MILLIONTH:
                wrong.append(
                    f"{unit} {name or kind}：差 differs by {_text(after - before)}，各部分合计 its parts give {_text(whole)}"
                )
        said = book.points.get((unit, name)) if kind == "item" else None
        if kind in ("total", "bonus", "group_rank", "overall_rank") and unit in book.results:
            said = number(book.results[unit][columns.get(kind, kind)])
        if after is not None and said is not None and abs(after - said) > MILLIONTH:
            wrong.append(
                f"{unit} {name or kind}：现数 now {_text(after)}，本账册为 this book says {_text(said)}"
            )
    told = f"{len(rows)} 处更正等于各部分之和 changes since the edition before are the sums of their parts"
    return Claim("restatement", told, tuple(wrong))


def _chain(book: BookFiles) -> Claim:
    """The edition before is the one that this one names, and the one after names this one, as far as they lie beside it."""
    manifest, wrong, seen = book.manifest, [], []
    own = book.hash()
    year, number, beside = manifest["year"], manifest["edition"], book.folder.resolve().parent
    before, after = (beside / f"{year}-{number + step}" / "edition.json" for step in (-1, 1))
    if (number > 1) != bool(manifest.get("previous")):
        wrong.append("清单没有上一版的指纹 the manifest does not name the edition before")
    if number > 1 and before.exists():
        seen.append(before.parent.name)
        if hashlib.sha256(before.read_bytes()).hexdigest() != manifest.get("previous"):
            wrong.append(
                f"{before.parent.name}：不是本版所接的上一版 is not the edition that this one follows"
            )
    if after.exists():
        seen.append(after.parent.name)
        if json.loads(after.read_bytes()).get("previous") != own:
            wrong.append(f"{after.parent.name}：所接的不是本版 follows another edition than this one")
    told = (
        f"{'、'.join(seen)} 与本版相接 is linked with this one"
        if seen
        else "旁边没有相邻版次 no neighbour lies beside it"
    )
    return Claim("chain", told, tuple(wrong), is_open=not seen and number > 1 and not wrong)


def _signature(folder: Path) -> Claim:
    """Needs the package `cryptography`; that a key is the office's, only its fingerprint from elsewhere tells."""
    manifest = json.loads((folder / "edition.json").read_bytes())
    if not manifest.get("signed_by"):
        return Claim(
            "signature",
            "",
            ("账册没有签名，这样的账册都有 a book of this form is signed, and this one is not",),
        )
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError:
        told = "签名未查，需要 cryptography 包或 openssl the signature was not checked: it needs the package cryptography, or openssl"
        return Claim("signature", told, is_open=True)
    wrong: tuple[str, ...] = ("签名不符 the signature is not that of the key in the book",)
    found = ""
    try:
        key = load_pem_public_key((folder / "public_key.pem").read_bytes())
        if isinstance(key, Ed25519PublicKey):
            key.verify((folder / "edition.sig").read_bytes(), (folder / "edition.json").read_bytes())
            found, wrong = hashlib.sha256(key.public_bytes_raw()).hexdigest(), ()
    except (InvalidSignature, OSError, ValueError):
        pass
    if found and found != manifest["signed_by"]:
        wrong = ("公钥与清单不符 the key is not that of the manifest",)
    return Claim("signature", f"清单由公钥 {found[:32]} 签名 the manifest is signed by that key", wrong)


def _half_up(value: Fraction, places: int) -> Fraction:
    scaled = abs(value) * 10**places
    whole = Fraction((scaled + Fraction(1, 2)) // 1, 10**places)
    return whole if value >= 0 else -whole


def _text(value: Fraction) -> str:
    return f"{float(value):.6f}".rstrip("0").rstrip(".")


def lines(found: list[Claim]) -> Iterator[str]:
    """What is told of each check, and of each thing that differs."""
    for check in found:
        mark = "不符 WRONG" if check.wrong else "未查 OPEN" if check.is_open else "一致 OK"
        count = f"：{len(check.wrong)} 处不符 differ" if check.wrong else ""
        yield f"{mark}  {check.name}：{check.claim}{count}"
        yield from (f"    {wrong}" for wrong in check.wrong)


def main(arguments: list[str]) -> int:
    """Check the book in a folder, by default the one that this file lies in."""
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    found = list(checks(folder))
    for line in lines(found):
        print(line)
    print(
        "未查 OPEN  parquet：与 CSV 是否一致，用 union-assessment verify 核对 is compared with CSV by that command"
    )
    counted = Counter("wrong" if c.wrong else "open" if c.is_open else "right" for c in found)
    print(
        f"一致 {counted['right']}，不符 {counted['wrong']}，未查 {counted['open'] + 1} OK, wrong, not checked"
    )
    return 1 if counted["wrong"] else 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
