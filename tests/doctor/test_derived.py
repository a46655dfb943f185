"""What the doctor says of a list's index, in which bits may rot."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.errors import StoreFailed
from gitledger.index import open_index
from gitledger.index.comparing import differing
from gitledger.ledger import Ledger
from tests.conftest import RunGit
from tests.doctor.damage import common_dir, examine, filled, titles
from tests.index.worlds import SOUND, Files, changes, commit
from tests.ledgers import MAIN, ledger_at, place

TEXTS = {
    "titles": ("UPDATE tasks SET title = 'ona' WHERE title = 'one'", "task"),
    "texts": ("UPDATE texts SET data = replace(data, 'One', 'Ona')", "task"),
    "owners": ("UPDATE tasks SET owner = 'adb' WHERE title = 'one'", "task"),
    "waits": ("UPDATE tasks SET waits = 3 WHERE title = 'one'", "task"),
    "unblocks": ("UPDATE tasks SET unblocks = 7 WHERE title = 'two'", "task"),
    "edges": ("UPDATE edges SET blocker = blocker + 1", "task"),
    "labels": ("UPDATE labels SET label = 'weB'", "task"),
    "inboxes": ("UPDATE concerns SET name = 'grbce'", "task"),
    "sessions": ("UPDATE records SET data = replace(data, 'builder', 'buildes')", "record ada"),
    "messages": ("UPDATE records SET data = replace(data, 'Hello', 'Hellp')", "record"),
    "archived": ("UPDATE archived SET n = n + 1", "task"),
    "subjects": ("UPDATE operations SET subject = 'add Ona' WHERE number = 2", "operation"),
    "actors": ("UPDATE operations SET session = 'adb' WHERE number = 2", "operation"),
    "files": ("UPDATE changes SET oid = x'00' WHERE number = 3", "operation"),
    "moves": ("UPDATE moves SET owner = 'adb' WHERE owner = 'ada'", "operation"),
    "no UTF-8": ("UPDATE tasks SET title = CAST(x'4fff' AS TEXT) WHERE title = 'one'", "task"),
    "the tip": ("UPDATE state SET value = CAST(x'ff' AS TEXT) WHERE key = 'tip'", "the form"),
}


def rich(repo: Path) -> Ledger:
    """Return a ledger with something in each table of its index, which is closed."""
    ledger = filled(repo)
    _, one, three, two = sorted(ledger.tasks(), key=lambda task: task.title)
    ledger.edit(one.id, add_labels=["web"], add_blocked_by=[two.id])
    ledger.start_session("ada", role="builder")
    ledger.tell("all", "Hello")
    ledger.as_session("grace").note(two.id, "There")
    ledger.claim(one.id, force=True)
    ledger.handoff(one.id, to="grace", text="Yours")
    ledger.cancel(three.id)
    ledger.archive()
    ledger.next()
    ledger.stats()
    assert ledger.operations().is_complete()
    ledger.close()
    return ledger


def index_file(ledger: Ledger) -> Path:
    return common_dir(ledger) / "gitledger/index/main.sqlite"


def rot(ledger: Ledger, sql: str) -> None:
    """Change something in the index as it is."""
    with closing(sqlite3.connect(index_file(ledger))) as connection, connection:
        assert connection.execute(sql).rowcount > 0


def test_a_sound_index_is_none_of_the_doctors_business(repo: Path) -> None:
    assert examine(rich(repo)) == []


@pytest.mark.parametrize("what", TEXTS)
def test_what_an_index_says_otherwise_is_found_and_mended(repo: Path, what: str) -> None:
    ledger = rich(repo)
    sql, about = TEXTS[what]
    rot(ledger, sql)
    before = index_file(ledger).read_bytes()
    (finding,) = examine(ledger)
    assert (finding.code, finding.severity) == ("damaged-index", "warning")
    assert finding.subject == str(index_file(ledger))
    said = f"it says something else than the ledger of {about}"
    assert finding.problem.startswith("its file is damaged" if about == "the form" else said)
    assert index_file(ledger).read_bytes() == before
    assert finding.mend
    assert finding.mend.do() == "removed it; the next command makes it anew"
    assert not index_file(ledger).exists()
    assert titles(ledger) == ["Four", "One", "Two"]
    assert examine(ledger) == []


def test_a_letter_of_the_file_is_enough(repo: Path) -> None:
    ledger = rich(repo)
    content = index_file(ledger).read_bytes()
    assert b"Two" in content
    index_file(ledger).write_bytes(content.replace(b"Two", b"Twp", 1))
    (finding,) = examine(ledger)
    assert finding.code == "damaged-index"


def test_an_order_that_broke_is_found(repo: Path) -> None:
    ledger = rich(repo)
    with closing(sqlite3.connect(index_file(ledger))) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'label, task)', 'task, label)')"
            " WHERE name = 'labels_by_label'"
        )
    (finding,) = examine(ledger)
    assert finding.problem == "its file is damaged"


def test_an_index_that_has_not_followed_yet_or_is_not_there_is_sound(
    repo: Path, git: RunGit
) -> None:
    ledger = rich(repo)
    before = git(place(ledger), "rev-parse", MAIN)
    kept = index_file(ledger).read_bytes()
    ledger.add("Five")
    ledger.close()
    index_file(ledger).write_bytes(kept)
    assert examine(ledger) == []
    git(place(ledger), "update-ref", MAIN, before)
    assert examine(ledger) == []
    index_file(ledger).unlink()
    assert examine(ledger) == []
    assert not index_file(ledger).exists()


def test_an_index_that_another_process_has_open_stays(repo: Path) -> None:
    ledger = rich(repo)
    rot(ledger, TEXTS["titles"][0])
    (finding,) = examine(ledger)
    assert finding.mend
    reader = ledger_at(repo)
    reader.tasks()
    with pytest.raises(StoreFailed, match="another process has it open"):
        finding.mend.do()
    reader.close()
    assert finding.mend.do()


@given(st.lists(changes(), min_size=1, max_size=5))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_an_index_has_followed_it_says_what_the_ledger_says(
    repo: Path, plan: list[Files]
) -> None:
    ledger = ledger_at(repo)
    store, git = ledger.repository.store, ledger.repository.git
    tip = commit(store, None, SOUND)
    index = open_index(str(repo / ".git"), "main")
    for number, files in enumerate(plan):
        index.follow(tip, lambda: store)
        index.operations.follow(tip, lambda: store, lambda: git)
        list(index.operations.newest(limit=2))
        if number % 2:
            index.candidates("ana", limit=3)
            index.operations.moves()
        assert list(differing(str(repo / ".git"), "main", store, lambda: git)) == []
        tip = commit(store, tip, files)
    index.close()


def test_an_index_of_another_version_is_left_to_the_next_command(repo: Path) -> None:
    ledger = rich(repo)
    with closing(sqlite3.connect(index_file(ledger))) as connection:
        connection.execute("PRAGMA user_version = 6")
    there = index_file(ledger).read_bytes()

    assert examine(ledger) == []
    assert index_file(ledger).read_bytes() == there


def test_what_is_no_index_at_all_is_found_and_stays_until_it_is_mended(repo: Path) -> None:
    ledger = rich(repo)
    index_file(ledger).write_bytes(b"garbage" * 100)
    (finding,) = examine(ledger)

    assert finding.code == "damaged-index"
    assert index_file(ledger).read_bytes() == b"garbage" * 100
    assert finding.mend is not None
    finding.mend.do()
    assert not index_file(ledger).exists()
