"""Clones and a remote, to which anything may happen in any order: sessions that share a clone or
have one each work, sync, crash between any two steps, and are offline for a while.

What an operation has acknowledged is remembered as what it changed. In the end all clones sync
until nothing is new; then the laws of `memory` and `claims` have to hold of what everybody has.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import count, cycle, product
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gitledger.core.effect import Undone
from gitledger.core.needed import named
from gitledger.core.plan import parse_plan
from gitledger.core.task import Task
from gitledger.errors import InvalidInput, Lost, NotFound, NothingToTake
from gitledger.ledger import Ledger
from gitledger.verbs import Verbs
from tests.conftest import MakeRepo
from tests.convergence.changes import CHANGES, CLASHES, Change
from tests.convergence.claims import Claims
from tests.convergence.clones import Act, Clone, TakingBack, Ticks, every_task
from tests.convergence.memory import Memory
from tests.ledgers import ledger_at, overtaken

SESSIONS: Final = (("ada", "ada-tests"), ("grace", "grace-tests"), ("linus",))
"""Clone by clone, the sessions that share it; a clone is named after its first one."""
PLAN: Final = "- [ ] Schema\n- [ ] Page [blockedBy: 1]\n"
REFUSED: Final = (Lost, NothingToTake, InvalidInput)
"""What a verb says no with; a session may well try what is not possible."""

_runs = count()
_sessions = st.sampled_from([session for sessions in SESSIONS for session in sessions])
_clones = st.sampled_from([sessions[0] for sessions in SESSIONS])
_apart = st.lists(_clones, min_size=2, max_size=3, unique=True)
_picks = st.integers(0, 2)  # few tasks, so that sessions meet on them
_crashes = st.sampled_from([None, None, None, None, 0, 1, 2, 3])
"""A verb writes a commit and moves a ref: two steps, each with a before and an after."""

_LIFE: Final[dict[str, Callable[[Verbs, str, str], object]]] = {
    "claim": lambda verbs, task, word: verbs.claim(task),
    "start": lambda verbs, task, word: verbs.start(task),
    "release": lambda verbs, task, word: verbs.release(task),
    "some progress": lambda verbs, task, word: verbs.progress(task, 40),
    "more progress": lambda verbs, task, word: verbs.progress(task, 60),
    "done": lambda verbs, task, word: verbs.done(task),
    "cancel": lambda verbs, task, word: verbs.cancel(task),
    "reopen": lambda verbs, task, word: verbs.reopen(task),
    "approve": lambda verbs, task, word: verbs.approve(task, word),
    "reject": lambda verbs, task, word: verbs.reject(task, word),
    "take over": lambda verbs, task, word: verbs.start(task, force=True),
    "release by force": lambda verbs, task, word: verbs.release(task, force=True),
    "done by force": lambda verbs, task, word: verbs.done(task, force=True),
    "reopen by force": lambda verbs, task, word: verbs.reopen(task, force=True),
    "ask": lambda verbs, task, word: verbs.ask(task, word),
    "answer": lambda verbs, task, word: verbs.answer(task, word),
    "note": lambda verbs, task, word: verbs.note(task, word),
    "link": lambda verbs, task, word: verbs.link(task, f"{1:040x}"),
    "resolve": lambda verbs, task, word: verbs.resolve(task),
    "take what was set aside": lambda verbs, task, word: verbs.resolve(task, take=1),
}
_verbs = st.sampled_from(sorted(_LIFE))
_UNDOS: Final[dict[str, Callable[[Ledger, str, bool, bool], Undone]]] = {
    "the last one": lambda ledger, who, force, dry: ledger.undo(force=force, dry_run=dry),
    "two": lambda ledger, who, force, dry: ledger.undo_last(2, force=force, dry_run=dry),
    "many": lambda ledger, who, force, dry: ledger.undo_last(9, force=force, dry_run=dry),
    "another's": lambda ledger, who, force, dry: ledger.undo_last(by=who, force=force, dry_run=dry),
    "redo": lambda ledger, who, force, dry: ledger.redo(force=force, dry_run=dry),
}
_undos = st.sampled_from(sorted(_UNDOS))
_steps = st.sampled_from(["claim", "start", "release", "done", "cancel", "reopen", "take over"])


class Clones(RuleBasedStateMachine):
    """The machine; each of its rules is something that a session may do.

    Args:
        make_repo: makes a repository in the test's directory.
        bare: a bare repository, of which each run takes a copy for its remote.
    """

    def __init__(self, make_repo: MakeRepo, bare: Path) -> None:
        super().__init__()
        run = f"run-{next(_runs)}"
        self._folder = bare.parent / run
        remote = shutil.copytree(bare, self._folder / "remote.git")
        self._remote = ledger_at(remote, "remote")
        self._memory = Memory()
        self._claims = Claims(self._remote, self._memory)
        self._words, clock = Ticks(), Ticks()
        clones = [
            Clone(make_repo, run, remote, sessions, clock, Ticks(place * 10**9), self._memory)
            for place, sessions in enumerate(SESSIONS, start=1)
        ]
        self._clones = {clone.name: clone for clone in clones}
        self._at = {session: clone for clone in clones for session in clone.sessions}

    # -- what sessions do ----------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """Begin with two tasks that everybody has, and that say something already."""
        for title in (self._word(), self._word()):
            self._do("ada", partial(_adding, title))
        for name in self._clones:
            self._sync(name)

    @rule(session=_sessions, crash=_crashes)
    def add(self, session: str, crash: int | None) -> None:
        """Make a task."""
        title = self._word()
        self._do(session, lambda verbs: verbs.add(title), crash=crash)

    @rule(session=_sessions, pick=_picks, change=CHANGES, crash=_crashes)
    def edit(self, session: str, pick: int, change: Change, crash: int | None) -> None:
        """Change what a task says."""
        self._do(session, self._edit(session, pick, change), crash=crash)

    @rule(session=_sessions, pick=_picks, verb=_verbs, crash=_crashes)
    def live(self, session: str, pick: int, verb: str, crash: int | None) -> None:
        """Move a task on in its life, or say something about it."""
        self._do(session, self._verb(session, pick, verb), crash=crash)

    @rule(session=_sessions, crash=_crashes)
    def archive(self, session: str, crash: int | None) -> None:
        """Put away all that is finished."""
        self._do(session, lambda verbs: verbs.archive(), crash=crash)

    @rule(session=_sessions, what=_undos, other=_sessions, force=st.booleans(), crash=_crashes)
    def undo(self, session: str, what: str, other: str, force: bool, crash: int | None) -> None:
        """Take back the last operations of a session, or what was taken back."""
        self._take_back(
            session, lambda ledger, dry: _UNDOS[what](ledger, other, force, dry), crash=crash
        )

    @rule(session=_sessions, back=st.integers(0, 9), force=st.booleans(), crash=_crashes)
    def undo_one(self, session: str, back: int, force: bool, crash: int | None) -> None:
        """Take back any one of the newest operations, published or not, whoever made it."""
        found = [row.commit for row in self._at[session].ledger.operations().newest(limit=10)]
        name = found[back % len(found)]
        self._take_back(
            session, lambda ledger, dry: ledger.undo(name, force=force, dry_run=dry), crash=crash
        )

    @rule(sessions=_apart, pick=_picks, field=st.sampled_from(["blocked_by", "parent"]))
    def undo_what_another_names(self, sessions: list[str], pick: int, field: str) -> None:
        """One clone takes back what all know, while another lets a task name it."""
        first, *others = sessions
        title, known = self._word(), self._at[first].tasks().keys()
        self._do(first, lambda verbs: verbs.add(title))
        self._meet([first, *others])
        made = sorted(self._at[first].tasks().keys() - known)
        self._take_back(first, lambda ledger, dry: ledger.undo(dry_run=dry))
        for session, new in product(others, made):
            if (task := self._pick(session, pick)) and new in self._at[session].tasks():
                names = new if field == "parent" else {*task.blocked_by, new}
                self._do(session, partial(_naming, task.id, field, names))
        self._meet(sessions if pick else sessions[::-1])

    @rule(session=_sessions, crash=_crashes)
    def take_next(self, session: str, crash: int | None) -> None:
        """Take whatever is next."""
        self._do(session, lambda verbs: verbs.claim_next(), crash=crash)

    @rule(session=_sessions, crash=_crashes)
    def split(self, session: str, crash: int | None) -> None:
        """Make several changes in one operation."""
        titles = self._word(), self._word()

        def act(verbs: Verbs) -> None:
            first, second = (verbs.add(title) for title in titles)
            verbs.edit(second.id, add_blocked_by=[first.id])

        self._do(session, act, batch=True, crash=crash)

    @rule(session=_sessions, crash=_crashes)
    def import_plan(self, session: str, crash: int | None) -> None:
        """Import a plan, the same one everywhere."""
        plan = parse_plan(PLAN, name="plan.md")
        self._do(
            session,
            lambda verbs: verbs.import_plan(plan, name="plan.md", parse_due=lambda words: None),
            crash=crash,
        )

    @rule(pick=_picks, verb=_verbs, change=CHANGES, pair=st.integers(0, 3))
    def race(self, pick: int, verb: str, change: Change, pair: int) -> None:
        """Two sessions of a clone are at work at the same moment, one of them a little faster."""
        clone = self._clones[("ada", "grace")[pair % 2]]
        session, faster = clone.sessions if pair < 2 else clone.sessions[::-1]
        with self._overtaken(clone, session, faster, pick, change):
            self._do(session, self._verb(session, pick, verb))

    @rule(sessions=_apart, pick=_picks, changes=CLASHES)
    def clash(self, sessions: list[str], pick: int, changes: list[Change]) -> None:
        """Sessions of several clones change the same field of one task."""
        for session, change in zip(cycle(sessions), changes, strict=False):
            self._do(session, self._edit(session, pick, change))
        self._meet(sessions)

    @rule(sessions=_apart, pick=_picks, verbs=st.lists(_steps, min_size=2, max_size=4))
    def contend(self, sessions: list[str], pick: int, verbs: list[str]) -> None:
        """Sessions of several clones are at work on one task."""
        for session, verb in zip(cycle(sessions), verbs, strict=False):
            self._do(session, self._verb(session, pick, verb))
        self._meet(sessions)

    # -- how they share it ---------------------------------------------------------------------

    @rule(session=_sessions, crash=st.one_of(st.none(), st.integers(0, 15)))
    def sync(self, session: str, crash: int | None) -> None:
        """Exchange what is new with the remote; a crash may come anywhere in it."""
        self._sync(session, crash=crash)

    @rule(session=_sessions, faster=_clones, crash=st.one_of(st.none(), st.integers(0, 20)))
    def sync_too_late(self, session: str, faster: str, crash: int | None) -> None:
        """Sync while another clone publishes right before our push."""
        clone = self._at[session]
        with ExitStack() as stack:
            if clone.name != faster:
                stack.enter_context(overtaken(clone.ledgers[session], lambda: self._sync(faster)))
            self._sync(session, crash=crash)

    @rule(clone=st.sampled_from(["ada", "grace"]), pick=_picks, change=CHANGES)
    def sync_during_work(self, clone: str, pick: int, change: Change) -> None:
        """Sync while another session of the same clone writes."""
        there = self._clones[clone]
        session, other = there.sessions
        with self._overtaken(there, session, other, pick, change):
            self._sync(session)

    @rule(name=_clones)
    def go_offline(self, name: str) -> None:
        """The remote is out of reach for a clone, from now on; work goes on there."""
        self._clones[name].online = False

    @rule(name=_clones)
    def come_back(self, name: str) -> None:
        """The remote is in reach again."""
        self._clones[name].online = True

    # -- what holds ----------------------------------------------------------------------------

    @invariant()
    def what_is_confirmed_is_published(self) -> None:
        """No session believes to hold a task that another one holds."""
        self._claims.check_confirmed(self._clones.values())

    def teardown(self) -> None:
        """Sync until nothing is new, and see that nothing is missing."""
        try:
            for clone in self._clones.values():
                clone.online = True
            for _ in range(2):
                for name in self._clones:
                    self._sync(name)
            assert {clone.tip() for clone in self._clones.values()} == {self._remote.tip()}
            tasks = every_task(self._remote.snapshot())
            assert tasks.keys() >= named(tasks.values()), "a name of nothing"
            self._memory.check(tasks)
            self._claims.check_history()
            self._claims.check_inboxes(self._clones.values())
            assert self._remote.quarantined() == ()
            assert self._remote.graph().stuck() == (), "a cycle"
        finally:
            shutil.rmtree(self._folder)

    # -- how a rule does it --------------------------------------------------------------------

    def _do(self, session: str, act: Act, *, batch: bool = False, crash: int | None = None) -> None:
        with suppress(*REFUSED):
            self._at[session].work(session, act, batch=batch, crash=crash)

    def _take_back(self, session: str, act: TakingBack, *, crash: int | None = None) -> None:
        with suppress(*REFUSED, NotFound):
            self._at[session].take_back(session, act, crash=crash)

    def _sync(self, session: str, *, crash: int | None = None) -> None:
        clone = self._at[session]
        tentative = self._claims.tentative(clone)
        self._claims.synced(clone, tentative, clone.sync(session, crash=crash))

    def _meet(self, sessions: list[str]) -> None:
        for session in sessions:
            self._sync(session)

    @contextmanager
    def _overtaken(
        self, clone: Clone, session: str, faster: str, pick: int, change: Change
    ) -> Iterator[None]:
        first = self._edit(faster, pick, change)
        with clone.overtaken_by(lambda: self._do(faster, first), session=session):
            yield

    def _edit(self, session: str, pick: int, change: Change) -> Act:
        task, ids = self._pick(session, pick), [*self._at[session].tasks()]
        if task is None:
            return _nothing
        changes = change(task, ids, self._word())
        return lambda verbs: verbs.edit(task.id, **changes)

    def _verb(self, session: str, pick: int, verb: str) -> Act:
        task, word = self._pick(session, pick), self._word()
        if task is None:
            return _nothing
        return lambda verbs: _LIFE[verb](verbs, task.id, word)

    def _pick(self, session: str, pick: int) -> Task | None:
        """Return one of the tasks; None where an undo has left none."""
        tasks = [*self._at[session].tasks().values()]
        return tasks[pick % len(tasks)] if tasks else None

    def _word(self) -> str:
        """Return a word that nobody has said yet."""
        return f"Word {next(self._words)}"


def _nothing(verbs: Verbs) -> None:
    """Do nothing: there is no task."""


def _naming(task: str, field: str, names: Any, verbs: Verbs) -> object:
    return verbs.edit(task, **{field: names})


def _adding(title: str, verbs: Verbs) -> object:
    return verbs.add(
        title, labels=["web"], description="one\ntwo\nthree\n", branch="main", metadata={"jira": 1}
    )
