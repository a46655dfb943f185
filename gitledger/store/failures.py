"""What libraries and the system raise, as the errors that a store promises."""

from __future__ import annotations

import os

from gitledger.errors import GitFailed, StoreFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Final

CHECK: Final = "check the permissions and the free space of the git directory"
"""The hint where something cannot be written."""


class Unreadable(Exception):
    """A ref or an object is there, and damaged."""


class Refused(Exception):
    """libgit2 does not do what it was asked to, for a reason that it knows in words alone."""


ERRORS: Final = (OSError, LookupError, ValueError, Unreadable, Refused, GitFailed)
"""What the system, libgit2 and git raise: for what is missing and for ids that are none, too."""


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
            hint = getattr(error, "hint", None) or self._hint
            raise StoreFailed(f"{self._message}: {explain(error)}", hint=hint) from error


READING: Final = Failing(ERRORS, "cannot read the repository", hint="look into it: git fsck")
WRITING: Final = Failing(ERRORS, "cannot write to the repository")


def says(error: Exception, *numbers: int) -> bool:
    """Tell whether an error is one of the system's, by their numbers (`errno`).

    What libgit2 and git have met with they pass on in the system's words alone.
    """
    return any(os.strerror(number) in str(error) for number in numbers)


def explain(error: Exception) -> str:
    """Return what an error says, on one line."""
    from gitledger.core.text import escape

    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        return escape(error.strerror + where)
    said = str(error.args[0]) if error.args else type(error).__name__
    if isinstance(error, KeyError) and len(said) in (40, 64) and said.isalnum():
        return f"object {said} is missing"
    return escape(said.partition("\n")[0])


def not_opened(common_dir: str, error: Exception) -> StoreFailed:
    """Return why a repository is not opened."""
    if is_foreign(common_dir):
        trust = f"git config --global --add safe.directory {common_dir}"
        return StoreFailed(
            f"{common_dir} belongs to another user", hint=f"if you trust it: {trust}"
        )
    return StoreFailed(f"cannot open {common_dir}: {explain(error)}", hint="look into it: git fsck")


def is_foreign(common_dir: str) -> bool:
    """Tell whether a repository belongs to another user: git wants to be told to trust it."""
    return os.stat(common_dir).st_uid != os.geteuid()
