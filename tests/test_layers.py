"""What import-linter cannot say: who opens databases, who reads the environment, which way SQL reads, what is named twice, how large a folder is."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.contract.catalogue import ROOT

#: A folder of SQL reads schemas up to its own: core → current → metric → assess → book → open.
SCHEMAS = ("core", "current", "metric", "assess", "book", "open")
SQL_READS = {
    "indicator": {"current"},
    "metric": {"core", "current", "metric"},
    "assess": {"core", "current", "metric", "assess"},
    "book": {"metric", "assess", "book"},
}

FILES = sorted((ROOT / "flows").rglob("*.py"))
FOLDERS = sorted({path.parent for path in FILES})


def room(path: Path) -> str:
    return path.relative_to(ROOT / "flows").parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """(module, name imported from it)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the direction"
            for alias in node.names:
                yield node.module or "", alias.name


def without_types(tree: ast.Module) -> ast.Module:
    """The tree without its `if TYPE_CHECKING:` blocks: a type is not a dependency at run time."""
    kept = [n for n in tree.body if not (isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")]
    return ast.Module(kept, [])


def parse(path: Path) -> ast.Module:
    return without_types(ast.parse(path.read_text(encoding="utf-8"), str(path)))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_one_module_opens_databases_and_one_reads_the_environment(path: Path) -> None:
    """Handing the whole environment on to a child, `{**os.environ, …}`, is not reading it."""
    tree = parse(path)
    dictionaries = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    handed_on = {id(v) for d in dictionaries for k, v in zip(d.keys, d.values, strict=True) if k is None}
    used = {ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Attribute) and id(n) not in handed_on}
    used |= {f"{module}.{name}" for module, name in imported(tree)}
    if room(path) != "database":
        assert "duckdb.connect" not in used
    if room(path) != "settings":
        assert not used & {"os.environ", "os.environb", "os.getenv", "os.putenv", "os.unsetenv"}


def test_tasks_are_one_call_each() -> None:
    """A task's body is its one call, at most inside `with step`, with its result counted."""
    tree = ast.parse((ROOT / "flows" / "tasks.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    tasks = [f for f in functions if any(ast.unparse(d).startswith("task") for d in f.decorator_list)]
    assert len(tasks) >= 6
    for function in tasks:
        loops = [n for n in ast.walk(function) if isinstance(n, ast.For | ast.While | ast.If)]
        assert not loops, f"{function.name} computes"


@pytest.mark.parametrize("folder", sorted(SQL_READS))
def test_sql_reads_one_way(folder: str) -> None:
    for path in sorted((ROOT / "sql" / folder).rglob("*.sql")):
        text = re.sub(r"--[^\n]*|/\*.*?\*/|'[^']*'", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        read = set(re.findall(rf"\b({'|'.join(SCHEMAS)})\.\w+", text))
        assert read <= SQL_READS[folder], f"{path.relative_to(ROOT)} reads {sorted(read - SQL_READS[folder])}"


def names_held_twice(names: list[str]) -> list[str]:
    return sorted(name for name, number in Counter(names).items() if number > 1)


def test_no_module_and_no_class_is_named_twice() -> None:
    """A reader who meets a name knows which one it is."""
    modules = [path.stem for path in FILES if path.stem not in ("__init__", "__main__")]
    assert names_held_twice(modules + [folder.name for folder in FOLDERS]) == []
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FILES]
    assert names_held_twice([n.name for t in trees for n in ast.walk(t) if isinstance(n, ast.ClassDef)]) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_folder_can_be_taken_in_at_a_glance(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= 14
