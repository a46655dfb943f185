"""Damaged packs: what is whole in them is saved, the rest fetched again or gone round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.doctor.damage import TITLES, common_dir, examine, filled, is_healthy, mend
from tests.ledgers import MAIN, clone, ledger_at, place

ALL = ("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
"""What names every object."""


def flip(git: RunGit, pack: Path, oid: str) -> None:
    """Change a byte of an object."""
    listed = git(pack.parent, "verify-pack", "-v", str(pack)).splitlines()
    offset = next(int(line.split()[4]) for line in listed if line.startswith(oid))
    content = bytearray(pack.read_bytes())
    content[offset + 4] ^= 0xFF
    pack.write_bytes(content)


def flip_format(git: RunGit, pack: Path) -> None:
    flip(git, pack, git(pack.parent, "rev-parse", f"{MAIN}:format.toml"))


def truncate(git: RunGit, pack: Path) -> None:
    content = pack.read_bytes()
    pack.write_bytes(content[: len(content) // 2])


def garble_index(git: RunGit, pack: Path) -> None:
    index = pack.with_suffix(".idx")
    index.chmod(0o644)
    index.write_bytes(b"garbage")


HARMS: dict[str, Callable[[RunGit, Path], None]] = {
    "flipped": flip_format,
    "truncated": truncate,
    "without index": garble_index,
}


def pack_of(git: RunGit, ledger: Ledger) -> Path:
    """Put all objects of a repository into one pack, and return it."""
    git(place(ledger), "repack", "-adq")
    (pack,) = (common_dir(ledger) / "objects/pack").glob("*.pack")
    pack.chmod(0o644)
    return pack


@pytest.fixture
def shared(make_repo: MakeRepo, bare: Path) -> Ledger:
    ledger = clone(make_repo, bare, "grace")
    for title in TITLES:
        ledger.add(title)
    ledger.sync()
    return ledger


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_of_a_damaged_pack_nothing_is_lost_that_a_remote_has(
    shared: Ledger, git: RunGit, harm: Callable[[RunGit, Path], None]
) -> None:
    pack = pack_of(git, shared)
    tasks = shared.tasks()
    unpublished = shared.add("Unpublished")
    harm(git, pack)
    content = pack.read_bytes()
    assert examine(shared)[0].severity == "error"

    said = mend(shared, "damaged-pack")
    for _ in range(3):
        for finding in examine(shared):
            assert finding.mend
            finding.mend.do()

    aside = common_dir(shared) / "gitledger/damaged/objects/pack" / pack.name
    assert said.endswith(f"it is kept: {aside}")
    assert aside.read_bytes() == content
    assert aside.with_suffix(".idx").is_file()
    assert {*ledger_at(place(shared)).tasks()} == {*tasks, unpublished}
    assert is_healthy(git, shared)


def test_what_is_whole_on_both_sides_of_the_damage_is_saved(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    for number in range(300):  # more than are read at once
        (repo / f"{number}.txt").write_text(f"{number}\n" * 9)
    git(repo, "add", ".")
    git(repo, "commit", "--quiet", "--message", "many")
    pack = pack_of(git, ledger)
    before = {*git(repo, *ALL).split()}
    victim = git(repo, "rev-parse", f"{MAIN}:format.toml")
    flip(git, pack, victim)

    said = mend(ledger, "damaged-pack")

    assert f", {len(before) - 1} of {len(before)} objects; " in said
    assert {*git(repo, *ALL).split()} == before - {victim}


def test_a_pack_of_which_only_the_index_is_damaged_is_whole_afterwards(
    repo: Path, git: RunGit
) -> None:
    ledger = filled(repo)
    tasks = ledger.tasks()
    index = pack_of(git, ledger).with_suffix(".idx")
    index.chmod(0o644)
    # One id is wrong: that object is not found any more.
    oid = bytes.fromhex(git(repo, "rev-parse", MAIN))
    content = index.read_bytes()
    index.write_bytes(content.replace(oid, oid[:-1] + bytes([oid[-1] ^ 1])))

    mend(ledger, "damaged-pack")
    assert ledger_at(repo).tasks() == tasks
    assert is_healthy(git, ledger)


def test_nothing_else_is_mended_before_what_is_whole_is_saved(shared: Ledger, git: RunGit) -> None:
    shared.add("Unpublished")
    truncate(git, pack_of(git, shared))  # neither tip can be read now
    assert [finding.code for finding in examine(shared)] == ["damaged-pack"]
    mend(shared, "damaged-pack")
    assert [finding.code for finding in examine(shared)] == ["damaged-objects"]
    assert git(place(shared), "for-each-ref", "--format=%(refname)", "refs/gitledger-remotes")


def test_an_index_of_several_packs_is_put_aside_with_the_pack_that_it_names(
    shared: Ledger, git: RunGit
) -> None:
    pack = pack_of(git, shared)
    git(place(shared), "multi-pack-index", "write")
    truncate(git, pack)

    mend(shared, "damaged-pack")
    assert not (pack.parent / "multi-pack-index").exists()


def test_without_a_remote_what_is_whole_is_gone_back_to(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    pack = pack_of(git, ledger)
    ledger.add("Later")
    flip(git, pack, git(repo, "rev-parse", f"{MAIN}~1"))

    mend(ledger, "damaged-pack")
    mend(ledger, "damaged-history")
    assert sorted(task.title for task in ledger_at(repo).tasks()) == sorted([*TITLES, "Later"])
    assert is_healthy(git, ledger)


def test_a_damaged_pack_that_no_list_needs_is_left_alone(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    ours = pack_of(git, ledger)
    (repo / "project.txt").write_text("something\n")
    git(repo, "add", ".")
    git(repo, "commit", "--quiet", "--message", "something")
    git(repo, "repack", "-dq")
    (other,) = {*ours.parent.glob("*.pack")} - {ours}
    other.chmod(0o644)
    truncate(git, other)
    assert examine(ledger) == []
