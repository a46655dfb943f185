"""What people type."""

from __future__ import annotations

from tests.reliability.declared import Fault, Table
from tests.reliability.page import shown
from tests.reliability.scene import Scene


def _trial(fault: Fault, scene: Scene) -> tuple[str, ...]:
    """Carry out the command; it must not write."""
    fault.inflict(scene)
    refs = scene.git("app", "for-each-ref")
    answer = scene.play(fault.command, stdin=fault.stdin)
    assert (answer.code,) == fault.codes
    assert answer.out == ""
    assert answer.err.startswith("error: ")
    assert scene.git("app", "for-each-ref") == refs
    return shown(answer.line, scene), str(answer.code)


TABLE = Table("bad input", ("typed", "you see", "exit"), _trial, codes=(2,))


def _typed(command: str, code: int, stdin: str = "", *, seen: str = "") -> None:
    """Declare a command line that is wrong.

    Args:
        command: the command line, as `Scene.play` takes it.
        code: what it exits with.
        stdin: what it finds on standard input.
        seen: how the document shows it where that is not the command line itself.
    """
    TABLE.fault(f"`{seen or command}`", code, command=command, stdin=stdin)(lambda _: None)


_typed("lits", 2)
_typed("list --list mian", 3)
_typed("list --status compleeted", 2)
_typed("list statsu:pending", 2)
_typed("list priority:P7", 2)
_typed("show h", 3)
_typed("show zzzz", 3)
_typed("done ../../etc", 3)
_typed("claim {Build the page}", 4, seen="claim ID")
_typed("add One\nTwo", 2, seen="add 'One⏎Two'")
_typed(f"add {'x' * 501}", 2, seen="add TITLE (501 characters)")
_typed("add Title --due nonsense", 2)
_typed("add Title --due 2026-02-30", 2)
_typed("add Title --estimate soon", 2)
_typed("add Title --description -", 2, "x" * 61_441, seen="add Title -d - (over 60 KiB)")
_typed("note {Write the schema} -", 2, "one\udcff", seen="note ID - (not UTF-8)")
_typed("progress {Write the schema} 101", 2, seen="progress ID 101")
_typed("edit {Write the docs} -b {Write the docs}", 2, seen="edit ID -b ID")
_typed(
    "add --file -",
    2,
    "- [ ] A [blockedBy: 2]\n- [ ] B [blockedBy: 1]\n",
    seen="add --file - (a cycle)",
)
_typed("add --file -", 2, "{", seen="add --file - (half a JSON)")
_typed("sync orign", 3)
_typed("sync --upload-pack=x", 2)
_typed("list --list ../x", 2)
_typed("init --list a..b", 2)
