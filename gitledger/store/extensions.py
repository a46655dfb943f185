"""What sets a repository apart from git's first format: its hash, and where its refs are kept."""

from __future__ import annotations

import os

from gitledger.store.settings import read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

SHA1: Final = "sha1"
FILES: Final = "files"


class Extensions:
    """The extensions of a repository that a store has to know, as its own settings name them.

    Args:
        common_dir: of the repository.

    Attributes:
        object_format: the hash behind its ids, `sha1` or `sha256`.
        ref_storage: how its refs are kept: `files`, or by git alone (`reftable`).
    """

    def __init__(self, common_dir: str) -> None:
        settings = read_settings(os.path.join(common_dir, "config"))
        self.object_format = settings.get("extensions.objectformat", SHA1).lower()
        self.ref_storage = settings.get("extensions.refstorage", FILES).lower()

    @property
    def is_known_to_libgit2(self) -> bool:
        """Whether libgit2 opens the repository: as of 1.9 it knows neither SHA-256 nor reftable."""
        return self.object_format == SHA1 and self.ref_storage == FILES
