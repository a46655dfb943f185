"""Every fault that `docs/reliability.md` names does what stands there.

`UPDATE_DOCS=1 .venv/bin/pytest tests/reliability` writes what it does now into the document.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.reliability import damage, machine, page, remotes, trees, typed
from tests.reliability.declared import Fault, Table
from tests.reliability.scene import Scene

TABLES = (trees.TABLE, damage.TABLE, remotes.TABLE, machine.TABLE, typed.TABLE)
TRIED = [
    pytest.param(table, fault, id=f"{table.name}: {fault.what}")
    for table in TABLES
    for fault in table.faults
]


@pytest.mark.parametrize(("table", "fault"), TRIED)
def test_a_fault_does_what_the_document_says(
    table: Table, fault: Fault, built: Scene, tmp_path: Path
) -> None:
    scene = built.copied(tmp_path / "s")
    line = page.row(fault.what, *table.trial(fault, scene))
    if "UPDATE_DOCS" in os.environ:
        page.put(table, fault.what, line)
    else:
        assert page.rows(table).get(page.row(fault.what)[2:-2]) == line


def test_the_document_names_no_other_faults() -> None:
    assert page.tables_in() == [table.name for table in TABLES]
    for table in TABLES:
        names = [page.row(fault.what)[2:-2] for fault in table.faults]
        assert len(names) == len(set(names))
        assert list(page.rows(table)) == names
