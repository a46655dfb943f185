"""Heartbeats: signs of life that stay on their machine."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from gitledger.heartbeat import Heartbeats
from tests.ledgers import NEW_YEAR

HOUR = timedelta(hours=1)


def test_a_session_was_last_alive_at_its_last_beat(tmp_path: Path) -> None:
    heartbeats = Heartbeats(tmp_path)
    assert heartbeats.last("ada", NEW_YEAR) is None
    heartbeats.beat("ada", NEW_YEAR)
    heartbeats.beat("ada", NEW_YEAR + HOUR)
    assert heartbeats.last("ada", NEW_YEAR + 5 * HOUR) == NEW_YEAR + HOUR
    assert heartbeats.last("grace", NEW_YEAR) is None
    assert heartbeats.sessions() == ("ada",)


def test_who_may_use_the_git_directory_may_be_alive_in_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o2775)
    Heartbeats(tmp_path).beat("ada", NEW_YEAR)
    for folder in ("gitledger", "gitledger/heartbeats"):
        assert (tmp_path / folder).stat().st_mode & 0o7777 == 0o2775


def test_a_session_that_waits_is_alive_as_long_as_its_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from gitledger.heartbeat import Heartbeats\n"
        "at = datetime(2026, 1, 1, tzinfo=UTC)\n"
        "Heartbeats(Path(sys.argv[1])).beat('ada', at, waits=True)\n"
        "print('waits', flush=True); sys.stdin.read()\n"
    )
    waiting = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "waits\n"
    heartbeats, now = Heartbeats(tmp_path), NEW_YEAR + 9 * HOUR
    assert heartbeats.last("ada", now) == now
    waiting.communicate("")
    assert heartbeats.last("ada", now) == NEW_YEAR


def test_a_process_that_has_the_same_number_is_another_one(tmp_path: Path) -> None:
    heartbeats = Heartbeats(tmp_path)
    heartbeats.beat("ada", NEW_YEAR, waits=True)
    path = tmp_path / "gitledger" / "heartbeats" / "ada"
    pid, start, boot = path.read_text().split()
    for later in (f"{pid} {start} after-a-reboot", f"{pid} {int(start) + 1} {boot}", "1", "x y"):
        path.write_text(later)
        os.utime(path, (NEW_YEAR.timestamp(),) * 2)
        assert heartbeats.last("ada", NEW_YEAR + HOUR) == NEW_YEAR


def test_a_renamed_session_keeps_its_heartbeat_and_an_ended_one_has_none(tmp_path: Path) -> None:
    heartbeats = Heartbeats(tmp_path)
    heartbeats.beat("ada", NEW_YEAR)
    heartbeats.rename("ada", "grace")
    assert heartbeats.last("grace", NEW_YEAR) == NEW_YEAR
    heartbeats.forget("grace")
    heartbeats.forget("grace")
    assert heartbeats.sessions() == ()


def test_a_directory_that_cannot_be_written_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "gitledger").write_text("a file")
    heartbeats = Heartbeats(tmp_path)
    heartbeats.beat("ada", NEW_YEAR)
    assert heartbeats.last("ada", NEW_YEAR) is None
    assert heartbeats.sessions() == ()
