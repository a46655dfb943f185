"""Two remotes, clones of the one and of the other, and a bridge that syncs with both.

What one remote has published is never rewritten for the other's sake: every tip that a remote ever
had stays an ancestor of its tip. After enough rounds all have the same one, where no note is lost
but those that an undo took back, and no task names one that is gone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gitledger import lists
from gitledger.core.needed import named
from gitledger.errors import InvalidInput, Lost, NotFound
from gitledger.ledger import Ledger
from tests.conftest import MakeRepo
from tests.convergence.clones import Ticks
from tests.crashes import Crash, crashing
from tests.ledgers import clone, ledger_at

REMOTES: Final = {"ada": ("origin",), "grace": ("origin", "second"), "linus": ("second",)}
"""Which remotes each session's clone has: grace's is the bridge."""
_ROUNDS: Final = 4
"""Until what one side says is on the other and back: to the bridge, over it, and to the clones."""

_runs = count()
_sessions = st.sampled_from(sorted(REMOTES))
_VERBS: Final[dict[str, Callable[[Ledger, str, str], object]]] = {
    "title": lambda verbs, task, word: verbs.edit(task, title=word),
    "role": lambda verbs, task, word: verbs.edit(task, role=word),
    "note": lambda verbs, task, word: verbs.note(task, word),
    "start": lambda verbs, task, word: verbs.start(task),
    "release": lambda verbs, task, word: verbs.release(task),
    "done": lambda verbs, task, word: verbs.done(task),
    "add after it": lambda verbs, task, word: verbs.add(word, blocked_by=[task]),
    "add below it": lambda verbs, task, word: verbs.add(word, parent=task),
    "undo": lambda verbs, task, word: verbs.undo(),
    "undo two": lambda verbs, task, word: verbs.undo_last(2),
    "redo": lambda verbs, task, word: verbs.redo(),
}


class TwoRemotes(RuleBasedStateMachine):
    """The machine; the arguments are those of `Clones`."""

    def __init__(self, make_repo: MakeRepo, bare: Path) -> None:
        super().__init__()
        run = f"two-{next(_runs)}"
        self._folder = bare.parent / run
        places = {
            name: shutil.copytree(bare, self._folder / f"{name}.git")
            for name in ("origin", "second")
        }
        self._remotes = {name: ledger_at(path, "remote") for name, path in places.items()}
        self._tips: dict[str, list[str]] = {name: [] for name in places}
        self._words, self._clock = Ticks(), Ticks()
        self._random = {name: Ticks(n * 10**9) for n, name in enumerate(REMOTES, start=1)}
        self._notes: set[tuple[str, str]] = set()
        self._forgotten: set[tuple[str, str]] = set()
        self._places: dict[str, Path] = {}
        self._ledgers: dict[str, Ledger] = {}
        for session, names in REMOTES.items():
            made = clone(
                make_repo,
                places[names[0]],
                session,
                f"{run}/{session}",
                clock=self._clock.time,
                random_bytes=self._random[session].random_bytes,
            )
            self._places[session] = made.repository.location.common_dir
            config = self._places[session] / "config"
            config.write_text(config.read_text().replace('"origin"', f'"{names[0]}"'))
            with config.open("a") as more:
                more.writelines(
                    f'[remote "{name}"]\n\turl = {places[name]}\n' for name in names[1:]
                )
            self._open(session)

    # -- what sessions do ----------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """Begin with a task that everybody has."""
        self.add("ada")
        for session in REMOTES:
            for remote in REMOTES[session]:
                self._sync(session, remote)

    @rule(session=_sessions)
    def add(self, session: str) -> None:
        """Make a task."""
        self._ledgers[session].add(self._word())

    @rule(session=_sessions, pick=st.integers(0, 1), verb=st.sampled_from(sorted(_VERBS)))
    def work(self, session: str, pick: int, verb: str) -> None:
        """Do something to a task."""
        ledger, word = self._ledgers[session], self._word()
        tasks = ledger.tasks()
        if not tasks:  # an undo has left none
            return
        task, before = tasks[pick % len(tasks)].id, _notes(ledger)
        with suppress(Lost, InvalidInput, NotFound):
            _VERBS[verb](ledger, task, word)
        after = _notes(ledger)
        self._notes |= after
        self._forgotten |= before - after

    @rule(session=_sessions, place=st.integers(0, 1), crash=st.one_of(st.none(), st.integers(0, 9)))
    def sync(self, session: str, place: int, crash: int | None) -> None:
        """Sync with one remote, which a crash may cut short."""
        names = REMOTES[session]
        self._sync(session, names[place % len(names)], crash)

    # -- what holds ----------------------------------------------------------------------------

    @invariant()
    def what_is_published_stays(self) -> None:
        """Each tip that a remote ever had is an ancestor of the one that it has."""
        for name, ledger in self._remotes.items():
            tip, store = ledger.tip(), ledger.repository.store
            assert tip is not None
            known = self._tips[name]
            if not known or known[-1] != tip:
                assert all(store.merge_base(old, tip) == old for old in known), name
                known.append(tip)

    def teardown(self) -> None:
        """Sync with all remotes until nothing is new."""
        try:
            for _ in range(_ROUNDS):
                for session, names in REMOTES.items():
                    for name in names:
                        self._sync(session, name)
                self.what_is_published_stays()
            tips = {ledger.tip() for ledger in (*self._ledgers.values(), *self._remotes.values())}
            assert len(tips) == 1, tips
            assert _notes(self._ledgers["ada"]) >= self._notes - self._forgotten
            tasks = self._ledgers["ada"].tasks()
            assert {task.id for task in tasks} >= named(tasks)
        finally:
            shutil.rmtree(self._folder)

    # -- how a rule does it --------------------------------------------------------------------

    def _sync(self, session: str, remote: str, crash: int | None = None) -> None:
        ledger = self._ledgers[session]
        if crash is None:
            ledger.sync(remote)
            assert ledger.tip() == ledger.repository.store.tip(lists.tracking_ref(remote, "main"))
            return
        try:
            with crashing(ledger, crash):
                ledger.sync(remote)
        except Crash:
            self._open(session)

    def _open(self, session: str) -> None:
        self._ledgers[session] = Ledger.open(
            self._places[session].parent,
            session=session,
            clock=self._clock.time,
            random_bytes=self._random[session].random_bytes,
        )

    def _word(self) -> str:
        return f"word-{next(self._words)}"


def _notes(ledger: Ledger) -> set[tuple[str, str]]:
    """Return what people have said on tasks, each with the task's id."""
    return {
        (task.id, note.text)
        for task in ledger.tasks()
        for note in task.notes
        if note.kind == "note"
    }
