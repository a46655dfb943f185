"""How far a long command is: a bar on the terminal once it takes more than a moment."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Final, TextIO

    from gitledger.remote import Progress

_PATIENCE: Final = 1.0
"""Seconds for which a command may take its time without a word."""


@contextmanager
def progress(
    stream: TextIO, environ: Mapping[str, str], clock: Callable[[], float] = monotonic
) -> Iterator[Progress | None]:
    """Show how far the block is.

    Args:
        stream: the terminal to show it on; what is none is left alone.
        environ: whose `TERM=dumb` says that it can only go on writing: it is left alone, too.
        clock: returns seconds.

    Yields:
        What is to be told, None where there is nobody to show it to.
    """
    if not stream.isatty() or environ.get("TERM") == "dumb":
        yield None
        return
    with ExitStack() as shown:
        yield _Bars(stream, shown, clock)


class Deed:
    """How far one deed is: shown by and by as it is told, until it is done or left.

    Args:
        name: what is done, as `receiving objects`.
        stream, environ, clock: as for `progress`.
    """

    def __init__(
        self,
        name: str,
        stream: TextIO,
        environ: Mapping[str, str],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._name = name
        self._place = stream, environ, clock
        self._shown: ExitStack | None = None
        self._tell: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        """Tell how much of how much is done."""
        if self._shown is None:
            self._shown = ExitStack()
            self._tell = self._shown.enter_context(progress(*self._place))
        if self._tell:
            self._tell(self._name, done, total)
        if done >= total:
            self.close()

    def close(self) -> None:
        """Show no more of it; where it is told of again, it has begun again."""
        shown, self._shown = self._shown, None
        if shown:
            shown.close()


class _Bars:
    """One bar for each deed that is not done within a moment, the one below the other."""

    def __init__(self, stream: TextIO, shown: ExitStack, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._shown = shown
        self._clock = clock
        self._begin = clock()
        self._deed = ("", 0)
        self._bar: Any = None

    def __call__(self, deed: str, done: int, total: int) -> None:
        """See `gitledger.remote.Progress`."""
        if self._clock() - self._begin < _PATIENCE:
            return
        if (deed, total) != self._deed or done < self._bar.pos:
            self._start(deed, total)
        self._bar.update(done - self._bar.pos)

    def _start(self, deed: str, total: int) -> None:
        import typer

        self._shown.close()
        self._deed = deed, total
        bar = typer.progressbar(length=total, label=deed, show_eta=False, file=self._stream)
        self._bar = self._shown.enter_context(bar)
