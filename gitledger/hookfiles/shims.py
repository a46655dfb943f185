"""The shims: the files in `hooks/`, put together for one repository, and told from others."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from gitledger.core.trailers import WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

HOOKS: Final = (
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "post-applypatch",
    "post-rewrite",
    "post-merge",
    "post-checkout",
    "pre-push",
)
"""The hooks that there are shims for (contract, section 8), and the post-commit of `git am`."""
_MARK: Final = b"# gitledger: "
"""How the second line of our shims begins."""
_INCLUDE: Final = "# @include "


def shim(
    name: str,
    *,
    words: Iterable[str] = (),
    installed: Iterable[str] = HOOKS,
    condition: str = ":",
) -> str:
    """Return a hook's shim as it is installed.

    Args:
        name: one of `HOOKS`.
        words: a team's own words that stand before ids in messages.
        installed: the hooks that are put in place with it; it looks whether they still are.
        condition: a shell command that tells whether what was there before is still to be run.
    """
    lines = []
    for line in (_sources() / name).read_text(encoding="utf-8").splitlines():
        if line.startswith(_INCLUDE):
            part = line.removeprefix(_INCLUDE).rstrip("@")
            lines += (_sources() / "parts" / f"{part}.sh").read_text(encoding="utf-8").splitlines()
        else:
            lines.append(line)
    text = "\n".join(lines) + "\n"
    values = {
        "hook": name,
        "while": condition,
        "installed": " ".join(installed),
        "words": "|".join(map(_pattern, sorted({*WORDS, *words}))),
        "program": shlex.quote(program()),
    }
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def is_ours(path: Path, name: str) -> bool:
    """Tell whether a file is our shim of that hook, whatever it is called."""
    if path.is_symlink():
        return False
    text = content(path)
    second = text.split(b"\n", 2)[1:2]
    return second != [] and second[0].startswith(_MARK) and _starts(name) in text


def content(path: Path) -> bytes:
    """Return what is in a file, nothing where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def program() -> str:
    """Return the path of this program, for a hook that runs with another PATH than ours."""
    started = Path(sys.argv[0])
    if started.name in ("git-ledger", "gitledger") and started.exists():
        # Not resolved: what the link points at may be gone after the next upgrade.
        return str(started.absolute())
    beside = Path(sys.executable).parent / "git-ledger"
    return str(beside) if beside.exists() else shutil.which("git-ledger") or "git-ledger"


def write(path: Path, text: str) -> None:
    """Replace a file by an executable one as a whole, so that no commit meets half of it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.chmod(0o755)
    temporary.replace(path)


def _starts(name: str) -> bytes:
    """Return the words with which the shim of a hook, and of no other, starts the program."""
    return f'"$program" hook {name} '.encode()


def _sources() -> Path:
    here = Path(__file__).parent.parent
    # An installed package carries the shims; in a checkout they stand beside it.
    return next(path for path in (here / "hooks", here.parent / "hooks") if path.is_dir())


def _pattern(word: str) -> str:
    """Return the shell's pattern of a word, in which case does not matter.

    What has no place in a pattern stands for anything: to start the program in vain does no harm.
    """
    return "".join(_either(each) for each in word)


def _either(character: str) -> str:
    if character.isascii() and character.isalnum():
        lower, upper = character.lower(), character.upper()
        return lower if lower == upper else f"[{upper}{lower}]"
    return character if character in "-_" else "*"
