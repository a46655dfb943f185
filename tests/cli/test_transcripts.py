"""Every command as people see it: sessions of a terminal, compared line by line.

    ACCEPT_TRANSCRIPTS=1 python -m pytest tests/cli/test_transcripts.py

writes what comes back into the files in `transcripts/`, to be looked at in the diff. A new one is
begun by a file with nothing but its commands. What the lines mean is in `transcript.py`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.program import Program, Result
from tests.cli.transcript import Play

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
ACCEPT = "ACCEPT_TRANSCRIPTS" in os.environ

_ERROR = re.compile(r"error: \S[^\n]*\n(hint: \S[^\n]*\n)?(  git: [^\n]*\n)*")
_UNPRINTED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_session_goes_as_its_transcript_has_it(path: Path, cli: Program, tmp_path: Path) -> None:
    play = Play(tmp_path, cli)
    wanted = path.read_text(encoding="utf-8")
    came = play.play(wanted)
    for words, result, wrote in play.ran:
        _check_rules(words, result, wrote=wrote)
    if ACCEPT:
        path.write_text(came, encoding="utf-8")
    else:
        assert came == wanted


def _check_rules(words: Sequence[str], result: Result, *, wrote: bool) -> None:
    """Check what the contract says of every command (section 6)."""
    assert not _UNPRINTED.search(result.stdout + result.stderr)
    if "--json" in words and result.code in (0, 4) and result.stdout:
        answer = json.loads(result.stdout)
        assert list(answer)[:2] == ["schema_version", "kind"]
        assert answer["schema_version"] == 1
        assert not result.stderr.startswith("{")
    elif result.code:
        # A sync that loses a claim has done its work; with a remote out of reach (6) it stays.
        synced = words[:1] == ["sync"] or "--sync" in words or result.code == 6
        assert not wrote or synced, "it failed and wrote all the same"
        assert result.stdout == "" or words[0] in ("sync", "demo", "doctor")
        if "--json" in words:
            assert set(result.error) == {"code", "message", "hint"}
        else:
            assert result.stdout or _ERROR.fullmatch(result.stderr)
