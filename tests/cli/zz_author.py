"""author drafts: {Title} -> short id. usage: pytest -p no:... (run as pytest test)"""
import re, os, sys
from pathlib import Path
import pytest
from tests.cli.transcript import Play, read_steps
from tests.cli.program import Program
from gitledger.ledger import Ledger
OUT = Path("/work/main/tests/cli/transcripts")
only = os.environ.get("ONLY")
@pytest.mark.parametrize("path", [p for p in sorted(Path("/tmp/drafts").glob("*.txt")) if not only or re.search(only,p.stem)], ids=lambda p: p.stem)
def test_author(path, cli, tmp_path):
    play = Play(tmp_path, cli)
    lines=[]
    for step in read_steps(path.read_text()):
        cmd = step.command
        if re.search(r"\{[A-Z][^}{]*\}", cmd):
            list_ = None
            ledger = Ledger.open(cli.cwd, environ={**cli.environ})
            ids = {t.title: ledger.short(t.id) for t in ledger.tasks()}
            cmd = re.sub(r"\{([A-Z][^}{]*)\}", lambda m: ids.get(m[1], m[0]), cmd)
        typed = cmd.replace("\n","\n> ")
        lines += [*step.before, f"$ {typed}", *play._output(cmd)]
    (OUT/path.name).write_text("".join(l+"\n" for l in lines))
