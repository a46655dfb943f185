"""What may happen to the files of a repository, and what is left of the list after it is mended."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.ledgers import MAIN
from tests.reliability.declared import DOCTOR, Back, Fault, Table
from tests.reliability.page import shown
from tests.reliability.scene import Fact, Scene

TRACKING: Final = "refs/gitledger-remotes/origin/main"
_LONG_AGO: Final = 1_000_000_000
"""When a lock file was left that nobody holds any more, in seconds since the epoch."""


def _trial(fault: Fault, scene: Scene) -> tuple[str, ...]:
    """Read and write in the damaged repository, go the way back, and look for everything."""
    known = scene.facts("app")
    by_hand = fault.inflict(scene)

    read = scene.play("list")
    written = scene.play("note {Measure the API} meanwhile", "app-tests")
    assert (read.code, written.code) == fault.codes
    if written.code == 0:
        known.add(("Measure the API", "note", "meanwhile"))

    if by_hand:
        by_hand()
    for command in fault.back:
        scene.go_back(command)
    lost = known - scene.facts("app")
    assert {(title, key) for title, key, _ in lost} == fault.lost
    goes_on(scene, known - lost)

    seen = [answer for answer in (read, written) if answer.code] or [read] * bool(read.err)
    line = shown(seen[0].line, scene) if seen else "nothing"
    return line, f"{read.code}, {written.code}", _then(fault, lost)


def goes_on(scene: Scene, known: set[Fact]) -> None:
    """See that git finds nothing wrong, and that all can be written and shared again."""
    assert scene.fsck("app") == ""
    scene.must("claim {Review the schema}", "app-tests")
    scene.must("sync")
    scene.must("sync", "laptop")
    scene.must("sync")
    assert known | {("Review the schema", "owner", "ada-app-tests")} <= scene.facts("laptop")
    assert scene.agree()
    assert scene.fsck("app") == scene.fsck("origin.git") == ""


def _then(fault: Fault, lost: set[Fact]) -> str:
    doctor = "`doctor --fix`" if fault.back else ""
    way = f"{', '.join(filter(None, [fault.hand, doctor]))}: " if fault.hand or doctor else ""
    if not lost:
        return f"{way}all is there"
    missing = (f"the {key} '{value}' of '{title}'" for title, key, value in sorted(lost))
    return f"{way}lost: {', '.join(missing)}"


TABLE = Table(
    "damage",
    ("damage", "you see", "exit", "then"),
    _trial,
    codes=(1, 1),
    back=DOCTOR,
)


# -- refs --------------------------------------------------------------------------------------


def _ref(content: bytes, name: str = MAIN) -> Callable[[Scene], None]:
    def overwrite(scene: Scene) -> None:
        (scene.git_dir / name).write_bytes(content)

    return overwrite


TABLE.fault("the list's ref is an empty file")(_ref(b""))
TABLE.fault("the list's ref is full of zeros")(_ref(b"\0" * 41))
TABLE.fault("the list's ref is garbage")(_ref(b"\xff\xfegarbage\n"))
TABLE.fault("the list's ref names a commit that is not there")(_ref(b"5" * 40 + b"\n"))
TABLE.fault("the tracking ref is an empty file", 0, 0)(_ref(b"", TRACKING))


@TABLE.fault(
    "the tracking ref names a commit that is not there", 0, 0, hand="remove the ref's file", back=()
)
def _(scene: Scene) -> Back:
    _ref(b"5" * 40 + b"\n", TRACKING)(scene)
    return (scene.git_dir / TRACKING).unlink


@TABLE.fault("the list's ref names a file, not a commit")
def _(scene: Scene) -> None:
    blob = scene.git("app", "rev-parse", f"{MAIN}:format.toml")
    (scene.git_dir / MAIN).write_text(f"{blob}\n")


@TABLE.fault("the list's ref names a commit of your branch")
def _(scene: Scene) -> None:
    (scene.git_dir / MAIN).write_text(scene.git("app", "rev-parse", "HEAD") + "\n")


@TABLE.fault("the list's ref is symbolic")
def _(scene: Scene) -> None:
    tip = scene.git("app", "rev-parse", MAIN)
    scene.git("app", "update-ref", "refs/gitledger/other", tip)
    scene.git("app", "symbolic-ref", MAIN, "refs/gitledger/other")


@TABLE.fault("the file of the list's ref is gone")
def _(scene: Scene) -> None:
    (scene.git_dir / MAIN).unlink()


@TABLE.fault("`packed-refs` is garbage", 0, 0, hand="remove the garbage", back=())
def _(scene: Scene) -> Back:
    packed = scene.git_dir / "packed-refs"
    packed.write_bytes(b"\xff\xfe garbage\n")
    return packed.unlink


@TABLE.fault("the reflog is gone", 0, 0)
def _(scene: Scene) -> None:
    shutil.rmtree(scene.git_dir / "logs/refs/gitledger")


@TABLE.fault("a lock file of the list's ref, left by a killed process", 0, 0)
def _(scene: Scene) -> None:
    _leave_lock(scene.git_dir / f"{MAIN}.lock")


@TABLE.fault("a lock file of the tracking ref, left by a killed process", 0, 0)
def _(scene: Scene) -> None:
    _leave_lock(scene.git_dir / f"{TRACKING}.lock")


def _leave_lock(path: Path) -> None:
    path.touch()
    os.utime(path, (_LONG_AGO, _LONG_AGO))


# -- objects -----------------------------------------------------------------------------------


def _truncated(path: Path) -> None:
    content = path.read_bytes()
    _overwrite(path, content[: len(content) // 2])


def _emptied(path: Path) -> None:
    _overwrite(path, b"")


def _garbage(path: Path) -> None:
    _overwrite(path, b"\xff\xfe" + bytes(range(64)))


def _changed(path: Path) -> None:
    """Let the object be another one of the same kind and size."""
    content = zlib.decompress(path.read_bytes())
    _overwrite(path, zlib.compress(content.replace(b"last", b"lost")))


def _removed(path: Path) -> None:
    path.unlink()


def _overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def _file_of(scene: Scene, title: str) -> str:
    task_id = scene.ids[title]
    return f"tasks/{task_id[0]}/{task_id[1]}/{task_id}.toml"


def _object(harm: Callable[[Path], None], name: str, title: str = "") -> Callable[[Scene], None]:
    """Return what does harm to the file of an object.

    Args:
        harm: does it.
        name: the object, as git names it; a commit's colon is followed by a task's file.
        title: that task's title.
    """

    def inflict(scene: Scene) -> None:
        harm(_path(scene, f"{name}{_file_of(scene, title)}" if title else name))

    return inflict


def _path(scene: Scene, name: str) -> Path:
    """Return the file of an object."""
    oid = scene.git("app", "rev-parse", name)
    return scene.git_dir / "objects" / oid[:2] / oid[2:]


_LAST: Final = [("Write the docs", "note")]
"""What the newest operation says, which nobody else has yet."""

TABLE.fault("the newest commit is truncated", lost=_LAST)(_object(_truncated, MAIN))
TABLE.fault("the newest commit is gone", lost=_LAST)(_object(_removed, MAIN))
TABLE.fault("the newest commit is garbage", lost=_LAST)(_object(_garbage, MAIN))
TABLE.fault("the newest tree is truncated", lost=_LAST)(_object(_truncated, f"{MAIN}^{{tree}}"))
TABLE.fault("the newest tree is gone", lost=_LAST)(_object(_removed, f"{MAIN}^{{tree}}"))
TABLE.fault("the newest file is truncated", 0, 0, lost=_LAST)(
    _object(_truncated, f"{MAIN}:", "Write the docs")
)
TABLE.fault("the newest file is empty, as after power loss", 0, 0, lost=_LAST)(
    _object(_emptied, f"{MAIN}:", "Write the docs")
)
TABLE.fault("the newest file is gone", 0, 0, lost=_LAST)(
    _object(_removed, f"{MAIN}:", "Write the docs")
)
TABLE.fault("the commit below the newest is truncated", 0, 0)(_object(_truncated, f"{MAIN}~1"))
TABLE.fault("the commit below the newest is gone", 0, 0)(_object(_removed, f"{MAIN}~1"))
TABLE.fault("a published file is truncated", 0, 0)(
    _object(_truncated, f"{MAIN}:", "Build the page")
)
TABLE.fault("a published file is gone", 0, 0)(_object(_removed, f"{MAIN}:", "Ship it"))
TABLE.fault("a published tree is truncated", 1, 0)(_object(_truncated, f"{TRACKING}:tasks"))
TABLE.fault("a published commit is truncated", 0, 0)(_object(_truncated, f"{TRACKING}~2"))
TABLE.fault("a published commit is gone", 0, 0)(_object(_removed, f"{TRACKING}~2"))


TABLE.fault("the newest file has other bytes", 0, 0, lost=_LAST)(
    _object(_changed, f"{MAIN}:", "Write the docs")
)


@TABLE.fault("a pack with what is published has a flipped byte")
def _(scene: Scene) -> None:
    pack = _packed(scene)
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 0xFF
    _overwrite(pack, bytes(content))


@TABLE.fault("a pack with what is published is truncated", 0, 1)
def _(scene: Scene) -> None:
    _truncated(_packed(scene))


@TABLE.fault("a pack with what is published is gone", 0, 1)
def _(scene: Scene) -> None:
    _packed(scene).unlink()


def _packed(scene: Scene) -> Path:
    """Pack what is published of the list, and return the pack."""
    objects = scene.git("app", "rev-list", "--objects", "--no-object-names", TRACKING)
    pack = scene.git_dir / "objects" / "pack" / "pack"
    name = scene.git("app", "pack-objects", "-q", str(pack), stdin=f"{objects}\n".encode())
    scene.git("app", "prune-packed")
    return pack.with_name(f"pack-{name}.pack")
