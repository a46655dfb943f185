"""Commit messages that tell of operations (contract, section 2)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.operation import Operation, parse_message
from tests.strategies import sessions, task_ids, titles

bounded = settings(max_examples=100, deadline=None)

ONE, TWO = "7f3k2m9q0d", "8g4m3n0r1e"

verbs = st.sampled_from(("claim", "add", "import", "done", "undo"))
_agents = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
operations = st.one_of(
    st.builds(
        Operation,
        name=verbs,
        tasks=task_ids.map(lambda task: (task,)),
        title=titles,
        session=sessions,
        agent=st.none() | _agents,
    ),
    st.builds(
        Operation,
        name=verbs,
        tasks=st.lists(task_ids, min_size=2, max_size=4).map(tuple),
        session=sessions,
        agent=st.none() | _agents,
    ),
    st.builds(Operation, name=verbs, session=sessions),
)


def test_one_task_is_named_by_id_and_title() -> None:
    operation = Operation(
        name="claim", tasks=(ONE,), title="Add auth", session="ana", agent="claude-code 2.1"
    )
    assert operation.message() == (
        "claim 7f3k2m9q0d: Add auth\n"
        "\n"
        "Ledger-Op: claim\n"
        "Ledger-Task: 7f3k2m9q0d\n"
        "Ledger-Session: ana\n"
        "Ledger-Agent: claude-code 2.1\n"
    )


def test_of_a_batch_the_subject_counts_and_the_trailers_name_the_tasks() -> None:
    operation = Operation(name="import", tasks=(ONE, TWO), title="Add auth", session="ana")
    assert operation.message() == (
        "import 2 tasks\n"
        "\n"
        "Ledger-Op: import\n"
        "Ledger-Task: 7f3k2m9q0d\n"
        "Ledger-Task: 8g4m3n0r1e\n"
        "Ledger-Session: ana\n"
    )


def test_an_operation_without_tasks_is_named_alone() -> None:
    assert Operation(name="init").message() == "init\n\nLedger-Op: init\n"


@bounded
@given(operations)
def test_a_message_is_read_as_the_operation_that_it_tells_of(operation: Operation) -> None:
    assert parse_message(operation.message()) == operation


@pytest.mark.parametrize(
    "title", ["fix: a: b", ": ", "claim 7f3k2m9q0d: x", "größe — ✓", "Ledger-Op: done", "a  b"]
)
def test_a_title_may_look_like_anything(title: str) -> None:
    operation = Operation(name="add", tasks=(ONE,), title=title, session="ana")
    assert parse_message(operation.message()) == operation


@pytest.mark.parametrize("agent", ["x\nLedger-Op: done", "x\r\n\x1b[2J", "x\udce9", "x\x00\ty"])
def test_an_agents_name_cannot_break_out_of_its_line(agent: str) -> None:
    operation = Operation(name="add", tasks=(ONE,), title="T", session="ana", agent=agent)
    message = operation.message()
    assert message.encode()
    assert len(message.splitlines()) == 6
    assert message.splitlines()[-1].startswith("Ledger-Agent: x ")
    assert parse_message(message).name == "add"


@pytest.mark.parametrize("agent", ["x\x85Ledger-Op: done", "x\u2028Ledger-Op: done"])
def test_only_a_line_feed_ends_a_trailer(agent: str) -> None:
    operation = Operation(name="add", tasks=(ONE,), title="T", session="ana", agent=agent)
    assert parse_message(operation.message()) == operation


@pytest.mark.parametrize("title", ["a\nb", "a\r\nb", "a\x00b", "a\udce9b"])
def test_a_title_that_is_not_one_line_becomes_one_in_the_subject(title: str) -> None:
    operation = Operation(name="add", tasks=(ONE,), title=title)
    assert operation.subject() == "add 7f3k2m9q0d: a b"


@pytest.mark.parametrize(
    ("message", "operation"),
    [
        ("", Operation(name="")),
        ("Fix by hand", Operation(name="Fix by hand")),
        ("Fix: by hand\n\nBecause: of this\n", Operation(name="Fix: by hand")),
        ("Ledger-Op: claim", Operation(name="Ledger-Op: claim")),
        (
            "Edit by hand\n\nWhy: so\n\nLedger-Task: 7f3k2m9q0d\nledger-op: done\n",
            Operation(name="Edit by hand", tasks=(ONE,)),
        ),
        (
            "any: subject\n\nLedger-Op: add\nLedger-Op: edit\nLedger-Session: ana\n",
            Operation(name="edit", session="ana"),
        ),
        ("add: T\n\nLedger-Op: \nLedger-Agent: \n", Operation(name="add: T")),
        ("T\n\n Ledger-Op: add\nLedger-Opp add\nLedger-Op:add\n", Operation(name="T")),
    ],
)
def test_a_commit_by_hand_is_read_as_far_as_it_goes(message: str, operation: Operation) -> None:
    assert parse_message(message) == operation


@bounded
@given(st.text(max_size=80))
def test_any_message_is_read(message: str) -> None:
    operation = parse_message(message)
    assert operation.name == message.partition("\n")[0] or "Ledger-Op" in message


def test_what_an_operation_takes_back_is_in_its_message() -> None:
    commits = ("0123456789" * 4, "abcdef0123456789" * 4)
    operation = Operation(name="undo", tasks=(ONE,), title="T", session="ana", undoes=commits)
    message = operation.message()
    assert message.count("Ledger-Undoes: ") == 2
    assert parse_message(message) == operation


def test_what_is_no_commit_is_not_taken_back() -> None:
    message = f"undo\n\nLedger-Op: undo\nLedger-Undoes: HEAD\nLedger-Undoes: {'0' * 39}\n"
    assert parse_message(message).undoes == ()
