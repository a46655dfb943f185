"""Files grouped by folder, so that each tree of a commit is written once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from gitledger.errors import StoreFailed

Folder: TypeAlias = "dict[str, Folder | bytes | None]"
"""Names in one folder: new content, None for what is removed, a folder where it goes on."""


def folders(files: Mapping[str, bytes | None]) -> Folder:
    """Return the files as nested folders.

    Args:
        files: content by path, None for a path that is removed.

    Raises:
        StoreFailed: a path is written both as a file and as a folder.
    """
    root: Folder = {}
    # What is written comes first: a folder may replace a removed file, and the reverse.
    for path, content in sorted(files.items(), key=lambda file: file[1] is None):
        *above, name = path.split("/")
        folder = _below(root, above)
        if content is None:
            if folder is not None:
                folder.setdefault(name, None)
        elif folder is None or name in folder:
            raise StoreFailed(f"'{path}' cannot be written both as a file and as a folder")
        else:
            folder[name] = content
    return root


def _below(folder: Folder, names: Iterable[str]) -> Folder | None:
    """Return the folder inside, made where it is missing; None where a file stands in the way."""
    for name in names:
        below = folder.setdefault(name, {})
        if not isinstance(below, dict):
            return None
        folder = below
    return folder
