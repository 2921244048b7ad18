"""The lock that sets up the environment says what the constraints and the project say."""

from __future__ import annotations

import re
import tomllib
from itertools import chain

from flows.contract.catalogue import ROOT

_PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[a-z, ]+\])?==([^\s;#\\]+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def pins(file: str) -> dict[str, str]:
    found = _PIN.findall((ROOT / file).read_text(encoding="utf-8"))
    return {name.lower().replace("_", "-").replace(".", "-"): version for name, version in found}


def test_the_lock_holds_the_pinned_versions() -> None:
    constraints, lock = pins("constraints.txt"), pins("requirements.lock")
    assert len(lock) > 60
    assert {n: v for n, v in lock.items() if constraints.get(n) != v} == {}


def test_the_lock_holds_whatever_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {m[0].lower().replace("_", "-") for line in asked if (m := _NAME.match(line))}
    assert names - pins("requirements.lock").keys() == set()


def test_every_package_has_a_hash_and_no_file_names_an_index() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", lock) if not entry.startswith("#")]
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)
    for name in ("requirements.lock", "constraints.txt", "pyproject.toml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"index-url|find-links|https?://(?!json\.schemastore)", text), name
