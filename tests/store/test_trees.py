"""Trees are walked as they are stored, and no further than needed."""

from __future__ import annotations

from gitledger.store.base import Change, Entry
from gitledger.store.trees import content, differences, items, walk

BLOB, OTHER = "b" * 40, "c" * 40


class Trees:
    """Tree objects by invented ids, which remembers which of them were read."""

    def __init__(self, **trees: list[tuple[str, str, str]]) -> None:
        self.ids = {name: f"{at:040x}" for at, name in enumerate(trees)}
        self.names = {oid: name for name, oid in self.ids.items()}
        self.content = {
            self.ids[name]: b"".join(
                f"{mode} {item}\0".encode() + bytes.fromhex(self.ids.get(oid, oid))
                for mode, item, oid in items
            )
            for name, items in trees.items()
        }
        self.seen: list[str] = []

    def read(self, oid: str) -> bytes:
        self.seen.append(self.names[oid])
        return self.content[oid]


def test_equal_subtrees_are_not_read() -> None:
    trees = Trees(
        one=[("40000", "a", "same"), ("40000", "b", "before")],
        two=[("40000", "a", "same"), ("40000", "b", "after")],
        same=[("100644", "x", BLOB)],
        before=[("100644", "y", BLOB)],
        after=[("100644", "y", OTHER)],
    )

    found = list(differences(trees.read, trees.ids["one"], trees.ids["two"]))
    assert found == [Change("b/y", Entry("b/y", BLOB, 0o100644), Entry("b/y", OTHER, 0o100644))]
    assert sorted(trees.seen) == ["after", "before", "one", "two"]


def test_a_walk_reads_a_tree_only_when_it_comes_to_it() -> None:
    trees = Trees(
        root=[("40000", "a", "first"), ("40000", "b", "second")],
        first=[("100644", "x", BLOB)],
        second=[("100644", "y", BLOB)],
    )

    entries = walk(trees.read, trees.ids["root"], "tasks/")
    assert next(entries).path == "tasks/a/x"
    assert trees.seen == ["root", "first"]
    assert [entry.path for entry in entries] == ["tasks/b/y"]


def test_a_file_that_becomes_a_folder_is_two_changes() -> None:
    trees = Trees(
        one=[("100644", "a", BLOB), ("100644", "a.b", BLOB)],
        two=[("100644", "a.b", OTHER), ("40000", "a", "inside")],
        inside=[("100644", "x", BLOB)],
    )

    found = list(differences(trees.read, trees.ids["one"], trees.ids["two"]))
    assert [(change.path, bool(change.old), bool(change.new)) for change in found] == [
        ("a", True, False),
        ("a.b", True, True),
        ("a/x", False, True),
    ]


def test_a_file_whose_name_ends_with_a_slash_is_not_taken_for_a_folder() -> None:
    trees = Trees(
        one=[("100644", "a/", BLOB)],
        two=[("40000", "a", "inside")],
        inside=[("100644", "x", BLOB)],
    )

    found = list(differences(trees.read, trees.ids["one"], trees.ids["two"]))
    assert {change.path for change in found} == {"a/", "a/x"}


def test_ids_of_sha256_repositories_are_read_too() -> None:
    tree, blob = "a" * 64, "b" * 64

    entries = walk(lambda _: b"100644 x\0" + bytes.fromhex(blob), tree)
    assert list(entries) == [Entry("x", blob, 0o100644)]


def bomb(levels: int, width: int) -> Trees:
    """Return trees of which each names the next so many times."""
    below = [
        ("40000", f"{at:04}", f"t{level}") for level in range(1, levels) for at in range(width)
    ]
    named = {f"t{level}": below[level * width : (level + 1) * width] for level in range(levels - 1)}
    return Trees(
        **named, **{f"t{levels - 1}": [("100644", f"{at:04}", BLOB) for at in range(width)]}
    )


def test_no_deeper_folder_is_entered_than_asked_for() -> None:
    trees = bomb(3, 1)
    first = trees.ids["t0"]

    assert [entry.path for entry in walk(trees.read, first, depth=2)] == ["0000/0000/0000"]
    assert list(walk(trees.read, first, depth=1)) == [
        Entry("0000/0000/", trees.ids["t2"], 0o040000)
    ]
    assert list(walk(trees.read, first, depth=0)) == [Entry("0000/", trees.ids["t1"], 0o040000)]
    changes = list(differences(trees.read, None, first, depth=1))
    assert changes == [Change("0000/0000/", None, Entry("0000/0000/", trees.ids["t2"], 0o040000))]


def test_few_objects_that_stand_for_billions_of_paths_come_to_an_end() -> None:
    for levels, width in ((10, 10), (3, 2000)):
        trees = bomb(levels, width)
        entries = list(walk(trees.read, trees.ids["t0"]))
        changes = list(differences(trees.read, None, trees.ids["t0"]))

        assert len(entries) < 30_000
        assert [change.new for change in changes] == entries
        assert len(trees.seen) < 30_000
        assert any(entry.mode == 0o040000 for entry in entries)


def test_a_few_copies_of_a_folder_are_all_entered() -> None:
    trees = bomb(2, 90)

    assert len(list(walk(trees.read, trees.ids["t0"]))) == 90 * 90


def test_many_copies_of_other_folders_do_not_hide_one_that_is_there_twice() -> None:
    many = [("100644", f"{at:04}", BLOB) for at in range(200)]
    trees = Trees(
        root=[("40000", f"{at:04}", "many") for at in range(100)]
        + [("40000", "backup", "tasks"), ("40000", "tasks", "tasks")],
        many=many,
        tasks=[("100644", "7f", BLOB)],
    )

    for found in (
        [entry.path for entry in walk(trees.read, trees.ids["root"])],
        [change.path for change in differences(trees.read, None, trees.ids["root"])],
    ):
        assert {"backup/7f", "tasks/7f"} <= set(found)
        assert "0099/" in found


def test_a_tree_is_written_as_it_was_read() -> None:
    stored = b"".join(
        b"%b %b\0%b" % (mode, name, b"\1" * 20)
        for mode, name in ((b"100664", b"a.b"), (b"40000", b"a"), (b"120000", b"a0\xff"))
    )

    assert content(items(lambda _: stored, "1" * 40)) == stored
