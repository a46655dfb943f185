"""Which tasks differ between many pairs of trees, as git compares them.

Git enters all folders that differ, in one go. Somebody may have made up folders that have no end:
newer gits enter no deeper than a task may stand, and of others no more is awaited than is usual.
Where that does not do, the trees are compared one level of folders at a time, which takes three
times as long and has an end, whatever they are.
"""

from __future__ import annotations

from gitledger.errors import GitFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Final, TypeAlias

    from gitledger.git import Git
    from gitledger.spawn import Conversation

    Pair: TypeAlias = tuple[str, str]
    Changes: TypeAlias = dict[str, str | None]

LEVELS: Final = 4
"""Folders from the root down to those that hold tasks, each of which is compared by itself."""

_FOLDER: Final = "040000"
_PLAIN_FILES: Final = ("100644", "100755")
_FOLDERS: Final = ("tasks", "archive")

_AT_ONCE: Final = 100
"""Pairs that git is asked for at once: what a pipe holds, twice."""
_PATIENCE: Final = 10.0
"""Seconds after which so many pairs are more than what operations make."""
_BYTES: Final = 64 << 20
"""What git says of so many pairs, at most: it is held in memory."""
_MARK: Final = b"as far as that\n"
"""What is no pair, and what git repeats therefore, behind what it says of those before."""


def task_changes(git: Git, pairs: Sequence[Pair]) -> list[Changes]:
    """Return for each pair of root trees, the old and the new, which tasks differ, and how.

    Returns:
        The ids of the tasks with the ids of their new files; None where there is no plain file.

    Raises:
        GitFailed: a tree cannot be read.
    """
    try:
        return _all_at_once(git, pairs)
    except GitFailed:
        return _by_levels(git, pairs)


def empty_tree(like: str) -> str:
    """Return the id of the empty tree, of the same kind (SHA-1, SHA-256) as another id."""
    import hashlib

    kind = hashlib.sha1 if len(like) == 40 else hashlib.sha256  # git's
    return kind(b"tree 0\0").hexdigest()


# -- all folders in one go -------------------------------------------------------------------------


def _all_at_once(git: Git, pairs: Sequence[Pair]) -> list[Changes]:
    talk = git.converse(
        # Heard from git 2.43 on: deeper folders make it fail.
        *("-c", f"core.maxTreeDepth={LEVELS - 1}", "--no-replace-objects"),
        *("diff-tree", "--stdin", "-r", "-z", "--no-renames"),
    )
    parts = [pairs[place : place + _AT_ONCE] for place in range(0, len(pairs), _AT_ONCE)]
    reading = _Reading()
    found: list[Changes] = []
    said = b""
    try:
        for number in range(len(parts) + 1):
            # While we look at what it says of one part, git compares the next.
            if number < len(parts):
                asked = "".join(f"{old} {new}\n" for old, new in parts[number]).encode()
                talk.ask(asked + _MARK)
            if number:
                part, said = _up_to_mark(talk, said)
                found += reading.changes(part, parts[number - 1])
    except BrokenPipeError:
        raise GitFailed("git diff-tree: it has ended") from None
    finally:
        talk.close()
    return found


def _up_to_mark(talk: Conversation, said: bytes) -> tuple[bytes, bytes]:
    """Return what git says up to a mark, and what it has said after that.

    Raises:
        GitFailed: it takes too long, says too much, or has ended.
    """
    import os
    from select import POLLIN, poll  # `select` knows no file above the number 1023
    from time import monotonic

    end = monotonic() + _PATIENCE
    source = talk.answers.fileno()
    looking = poll()
    looking.register(source, POLLIN)
    parts = [said]
    held, seen = len(said), said
    while (place := seen.find(_MARK)) < 0:
        if held > _BYTES or not looking.poll(1000 * max(end - monotonic(), 0)):
            raise GitFailed("git diff-tree: these trees have no end")
        more = os.read(source, 1 << 20)
        if not more:
            raise GitFailed("git diff-tree: it has ended")
        parts.append(more)
        held += len(more)
        seen = seen[-len(_MARK) :] + more  # the mark may come in two parts
    place += held - len(seen)
    whole = b"".join(parts)
    return whole[:place], whole[place + len(_MARK) :]


class _Reading:
    """Reads what `git diff-tree` says; it knows the paths that it has seen."""

    def __init__(self) -> None:
        self._tasks: dict[str, str | None] = {}

    def changes(self, said: bytes, pairs: Sequence[Pair]) -> list[Changes]:
        """Return what differs in each of some pairs.

        Raises:
            GitFailed: git says something else than what was asked.
        """
        # Odd names become surrogates, and never look like one of ours. With `-z` nothing in a name
        # can be taken for the head of the next pair.
        words = said.decode(errors="surrogateescape").split("\0")
        heads, paths, rest = words[:-1:2], words[1:-1:2], words[-1]
        if len(heads) != len(paths):
            raise _unasked()
        found: list[Changes] = []
        changes: Changes = {}
        for head, path in zip(heads, paths, strict=True):
            while not head.startswith(":"):  # this, and those before in which nothing differs
                head = _behind(head, pairs, len(found))  # noqa: PLW2901  # what is left of it
                found.append(changes := {})
            task_id = self._tasks[path] if path in self._tasks else self._task(path)
            if task_id is not None:
                words = head.split(" ")  # `:100644 100644 OLD NEW M`
                if len(words) != 5:
                    raise _unasked()
                _take(changes, task_id, words[1], words[3])
        while rest:
            rest = _behind(rest, pairs, len(found))
            found.append({})
        if len(found) != len(pairs):
            raise _unasked()
        return found

    def _task(self, path: str) -> str | None:
        from gitledger.tree import path_any_task

        task_id = self._tasks[path] = path_any_task(path)
        return task_id


def _behind(said: str, pairs: Sequence[Pair], number: int) -> str:
    """Return what is said behind the names of a pair."""
    pair = "{} {}\n".format(*pairs[number]) if number < len(pairs) else "no more"
    if not said.startswith(pair):
        raise _unasked()
    return said[len(pair) :]


def _take(changes: Changes, task_id: str, mode: str, oid: str) -> None:
    if mode in _PLAIN_FILES:
        changes[task_id] = oid
    else:  # it may stand in the other place now, archived or not
        changes.setdefault(task_id, None)


def _unasked() -> GitFailed:
    return GitFailed("git diff-tree: it says something else than what was asked")


# -- level by level --------------------------------------------------------------------------------


def _by_levels(git: Git, pairs: Sequence[Pair]) -> list[Changes]:
    found: list[Changes] = [{} for _ in pairs]
    empty = empty_tree(pairs[0][0])
    # Which pairs of folders are compared next, on behalf of which pairs of roots.
    folders: dict[Pair, list[tuple[int, str]]] = {}
    for number, pair in enumerate(pairs):
        folders.setdefault(pair, []).append((number, ""))
    for level in range(LEVELS):
        below: dict[Pair, list[tuple[int, str]]] = {}
        for pair, name, before, after in _compared(git, folders):
            old = before[1] if before[0] == _FOLDER else empty
            new = after[1] if after[0] == _FOLDER else empty
            for number, above in folders[pair]:
                path = f"{above}{name}"
                if level == LEVELS - 1:
                    _take_file(found[number], path, before, after)
                elif old != new and (len(name) == 1 if level else name in _FOLDERS):
                    below.setdefault((old, new), []).append((number, f"{path}/"))
        folders = below
    return found


def _take_file(changes: Changes, path: str, before: Pair, after: Pair) -> None:
    """Take down what differs of one name: mode and id on both sides."""
    from gitledger.tree import path_any_task

    task_id = path_any_task(path)
    if task_id is None or {before[0], after[0]} <= {_FOLDER, "000000"}:
        return
    _take(changes, task_id, *after)


def _compared(git: Git, pairs: Iterable[Pair]) -> Iterator[tuple[Pair, str, Pair, Pair]]:
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


def _run(git: Git, *args: str, given: bytes) -> bytes:
    return git.run("--no-replace-objects", *args, input=given).stdout
