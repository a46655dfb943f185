import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.errors import StoreFailed
from gitledger.store.base import Commit, Signature
from gitledger.store.commits import commit_content, parse_commit

OID, TREE, PARENT = "1" * 40, "2" * 40, "3" * 40
ADA = b"Ada Lovelace <ada@example.org> 1767225600 +0130"


def raw(*, parents: tuple[str, ...] = (), more: bytes = b"", message: bytes = b"hi\n") -> bytes:
    lines = b"".join(f"parent {parent}\n".encode() for parent in parents)
    head = b"tree " + TREE.encode() + b"\n" + lines
    return head + b"author " + ADA + b"\ncommitter " + ADA + b"\n" + more + b"\n" + message


def test_a_commit_is_read_with_its_tree_and_parents() -> None:
    ada = Signature("Ada Lovelace", "ada@example.org", 1767225600, 90)
    found = parse_commit(OID, raw(parents=(PARENT, OID)))
    assert found.commit == Commit(OID, PARENT, "hi\n", ada, ada)
    assert (found.tree, found.parents) == (TREE, (PARENT, OID))


def test_a_root_has_no_parent() -> None:
    assert parse_commit(OID, raw()).commit.parent is None


def test_a_signature_in_the_header_is_no_part_of_the_message() -> None:
    signed = b"gpgsig -----BEGIN-----\n \n abc\n -----END-----\nencoding latin-1\n"
    assert parse_commit(OID, raw(more=signed, message=b"one\n\ntwo\n")).commit.message == (
        "one\n\ntwo\n"
    )


def test_an_empty_message_is_empty() -> None:
    assert parse_commit(OID, raw(message=b"")).commit.message == ""


@pytest.mark.parametrize(
    ("line", "signature"),
    [
        (b"Ada <ada@x> 12 -0800", Signature("Ada", "ada@x", 12, -480)),
        (b"<> 0 +0000", Signature("", "", 0, 0)),
        (b"Ada <ada@x>", Signature("Ada", "ada@x", 0, 0)),
        (b"nonsense", Signature("nonsense", "", 0, 0)),
    ],
)
def test_people_are_read_as_far_as_they_are_there(line: bytes, signature: Signature) -> None:
    assert parse_commit(OID, raw().replace(ADA, line)).commit.author == signature


@given(content=st.binary(max_size=200))
def test_what_is_no_commit_is_an_error(content: bytes) -> None:
    with pytest.raises(StoreFailed, match="is not a commit"):
        parse_commit(OID, content)


def test_a_commit_is_written_as_it_is_read() -> None:
    ada = Signature("Ada Lovelace", "ada@example.org", 1767225600, 90)
    content = commit_content(TREE, (PARENT, OID), ada, ada, "hi\n")

    assert content == raw(parents=(PARENT, OID))


@pytest.mark.parametrize(("offset", "zone"), [(0, "+0000"), (-570, "-0930"), (840, "+1400")])
def test_the_zone_is_written_as_hours_and_minutes(offset: int, zone: str) -> None:
    by = Signature(" Ada\n", "ada@x", 1 << 40, offset)

    line = commit_content(TREE, (), by, by, "").decode().splitlines()[1]
    assert line == f"author Ada <ada@x> {1 << 40} {zone}"


@pytest.mark.parametrize("name", ["", " ", "a\nparent b", "<", "a>", "a\0b"])
def test_nobody_and_what_would_begin_another_line_is_no_author(name: str) -> None:
    ada = Signature("Ada", "ada@x", 0)
    for author, committer in (
        (Signature(name, "ada@x", 0), ada),
        (ada, Signature("Ada", name, 0)),
    ):
        with pytest.raises(StoreFailed, match="name and an e-mail address"):
            commit_content(TREE, (), author, committer, "")
