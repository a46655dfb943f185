"""The transcripts show every command and every option."""

from __future__ import annotations

import shlex

import pytest

from gitledger.cli import registry
from gitledger.cli.parse import parse, query_words
from gitledger.cli.route import find_route
from gitledger.cli.spec import COMMON
from gitledger.errors import InvalidInput
from tests.cli.test_transcripts import TRANSCRIPTS
from tests.cli.transcript import read_steps

ELSEWHERE = {"demo"}
"""Commands whose output is another one each time; they have tests of their own."""


def shown() -> dict[str, set[str]]:
    """Return the commands that the transcripts show, with the options that they are given."""
    found: dict[str, set[str]] = {}
    for path in TRANSCRIPTS:
        for step in read_steps(path.read_text(encoding="utf-8")):
            if "git ledger" not in step.command:
                continue
            words = shlex.split(step.command.partition("git ledger")[2])
            try:
                verb, words = find_route([word for word in words if word[:1] != "<"])
            except InvalidInput:
                continue
            if verb in registry.verbs():
                command = registry.find(verb)
                values = parse(command, query_words(command, words)) or {}
                given = {name for name, value in values.items() if value not in (None, False, [])}
                found.setdefault(verb, set()).update(given)
    return found


SHOWN = shown()


@pytest.mark.parametrize("verb", sorted(set(registry.verbs()) - ELSEWHERE))
def test_every_option_of_a_command_is_in_a_transcript(verb: str) -> None:
    own = {option.name for option in registry.find(verb).own}
    assert own <= SHOWN.get(verb, set())


def test_every_common_option_is_in_a_transcript() -> None:
    assert {option.name for option in COMMON} <= set().union(*SHOWN.values())


def test_every_command_is_in_a_transcript() -> None:
    assert set(registry.verbs()) - ELSEWHERE <= set(SHOWN)
