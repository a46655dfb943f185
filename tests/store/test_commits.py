import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.errors import StoreFailed
from gitledger.store.base import Commit, Signature
from gitledger.store.commits import parse_commit

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
