"""Commits of a list with the tasks that each changed: a few through the store, many with git.

Of many, git compares the trees, one level of folders at a time: that has an end, whatever trees
somebody made up, as a walk that enters all folders has not. The commits themselves are read as
they are stored, so that no setting, replacement or graft says anything else than the store does.
"""

from __future__ import annotations

from gitledger.errors import GitFailed, InvalidTask, StoreFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Final

    from gitledger.core.operation import Operation
    from gitledger.git import Git
    from gitledger.store.base import Commit, Store

_FOLDER: Final = "040000"
_PLAIN_FILES: Final = ("100644", "100755")
_FOLDERS: Final = ("tasks", "archive")
_LEVELS: Final = 4
"""Folders from the root down to those that hold tasks, each of which is compared by itself."""
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
    for change in store.changes(commit.parent, commit.id, depth=_LEVELS - 1):
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
    from gitledger.store.commits import parse_commit

    raw = [
        parse_commit(oid, content)
        for oid, content in zip(line, contents(git, line, "commit"), strict=True)
    ]
    for above, oid in zip(raw, line[1:], strict=False):
        if above.commit.parent != oid:
            raise _no_line(above.commit)
    if not raw:
        return []
    last = raw[-1].commit.parent
    # The tree below the lowest, of which only the line's next commit is not here yet.
    base = parse_commit(last, contents(git, [last], "commit")[0]).tree if last else None
    trees = [*(each.tree for each in raw), base or _empty_tree(line[0])]
    pairs = list(zip(trees[1:], trees[:-1], strict=True))
    return [
        Deed(each.commit, changes)
        for each, changes in zip(raw, _task_changes(git, pairs), strict=True)
    ]


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


def _task_changes(git: Git, pairs: Sequence[tuple[str, str]]) -> list[dict[str, str | None]]:
    """Return for each pair of root trees, the old and the new, which tasks differ, and how."""
    found: list[dict[str, str | None]] = [{} for _ in pairs]
    empty = _empty_tree(pairs[0][0])
    # Which pairs of folders are compared next, on behalf of which pairs of roots.
    folders: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for number, pair in enumerate(pairs):
        folders.setdefault(pair, []).append((number, ""))
    for level in range(_LEVELS):
        below: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for pair, name, before, after in _compared(git, folders):
            old = before[1] if before[0] == _FOLDER else empty
            new = after[1] if after[0] == _FOLDER else empty
            for number, above in folders[pair]:
                path = f"{above}{name}"
                if level == _LEVELS - 1:
                    _take(found[number], path, before, after)
                elif old != new and (len(name) == 1 if level else name in _FOLDERS):
                    below.setdefault((old, new), []).append((number, f"{path}/"))
        folders = below
    return found


def _take(
    changes: dict[str, str | None], path: str, before: tuple[str, str], after: tuple[str, str]
) -> None:
    from gitledger.tree import path_any_task

    task_id = path_any_task(path)
    if task_id is None or {before[0], after[0]} <= {_FOLDER, "000000"}:
        return
    if after[0] in _PLAIN_FILES:
        changes[task_id] = after[1]
    else:
        changes.setdefault(task_id, None)


def _compared(
    git: Git, pairs: Iterable[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], str, tuple[str, str], tuple[str, str]]]:
    """Yield what differs between two trees alone: their pair, a name, mode and id on both sides."""
    import re

    asked = "".join(f"{old} {new}\n" for old, new in pairs if old != new).encode()
    if not asked:
        return
    said = _run(git, "diff-tree", "--stdin", "-z", "--no-renames", given=asked)
    # Odd names become surrogates, and never look like one of ours.
    text = said.decode(errors="surrogateescape")
    # The pair, then what differs; with `-z` no name can be taken for the head of the next pair.
    what = r"(?:(\w+) (\w+)\n)?:([0-7]+) ([0-7]+) (\w+) (\w+) [A-Z]\0([^\0]+)\0"
    pair, place = ("", ""), 0
    for found in re.compile(what).finditer(text):
        old, new, mode, later_mode, oid, later_oid, name = found.groups()
        if old is not None:
            pair = (old, new)
        if found.start() != place:
            break
        place = found.end()
        yield pair, name, (mode, oid), (later_mode, later_oid)
    if place != len(text):
        raise GitFailed("git diff-tree: it says something else than what was asked")


def sizes(git: Git, oids: Sequence[str]) -> dict[str, int]:
    """Return the sizes of those of these objects that are blobs, in bytes.

    Raises:
        GitFailed: git does not read the repository.
        StoreFailed: an object is missing.
    """
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    found = {}
    for line in _run(git, "cat-file", "--batch-check", "--buffer", given=asked).splitlines():
        oid, kind, *size = line.decode().split()
        if not size:
            raise StoreFailed(f"no blob is to be read: {oid}")
        if kind == "blob":
            found[oid] = int(size[0])
    return found


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


def _empty_tree(like: str) -> str:
    """Return the id of the empty tree, of the same kind (SHA-1, SHA-256) as another id."""
    import hashlib

    kind = hashlib.sha1 if len(like) == 40 else hashlib.sha256  # git's
    return kind(b"tree 0\0").hexdigest()


def _run(git: Git, *args: str, given: bytes = b"") -> bytes:
    return git.run("--no-replace-objects", *args, input=given).stdout
