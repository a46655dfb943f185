"""Commits of a list with the tasks that each changed: a few through the store, many with git.

Of many, git compares the trees (see trees.py). The commits themselves are read as they are stored,
so that no setting, replacement or graft says anything else than the store does.
"""

from __future__ import annotations

from gitledger.errors import GitFailed, InvalidTask, StoreFailed
from gitledger.index.trees import LEVELS, empty_tree, task_changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Final

    from gitledger.core.operation import Operation
    from gitledger.git import Git
    from gitledger.store.base import Commit, Store
    from gitledger.store.commits import RawCommit

_PLAIN_FILES: Final = ("100644", "100755")
_HANDING: Final = frozenset({"handoff", "decline", "session-end"})
"""Operations that may pass a task on."""

_PART: Final = 1024
"""Commits from which on two gits at once are quicker than one."""

MANY: Final = 64
"""Commits from which on it is quicker to start git, which takes it six times."""


class Deed:
    """A commit, and what it did to tasks.

    Attributes:
        commit: the commit.
        changes: the tasks whose files differ from those of its first parent: the id of the file
            that each has now, None where there is no plain file any more.
    """

    __slots__ = ("changes", "commit")

    def __init__(self, commit: Commit, changes: Mapping[str, str | None]) -> None:
        self.commit = commit
        self.changes = changes


def changed(store: Store, commit: Commit) -> dict[str, str | None]:
    """Return what a commit changed, as `Deed.changes` has it; its message is not believed.

    That may name too many: a replay leaves out what changes nothing and keeps the message. A
    commit made by hand names none.
    """
    from gitledger.tree import path_any_task

    found: dict[str, str | None] = {}
    for change in store.changes(commit.parent, commit.id, depth=LEVELS - 1):
        task_id = path_any_task(change.path)
        if task_id is None:
            continue
        if change.new is not None and f"{change.new.mode:o}" in _PLAIN_FILES:
            found[task_id] = change.new.oid
        else:  # it may stand in the other place now, archived or not
            found.setdefault(task_id, None)
    return found


def line(git: Git, tip: str, *, without: str | None = None, limit: int | None = None) -> list[str]:
    """Return the commits from a tip down, newest first, first parents alone.

    Args:
        git: the git program.
        tip: where to begin.
        without: a commit that is left out together with all its ancestors.
        limit: at most so many.

    Raises:
        GitFailed: one cannot be read.
    """
    args = ["rev-list", "--first-parent", tip, *([f"^{without}"] if without else ())]
    if limit is not None:
        args.append(f"--max-count={limit}")
    return _run(git, *args, "--").decode().split()


def count(git: Git, tip: str) -> int:
    """Return how many commits a tip has down to the root, first parents alone.

    Raises:
        GitFailed: one cannot be read.
    """
    return int(_run(git, "rev-list", "--first-parent", "--count", tip, "--"))


def of_task(git: Git, tip: str, task_id: str, *, limit: int | None = None) -> list[Deed]:
    """Return the commits from a tip down that changed a task's file, newest first.

    Git compares the folders above the file alone, which is ten times as quick as `read` for all.

    Args:
        git: the git program.
        tip: where to begin.
        task_id: the task.
        limit: at most so many.

    Raises:
        GitFailed, StoreFailed: they cannot be read in this way; as for `read`.
    """
    from os.path import exists

    from gitledger.tree import archive_path, task_path

    walk = "rev-list", "--first-parent", tip
    ends = _run(git, *walk, "--max-parents=0", "--").decode().split()
    grafts = _run(git, "rev-parse", "--path-format=absolute", "--git-path", "info/grafts")
    if exists(grafts.rstrip(b"\n")) or any(each.parents for each in _raw(git, ends)):
        raise GitFailed("git rev-list: it does not walk down to the root")
    files = task_path(task_id), archive_path(task_id)
    most = () if limit is None else (f"--max-count={limit}",)
    found = _raw(git, _run(git, *walk, *most, "--", *files).decode().split())
    below = [each.commit.parent for each in found]
    known = {each.commit.id: each.tree for each in found}
    missing = [oid for oid in below if oid is not None and oid not in known]
    known |= {each.commit.id: each.tree for each in _raw(git, missing)}
    pairs = [
        (known[old] if old else empty_tree(tip), each.tree)
        for old, each in zip(below, found, strict=True)
    ]
    changes = task_changes(git, pairs)
    return [Deed(each.commit, done) for each, done in zip(found, changes, strict=True)]


def read(git: Git, line: Sequence[str]) -> list[Deed]:
    """Return the commits of a line, newest first: each the first parent of the one before.

    Raises:
        GitFailed, StoreFailed: they cannot be read in this way; through the store it may be
            known why, and some of them may be read.
    """
    if len(line) < _PART:
        return _read(git, line)
    from concurrent.futures import ThreadPoolExecutor

    # While git compares the trees of one half, we read what it said of the other.
    middle = len(line) // 2
    with ThreadPoolExecutor(2) as pool:
        later, earlier = pool.map(lambda part: _read(git, part), (line[:middle], line[middle:]))
    if later[-1].commit.parent != line[middle]:
        raise _no_line(later[-1].commit)
    return later + earlier


def _read(git: Git, line: Sequence[str]) -> list[Deed]:
    raw = _raw(git, line)
    for above, oid in zip(raw, line[1:], strict=False):
        if above.commit.parent != oid:
            raise _no_line(above.commit)
    if not raw:
        return []
    last = raw[-1].commit.parent
    # The tree below the lowest, of which only the line's next commit is not here yet.
    base = _raw(git, [last])[0].tree if last else None
    trees = [*(each.tree for each in raw), base or empty_tree(line[0])]
    pairs = list(zip(trees[1:], trees[:-1], strict=True))
    return [
        Deed(each.commit, changes)
        for each, changes in zip(raw, task_changes(git, pairs), strict=True)
    ]


def _raw(git: Git, oids: Sequence[str]) -> list[RawCommit]:
    from gitledger.store.commits import parse_commit

    read = contents(git, oids, "commit") if oids else []
    return [parse_commit(oid, content) for oid, content in zip(oids, read, strict=True)]


def _no_line(commit: Commit) -> GitFailed:
    return GitFailed(f"git rev-list: what it names is not the line below {commit.id}")


def recipient(
    store: Callable[[], Store],
    commit: Commit,
    operation: Operation,
    changes: Mapping[str, str | None],
) -> str | None:
    """Return whom an operation hands a task to: its note says so, at the moment of the commit.

    Args:
        store: returns where the task's file is.
        commit: the commit.
        operation: what its message tells.
        changes: what it changed.
    """
    task_id = operation.tasks[0] if operation.name in _HANDING and operation.tasks else ""
    blob = changes.get(task_id)
    if blob is None:
        return None
    from gitledger.core import codec
    from gitledger.core.parties import last_handoff
    from gitledger.core.task import FILE_LIMIT

    text = store().read(blob, FILE_LIMIT)
    try:
        note = last_handoff(codec.decode(text, task_id)) if text is not None else None
    except InvalidTask:
        return None
    made_now = note is not None and int(note.at.timestamp()) == commit.author.time
    return note.to if note and made_now else None


# -- what git says --------------------------------------------------------------------------------


def sizes(git: Git, oids: Sequence[str]) -> dict[str, int]:
    """Return the sizes of those of these objects that are blobs, in bytes.

    Raises:
        GitFailed: git does not read the repository.
        StoreFailed: an object is missing.
    """
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    said = _run(git, "cat-file", "--batch-check", "--buffer", given=asked).decode()
    words = said.split()  # id, type, size
    if len(words) != 3 * len(oids) or words[::3] != list(oids):
        gone = next((line for line in said.splitlines() if line.endswith(" missing")), said)
        raise StoreFailed(f"no blob is to be read: {gone.partition(' ')[0]}")
    told = zip(words[::3], words[1::3], words[2::3], strict=True)
    return {oid: int(size) for oid, kind, size in told if kind == "blob"}


def contents(git: Git, oids: Sequence[str], kind: str) -> list[bytes]:
    """Return objects of a kind as they are stored.

    Raises:
        GitFailed: git does not read the repository.
        StoreFailed: one is missing, or of another kind.
    """
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    said = _run(git, "cat-file", "--batch", "--buffer", given=asked)
    found, place = [], 0
    for oid in oids:
        end = said.find(b"\n", place)
        words = said[place : max(end, place)].split(b" ")
        if len(words) != 3 or words[1] != kind.encode():  # id, type, size
            raise StoreFailed(f"no {kind} is to be read: {oid}")
        begin, size = end + 1, int(words[2])
        found.append(said[begin : begin + size])
        place = begin + size + 1
    return found


def _run(git: Git, *args: str, given: bytes = b"") -> bytes:
    return git.run("--no-replace-objects", *args, input=given).stdout
