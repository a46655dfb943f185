"""Trees are walked as they are stored, and no further than needed."""

from __future__ import annotations

from gitledger.store.base import Change, Entry
from gitledger.store.trees import differences, walk

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
