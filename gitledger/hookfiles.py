"""The hook files in a repository: put in place beside what is there, and taken away again."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from gitledger.errors import LedgerError, StoreFailed
from gitledger.repository import Repository

HOOKS: Final = ("post-commit",)
"""The hooks that there are shims for."""
_MARK: Final = b"# gitledger:"
"""How the second line of our shims begins."""


def install(repository: Repository, names: Sequence[str]) -> dict[str, str]:
    """Put our hooks where git looks for them, and return the state of each by name.

    Raises:
        LedgerError: another hook of the name is there; it is left as it is.
        StoreFailed: the directory cannot be written.
    """
    folder = _folder(repository)
    states = status(repository, names)
    for name, state in states.items():
        if state == "another hook":
            raise LedgerError(
                f"there is a hook already: {folder / name}",
                hint=f"add this line to it: {_line(name)} || :",
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, state in states.items():
            if state != "chained":
                _write(folder / name, _shim(name))
    except OSError as error:
        raise StoreFailed(f"cannot write the hooks: {error.strerror}: {error.filename}") from error
    return status(repository, names)


def uninstall(repository: Repository, names: Sequence[str]) -> dict[str, str]:
    """Remove our hooks and return the state of each by name; others are left as they are."""
    folder = _folder(repository)
    try:
        for name in names:
            if _ours(folder / name):
                (folder / name).unlink()
        _remove_if_empty(folder)
    except OSError as error:
        raise StoreFailed(f"cannot remove the hooks: {error.strerror}: {error.filename}") from error
    return status(repository, names)


def status(repository: Repository, names: Sequence[str]) -> dict[str, str]:
    """Return the state of each hook by name.

    It is `installed`, `absent`, `chained` where another hook calls ours, or `another hook`.
    """
    folder = _folder(repository)
    return {name: _state(folder / name) for name in names}


def _state(path: Path) -> str:
    if not path.exists() and not path.is_symlink():
        return "absent"
    if _ours(path):
        return "installed"
    return "chained" if _line(path.name).encode() in _content(path) else "another hook"


def _line(name: str) -> str:
    """Return the command that a hook of somebody else's calls ours with."""
    return f"git-ledger hook {name}"


def _folder(repository: Repository) -> Path:
    """Return the directory that git takes hooks from, `core.hooksPath` included."""
    printed = repository.git.run("rev-parse", "--path-format=absolute", "--git-path", "hooks")
    return Path(os.fsdecode(printed.stdout.rstrip(b"\n")))


def _shim(name: str) -> str:
    here = Path(__file__).parent
    # An installed package carries the shims; in a checkout they stand beside it.
    source = next(path for path in (here / "hooks", here.parent / "hooks") if path.is_dir())
    return (source / name).read_text(encoding="utf-8").replace("@program@", shlex.quote(_program()))


def _program() -> str:
    """Return the path of this program, for a hook that runs with another PATH than ours."""
    started = Path(sys.argv[0])
    if started.name in ("git-ledger", "gitledger") and started.exists():
        # Not resolved: what the link points at may be gone after the next upgrade.
        return str(started.absolute())
    beside = Path(sys.executable).parent / "git-ledger"
    return str(beside) if beside.exists() else shutil.which("git-ledger") or "git-ledger"


def _write(path: Path, text: str) -> None:
    """Replace the file as a whole, so that no commit meets half of it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.chmod(0o755)
    temporary.replace(path)


def _remove_if_empty(folder: Path) -> None:
    """Leave no trace of a directory that was made for our hooks alone."""
    with suppress(OSError):
        folder.rmdir()


def _ours(path: Path) -> bool:
    lines = _content(path).splitlines()
    return not path.is_symlink() and lines[1:2] != [] and lines[1].startswith(_MARK)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
