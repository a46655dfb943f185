"""The documents say what the program does.

`UPDATE_DOCS=1 .venv/bin/pytest tests/test_docs.py` writes what it says now into them.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from difflib import unified_diff
from itertools import count
from pathlib import Path

import pytest

from gitledger.core.task import NOTE_KEYS, TASK_KEYS
from gitledger.ledger import Ledger
from tests.conftest import MakeRepo
from tests.documents import DOCUMENTS, blocks, rewritten
from tests.scenery import ROOT, Scenery
from tests.tables import TABLES

_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")
_KEY = re.compile(r"`([a-z_]+)`")
# What belongs to one machine: absolute paths, and where packages come from.
_MACHINE = re.compile(r"(?<![\w.~/:<\]})*…])/[A-Za-z]\w*|index-url|find-links")
_HOST = re.compile(r"https?://([^/\s)`>]+)")
_HOSTS = {"keepachangelog.com", "semver.org"}


def _text(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def _fenced(document: str, kind: str) -> list[str]:
    lines = _text(document).splitlines()
    return ["\n".join(lines[b.start : b.stop]) for b in blocks(lines) if b.kind == kind]


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Scenery:
    scenery = Scenery(tmp_path_factory.mktemp("scenery"))
    scenery.build()
    return scenery


@pytest.fixture
def scenery(_built: Scenery, _sealed_libgit2: None, tmp_path: Path) -> Callable[[], Scenery]:
    """Return a function that makes fresh repositories to play in."""
    numbers = count()
    return lambda: _built.copied(tmp_path / str(next(numbers)))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_shows_what_the_program_does(
    document: str, scenery: Callable[[], Scenery]
) -> None:
    text = _text(document)
    now = rewritten(text, scenery, TABLES)
    if "UPDATE_DOCS" in os.environ:
        (ROOT / document).write_text(now, encoding="utf-8")
    elif now != text:
        lines = unified_diff(text.splitlines(), now.splitlines(), document, "the program")
        pytest.fail("\n".join(lines), pytrace=False)


def test_every_table_of_the_code_stands_in_one_document() -> None:
    marks = [b.kind for d in DOCUMENTS for b in blocks(_text(d).splitlines()) if " " in b.kind]
    assert sorted(marks) == sorted(f"table {name}" for name in TABLES)


def test_every_module_has_its_layer() -> None:
    layers = re.search(r"(?s)## Layers(.*?)\n\*\*", _text("docs/architecture.md"))
    assert layers
    there = {path.stem for path in ROOT.glob("gitledger/[a-z]*") if path.suffix in ("", ".py")}
    assert set(_KEY.findall(layers[1])) == there


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_are_named_are_there(document: str) -> None:
    # The tables of modules are made from the files themselves.
    text = re.sub(r"(?s)<!-- begin.*?<!-- end", "", _text(document))
    named = re.findall(r"`([\w/*]+\.py)`", text)
    folders = (ROOT, ROOT / "gitledger")
    assert [name for name in named if not any([*folder.glob(name)] for folder in folders)] == []


def test_every_key_of_a_task_and_a_note_is_described_and_in_the_example() -> None:
    described = _text("docs/file-format.md").partition("## A task")[2]
    task, _, note = described.partition("### A note")
    (example,) = _fenced("docs/file-format.md", "toml")
    for keys, part in ((TASK_KEYS, task), (NOTE_KEYS, note)):
        named = {
            key for row in re.findall(r"^\| (.*?) \|", part, re.M) for key in _KEY.findall(row)
        }
        assert set(keys) <= named
        assert all(re.search(rf"^(\[+)?{key}\b", example, re.M) for key in keys)


def test_every_key_of_a_task_has_its_rule_of_merging() -> None:
    rules = _text("docs/merging.md").partition("## The rules")[2].partition("A merge also")[0]
    assert set(TASK_KEYS) <= set(_KEY.findall(rules))


def test_the_first_commit_of_a_ledger_is_the_documented_one(make_repo: MakeRepo) -> None:
    ledger, _ = Ledger.init(make_repo("any"))
    assert f"commit {ledger.tip()}\n" in _text("docs/file-format.md")


def test_every_setting_that_the_program_reads_is_described() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("gitledger/**/*.py"))
    names = re.findall(r"\"((?:GITLEDGER|CLAUDE_CODE)_[A-Z_]+)\"", code)
    names += re.findall(r"\"(gitledger\.(?:\{\w+\}\.)?\w+)\"", code)
    assert len(names) > 5
    described = _text("docs/commands.md")
    written = [re.sub(r"\{\w+\}", "REMOTE", name) for name in names]
    assert [name for name in written if f"`{name}`" not in described] == []


def test_the_commands_of_the_readme_are_those_that_ci_runs() -> None:
    demo, tests = _fenced("README.md", "sh")
    assert demo.endswith("demo")
    assert tests.endswith("pytest")
    printed = subprocess.run(
        ["bash", ".ci/run", "--print"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert printed.stdout.splitlines() == [demo, tests]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    assert [link for link in _links(document) if not _leads_somewhere(document, link)] == []


def _links(document: str) -> Iterator[str]:
    found = _LINK.findall(re.sub(r"(?ms)^```.*?^```$", "", _text(document)))
    return (link for link in found if not link.startswith("https://"))


def _leads_somewhere(document: str, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (ROOT / document).parent / path if path else ROOT / document
    if not target.exists():
        return False
    headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.M) if anchor else []
    return not anchor or anchor in map(_anchor, headings)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_knows_of_no_machine(document: str) -> None:
    assert _MACHINE.findall(_text(document)) == []
    assert set(_HOST.findall(_text(document))) <= _HOSTS
