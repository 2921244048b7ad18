"""What the READMEs have people type: blocks, and the commands of a block as a shell splits them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.contract.catalogue import ROOT

ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
PROGRAM = ".venv/bin/union-assessment"


def blocks(text: str, language: str) -> list[str]:
    """The blocks of a language, in the order of the page."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(text: str) -> list[list[str]]:
    """Every command of a README as a shell splits it, without comments and reasons, which are in the README's language."""
    return [shlex.split(line, comments=True) for block in blocks(text, "sh") for line in block.splitlines()]


@dataclass(frozen=True)
class Typist:
    """Somebody at a shell in `folder`, with a data folder and a home of its own, and no terminal to be asked on."""

    folder: Path
    data: Path

    def types(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        """Run `.venv/bin/union-assessment …` as the page has it; `> file` at its end is the shell's."""
        assert words[0] == PROGRAM
        out = self.folder / words[-1] if ">" in words else None
        done = self._run(["-m", "flows.cli", *(words[1 : words.index(">")] if out else words[1:])])
        if out:
            out.write_text(done.stdout, encoding="utf-8")
        return done

    def runs(self, program: str) -> subprocess.CompletedProcess[str]:
        """Run a Python block."""
        return self._run(["-c", program])

    def _run(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        environment: Mapping[str, str] = kept | {
            "UNION_ASSESSMENT_DATA": str(self.data),
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
