"""Packs that are damaged: what is whole in them is saved, and they are put aside."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from gitledger.doctor.finding import Finding, Mend
from gitledger.doctor.ref_state import move_aside
from gitledger.doctor.soundness import object_id
from gitledger.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

_AT_ONCE: Final = 256
"""Objects that are read in one go, and are in memory together."""


def examine(repository: Repository) -> Iterator[Finding]:
    """Yield the packs that git cannot verify. It reads all of each, and of the project's too."""
    common_dir = repository.location.common_dir
    for pack in sorted((common_dir / "objects/pack").glob("pack-*.pack")):
        index = pack.with_suffix(".idx")
        if index.exists() and repository.git.run("verify-pack", str(index), check=False).code:
            yield Finding(
                "damaged-pack",
                str(pack),
                "this pack of objects is damaged",
                mend=Mend(
                    "save what is whole in this pack, and move it to"
                    f" {common_dir / 'gitledger/damaged'}",
                    partial(_save, repository, pack),
                ),
            )


def _save(repository: Repository, pack: Path) -> str:
    """Pack what is whole once more, and put the damaged pack aside.

    Raises:
        GitFailed: what is whole cannot be packed. Nothing is changed then.
        StoreFailed: a file cannot be moved.
    """
    common_dir, git = repository.location.common_dir, repository.git
    ids = _ids(repository, pack)
    whole = list(_whole(repository, ids))
    if whole:
        _pack(repository, pack, whole)
    # An index of several packs names this one, too; git makes it anew.
    for path in (*pack.parent.glob(f"{pack.stem}.*"), *pack.parent.glob("multi-pack-index*")):
        if path != pack:
            move_aside(common_dir, path)
    aside = move_aside(common_dir, pack)
    if not ids or len(whole) < len(ids):
        # Of a truncated pack git reads nothing by its index, but may from its beginning.
        git.run("unpack-objects", "-q", "-r", input=aside.read_bytes(), check=False)
    return f"saved what is whole of it{_lost(repository, ids)}; it is kept: {aside}"


def _ids(repository: Repository, pack: Path) -> list[str]:
    """Return the ids of a pack's objects; none where its index cannot be read."""
    index = pack.with_suffix(".idx").read_bytes()
    listed = repository.git.run("show-index", input=index, check=False)
    return [line.split()[1] for line in listed.stdout.decode().splitlines()]


def _whole(repository: Repository, ids: Sequence[str]) -> Iterator[str]:
    """Yield the objects that can be read, and are what their ids say."""
    left = list(ids)
    while left:
        asked = left[:_AT_ONCE]
        result = repository.git.run(
            "--no-replace-objects",
            "cat-file",
            "--batch",
            "--buffer",
            input="".join(f"{oid}\n" for oid in asked).encode(),
            check=False,
        )
        told = list(_told(result.stdout))
        yield from (oid for oid, is_whole in told if is_whole)
        # At an object that it cannot read git ends.
        left = left[len(asked) if result.code == 0 else len(told) + 1 :]


def _told(output: bytes) -> Iterator[tuple[str, bool]]:
    """Yield each object of what `git cat-file --batch` has written, and whether it is whole."""
    place = 0
    while (end := output.find(b"\n", place)) >= 0:
        oid, kind, *size = output[place:end].decode().split(" ")
        place = end + 1
        if not size:
            yield oid, False  # missing
            continue
        content = output[place : place + int(size[0])]
        if len(content) < int(size[0]):
            return
        place += len(content) + 1
        yield oid, object_id(kind, content, oid) == oid


def _pack(repository: Repository, damaged: Path, ids: Sequence[str]) -> None:
    """Write a pack of objects beside a damaged one that has them, too."""
    folder = repository.location.common_dir / "gitledger"
    folder.mkdir(exist_ok=True)
    given = "".join(f"{oid}\n" for oid in ids).encode()
    made = repository.git.run("pack-objects", "-q", str(folder / "pack"), input=given)
    checksum = made.stdout.decode().strip()
    # Where its index alone is damaged the pack is the very same, and would have the same name.
    name = object_id("blob", f"{checksum} instead of {damaged.name}".encode(), checksum)
    # git sees a pack once its index is there.
    files = folder.glob(f"pack-{checksum}.*")
    for path in sorted(files, key=lambda path: path.suffix == ".idx"):
        path.rename(damaged.with_name(f"pack-{name}{path.suffix}"))


def _lost(repository: Repository, ids: Sequence[str]) -> str:
    """Return how many objects are not there any more, in words; "" where all are."""
    given = "".join(f"{oid}\n" for oid in ids).encode()
    told = repository.git.run("cat-file", "--batch-check", input=given, check=False)
    gone = sum(line.endswith(b" missing") for line in told.stdout.splitlines())
    return f", {len(ids) - gone} of {len(ids)} objects" if gone else ""
