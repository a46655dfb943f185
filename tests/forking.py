"""What a child does that was forked from the test's process."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable


def forked(do: Callable[[], object]) -> None:
    """Fork, let the child do something, and hold that it could."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = ""
        try:
            do()
        except BaseException:
            said = traceback.format_exc()
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as file:
        said = file.read()
    assert os.waitpid(pid, 0)[1] == 0
    assert not said, said
