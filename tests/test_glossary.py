"""What the glossary names exists under that name."""

from __future__ import annotations

import re

from flows.contract.catalogue import ROOT

_NAME = re.compile(r"`([^`]+)`")


def test_every_name_of_the_glossary_exists() -> None:
    lines = (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if line.startswith("| ") and not line.startswith("| 中文")]
    assert 35 <= len(rows) <= 50
    names = [name for row in rows for name in _NAME.findall(row[3])]
    sources = [
        p
        for folder in ("flows", "sql")
        for p in (ROOT / folder).rglob("*")
        if p.suffix in (".py", ".sql", ".csv")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    missing = []
    for name in names:
        if "/" in name:
            known = (ROOT / name).exists() or name.startswith("data/")
        elif name.startswith("union-assessment "):
            known = f"def {name.split()[1]}(" in text
        else:
            known = re.search(rf"\b{re.escape(name.rpartition('.')[2])}\b", text) is not None
        missing += [] if known else [name]
    assert missing == []
