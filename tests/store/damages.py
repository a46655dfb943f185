"""What a store promises where refs and objects are damaged: an error that names them, at once."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from gitledger.errors import Damaged, StoreFailed
from gitledger.store.base import Store
from tests.conftest import RunGit
from tests.store.opening import REF, Opener, open_at, write

FILE = "tasks/7/f/40.toml"

# With four fifths of a file libgit2 1.9.7 goes round in circles.
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "truncated": lambda whole: whole[: len(whole) * 4 // 5],
    "without its checksum": lambda whole: whole[:-4],
    "garbage": lambda whole: b"\xff" * len(whole),
    "garbage in its header": lambda _: zlib.compress(b"nothing"),
    "garbage behind it": lambda whole: whole + b"more",
}


class Line(NamedTuple):
    """Three commits in a row, and one beside the last; what is damaged belongs to the second."""

    root: str
    middle: str
    tip: str
    beside: str
    objects: dict[str, str]


def object_file(repo: Path, oid: str) -> Path:
    """Return where a loose object's file is."""
    return repo / ".git" / "objects" / oid[:2] / oid[2:]


def replaced(path: Path, content: bytes) -> None:
    """Give a file another content; git makes its objects read-only."""
    path.unlink()
    path.write_bytes(content)


class Damages:
    """Mixed into the suite; see there."""

    @pytest.fixture
    def line(self, opener: Opener, repo: Path, git: RunGit) -> Line:
        store = open_at(opener, repo)
        root = write(store, {"a": b"0"})
        files: dict[str, bytes | None] = {
            f"tasks/7/f/{number}.toml": Random(number).randbytes(200) for number in range(50)
        }
        middle = write(store, files, root)
        # Nothing of these two but their parent is shared with the second.
        tip, beside = (write(store, {"tasks": b"", "a": text}, middle) for text in (b"1", b"2"))
        store.move(REF, None, tip, "init")
        names = ("", "^{tree}", ":tasks", ":tasks/7/f", f":{FILE}")
        objects = {name: git(repo, "rev-parse", middle + name) for name in names}
        return Line(root, middle, tip, beside, objects)

    @pytest.mark.parametrize("what", ["", "^{tree}", ":tasks", ":tasks/7/f", f":{FILE}"])
    @pytest.mark.parametrize("how", ["missing", *SPOILT])
    def test_a_damaged_object_is_named_by_all_that_read_it(
        self, opener: Opener, repo: Path, line: Line, what: str, how: str
    ) -> None:
        oid, commit = line.objects[what], line.middle
        path = object_file(repo, oid)
        if how == "missing":
            path.unlink()
        else:
            replaced(path, SPOILT[how](path.read_bytes()))

        def read(store: Store) -> None:
            for entry in store.entries(commit, ""):
                store.read(entry.oid, 1000)

        def read_one(store: Store) -> None:
            entry = store.entry(commit, FILE)
            assert entry
            store.read(entry.oid, 1000)

        def read_changed(store: Store) -> None:
            for change in store.changes(line.root, commit):
                assert change.new
                store.read(change.new.oid, 1000)

        reading: list[Callable[[Store], object]] = [read, read_one, read_changed]
        if what != f":{FILE}":
            reading += [
                lambda store: write(store, {"tasks/7/f/new": b"1"}, commit),
                lambda store: list(store.changes(commit, line.tip)),
            ]
        if not what:
            reading += [
                lambda store: store.commit(commit),
                lambda store: store.read(commit, 1000),
                lambda store: list(store.history(line.tip)),
                lambda store: list(store.history(line.tip, without=[line.root])),
                lambda store: store.merge_base(line.root, line.tip),
                lambda store: write(store, {"a": b"3"}, line.tip, merged=[commit]),
            ]
        for number, act in enumerate(reading):
            with pytest.raises(Damaged) as error:
                act(open_at(opener, repo))
            assert error.value.subject == oid, number
            assert "\n" not in error.value.message
            assert error.value.hint

    @pytest.mark.parametrize("how", ["missing", *SPOILT])
    def test_what_does_not_need_a_damaged_commit_goes_on_working(
        self, opener: Opener, repo: Path, line: Line, how: str
    ) -> None:
        path = object_file(repo, line.root)
        whole = path.read_bytes()
        path.unlink()
        if how != "missing":
            path.write_bytes(SPOILT[how](whole))
        store = open_at(opener, repo)

        assert store.tip(REF) == line.tip
        assert store.merge_base(line.tip, line.beside) == line.middle
        left = store.history(line.tip, without=[line.beside])
        assert [commit.id for commit in left] == [line.tip]
        new = write(store, {"a": b"3"}, line.tip)
        assert store.move(REF, line.tip, new, "next")

    @pytest.mark.parametrize("how", SPOILT)
    def test_writing_the_same_again_mends_what_is_damaged(
        self, opener: Opener, repo: Path, git: RunGit, how: str
    ) -> None:
        files: dict[str, bytes | None] = {"tasks/7/f/x": b"1", "format.toml": b"version = 1\n"}
        commit = write(open_at(opener, repo), files)
        for name in ("", "^{tree}", ":tasks", ":tasks/7/f", ":tasks/7/f/x"):
            path = object_file(repo, git(repo, "rev-parse", commit + name))
            whole = path.read_bytes()
            replaced(path, SPOILT[how](whole))
            assert write(open_at(opener, repo), files) == commit
            assert git(repo, "rev-parse", commit + name) in git(
                repo, "rev-list", "--objects", commit
            )
        git(repo, "fsck", "--strict", "--no-dangling")

    def test_a_damaged_file_does_not_matter_where_a_pack_has_the_object(
        self, opener: Opener, repo: Path, line: Line, git: RunGit
    ) -> None:
        files = [object_file(repo, oid) for oid in line.objects.values()]
        spoilt = [SPOILT["truncated"](path.read_bytes()) for path in files]
        git(repo, "repack", "-a", "-d", "--quiet")
        for path, content in zip(files, spoilt, strict=True):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        store = open_at(opener, repo)

        entry = store.entry(line.middle, FILE)
        assert entry
        assert store.read(entry.oid, 1000) == Random(40).randbytes(200)
        assert write(store, {"tasks/7/f/new": b"1"}, line.middle)

    @pytest.mark.parametrize("keep", [0.5, 0.0])
    def test_a_damaged_pack_is_an_error(
        self, opener: Opener, repo: Path, line: Line, git: RunGit, keep: float
    ) -> None:
        git(repo, "repack", "-a", "-d", "--quiet")
        for pack in (repo / ".git" / "objects" / "pack").glob("*.pack"):
            whole = pack.read_bytes()
            size = int(len(whole) * keep)
            replaced(pack, whole[:size] + b"\0" * (len(whole) - size - 20) + whole[-20:])
        store = open_at(opener, repo)

        with pytest.raises(StoreFailed):
            [store.read(entry.oid, 1000) for entry in store.entries(line.middle, "")]

    def test_a_damaged_object_of_a_repository_that_is_borrowed_from_is_an_error(
        self, opener: Opener, repo: Path, line: Line, git: RunGit, tmp_path: Path
    ) -> None:
        borrower = tmp_path / "borrower"
        git(repo, "clone", "--quiet", "--shared", str(repo), str(borrower))
        git(borrower, "fetch", "--quiet", "origin", f"{REF}:{REF}")
        path = object_file(repo, line.objects[":tasks/7/f"])
        replaced(path, SPOILT["truncated"](path.read_bytes()))
        store = open_at(opener, borrower)

        assert store.tip(REF) == line.tip
        with pytest.raises(Damaged, match=line.objects[":tasks/7/f"]):
            write(store, {"tasks/7/f/new": b"1"}, line.middle)

    def test_a_folder_whose_content_is_none_is_an_error_and_not_an_empty_one(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        blob = bytes.fromhex(git(repo, "rev-parse", "HEAD:hello.txt"))
        for tree in (b"no tree", b"100644 a\0" + blob + b"more", b"100644 a\0" + blob[:10]):
            given = tree.decode(errors="surrogateescape")
            literally = ("hash-object", "-t", "tree", "-w", "--stdin", "--literally")
            oid = git(repo, *literally, stdin=given)
            raw = f"tree {oid}\nauthor A <a> 0 +0000\ncommitter A <a> 0 +0000\n\n"
            commit = git(repo, "hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)
            for act in (
                lambda commit=commit: list(store.entries(commit, "")),
                lambda commit=commit: list(store.changes(None, commit)),
                lambda commit=commit: store.entry(commit, "a"),
                lambda commit=commit: write(store, {"b": b"1"}, commit),
            ):
                with pytest.raises(StoreFailed):
                    act()

    # -- refs ----------------------------------------------------------------------------------

    @pytest.mark.parametrize("content", [b"", b"\0" * 41, b"garbage\n", b"1" * 39, b"\xff" * 41])
    def test_a_ref_whose_file_is_damaged_is_named_and_left_alone(
        self, store: Store, repo: Path, line: Line, content: bytes
    ) -> None:
        path = repo / ".git" / REF
        path.write_bytes(content)

        _is_named(store, line)
        assert store.refs("refs/gitledger/") == {}
        assert path.read_bytes() == content

    def test_a_damaged_list_of_packed_refs_is_an_error(
        self, opener: Opener, repo: Path, line: Line, git: RunGit
    ) -> None:
        git(repo, "pack-refs", "--all", "--prune")
        packed = repo / ".git" / "packed-refs"
        whole = packed.read_bytes()
        cut = whole[: whole.index(REF.encode()) + 5]
        for content in (b"garbage %s\n" % REF.encode(), b"\0" * len(whole), cut):
            packed.write_bytes(content)
            _is_named(open_at(opener, repo), line)

    def test_packed_refs_with_garbage_are_named_where_they_stop_git(
        self, store: Store, repo: Path, line: Line
    ) -> None:
        (repo / ".git" / "packed-refs").write_bytes(b"\xff garbage\n")

        assert store.tip(REF) == line.tip
        with pytest.raises(Damaged, match="packed-refs is damaged"):
            store.remove(REF, line.tip)
        assert store.tip(REF) == line.tip

    @pytest.mark.parametrize("names", ["nothing", "HEAD^{tree}", "HEAD:hello.txt", "a tag"])
    def test_a_ref_that_names_no_commit_is_an_error_and_can_be_moved_on(
        self, store: Store, repo: Path, line: Line, git: RunGit, names: str
    ) -> None:
        git(repo, "tag", "-m", "a tag", "annotated")
        rev = "annotated" if names == "a tag" else names
        oid = "1" * len(line.tip) if names == "nothing" else git(repo, "rev-parse", rev)
        (repo / ".git" / REF).write_text(f"{oid}\n")

        with pytest.raises(Damaged, match=f"{REF}.*{oid}") as error:
            store.tip(REF)
        assert error.value.subject == REF
        assert store.refs("refs/gitledger/") == {}
        assert store.move(REF, oid, line.tip, "mend")
        assert store.tip(REF) == line.tip

    @pytest.mark.parametrize("rev", ["HEAD^{tree}", "HEAD:hello.txt"])
    def test_a_ref_does_not_move_to_what_is_no_commit(
        self, store: Store, repo: Path, line: Line, git: RunGit, rev: str
    ) -> None:
        oid = git(repo, "rev-parse", rev)

        with pytest.raises(Damaged, match=f"{REF}.*{oid}"):
            store.move(REF, line.tip, oid, "astray")
        with pytest.raises(Damaged, match=oid):
            store.move("refs/gitledger/new", None, oid, "astray")
        assert store.refs("refs/gitledger/") == {REF: line.tip}

    # -- what a clone was not given ------------------------------------------------------------

    def test_a_commit_that_a_shallow_clone_lacks_says_how_to_get_it(
        self, opener: Opener, repo: Path, line: Line, git: RunGit, tmp_path: Path
    ) -> None:
        clone = tmp_path / "shallow"
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo}", str(clone))
        git(clone, "fetch", "--quiet", "--depth=2", "origin", f"{REF}:{REF}")
        store = open_at(opener, clone)

        with pytest.raises(Damaged, match=f"{line.root}.*shallow") as error:
            list(store.history(line.tip))
        assert "git fetch --unshallow" in str(error.value.hint)
        assert store.merge_base(line.tip, line.middle) == line.middle
        git(clone, "fetch", "--quiet", "--unshallow")
        assert len(list(open_at(opener, clone).history(line.tip))) == 3

    def test_a_blob_that_a_partial_clone_lacks_says_how_to_get_it(
        self, opener: Opener, repo: Path, line: Line, git: RunGit, tmp_path: Path
    ) -> None:
        git(repo, "config", "uploadpack.allowFilter", "true")
        clone = tmp_path / "partial"
        git(tmp_path, "clone", "--quiet", "--filter=blob:none", f"file://{repo}", str(clone))
        git(clone, "fetch", "--quiet", "origin", f"{REF}:{REF}")
        store = open_at(opener, clone)
        entry = store.entry(line.middle, FILE)
        assert entry

        with pytest.raises(Damaged, match=entry.oid) as error:
            store.read(entry.oid, 1000)
        hint = str(error.value.hint)
        assert "partial clone" in hint
        command = hint.partition(": git ")[2].replace("'", "").split()
        git(clone, *command, "--quiet")
        assert open_at(opener, clone).read(entry.oid, 1000) == Random(40).randbytes(200)


def _is_named(store: Store, line: Line) -> None:
    for act in (
        lambda: store.tip(REF),
        lambda: store.move(REF, line.tip, line.beside, "next"),
        lambda: store.move(REF, None, line.beside, "create"),
        lambda: store.remove(REF, line.tip),
    ):
        with pytest.raises(Damaged, match=REF) as error:
            act()
        assert error.value.subject == REF
        assert error.value.hint
