"""What a store promises of commits, trees and blobs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.errors import Damaged, StoreFailed
from gitledger.store.base import Change, Commit, Entry, Signature, Store
from tests.conftest import RunGit
from tests.store.opening import ADA, REF, Opener, contents, open_at, write

NO_OBJECT = "1" * 40
GRACE = Signature("Grace Ünicode", "grace@example.com", 1767230000, -570)

# Names that sort differently as files and as folders, on two levels.
_names = st.sampled_from(["a", "a.b", "a0", "b", "ä"])
_paths = st.builds("/".join, st.lists(_names, min_size=1, max_size=3))
_edits = st.dictionaries(_paths, st.none() | st.binary(max_size=3), min_size=1, max_size=6)


def _clashes(files: Mapping[str, bytes | None]) -> bool:
    """Tell whether a path is written both as a file and as a folder."""
    written = [path for path, content in files.items() if content is not None]
    return any(other.startswith(f"{path}/") for path in written for other in written)


def _edited(
    files: dict[str, bytes | None], edit: Mapping[str, bytes | None]
) -> dict[str, bytes | None]:
    """Return the files after an edit, by the rules of `Store.write`."""
    files = {path: old for path, old in files.items() if path not in edit}
    for path, content in edit.items():
        if content is not None:
            above = {path[:at] for at, letter in enumerate(path) if letter == "/"}
            files = {
                there: old
                for there, old in files.items()
                if there not in above and not there.startswith(f"{path}/")
            }
            files[path] = content
    return files


class Objects:
    """Mixed into the suite; see there."""

    # -- commits -------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "message",
        [
            "add 7f3k: title\n\nLedger-Op: add\nLedger-Task: 7f3k2m9q0d\n",
            "no end of line",
            "ümläut 木 \u202e\n\n\n",
            "# no comment\n  blanks  \n\n\n\ttab",
        ],
    )
    def test_a_commit_is_read_back_as_it_was_written(self, store: Store, message: str) -> None:
        root = write(store, {"a": b"1"})
        new = store.write(root, {"a": b"2"}, message, ADA, GRACE)

        assert store.commit(new) == Commit(new, root, message, ADA, GRACE)
        assert store.commit(root).parent is None

    def test_a_commit_is_the_one_that_git_would_write(
        self, store: Store, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = write(store, {"a": b"1"})
        new = store.write(root, {"a": b"2"}, "ümläut\n", ADA, GRACE)

        for role, who in (("AUTHOR", ADA), ("COMMITTER", GRACE)):
            monkeypatch.setenv(f"GIT_{role}_NAME", who.name)
            monkeypatch.setenv(f"GIT_{role}_EMAIL", who.email)
        monkeypatch.setenv("GIT_AUTHOR_DATE", f"{ADA.time} +0100")
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{GRACE.time} -0930")
        tree = git(repo, "rev-parse", f"{new}^{{tree}}")
        assert git(repo, "commit-tree", tree, "-p", root, "-F", "-", stdin="ümläut\n") == new

    def test_the_same_commit_has_the_same_id_in_every_repository(
        self, store: Store, opener: Opener, bare: Path
    ) -> None:
        files = {"format.toml": b"version = 1\n"}

        assert write(store, files) == write(open_at(opener, bare), files)

    def test_a_commit_that_claims_another_encoding_is_read_as_utf8(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        tree = git(repo, "rev-parse", "HEAD^{tree}")
        who = "A\udcff <a@example.com> 1767225600 +0000"
        text = f"tree {tree}\nauthor {who}\ncommitter {who}\nencoding no-such\n\nsaid\udcff"
        odd = git(repo, "hash-object", "-t", "commit", "-w", "--stdin", stdin=text)

        commit = store.commit(odd)
        assert commit.message == "said\ufffd"
        assert commit.author.name == "A\ufffd"

    @pytest.mark.parametrize("rev", ["HEAD^{tree}", "HEAD:hello.txt"])
    def test_what_is_no_commit_is_not_read_as_one(
        self, store: Store, repo: Path, git: RunGit, rev: str
    ) -> None:
        with pytest.raises(StoreFailed, match="commit"):
            store.commit(git(repo, "rev-parse", rev))

    @pytest.mark.parametrize("what", ["commit", "root", "folder", "file"])
    def test_a_truncated_object_is_an_error_and_never_hangs(
        self, opener: Opener, repo: Path, what: str
    ) -> None:
        # With four fifths of a file libgit2 1.9.7 goes round in circles; a short one it refuses.
        files: dict[str, bytes | None] = {
            f"tasks/7/f/{number}.toml": Random(number).randbytes(200) for number in range(50)
        }
        commit = write(open_at(opener, repo), files)
        names = {
            "commit": commit,
            "root": f"{commit}^{{tree}}",
            "folder": f"{commit}:tasks/7/f",
            "file": f"{commit}:tasks/7/f/40.toml",
        }
        _truncate(repo, names[what])
        store = open_at(opener, repo)
        with pytest.raises(StoreFailed, match="damaged"):
            [store.read(entry.oid, 1000) for entry in store.entries(commit, "tasks")]
        with pytest.raises(StoreFailed, match="damaged"):
            _read_path(store, commit, "tasks/7/f/40.toml")

    @pytest.mark.parametrize("oid", [NO_OBJECT, "no id", ""])
    def test_an_object_that_is_missing_is_an_error(self, store: Store, oid: str) -> None:
        with pytest.raises(StoreFailed):
            store.commit(oid)
        with pytest.raises(StoreFailed):
            store.read(oid, 100)
        with pytest.raises(StoreFailed):
            list(store.entries(oid, ""))
        with pytest.raises(StoreFailed):
            list(store.history(oid))
        with pytest.raises(StoreFailed):
            write(store, {"a": b"1"}, NO_OBJECT)

    @pytest.mark.parametrize(
        ("message", "by"),
        [
            ("NUL\0", ADA),
            ("\udcff", ADA),
            ("m", ADA.replace(name="")),
            ("m", ADA.replace(email="<\n")),
        ],
    )
    def test_a_commit_that_git_could_not_read_is_not_written(
        self, store: Store, message: str, by: Signature
    ) -> None:
        with pytest.raises(StoreFailed):
            write(store, {"a": b"1"}, message=message, by=by)

    # -- trees ---------------------------------------------------------------------------------

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(edits=st.lists(_edits.filter(lambda edit: not _clashes(edit)), min_size=1, max_size=4))
    def test_edits_add_up_and_each_tree_is_the_one_that_git_would_write(
        self, store: Store, repo: Path, git: RunGit, edits: list[dict[str, bytes | None]]
    ) -> None:
        files: dict[str, bytes | None] = {}
        tip, before = None, None
        for edit in edits:
            old, files = files, _edited(files, edit)
            before, tip = tip, write(store, edit, tip)
            assert contents(store, tip) == files
            changed = {change.path: change for change in store.changes(before, tip)}
            assert changed.keys() == {
                path for path in old | files if old.get(path) != files.get(path)
            }
            assert list(changed) == sorted(changed, key=str.encode)

        assert tip is not None
        entries = store.entries(tip, "")
        listing = "".join(f"{each.mode:o} {each.oid}\t{each.path}\n" for each in entries)
        git(repo, "read-tree", "--empty")
        git(repo, "update-index", "--index-info", stdin=listing)
        assert git(repo, "rev-parse", f"{tip}^{{tree}}") == git(repo, "write-tree")

    def test_a_batch_writes_each_tree_once(self, store: Store, repo: Path, git: RunGit) -> None:
        before = int(git(repo, "count-objects").split()[0])
        write(store, {f"tasks/{n % 4}/{n:03}": b"same" for n in range(200)})

        # One blob, four folders, the folder above them, the root and the commit.
        assert int(git(repo, "count-objects").split()[0]) - before == 8

    def test_a_path_is_not_both_a_file_and_a_folder(self, store: Store) -> None:
        with pytest.raises(StoreFailed, match="'a'"):
            write(store, {"a": b"1", "a/b": b"2"})

    @pytest.mark.parametrize("path", ["", "/a", "a//b", "a/", "..", "../a", ".git/config", "a\0b"])
    def test_a_path_that_git_does_not_allow_is_refused(self, store: Store, path: str) -> None:
        with pytest.raises(StoreFailed):
            write(store, {path: b"1"})

    def test_an_entry_is_found_by_its_path_and_a_folder_is_none(self, store: Store) -> None:
        commit = write(store, {"tasks/7/f/x": b"1", "file": b"2"})

        found = store.entry(commit, "tasks/7/f/x")
        assert found is not None
        assert found.path == "tasks/7/f/x"
        assert store.read(found.oid, 10) == b"1"
        for nothing in ("tasks", "tasks/7/f", "tasks/7/f/y", "nowhere/x", "file/x", "", "tasks/"):
            assert store.entry(commit, nothing) is None

    def test_entries_are_those_below_the_folder_in_the_order_of_their_paths(
        self, store: Store
    ) -> None:
        paths = ["a.b", "a/b", "a/b0/c", "a/b1", "a0", "b"]
        commit = write(store, dict.fromkeys(reversed(paths), b"1"))

        assert [entry.path for entry in store.entries(commit, "")] == paths
        assert [entry.path for entry in store.entries(commit, "a")] == paths[1:4]
        assert [entry.path for entry in store.entries(commit, "a/b0")] == ["a/b0/c"]
        assert not list(store.entries(commit, "b"))
        assert not list(store.entries(commit, "no/such"))

    def test_entries_of_every_kind_come_as_they_are(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        blob = git(repo, "rev-parse", "HEAD:hello.txt")
        elsewhere = "1" * len(blob)
        lines = (
            f"100644 blob {blob}\tnot-utf8-\udcff",
            f"100755 blob {blob}\texecutable",
            f"120000 blob {blob}\tlink",
            f"160000 commit {elsewhere}\tsubmodule",
        )
        tree = git(repo, "mktree", stdin="".join(f"{line}\n" for line in lines))
        commit = git(repo, "commit-tree", "-m", "by hand", tree)

        entries = list(store.entries(commit, ""))
        assert entries == [
            Entry("executable", blob, 0o100755),
            Entry("link", blob, 0o120000),
            Entry("not-utf8-\udcff", blob, 0o100644),
            Entry("submodule", elsewhere, 0o160000),
        ]
        assert [store.entry(commit, entry.path) for entry in entries] == entries
        new = write(store, {"link": b"no link any more"}, commit)
        plain = store.entry(new, "link")
        assert plain is not None
        assert plain.mode == 0o100644
        assert [change.path for change in store.changes(commit, new)] == ["link"]

    def test_a_change_of_the_mode_alone_is_a_change(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        blob = git(repo, "rev-parse", "HEAD:hello.txt")
        one, two = (
            git(
                repo,
                "commit-tree",
                "-m",
                "x",
                git(repo, "mktree", stdin=f"{mode:o} blob {blob}\ta\n"),
            )
            for mode in (0o100644, 0o100755)
        )

        change = Change("a", Entry("a", blob, 0o100644), Entry("a", blob, 0o100755))
        assert list(store.changes(one, two)) == [change]
        assert list(store.changes(one, one)) == []

    def test_a_folder_that_is_none_is_an_error(self, store: Store, repo: Path, git: RunGit) -> None:
        blob = bytes.fromhex(git(repo, "rev-parse", "HEAD:hello.txt"))
        line = (b"40000 tasks\0" + blob).decode(errors="surrogateescape")
        literally = ("hash-object", "-t", "tree", "-w", "--stdin", "--literally")
        commit = git(repo, "commit-tree", "-m", "x", git(repo, *literally, stdin=line))

        for read in (
            lambda: store.entry(commit, "tasks/x"),
            lambda: list(store.entries(commit, "")),
            lambda: list(store.entries(commit, "tasks")),
            lambda: list(store.changes(None, commit)),
            lambda: write(store, {"tasks/x": b"1"}, commit),
        ):
            with pytest.raises(StoreFailed):
                read()

    def test_a_tree_deeper_than_any_recursion_is_read(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        path = "/".join(["d"] * 1500)
        script = f"""\
commit refs/heads/deep
committer A <a@b> 0 +0000
data 0
M 100644 inline {path}
data 1
x
"""
        git(repo, "fast-import", "--quiet", stdin=script)
        commit = git(repo, "rev-parse", "deep")

        assert [entry.path for entry in store.entries(commit, "")] == [path]
        assert [change.path for change in store.changes(None, commit)] == [path]

    # -- blobs ---------------------------------------------------------------------------------

    def test_a_blob_is_read_up_to_the_limit(self, store: Store) -> None:
        entry = store.entry(write(store, {"a": b"\0" * 100}), "a")
        assert entry is not None

        assert store.read(entry.oid, 100) == b"\0" * 100
        assert store.read(entry.oid, 99) is None

    @pytest.mark.parametrize("kept", ["loose", "packed", "both"])
    def test_many_blobs_are_read_as_one_by_one(
        self, store: Store, opener: Opener, repo: Path, git: RunGit, kept: str
    ) -> None:
        files: dict[str, bytes | None] = {f"{n:03}": b"%d " % n * (n % 7) for n in range(200)}
        commit = write(store, files | {"large": b"x" * 5000})
        git(repo, "update-ref", REF, commit)
        if kept != "loose":
            git(repo, "repack", "-a", "-d", "--quiet")
        store = open_at(opener, repo)
        if kept == "both":
            commit = write(store, {"new": b"loose"}, commit)
        oids = [entry.oid for entry in store.entries(commit, "")]
        oids = [*oids, commit, *oids[::-3], oids[5], oids[5]]

        assert list(store.read_many(oids, 1000)) == [store.read(oid, 1000) for oid in oids]
        assert list(store.read_many([], 1000)) == []

    def test_blobs_that_are_made_and_not_written_yet_are_among_the_many(self, store: Store) -> None:
        with store.bulk():
            entries = store.entries(write(store, {"a": b"1", "b": b"2"}), "")
            assert list(store.read_many([entry.oid for entry in entries], 10)) == [b"1", b"2"]

    @pytest.mark.parametrize("packed", [True, False])
    def test_one_of_many_that_is_missing_or_damaged_is_an_error_in_its_turn(
        self, store: Store, opener: Opener, repo: Path, git: RunGit, packed: bool
    ) -> None:
        commit = write(store, {f"{n}": Random(n).randbytes(200) for n in range(9)})
        git(repo, "update-ref", REF, commit)
        oids = [entry.oid for entry in store.entries(commit, "")]
        if packed:
            git(repo, "repack", "-a", "-d", "--quiet")
            oids[6] = NO_OBJECT
        else:
            _truncate(repo, oids[6])
        found = open_at(opener, repo).read_many(oids, 1000)

        assert [len(next(found) or b"") for _ in range(6)] == [200] * 6
        with pytest.raises(Damaged):
            next(found)

    def test_what_is_no_blob_is_not_read(self, store: Store, repo: Path, git: RunGit) -> None:
        commit = write(store, {"a": b"1"})

        assert store.read(commit, 1000) is None
        assert store.read(git(repo, "rev-parse", f"{commit}^{{tree}}"), 1000) is None

    # -- history -------------------------------------------------------------------------------

    def test_history_is_newest_first_whatever_the_clocks_said(self, store: Store) -> None:
        commits: list[str] = []
        for hour in (5, 9, 1, 9, 2, 8, 3, 7, 0, 4, 6):
            by = ADA.replace(time=ADA.time + 3600 * hour)
            commits.append(
                write(store, {"n": b"%d" % hour}, commits[-1] if commits else None, by=by)
            )
        newest_first = commits[::-1]

        found = list(store.history(commits[-1]))
        assert [commit.id for commit in found] == newest_first
        assert [commit.parent for commit in found] == [*newest_first[1:], None]
        for at, hidden in enumerate(newest_first):
            left = store.history(commits[-1], without=[hidden])
            assert [commit.id for commit in left] == newest_first[:at]

    def test_history_leaves_out_what_other_commits_descend_from(self, store: Store) -> None:
        root = write(store, {"a": b"0"})
        shared = write(store, {"a": b"1"}, root)
        mine = write(store, {"a": b"2"}, write(store, {"b": b"2"}, shared))
        theirs = write(store, {"a": b"3"}, write(store, {"b": b"3"}, shared))
        unrelated = write(store, {"z": b"0"})

        def left(*without: str) -> list[str]:
            return [commit.id for commit in store.history(mine, without=without)]

        assert len(left()) == 4
        assert left(theirs) == left()[:2]
        assert left(unrelated) == left()
        assert left(root, theirs) == left()[:2]
        assert left(mine, theirs) == []
        assert store.merge_base(mine, theirs) == shared
        assert store.merge_base(mine, shared) == shared
        assert store.merge_base(mine, unrelated) is None

    def test_history_follows_first_parents_and_knows_what_a_merge_brought_in(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        root = write(store, {"a": b"0"})
        mine, theirs = write(store, {"a": b"1"}, root), write(store, {"a": b"2"}, root)
        tree = git(repo, "rev-parse", f"{mine}^{{tree}}")
        merge = git(repo, "commit-tree", "-m", "by hand", "-p", mine, "-p", theirs, tree)
        tip = write(store, {"a": b"3"}, merge)

        def left(*without: str) -> list[str]:
            return [commit.id for commit in store.history(tip, without=without)]

        assert left() == [tip, merge, mine, root]
        assert left(theirs) == [tip, merge, mine]
        assert left(mine) == [tip, merge]

    def test_a_commit_joins_two_lines_and_has_the_tree_of_the_first_with_the_edit(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        root = write(store, {"a": b"0"})
        one, two = write(store, {"a": b"1"}, root), write(store, {"b": b"2"}, root)
        joined = write(store, {"c": b"3"}, one, merged=[two])

        tip = write(store, {"c": b"4"}, joined)
        beside = write(store, {"b": b"5"}, two)

        def left(start: str, *without: str) -> list[str]:
            return [commit.id for commit in store.history(start, without=without)]

        assert left(tip) == [tip, joined, one, root]
        assert left(tip, two) == left(tip, beside) == [tip, joined, one]
        assert left(tip, one) == left(tip, one, two) == [tip, joined]
        assert left(beside, tip) == [beside]
        assert left(two, tip) == []
        assert store.merge_base(tip, beside) == store.merge_base(beside, tip) == two
        assert store.merge_base(tip, two) == two
        assert store.merge_base(joined, one) == one
        assert store.commit(joined).parent == one
        assert git(repo, "rev-parse", f"{joined}^1", f"{joined}^2").split() == [one, two]
        assert contents(store, joined) == {"a": b"1", "c": b"3"}

    def test_of_lines_that_cross_the_newer_base_is_taken_from_either_side(
        self, store: Store
    ) -> None:
        root = write(store, {"a": b"0"})
        old = write(store, {"a": b"1"}, root)
        new = write(store, {"b": b"2"}, root, by=ADA.replace(time=ADA.time + 1))
        one = write(store, {"c": b"3"}, old, merged=[new])
        other = write(store, {"c": b"4"}, new, merged=[old])

        assert store.merge_base(one, other) == store.merge_base(other, one) == new


def _read_path(store: Store, commit: str, path: str) -> bytes | None:
    entry = store.entry(commit, path)
    return store.read(entry.oid, 1000) if entry else None


def _truncate(repo: Path, name: str) -> None:
    import subprocess

    oid = subprocess.check_output(["git", "rev-parse", name], cwd=repo, text=True).strip()
    path = repo / ".git" / "objects" / oid[:2] / oid[2:]
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[: len(whole) * 4 // 5])
