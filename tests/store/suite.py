"""What every store promises. A test class of a store inherits it and says how it is opened."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.store import ref_lock
from gitledger.store.base import Store
from tests.conftest import RunGit
from tests.store.bulk import Bulk
from tests.store.contention import Contention
from tests.store.damages import Damages
from tests.store.objects import Objects
from tests.store.opening import REF, Opener, contents, open_at, write

OTHER = "refs/gitledger/other"
NO_COMMIT = "1" * 40


class StoreSuite(Objects, Damages, Bulk, Contention):
    """Refs, and the repository as a whole; objects, damage, packs and writers are inherited."""

    @pytest.fixture
    def opener(self) -> Opener:
        """Return what opens the store: a class on the top level of a module."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, opener: Opener, repo: Path) -> Store:
        return open_at(opener, repo)

    # -- refs ----------------------------------------------------------------------------------

    def test_a_ref_that_does_not_exist_has_no_tip(self, store: Store) -> None:
        assert store.tip(REF) is None

    def test_a_ref_stands_where_it_was_created_and_then_moved(self, store: Store) -> None:
        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)

        assert store.move(REF, None, one, "init")
        assert store.tip(REF) == one
        assert store.move(REF, one, two, "next")
        assert store.tip(REF) == two

    def test_git_sees_the_ref_and_the_store_sees_what_git_did_to_it(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        one = write(store, {"a": b"1"})
        store.move(REF, None, one, "init")
        assert git(repo, "rev-parse", REF) == one

        git(repo, "update-ref", REF, "HEAD")
        assert store.tip(REF) == git(repo, "rev-parse", "HEAD")

    def test_a_move_from_where_the_ref_does_not_stand_changes_nothing(self, store: Store) -> None:
        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)
        store.move(REF, None, one, "init")

        assert not store.move(REF, None, two, "create again")
        assert not store.move(REF, None, one, "create again, the same")
        assert not store.move(REF, two, one, "from elsewhere")
        assert store.tip(REF) == one

    def test_a_ref_that_is_gone_is_not_moved(self, store: Store) -> None:
        one = write(store, {"a": b"1"})

        assert not store.move(REF, one, write(store, {"a": b"2"}, one), "next")
        assert store.tip(REF) is None

    def test_a_ref_is_removed_only_where_it_still_stands(self, store: Store) -> None:
        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)
        store.move(REF, None, one, "init")

        assert not store.remove(REF, two)
        assert store.tip(REF) == one
        assert store.remove(REF, one)
        assert store.tip(REF) is None
        assert not store.remove(REF, one)

    def test_a_ref_may_be_created_again_after_its_removal(self, store: Store) -> None:
        one = write(store, {"a": b"1"})
        store.move(REF, None, one, "init")
        store.remove(REF, one)

        assert store.move(REF, None, one, "init")
        assert store.tip(REF) == one

    def test_a_ref_does_not_move_to_an_object_that_does_not_exist(self, store: Store) -> None:
        one = write(store, {"a": b"1"})
        store.move(REF, None, one, "init")

        with pytest.raises(StoreFailed, match=REF):
            store.move(REF, one, NO_COMMIT, "into the void")
        with pytest.raises(StoreFailed, match=OTHER):
            store.move(OTHER, None, NO_COMMIT, "out of the void")
        assert store.refs("refs/gitledger/") == {REF: one}

    def test_a_packed_ref_is_found_and_moved(self, store: Store, repo: Path, git: RunGit) -> None:
        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)
        store.move(REF, None, one, "init")
        git(repo, "pack-refs", "--all", "--prune")

        assert store.tip(REF) == one
        assert store.refs(REF) == {REF: one}
        assert store.move(REF, one, two, "next")
        assert store.tip(REF) == two
        git(repo, "pack-refs", "--all", "--prune")
        assert store.remove(REF, two)
        assert store.tip(REF) is None

    def test_refs_are_those_whose_name_starts_with_the_prefix(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        one = write(store, {"a": b"1"})
        tracking = "refs/gitledger-remotes/origin/main"
        for ref in (REF, OTHER, tracking):
            store.move(ref, None, one, "init")
        git(repo, "pack-refs", "--all", "--prune")
        two = write(store, {"a": b"2"}, one)
        store.move(OTHER, one, two, "next")

        assert store.refs("refs/gitledger/") == {REF: one, OTHER: two}
        assert store.refs("refs/gitledger/o") == {OTHER: two}
        assert store.refs("refs/gitledger-remotes/") == {tracking: one}
        assert store.refs("refs/nothing/") == {}

    def test_a_symbolic_ref_is_refused_and_its_target_left_alone(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        head = git(repo, "rev-parse", "HEAD")
        git(repo, "symbolic-ref", REF, "refs/heads/main")

        with pytest.raises(StoreFailed, match=REF):
            store.tip(REF)
        with pytest.raises(StoreFailed, match=REF):
            store.move(REF, head, write(store, {"a": b"1"}), "through it")
        with pytest.raises(StoreFailed, match=REF):
            store.remove(REF, head)
        assert store.refs("refs/gitledger/") == {}
        assert git(repo, "rev-parse", "refs/heads/main") == head

    def test_a_broken_ref_is_an_error_that_leaves_the_others_readable(
        self, store: Store, repo: Path
    ) -> None:
        one = write(store, {"a": b"1"})
        store.move(REF, None, one, "init")
        (repo / ".git" / OTHER).write_text("")  # as after a crash

        with pytest.raises(StoreFailed, match=OTHER):
            store.tip(OTHER)
        assert store.refs("refs/gitledger/") == {REF: one}

    def test_a_name_that_is_none_for_a_ref_is_an_error(self, store: Store) -> None:
        with pytest.raises(StoreFailed):
            store.tip("refs/gitledger/../../HEAD")
        with pytest.raises(StoreFailed):
            store.move("refs/gitledger/a..b", None, write(store, {"a": b"1"}), "init")

    def test_the_reflog_keeps_the_reason_of_each_move(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)
        store.enable_reflog(REF)
        store.move(REF, None, one, "init")
        store.enable_reflog(REF)
        store.move(REF, one, two, "add 7f3k: write it down")

        log = git(repo, "reflog", "show", "--format=%H %gs", REF).splitlines()
        assert log == [f"{two} add 7f3k: write it down", f"{one} init"]

    def test_who_may_use_the_git_directory_may_write_the_reflog(
        self, store: Store, repo: Path
    ) -> None:
        (repo / ".git").chmod(0o2775)
        shutil.rmtree(repo / ".git/logs")
        store.enable_reflog(REF)

        log = repo / ".git/logs" / REF
        assert log.stat().st_mode & 0o777 == 0o664
        for folder in (log.parent, repo / ".git/logs"):
            assert folder.stat().st_mode & 0o7777 == 0o2775

    def test_a_ref_of_a_repository_that_a_group_shares_is_readable_to_the_group(
        self, opener: Opener, repo: Path, git: RunGit
    ) -> None:
        git(repo, "config", "core.sharedRepository", "group")
        store = open_at(opener, repo)
        one = write(store, {"a": b"1"})
        previous = os.umask(0o077)
        try:
            store.move(REF, None, one, "init")
            store.move(REF, one, write(store, {"a": b"2"}, one), "next")
        finally:
            os.umask(previous)

        ref = repo / ".git" / REF
        assert ref.stat().st_mode & 0o777 == 0o660
        assert ref.parent.stat().st_mode & 0o070 == 0o070

    @pytest.mark.parametrize("kind", ["bare", "core.logAllRefUpdates=false"])
    def test_the_reflog_is_kept_where_git_makes_no_new_ones(
        self, opener: Opener, repo: Path, bare: Path, git: RunGit, kind: str
    ) -> None:
        path = bare if kind == "bare" else repo
        if kind != "bare":
            git(repo, "config", *kind.split("="))
        store = open_at(opener, path)
        one = write(store, {"a": b"1"})
        two, other = write(store, {"a": b"2"}, one), write(store, {"a": b"3"}, one)
        store.enable_reflog(REF)
        assert store.move(REF, None, one, "init")
        assert store.move(REF, one, two, "add 7f3k: write it down")
        assert not store.move(REF, one, other, "too late")

        log = git(path, "reflog", "show", "--format=%H %gs", REF).splitlines()
        assert log == [f"{two} add 7f3k: write it down", f"{one} init"]

    @pytest.mark.parametrize("kind", ["with a name", "without one"])
    def test_the_reflog_names_the_committer_and_else_somebody(
        self, opener: Opener, repo: Path, git: RunGit, home: Path, kind: str
    ) -> None:
        if kind == "without one":
            (home / ".gitconfig").write_text("")
        store = open_at(opener, repo)
        store.enable_reflog(REF)
        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)
        store.move(REF, None, one, "init")
        store.move(REF, one, two, "next")
        again = open_at(opener, repo)
        again.move(REF, two, one, "back")

        lines = (repo / ".git" / "logs" / REF).read_text().splitlines()
        people = [line.split(" ", 2)[2].partition(">")[0] for line in lines]
        assert people[1] == "Ada <ada@example.com"
        assert "unknown" not in people[2]
        if kind == "with a name":
            assert people[2] == "Ada <ada@example.com"

    def test_the_lock_file_of_all_packed_refs_is_left_to_people(
        self, store: Store, repo: Path, monkeypatch: pytest.MonkeyPatch, git: RunGit
    ) -> None:
        git(repo, "config", "core.packedRefsTimeout", "10")
        monkeypatch.setattr(ref_lock, "PATIENCE", 0.05)
        one = write(store, {"a": b"1"})
        store.move(REF, None, one, "init")
        left = repo / ".git" / "packed-refs.lock"
        left.touch()

        with pytest.raises(StoreFailed, match=REF) as error:
            store.remove(REF, one)
        assert str(left) in str(error.value.hint)
        assert left.exists()
        assert store.tip(REF) == one

    @pytest.mark.parametrize("act", ["create", "move", "remove"])
    def test_the_lock_file_of_a_killed_writer_does_not_stop_the_next(
        self, store: Store, repo: Path, act: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ref_lock, "PATIENCE", 0.05)
        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)
        if act != "create":
            store.move(REF, None, one, "init")
        left = repo / ".git" / f"{REF}.lock"
        left.parent.mkdir(parents=True, exist_ok=True)
        left.touch()

        if act == "create":
            assert store.move(REF, None, one, "init")
        elif act == "move":
            assert store.move(REF, one, two, "next")
        else:
            assert store.remove(REF, one)
        assert store.tip(REF) == {"create": one, "move": two, "remove": None}[act]
        assert not left.exists()

    # -- the repository ------------------------------------------------------------------------

    def test_working_tree_index_head_and_branches_are_not_touched(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        (repo / "hello.txt").write_text("changed\n")
        kept = [repo / ".git" / name for name in ("index", "HEAD", "refs/heads/main")]
        before = [path.read_bytes() for path in kept]

        one = write(store, {"hello.txt": b"ours", "new": b"ours"})
        store.move(REF, None, one, "init")
        store.move(REF, one, write(store, {"new": None}, one), "next")

        assert [path.read_bytes() for path in kept] == before
        assert git(repo, "status", "--porcelain") == " M hello.txt"

    def test_git_finds_nothing_wrong_with_what_was_written(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        tip = write(store, {"tasks/7/f/7f3k.toml": b"x", "tasks.a": b"y", "tasks0": b"z"})
        store.move(REF, None, tip, "init")
        for edit in ({"tasks/7/f/7f3k.toml": None}, {"tasks": b"a file"}, {"tasks/0/1/x": b""}):
            new = write(store, edit, tip, message="ümläut, and no end of line")
            assert store.move(REF, tip, new, "next")
            tip = new

        assert git(repo, "fsck", "--strict", "--full", "--no-dangling") == ""

    @pytest.mark.parametrize(
        "kind", ["folder", "linked worktree", "bare", "submodule", "separate git dir"]
    )
    def test_a_repository_of_any_kind_keeps_a_ledger_that_all_its_worktrees_share(
        self, opener: Opener, repo: Path, bare: Path, tmp_path: Path, kind: str, git: RunGit
    ) -> None:
        inside, main = repo, repo
        if kind == "folder":
            inside = repo / "deep" / "down"
            inside.mkdir(parents=True)
        elif kind == "linked worktree":
            inside = tmp_path / "linked"
            git(repo, "worktree", "add", "--quiet", str(inside))
        elif kind == "bare":
            inside = main = bare
        elif kind == "submodule":
            allow = ("-c", "protocol.file.allow=always")
            git(repo, *allow, "submodule", "--quiet", "add", str(bare), "sub")
            inside = main = repo / "sub"
        else:
            git(repo, "init", "--quiet", f"--separate-git-dir={tmp_path / 'elsewhere'}")
        store = open_at(opener, inside)

        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)
        assert store.move(REF, None, one, "init")
        assert store.move(REF, one, two, "next")
        assert git(main, "rev-parse", REF) == two
        assert open_at(opener, main).tip(REF) == two

    def test_what_other_processes_pack_and_fetch_is_found_while_the_store_is_open(
        self, opener: Opener, repo: Path, bare: Path, git: RunGit
    ) -> None:
        store, far = open_at(opener, repo), open_at(opener, bare)
        one = write(store, {"a": b"1"})
        store.move(REF, None, one, "init")
        git(repo, "repack", "-a", "-d", "--quiet")
        assert contents(store, one) == {"a": b"1"}

        two = write(far, {"a": b"2"})
        far.move(REF, None, two, "init")
        git(repo, "-c", "fetch.unpackLimit=1", "fetch", "--quiet", str(bare), f"{REF}:{OTHER}")
        assert store.tip(OTHER) == two
        assert contents(store, two) == {"a": b"2"}
        git(repo, "repack", "-a", "-d", "--quiet")
        assert contents(store, write(store, {"b": b"3"}, two)) == {"a": b"2", "b": b"3"}

    def test_what_cannot_be_written_is_one_clear_line(self, store: Store, repo: Path) -> None:
        one = write(store, {"a": b"1"})
        objects = repo / ".git" / "objects"
        shutil.rmtree(objects)
        objects.write_text("no directory any more")

        with pytest.raises(StoreFailed) as failed:
            write(store, {"a": b"2"})
        assert "\n" not in failed.value.message
        with pytest.raises(StoreFailed) as failed:
            store.commit(one)
        assert "\n" not in failed.value.message
