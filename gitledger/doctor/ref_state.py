"""What a ref's file says, be it as broken as may be, and how another value is put there."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path

from gitledger.core.dataclass import dataclass
from gitledger.doctor import ref_tables
from gitledger.errors import StoreFailed
from gitledger.repository import Repository
from gitledger.store import reflog
from gitledger.store.ref_files import ref_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

_VALUE: Final = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?)(?:\s.*)?", re.DOTALL)
_LONGEST: Final = 4096
"""Bytes of a ref's file that are looked at: the name of a symbolic ref's target fits in."""


class Kind(Enum):
    """What kind of value a ref has."""

    ABSENT = "absent"
    DIRECT = "direct"
    SYMBOLIC = "symbolic"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class RefState:
    """A ref as it stands.

    Attributes:
        name: its full name.
        kind: what kind of value it has.
        value: the commit of a direct ref, the name of a symbolic ref's target, else "".
        content: what its file holds; None where it has none, and may be packed.
    """

    name: str
    kind: Kind
    value: str = ""
    content: bytes | None = None

    @property
    def said(self) -> str:
        """What the file of a broken ref holds, in words."""
        if not self.content:
            return "its file is empty"
        if not self.content.strip(b"\0\n"):
            return "its file is full of zeros"
        return f"its file says '{self.content[:40].decode(errors='replace').rstrip()}'"


def names(repository: Repository, prefix: str) -> set[str]:
    """Return the names of the refs below a prefix, which ends with a slash; broken ones, too."""
    if ref_tables.are_used(repository):
        return set(ref_tables.values(repository, prefix))
    return set(ref_names(repository.location.common_dir, prefix))


def look(repository: Repository, name: str) -> RefState:
    """Return a ref as it stands.

    Raises:
        StoreFailed: its file, or the packed refs, cannot be read.
    """
    if ref_tables.are_used(repository):
        return _tabled(name, *ref_tables.values(repository, name).get(name, ("", "")))
    path = repository.location.common_dir / name
    if path.is_symlink() and str(path.readlink()).startswith("refs/"):
        target = str(path.readlink())
        return RefState(name, Kind.SYMBOLIC, target, f"ref: {target}\n".encode())
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        packed = _packed(repository.location.common_dir, name)
        return RefState(name, Kind.DIRECT, packed) if packed else RefState(name, Kind.ABSENT)
    except OSError as error:
        raise StoreFailed(f"cannot read {path}: {error.strerror}") from error
    if content.startswith(b"ref:"):
        target = content[4:].decode(errors="replace").strip()
        return RefState(name, Kind.SYMBOLIC, target, content)
    match = _VALUE.fullmatch(content)
    if match is None or not match[1].strip(b"0"):
        return RefState(name, Kind.BROKEN, content=content)
    return RefState(name, Kind.DIRECT, match[1].decode(), content)


def _tabled(name: str, value: str, target: str) -> RefState:
    if target:
        return RefState(name, Kind.SYMBOLIC, target)
    return RefState(name, Kind.DIRECT, value) if value else RefState(name, Kind.ABSENT)


def _packed(common_dir: Path, name: str) -> str | None:
    """Return the value of a packed ref; a line is an id, a blank and a name."""
    try:
        lines = (common_dir / "packed-refs").read_bytes().splitlines()
    except FileNotFoundError:
        return None
    ending = b" " + os.fsencode(name)
    return next((line.partition(b" ")[0].decode() for line in lines if line.endswith(ending)), None)


def replace(
    repository: Repository,
    found: RefState,
    new: str,
    log: Callable[[list[reflog.Move]], list[reflog.Move]],
) -> Path | None:
    """Put a value in the place of what was found, which may be broken, by compare-and-swap.

    git cannot do that: it moves no ref whose value it cannot read. So it is done as git does it:
    the ref's lock file is written, and then renamed. The old file and reflog are kept aside.

    Args:
        repository: where the ref is.
        found: the ref as it was found.
        new: the commit that it is to name.
        log: returns what its reflog is to hold, given what that holds now.

    Returns:
        Where the ref's old file is kept; None where it had none.

    Raises:
        StoreFailed: the ref is another one meanwhile, its lock file is there, or it cannot be
            written. Nothing is changed then.
    """
    if ref_tables.are_used(repository):
        ref_tables.put(repository, found.name, _direct(found), new, "doctor: put back")
        return None
    common_dir = repository.location.common_dir
    path, log_path = common_dir / found.name, reflog.path(common_dir, found.name)
    with _locked(path) as descriptor:
        if look(repository, found.name) != found:
            raise StoreFailed(f"{found.name} has changed meanwhile", hint="run it again")
        moves = log(reflog.read(common_dir, found.name))
        kept = None if found.content is None else _keep(common_dir, path, found.content)
        if log_path.is_file():
            _keep(common_dir, log_path, log_path.read_bytes())
        os.write(descriptor, f"{new}\n".encode())
        os.fsync(descriptor)
        _write(log_path, reflog.content(moves))
        lock_of(path).rename(path)
        return kept


def remove(repository: Repository, found: RefState) -> None:
    """Take away a ref that was found, readable or not; its file is kept aside.

    Raises:
        StoreFailed: as `replace`.
    """
    if ref_tables.are_used(repository):
        ref_tables.remove(repository, found.name, _direct(found))
        return
    common_dir = repository.location.common_dir
    path = common_dir / found.name
    with _locked(path):
        if look(repository, found.name) != found:
            raise StoreFailed(f"{found.name} has changed meanwhile", hint="run it again")
        if found.content is not None:
            move_aside(common_dir, path)
    packed = look(repository, found.name)
    if packed.kind is Kind.DIRECT:
        repository.store.remove(found.name, packed.value)


def _direct(found: RefState) -> str:
    """Return the commit that a ref itself names, "" where there is none."""
    return found.value if found.kind is Kind.DIRECT else ""


def lock_of(path: Path) -> Path:
    """Return the lock file by which writers of a file of git exclude each other."""
    return path.with_name(f"{path.name}.lock")


def move_aside(common_dir: Path, path: Path) -> Path:
    """Move a file of the git directory to where damaged ones are kept, and return its new path."""
    kept = _kept_path(common_dir, path)
    path.rename(kept)
    return kept


def _keep(common_dir: Path, path: Path, content: bytes) -> Path:
    kept = _kept_path(common_dir, path)
    kept.write_bytes(content)
    return kept


def _kept_path(common_dir: Path, path: Path) -> Path:
    place = common_dir / "gitledger" / "damaged" / path.relative_to(common_dir)
    place.parent.mkdir(parents=True, exist_ok=True)
    kept, number = place, 1
    while kept.exists():
        number += 1
        kept = place.with_name(f"{place.name}.{number}")
    return kept


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Hold a ref's lock file while the block runs; what is left of it is removed."""
    lock = lock_of(path)
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except FileExistsError as error:
        raise StoreFailed(f"somebody is writing: {lock}", hint="run it again") from error
    except OSError as error:
        raise StoreFailed(f"cannot write {lock}: {error.strerror}") from error
    try:
        yield descriptor
    except OSError as error:
        raise StoreFailed(f"cannot write {error.filename}: {error.strerror}") from error
    finally:
        # Renamed, it is gone; and another writer's may stand there by now.
        with suppress(FileNotFoundError):
            if os.path.samestat(lock.stat(), os.fstat(descriptor)):
                lock.unlink()
        os.close(descriptor)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = lock_of(path)
    fresh.write_bytes(content)
    fresh.rename(path)
