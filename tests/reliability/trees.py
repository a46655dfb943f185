"""What may stand in a tree that is pulled, and what becomes of the other tasks."""

from __future__ import annotations

import json
import zlib
from hashlib import sha1

from tests.ledgers import MAIN
from tests.reliability.actor import Answer
from tests.reliability.declared import Fault, Table
from tests.reliability.forgery import EXECUTABLE, FOLDER, LINK, SUBMODULE, Forger, Item
from tests.reliability.page import shown
from tests.reliability.scene import Scene

OTHER = b"tasks/z/z/zzzz000000.toml"
"""Where the file of a task of nobody's stands."""
GOOD = b'title = "Forged"\nstatus = "pending"\npriority = "P2"\ntype = "task"\n'
FOLDERS = (b"tasks", b"z", b"z")


def _trial(fault: Fault, scene: Scene) -> tuple[str, ...]:
    """Pull the tree, read and write in it, and look for everything else."""
    before = _entries(scene, "origin.git")
    fault.inflict(scene)
    forged = _entries(scene, "origin.git") - before
    complaints = scene.fsck("origin.git")
    mine = {fact for fact in scene.facts("app") if fact[0] not in fault.hurt}

    synced = scene.play("sync")
    read = scene.play("list")
    written = scene.play("note {Measure the API} after")
    assert (synced.code, read.code, written.code) == fault.codes

    assert mine <= scene.facts("app")
    if (synced.code, written.code) == (0, 0):
        scene.must("claim {Review the schema}", "app-tests")
        scene.must("sync")
        scene.must("sync", "laptop")
        now = scene.facts("laptop")
        assert mine | {("Measure the API", "note", "after")} <= now
        assert ("Review the schema", "owner", "ada-app-tests") in now
    assert forged <= _entries(scene, "origin.git")
    assert set(scene.fsck("app").splitlines()) <= set(complaints.splitlines())
    return _findings(scene), _usable(scene, synced, written)


TABLE = Table(
    "bad entries",
    ("in the pulled tree", "`git ledger doctor` says", "all other tasks"),
    _trial,
    codes=(0, 0, 0),
)


def _entries(scene: Scene, where: str) -> set[str]:
    """Return what stands in the folders into which anything is forged; a bomb is not unfolded."""
    folders = ("z/z", "r/e", "a/b", "/".join(scene.ids["Ship it"][:2]))
    inside = scene.git(where, "ls-tree", "-z", MAIN, *(f"tasks/{each}/" for each in folders))
    beside = scene.git(where, "ls-tree", "-z", MAIN)
    found = {*inside.split("\0"), *beside.split("\0")}
    return {line for line in found if not line.endswith("\ttasks")}


def _findings(scene: Scene) -> str:
    answer = scene.play("doctor --json")
    found = json.loads(answer.out)["findings"]
    problems = dict.fromkeys(each["problem"].rpartition("left as it is: ")[2] for each in found)
    return "; ".join(shown(problem, scene) for problem in problems) or "nothing"


def _usable(scene: Scene, synced: Answer, written: Answer) -> str:
    """Return whether all other tasks can be read, written and synced."""
    for done, refused, answer in (
        ("read, written", "sync", synced),
        ("read, synced", "write", written),
    ):
        if answer.code:
            return f"{done}; {refused} exits {answer.code}: {shown(answer.line, scene)}"
    return "work"


def _task(scene: Scene, title: str) -> bytes:
    """Return where the file of a task stands."""
    task_id = scene.ids[title]
    return f"tasks/{task_id[0]}/{task_id[1]}/{task_id}.toml".encode()


# -- files -------------------------------------------------------------------------------------


@TABLE.fault("a file that is not TOML")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, b"title = \n<<<<<<< HEAD\n")


@TABLE.fault("an empty file")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, b"")


@TABLE.fault("TOML of the wrong types")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, b"title = 5\nstatus = []\npriority = {}\ntype = 1.5\n")


@TABLE.fault("an unknown status")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, GOOD.replace(b"pending", b"paused"))


@TABLE.fault("a title of two lines")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, GOOD.replace(b"Forged", b"One\\nTwo"))


@TABLE.fault("a file of a few bytes more than 64 KiB")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, GOOD + b"#" * (1 << 16))


@TABLE.fault("a key with ten thousand dots")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, GOOD + b"a." * 10_000 + b"a = 1\n")


@TABLE.fault("an array in an array in an array, ten thousand deep")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, GOOD + b"[metadata]\na = " + b"[" * 10_000 + b"]" * 10_000)


@TABLE.fault("bytes that are not UTF-8")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, GOOD.replace(b"Forged", b"F\xfforged"))


@TABLE.fault("NUL bytes")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, b"\0" * 512)


@TABLE.fault("a text that would act upon your terminal")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, b'title = "a\\u001b[31mb"\nstatus = "\\u001b[2J\\u202e"\n')


@TABLE.fault("a key that this version does not know")
def _(scene: Scene) -> None:
    Forger(scene).push(_task(scene, "Measure the API"), b'mood = "fine"\n' + _file(scene))


def _file(scene: Scene) -> bytes:
    path = _task(scene, "Measure the API").decode()
    return scene.git("origin.git", "show", f"{MAIN}:{path}").encode() + b"\n"


@TABLE.fault("tasks that wait for each other")
def _(scene: Scene) -> None:
    first, second = "zzzz000000", "zzzz000001"
    for one, other in ((first, second), (second, first)):
        content = GOOD + f'blocked_by = ["{other}"]\n'.encode()
        Forger(scene).push(f"tasks/z/z/{one}.toml".encode(), content)


# -- what is no plain file ---------------------------------------------------------------------


@TABLE.fault("a symbolic link")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, b"../../../format.toml", LINK)


@TABLE.fault("an executable file")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER, GOOD, EXECUTABLE)


@TABLE.fault("a submodule's commit")
def _(scene: Scene) -> None:
    Forger(scene).push_object(OTHER, SUBMODULE, "5" * 40)


@TABLE.fault("a folder where a task's file belongs")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER + b"/notes.toml", GOOD)


@TABLE.fault("a folder in the place of your task", hurt=["Ship it"])
def _(scene: Scene) -> None:
    path = _task(scene, "Ship it").split(b"/")
    forger = Forger(scene)
    folder = forger.tree(Item("100644", b"x", forger.write("blob", b"x")))
    forger.graft(path[:-1], Item(FOLDER, path[-1], folder), without=path[-1])


@TABLE.fault("garbage in the place of your task", hurt=["Ship it"])
def _(scene: Scene) -> None:
    path = _task(scene, "Ship it").split(b"/")
    forger = Forger(scene)
    blob = forger.write("blob", b"\xff\xfe")
    forger.graft(path[:-1], Item("100644", path[-1], blob), without=path[-1])


# -- names -------------------------------------------------------------------------------------


@TABLE.fault("a name that is no id")
def _(scene: Scene) -> None:
    Forger(scene).push(b"tasks/r/e/readme.md", b"hello\n")


@TABLE.fault("a task in the wrong folder")
def _(scene: Scene) -> None:
    Forger(scene).push(b"tasks/a/b/zzzz000000.toml", GOOD)


@TABLE.fault("a name in upper case")
def _(scene: Scene) -> None:
    Forger(scene).push(OTHER.replace(b"zzzz", b"ZZZZ"), GOOD)


@TABLE.fault("two names that differ in case alone")
def _(scene: Scene) -> None:
    forger = Forger(scene)
    forger.push(OTHER, GOOD)
    forger.push(OTHER.replace(b"zzzz", b"zzzZ"), GOOD)


@TABLE.fault("the same name twice in a folder")
def _(scene: Scene) -> None:
    forger = Forger(scene)
    items = [Item("100644", b"zzzz000000.toml", forger.write("blob", each)) for each in (GOOD, b"")]
    forger.graft(FOLDERS, *items)


@TABLE.fault("names like `..`, `.git` and `../../x`")
def _(scene: Scene) -> None:
    forger = Forger(scene)
    blob = forger.write("blob", GOOD)
    names = (b"..", b".", b".git", b"../../x.toml")
    forger.graft(FOLDERS, *(Item("100644", name, blob) for name in names))


@TABLE.fault("control and bidirectional characters in a name")
def _(scene: Scene) -> None:
    forger = Forger(scene)
    for name in ("\x1b[31m.toml", "a\nb.toml", "\u202etxt.toml"):
        forger.push(b"tasks/z/z/" + name.encode(), GOOD)


@TABLE.fault("a name that is not UTF-8")
def _(scene: Scene) -> None:
    Forger(scene).push(b"tasks/z/z/\xff\xfe.toml", GOOD)


# -- whole trees -------------------------------------------------------------------------------


@TABLE.fault("folders in folders, a thousand deep")
def _(scene: Scene) -> None:
    forger = Forger(scene)
    forger.push_object(b"tasks/z/z/deep", FOLDER, _nested(forger, 1_000, 1))


@TABLE.fault("a tree bomb: ten folders of ten folders …, ten levels")
def _(scene: Scene) -> None:
    forger = Forger(scene)
    forger.push_object(b"tasks/z/z/bomb", FOLDER, _nested(forger, 10, 10))


def _nested(forger: Forger, depth: int, width: int) -> str:
    """Return a tree of trees, `width` to the power of `depth` files in all."""
    objects = forger.scene.origin / "objects"
    oid, mode = forger.write("blob", GOOD), b"100644"
    for _ in range(depth):
        names = (b"%03d" % number for number in range(width))
        raw = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for name in names)
        content = b"tree %d\0" % len(raw) + raw
        oid, mode = sha1(content, usedforsecurity=False).hexdigest(), b"40000"
        path = objects / oid[:2] / oid[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(content))
    return oid


@TABLE.fault("no `format.toml`")
def _(scene: Scene) -> None:
    Forger(scene).graft([], without=b"format.toml")


@TABLE.fault("garbage in `format.toml`", 0, 0, 1)
def _(scene: Scene) -> None:
    scene.must("sync")
    _format(scene, b"\xff\xfe version\n")


@TABLE.fault("a newer `format.toml`", 0, 0, 1)
def _(scene: Scene) -> None:
    scene.must("sync")
    _format(scene, b"version = 2\n")


@TABLE.fault("a newer `format.toml`, while you have unpublished work", 1, 0, 0)
def _(scene: Scene) -> None:
    _format(scene, b"version = 2\n")


def _format(scene: Scene, content: bytes) -> None:
    forger = Forger(scene)
    item = Item("100644", b"format.toml", forger.write("blob", content))
    forger.graft([], item, without=b"format.toml")


@TABLE.fault("other files and folders beside `tasks`")
def _(scene: Scene) -> None:
    Forger(scene).push(b"notes/readme.md", b"hello\n")
