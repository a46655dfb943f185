import contextlib
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.errors import StoreFailed
from gitledger.store.loose import LooseObject, read_loose

OID = "ab" + "0" * 38


def stored(folder: Path, raw: bytes) -> str:
    """Put the raw file of an object where git has it, and return the objects directory."""
    path = folder / "objects" / OID[:2] / OID[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return str(folder / "objects")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("loose")


@given(content=st.binary(max_size=300), kind=st.sampled_from(["blob", "tree", "commit"]))
def test_an_object_is_read_as_it_was_written(folder: Path, content: bytes, kind: str) -> None:
    objects = stored(folder, zlib.compress(f"{kind} {len(content)}\0".encode() + content))
    assert read_loose(objects, OID) == LooseObject(kind, len(content), content)


def test_an_object_without_a_file_of_its_own_is_none(folder: Path) -> None:
    assert read_loose(str(folder / "objects"), "cd" + "0" * 38) is None


def test_an_object_above_the_limit_is_not_read(folder: Path) -> None:
    objects = stored(folder, zlib.compress(b"blob 11\0hello world"))
    assert read_loose(objects, OID, limit=10) == LooseObject("blob", 11, None)
    assert read_loose(objects, OID, limit=11) == LooseObject("blob", 11, b"hello world")


@given(content=st.binary(max_size=300), data=st.data())
def test_a_truncated_file_is_an_error_at_once(
    folder: Path, content: bytes, data: st.DataObject
) -> None:
    whole = zlib.compress(f"blob {len(content)}\0".encode() + content)
    # The last four bytes are a checksum: without them the content may still be complete.
    left = data.draw(st.integers(0, len(whole) - 5))
    objects = stored(folder, whole[:left])
    with contextlib.suppress(StoreFailed):
        assert read_loose(objects, OID) == LooseObject("blob", len(content), content)


@given(raw=st.binary(max_size=100))
def test_whatever_stands_in_the_file_is_an_object_or_an_error(folder: Path, raw: bytes) -> None:
    for file in (raw, zlib.compress(raw)):
        objects = stored(folder, file)
        try:
            found = read_loose(objects, OID)
        except StoreFailed:
            continue
        assert found is not None
        assert found.content is not None
        assert len(found.content) == found.size


@pytest.mark.parametrize("raw", [b"blob 3\0four", b"blob 5\0four", b"blob 4", b"blob x\0four"])
def test_a_content_that_is_not_what_the_header_says_is_an_error(folder: Path, raw: bytes) -> None:
    with pytest.raises(StoreFailed, match="damaged"):
        read_loose(stored(folder, zlib.compress(raw)), OID)
