"""Where things are: the folders and files of one data folder.

Every room is handed a `Paths`; none asks the environment where it runs. That is the business of
`flows.settings`, which builds this from `UNION_ASSESSMENT_DATA` or the clone's own `data/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Paths:
    """The layout below one data folder, and the key that signs its books, which lies elsewhere (None: books are not signed).
    Nothing here creates a folder."""

    data: Path
    signing_key: Path | None = None

    @property
    def inbox(self) -> Path:
        """What has arrived: `[YYYY-MM-DD/]<sender>/…`; read, never changed."""
        return self.data / "inbox"

    @property
    def vault(self) -> Path:
        """Original files and the ledger of deliveries; 0700, the data office alone."""
        return self.data / "vault"

    @property
    def temporary(self) -> Path:
        """Spill files of the build: they can hold identifiers, so they live inside the vault."""
        return self.vault / "tmp"

    @property
    def warehouse(self) -> Path:
        """Folder of the database files."""
        return self.data / "warehouse"

    @property
    def books(self) -> Path:
        return self.data / "books"

    @property
    def previews(self) -> Path:
        """Numbered previews of years that are not closed yet, in the form of books."""
        return self.data / "previews"

    @property
    def closed(self) -> dict[Literal["book", "preview"], Path]:
        """What was written once and is never changed, by kind."""
        return {"book": self.books, "preview": self.previews}

    @property
    def returns(self) -> Path:
        """Each district's own file with its findings, `<unit>/…`; closed like the vault, it holds cells."""
        return self.data / "returns"

    @property
    def results(self) -> Path:
        """What leaders and districts read, `<year>/…`: made anew by every run, without names."""
        return self.data / "results"

    @property
    def prefect(self) -> Path:
        """Prefect's home: its database, logs and profiles, apart from any of the user's."""
        return self.data / "prefect"

    @property
    def lock(self) -> Path:
        """Held by the one run that may write."""
        return self.data / "run.lock"

    def build_file(self, as_of: datetime | None = None) -> Path:
        """The database a run works in; one as of an earlier moment is a file of its own.

        It lies in the vault's closed folder, because a reader who opened it would stop the writer.
        """
        return self.vault / f"build{_suffix(as_of)}.duckdb"

    def warehouse_file(self, as_of: datetime | None = None) -> Path:
        """The edition analysts read."""
        return self.warehouse / f"warehouse{_suffix(as_of)}.duckdb"


def _suffix(as_of: datetime | None) -> str:
    return "" if as_of is None else f"-as-of-{as_of:%Y%m%dT%H%M%S}"
