"""Files and folders of ours in the git directory: open to whoever may use that, as git's own are.

A repository may belong to a group (`core.sharedRepository`). git gives the git directory the mode
that it is to have, and that one is handed down here, whatever the umask says.
"""

from __future__ import annotations

import os


def share(path: str) -> None:
    """Let those use a file or folder who may use the folder that it is in.

    Raises:
        OSError: it is not there.
    """
    mode = os.stat(os.path.dirname(path)).st_mode & 0o7777
    try:
        os.chmod(path, mode if os.path.isdir(path) else mode & 0o666)
    except PermissionError:
        pass  # another user made it, or the file system knows no modes


def make_folder(path: str) -> None:
    """Make a folder that is shared, and those above it, where they are missing.

    Raises:
        OSError: one cannot be made.
    """
    if os.path.isdir(path):
        return
    make_folder(os.path.dirname(path))
    try:
        os.mkdir(path)
    except FileExistsError:
        return  # another process was faster
    share(path)
