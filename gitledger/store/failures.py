"""What libraries and the system raise, as the errors that a store promises."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import TracebackType
from typing import Final

from gitledger.core.text import escape
from gitledger.errors import StoreFailed
from gitledger.store.libgit2 import ERRORS
from gitledger.store.settings import read_settings

_OID: Final = re.compile("[0-9a-f]{40}")
CHECK: Final = "check the permissions and the free space of the git directory"
"""The hint where something cannot be written."""


class Failing:
    """A context that turns errors into StoreFailed.

    Args:
        errors: which.
        message: what could not be done; what the error says is added.
        hint: the hint for the user.
    """

    def __init__(
        self, errors: tuple[type[Exception], ...], message: str, *, hint: str = CHECK
    ) -> None:
        self._errors = errors
        self._message = message
        self._hint = hint

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, self._errors):
            raise StoreFailed(f"{self._message}: {explain(error)}", hint=self._hint) from error


READING: Final = Failing(ERRORS, "cannot read the repository", hint="look into it: git fsck")
WRITING: Final = Failing(ERRORS, "cannot write to the repository")


def says(error: Exception, *numbers: int) -> bool:
    """Tell whether an error is one of the system's, by their numbers (`errno`).

    What libgit2 and git have met with they pass on in the system's words alone.
    """
    return any(os.strerror(number) in str(error) for number in numbers)


def explain(error: Exception) -> str:
    """Return what an error says, on one line."""
    if isinstance(error, OSError) and error.strerror:
        return escape(f"{error.strerror}: {error.filename}")
    said = str(error.args[0]) if error.args else type(error).__name__
    if isinstance(error, KeyError) and _OID.fullmatch(said):
        return f"object {said} is missing"
    return escape(said.partition("\n")[0])


def not_opened(common_dir: Path, error: Exception) -> StoreFailed:
    """Return why libgit2 does not open a repository that git may well open."""
    settings = read_settings(common_dir / "config")
    elsewhere = "keep the ledger in another repository: git config gitledger.repo PATH"
    if settings.get("extensions.objectformat", "sha1").lower() != "sha1":
        what = "has SHA-256 object ids, which gitledger cannot read yet"
        return StoreFailed(f"{common_dir} {what}", hint=elsewhere)
    if settings.get("extensions.refstorage", "files").lower() != "files":
        what = "keeps its refs in a reftable, which gitledger cannot read yet"
        return StoreFailed(f"{common_dir} {what}", hint=elsewhere)
    if common_dir.stat().st_uid != os.geteuid():
        trust = f"git config --global --add safe.directory {common_dir}"
        return StoreFailed(
            f"{common_dir} belongs to another user", hint=f"if you trust it: {trust}"
        )
    return StoreFailed(f"cannot open {common_dir}: {explain(error)}", hint="look into it: git fsck")
