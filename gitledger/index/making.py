"""Files of tasks made rows: here, or in a process of its own while this one reads and writes.

To make rows of a task takes as long as to read it and to put them down. So where there are
thousands of tasks, and processors for two, another process makes them: it is sent what is in the
files and answers with the rows, while what it is to do next lies there already. It opens nothing
and knows no repository; where it does not start or has ended, its part is done here. It ends when
its pipe does, whatever becomes of us.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import closing, suppress

from gitledger.errors import InvalidTask
from gitledger.index import columns, files
from gitledger.spawn import Conversation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, BinaryIO, Final, TypeAlias

    Raw: TypeAlias = tuple[bytes, str]
    """What is in a task's file, and the task's id."""
    Made: TypeAlias = tuple[columns.Rows, list[tuple[str, str]]]
    """The rows of tasks, and of those that are no valid tasks the ids, each with the reason."""

_MANY: Final = 200
"""Files that are more quickly understood by `index.written`, which takes time to import."""
_WORTH_IT: Final = 4000
"""Files from which on another process is started: when it is ready, a thousand are done."""
_LENGTH: Final = 8
"""Bytes that say how long an answer or a question is."""
_AHEAD: Final = 2
"""Parts that it has at most: one that it works on, and the next, lest it waits for us."""
_WIDE: Final = 1 << 20
"""Bytes that a pipe may hold on Linux, whoever asks for it (`pipe(7)`)."""
_NARROW: Final = 4096
"""Bytes that any pipe holds."""
_SERVE: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; from gitledger.index.making import serve; serve()"
)


def made(parts: Iterable[Sequence[Raw]], count: int) -> Iterator[Made]:
    """Yield what is made of files, part by part, in any order.

    Args:
        parts: the files, some hundred at a time.
        count: how many there are in all, about.
    """
    make = maker(count)
    if count < _WORTH_IT or _processors() < 2:
        yield from map(make, parts)
        return
    with closing(Process(make)) as other:
        for part in parts:
            # It is asked before its answers are put down: so it has something to do meanwhile.
            answers = list(other.answers())
            asked = other.ask(part)
            yield from answers
            if not asked:
                yield make(part)
        while other.asked:
            yield other.answer()


def maker(count: int) -> Callable[[Iterable[Raw]], Made]:
    """Return what makes rows of files, the quickest way for so many."""
    decode = files.decode_many() if count > _MANY else files.decode

    def make(raw: Iterable[Raw]) -> Made:
        bad = []

        def valid() -> Iterator[files.File]:
            for content, task_id in raw:
                try:
                    yield decode(content, task_id)
                except InvalidTask as wrong:
                    bad.append((task_id, wrong.message))

        return columns.rows(valid()), bad

    return make


class Process:
    """Another process that makes rows of files, one part after the other.

    Args:
        make: does the same here, where that process does not.

    Attributes:
        asked: the parts that it was sent and has not answered, the oldest first.
    """

    def __init__(self, make: Callable[[Iterable[Raw]], Made]) -> None:
        self._make = make
        self._talk: Conversation | None = None
        self._room = 0
        self.asked: list[Sequence[Raw]] = []
        python = sys.executable or ""
        if os.path.basename(python).startswith("python"):  # else a program that Python is part of
            # What this process imports, and nothing else: no file of the folder we stand in.
            words = (python, "-IS", "-c", _SERVE, *map(os.path.abspath, sys.path))
            with suppress(OSError):
                self._talk = Conversation(words, os.environ)

    def ask(self, part: Sequence[Raw]) -> bool:
        """Send it the files of a part; False where it has not started, or has enough to do."""
        if len(self.asked) >= _AHEAD or not self._has_started():
            return False
        question = _packed(part)
        # It reads nothing while its answer waits to be read: what it is asked then has to lie in
        # the pipe, or both would wait for ever.
        if self._talk is None or (self.asked and len(question) > self._room):
            return False
        try:
            self._talk.ask(question)
        except BrokenPipeError:
            self.close()
            return False
        self.asked.append(part)
        return True

    def answers(self) -> Iterator[Made]:
        """Yield what is made of parts that it was sent, as far as it is there."""
        while self.asked and (self._talk is None or self._has_said()):
            yield self.answer()

    def answer(self) -> Made:
        """Return what is made of the first of the parts that it was sent."""
        part = self.asked.pop(0)
        if self._talk is not None:
            try:
                found: Made = _unpacked(self._talk.answers)
            except EOFError:
                self.close()
            else:
                return found
        return self._make(part)

    def close(self) -> None:
        """End it."""
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.close()

    def _has_started(self) -> bool:
        """Tell whether it has started; the first that it says is how much the pipe to it holds."""
        if self._talk is not None and not self._room and self._has_said():
            try:
                self._room = _unpacked(self._talk.answers)
            except EOFError:
                self.close()
        return self._room > 0

    def _has_said(self) -> bool:
        """Tell whether there is something to be read from it, or it has ended."""
        if self._talk is None:
            return False
        from select import POLLIN, poll  # `select` knows no file above the number 1023

        looking = poll()
        looking.register(self._talk.answers, POLLIN)
        return bool(looking.poll(0))


def serve() -> None:
    """Say, as such a process, how much the pipes hold, then answer, up to the end of questions."""
    import gc

    gc.disable()
    make = maker(_WORTH_IT)
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        answer: Made | int = min(_widen(questions.fileno()), _widen(answers.fileno()))
        while True:
            answers.write(_packed(answer))
            answers.flush()
            answer = make(_unpacked(questions))
    except (EOFError, BrokenPipeError):
        os._exit(0)  # nobody asks any more; what Python would still write has no reader


def _widen(pipe: int) -> int:
    """Let a pipe hold more, so that who writes need not wait, and return how many bytes that is."""
    import fcntl

    try:
        return fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _WIDE)
    except (AttributeError, OSError):  # another system than Linux, or one that allows no more
        return _NARROW


def _packed(value: Any) -> bytes:
    content = marshal.dumps(value)
    return len(content).to_bytes(_LENGTH, "big") + content


def _unpacked(stream: BinaryIO) -> Any:
    """Return what was packed.

    Raises:
        EOFError: the stream ends before.
    """
    length = int.from_bytes(stream.read(_LENGTH), "big")
    content = stream.read(length)
    if not content or len(content) < length:
        raise EOFError
    return marshal.loads(content)


def _processors() -> int:
    """Return how many processors we may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # another system than Linux
        return os.cpu_count() or 1
