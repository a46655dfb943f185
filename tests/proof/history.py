"""The history of a list as plain git tells it: nothing of the program's own reading is used."""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

Table = dict[str, Any]
"""A task's file."""

_TRAILERS = ("Ledger-Op", "Ledger-Task", "Ledger-Session", "Ledger-Agent")
_FORMAT = "%x01" + "%x00".join(
    ["%H", "%P", "%at", *(f"%(trailers:key={key},valueonly,separator=%x20)" for key in _TRAILERS)]
)


class Change(NamedTuple):
    """A task before and after a commit; None where its file is not there."""

    before: Table | None
    after: Table | None


class Commit(NamedTuple):
    """One commit of a list.

    Attributes:
        id: its full id.
        parents: the ids of its parents.
        at: the author date, in seconds since 1970.
        verb, tasks, session, key: what its trailers say; the key is that of the attempt.
        changes: the tasks whose files it changes, by id.
    """

    id: str
    parents: tuple[str, ...]
    at: int
    verb: str
    tasks: tuple[str, ...]
    session: str
    key: str
    changes: dict[str, Change]


def sealed(home: Path) -> dict[str, str]:
    """Return an environment with nothing of the machine's and the user's settings."""
    return {
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "TZ": "UTC",
    }


def git(repository: Path, *args: str, stdin: bytes = b"") -> bytes:
    """Run git in a repository and return its output.

    Raises:
        CalledProcessError: it failed.
    """
    done = subprocess.run(
        ["git", *args],
        cwd=repository,
        env=sealed(repository),
        input=stdin,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


def tip(repository: Path, ref: str) -> str:
    """Return the commit that a ref names."""
    return git(repository, "rev-parse", "--verify", ref).decode().strip()


def tips(repository: Path, ref: str) -> list[str]:
    """Return all that a ref has named, the oldest first, as its reflog has it."""
    return git(repository, "log", "-g", "--format=%H", ref, "--").decode().split()[::-1]


def faults(repository: Path) -> str:
    """Return what `git fsck` finds wrong with a repository."""
    done = subprocess.run(
        ["git", "fsck", "--strict", "--no-dangling", "--no-progress"],
        cwd=repository,
        env=sealed(repository),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode().strip() or ("it fails" if done.returncode else "")


def commits(repository: Path, ref: str) -> list[Commit]:
    """Return the commits of a ref, the oldest first."""
    told = git(
        repository, "log", "--reverse", "--topo-order", "--raw", "--no-abbrev", "--no-renames",
        f"--format={_FORMAT}", ref, "--",
    )  # fmt: skip
    records = [_Record.parse(text) for text in told.decode().split("\x01")[1:]]
    oids = {oid for record in records for line in record.raw for oid in (line.old, line.new)}
    tables = dict(_tables(repository, oids - {"0" * 40}))
    return [record.commit(tables) for record in records]


def tasks(repository: Path, ref: str) -> dict[str, Table]:
    """Return all tasks at a ref's tip, by id."""
    oids = {}
    for line in git(repository, "ls-tree", "-r", ref, "--", "tasks/").decode().splitlines():
        meta, _, path = line.partition("\t")
        oids[Path(path).stem] = meta.split()[2]
    tables = dict(_tables(repository, set(oids.values())))
    return {task: tables[oid] for task, oid in oids.items()}


class _Line(NamedTuple):
    """One line of `--raw`: the blobs of a task's file."""

    task: str
    old: str
    new: str


class _Record(NamedTuple):
    """What `git log` says of one commit."""

    fields: list[str]
    raw: list[_Line]

    @classmethod
    def parse(cls, text: str) -> _Record:
        head, *lines = text.rstrip("\n").split("\n")
        raw = []
        for line in filter(None, lines):
            meta, _, path = line.partition("\t")
            if path.startswith("tasks/"):
                raw.append(_Line(Path(path).stem, *meta.split()[2:4]))
        return cls(head.split("\x00"), raw)

    def commit(self, tables: dict[str, Table]) -> Commit:
        id_, parents, at, verb, tasks, session, key = self.fields
        return Commit(
            id=id_,
            parents=tuple(parents.split()),
            at=int(at),
            verb=verb,
            tasks=tuple(tasks.split()),
            session=session,
            key=key,
            changes={it.task: Change(tables.get(it.old), tables.get(it.new)) for it in self.raw},
        )


def _tables(repository: Path, oids: Iterable[str]) -> Iterator[tuple[str, Table]]:
    """Yield the content of blobs by their ids."""
    asked = "".join(f"{oid}\n" for oid in sorted(oids)).encode()
    told = git(repository, "cat-file", "--batch", stdin=asked)
    while told:
        head, _, rest = told.partition(b"\n")
        oid, kind, size = head.decode().split()
        assert kind == "blob", head
        yield oid, tomllib.loads(rest[: int(size)].decode())
        told = rest[int(size) + 1 :]
