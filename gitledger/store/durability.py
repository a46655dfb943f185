"""Whether an update that was acknowledged survives a power failure: `gitledger.durability`.

`normal` leaves it to the system when objects and refs come to the disk, as git does by default; a
killed process loses nothing then, a power failure perhaps the last seconds. `full` waits for the
disk with every object and ref.
"""

from __future__ import annotations

from gitledger.core.text import escape
from gitledger.errors import InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from gitledger.configuration import Configuration
    from gitledger.git import Git

_NAME: Final = "gitledger.durability"
_VALUES: Final = ("normal", "full")
_VERSION: Final = rb"git version (\d+)\.(\d+)"
_FSYNC: Final = (2, 36)
"""The version of git from which `core.fsync` says what is waited for."""


def is_full(configuration: Configuration) -> bool:
    """Tell whether every update is to wait for the disk.

    Raises:
        InvalidInput: the setting has a value that there is not.
    """
    value = configuration.get(_NAME) or _VALUES[0]
    if value not in _VALUES:
        raise InvalidInput(
            f"'{_NAME}' is neither {' nor '.join(_VALUES)}: {escape(value)}",
            hint=did_you_mean(value, _VALUES) or f"set it anew: git config {_NAME} full",
        )
    return value == "full"


def settings(git: Git) -> tuple[str, ...]:
    """Return the settings, `name=value`, with which git waits for the disk.

    One that is older than 2.36 can do so for objects alone; the newer ones warn of its setting.
    """
    import re

    found = re.match(_VERSION, git.run("version").stdout)
    if found and (int(found[1]), int(found[2])) < _FSYNC:
        return ("core.fsyncObjectFiles=true",)
    return ("core.fsync=all", "core.fsyncMethod=fsync")
