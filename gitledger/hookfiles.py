"""The hook files in a repository: put in place beside what is there, and taken away again."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gitledger.errors import LedgerError, StoreFailed
from gitledger.repository import Repository

_MARK: Final = "# gitledger:"
_INSTALLED: Final = "installed"


def install(repository: Repository, names: Sequence[str]) -> dict[str, str]:
    """Put our hooks where git looks for them, and return the state of each by name.

    Raises:
        LedgerError: another hook of the name is there; it is left as it is.
        StoreFailed: the directory cannot be written.
    """
    folder = _folder(repository)
    for name in names:
        path = folder / name
        if _exists(path) and not _ours(path):
            raise LedgerError(
                f"there is a hook already: {path}",
                hint=f"add this line to it: git-ledger hook {name} || :",
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            _write(folder / name, _shim(name))
    except OSError as error:
        raise StoreFailed(f"cannot write the hooks: {error}") from error
    return status(repository, names)


def uninstall(repository: Repository, names: Sequence[str]) -> dict[str, str]:
    """Remove our hooks and return the state of each by name; others are left as they are."""
    folder = _folder(repository)
    try:
        for name in names:
            if _ours(folder / name):
                (folder / name).unlink()
    except OSError as error:
        raise StoreFailed(f"cannot remove the hooks: {error}") from error
    return status(repository, names)


def status(repository: Repository, names: Sequence[str]) -> dict[str, str]:
    """Return the state of each hook by name: `installed`, `absent`, or `another hook`."""
    folder = _folder(repository)
    return {name: _state(folder / name) for name in names}


def _state(path: Path) -> str:
    if not _exists(path):
        return "absent"
    return _INSTALLED if _ours(path) else "another hook"


def _folder(repository: Repository) -> Path:
    """Return the directory that git takes hooks from, `core.hooksPath` included."""
    printed = repository.git.run("rev-parse", "--path-format=absolute", "--git-path", "hooks")
    return Path(os.fsdecode(printed.stdout.rstrip(b"\n")))


def _shim(name: str) -> str:
    here = Path(__file__).parent
    # An installed package carries the shims; in a checkout they stand beside it.
    source = next(path for path in (here / "hooks", here.parent / "hooks") if path.is_dir())
    return (source / name).read_text(encoding="utf-8").replace("@program@", _program())


def _program() -> str:
    """Return the path of this program, for a hook that runs with another PATH than ours."""
    started = Path(sys.argv[0])
    if started.name in ("git-ledger", "gitledger") and started.exists():
        return str(started.resolve())
    beside = Path(sys.executable).parent / "git-ledger"
    return str(beside) if beside.exists() else shutil.which("git-ledger") or "git-ledger"


def _write(path: Path, text: str) -> None:
    """Replace the file as a whole, so that no commit meets half of it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.chmod(0o755)
    temporary.replace(path)


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _ours(path: Path) -> bool:
    try:
        return _MARK in path.read_bytes()[:4096].decode(errors="replace")
    except OSError:
        return False
