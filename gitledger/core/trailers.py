"""What a commit message of the project says about tasks (contract, section 8)."""

from __future__ import annotations

from gitledger.core import ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final

LINK: Final = "link"
START: Final = "start"
PROGRESS: Final = "progress"
COMPLETE: Final = "complete"

WORDS: Final[Mapping[str, str]] = {
    "task": LINK,
    "tasks": LINK,
    "refs": LINK,
    "starts": START,
    "progress": PROGRESS,
    "completes": COMPLETE,
    "closes": COMPLETE,
    "fixes": COMPLETE,
}
"""What a line `Word: ID` asks for, by its word in lower case."""

_SHARED: Final = frozenset({"refs", "closes", "fixes"})
"""Words that people write before other things, too: numbers of bugs, commits, prose."""
_BETWEEN: Final = frozenset({"and", "&", "+"})
_TO_BE_MELTED: Final = ("fixup!", "squash!", "amend!")
_SQUASHED: Final = "Squashed commit of the following:"
_REVERTS: Final = "This reverts commit "
_PICKED: Final = "(cherry picked from commit "
_HEX: Final = frozenset("0123456789abcdef")
_SCISSORS: Final = "------------------------ >8 ------------------------"


class Mention:
    """A task that a message names, and what the commit does to it besides being linked.

    Args:
        name: its id or prefix, lower case.
        starts: begins to work on it.
        completes: completes it.
        percent: how far the work is, None where nothing is said of that.
        sure: it cannot well be anything but a task's id: if there is none, somebody mistyped.
    """

    __slots__ = ("completes", "name", "percent", "starts", "sure")

    def __init__(
        self,
        name: str,
        *,
        starts: bool = False,
        completes: bool = False,
        percent: int | None = None,
        sure: bool = False,
    ) -> None:
        self.name = name
        self.starts = starts
        self.completes = completes
        self.percent = percent
        self.sure = sure

    def joined(self, other: Mention) -> Mention:
        """Return what both say together; of two figures the later one, the other's, counts."""
        return Mention(
            self.name,
            starts=self.starts or other.starts,
            completes=self.completes or other.completes,
            percent=self.percent if other.percent is None else other.percent,
            sure=self.sure or other.sure,
        )

    def _key(self) -> tuple[object, ...]:
        return self.name, self.starts, self.completes, self.percent, self.sure

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mention) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Mention{self._key()}"


def mentions(message: str, words: Mapping[str, str] = WORDS) -> tuple[Mention, ...]:
    """Return the tasks that a commit message names, each once, in their order.

    A line is a word, a colon and ids or prefixes: `Completes: 7f3k, 8hqm`; it may stand anywhere,
    as a squashed message has many such blocks. In the subject `[7f3k]` links. What cannot be an
    id is left alone, as in `Fixes: #12`, and so are words among others that cannot, as in
    `Fixes: the login`; a remark in brackets is passed over. A commit that is going to be melted
    into another one (`fixup! …`) says nothing for itself.

    Args:
        message: the message, without comment lines.
        words: what each word before a colon asks for.
    """
    if to_be_melted(message):
        return ()
    found: dict[str, Mention] = {}
    for mention in _each(message, words):
        before = found.get(mention.name)
        found[mention.name] = before.joined(mention) if before else mention
    return tuple(found.values())


def to_be_melted(message: str) -> bool:
    """Tell whether the commit is made to be melted into another one by `rebase --autosquash`."""
    return message.lstrip().startswith(_TO_BE_MELTED)


def reverted(message: str) -> tuple[tuple[str, str | None], ...]:
    """Return the commits that a message says it reverts.

    Of each its id; and of a merge the parent to which all is put back, else None. A squashed
    message reverts nothing: what it names was never there without it.
    """
    if to_be_melted(message) or _SQUASHED in message:
        return ()
    text, found = " ".join(message.split()), []
    for said in text.split(_REVERTS)[1:]:
        if commit := _hex(said):
            merged = said[len(commit) :].partition("reversing changes made to ")
            back = _hex(merged[2]) if merged[0].strip() == "," else ""
            found.append((commit, back or None))
    return tuple(found)


def picked(message: str) -> tuple[str, ...]:
    """Return the commits that the message names as those it was picked from (`cherry-pick -x`)."""
    return tuple(filter(None, (_hex(said) for said in message.split(_PICKED)[1:])))


def own_words(linking: str, starting: str, completing: str) -> dict[str, str]:
    """Return the words of the grammar, a team's own included.

    Args:
        linking: words that link, as `see`, separated by blanks or commas; a colon may follow.
        starting: words that start.
        completing: words that complete.
    """
    own = {LINK: linking, START: starting, COMPLETE: completing}
    return {**{word: deed for deed, listed in own.items() for word in _listed(listed)}, **WORDS}


def without_scissors(text: str) -> str:
    """Return the file of a message up to the scissors line, below which git shows the changes."""
    kept = []
    for line in text.splitlines():
        if line.endswith(_SCISSORS) and len(line) <= len(_SCISSORS) + 8:
            break
        kept.append(line)
    return "\n".join(kept)


def _listed(words: str) -> Iterator[str]:
    for word in words.replace(",", " ").split():
        if name := word.rstrip(":").lower():
            yield name


def _each(message: str, words: Mapping[str, str]) -> Iterator[Mention]:
    subjects = set(_subjects(message))
    for number, line in enumerate(message.splitlines()):
        if number in subjects:
            yield from _in_brackets(line)
        word, colon, said = line.strip().partition(":")
        key = word.rstrip().lower()
        if colon and key in words:
            yield from _named(key, words[key], said)


def _subjects(message: str) -> Iterator[int]:
    """Yield the numbers of the lines that are subjects: more than one in a squashed message."""
    squashed, awaited = _SQUASHED in message, True
    for number, line in enumerate(message.splitlines()):
        if squashed and line.startswith("commit ") and len(_hex(line[7:])) >= 40:
            awaited = True
        elif awaited and line.strip() and _is_text(line, squashed):
            yield number
            awaited = False


def _is_text(line: str, squashed: bool) -> bool:
    """Tell whether a line is of a message: in a squashed one those are indented."""
    return not squashed or line.startswith("    ") or line.strip() == _SQUASHED


def _in_brackets(subject: str) -> Iterator[Mention]:
    for piece in subject.split("[")[1:]:
        inside, closed, _ = piece.partition("]")
        names = inside.replace(",", " ").lower().split()
        if closed and all(map(ids.is_prefix, names)):
            yield from map(Mention, names)


def _named(key: str, deed: str, said: str) -> Iterator[Mention]:
    if '("' in said:  # a commit with its subject, as the kernel's `Fixes:` has it
        return
    for part in _without_remarks(said).replace(";", ",").lower().split(","):
        names = [word for word in part.split() if word not in _BETWEEN]
        percent = _percent(names) if deed == PROGRESS else None
        if percent is not None or (deed == PROGRESS and _is_figure(names)):
            del names[-1]
            names = [name.rstrip(":") for name in names]
        if not all(map(ids.is_prefix, names)):
            continue
        for name in names:
            yield Mention(
                name,
                starts=deed == START,
                completes=deed == COMPLETE,
                percent=percent,
                sure=len(names) == 1 and (key not in _SHARED or _is_mixed(name)),
            )


def _percent(words: list[str]) -> int | None:
    """Return the figure at the end of a part, `60%` or `60`; None where there is none."""
    if len(words) > 2 and words[-1] == "%":
        words[-2:] = [f"{words[-2]}%"]
    figure = words[-1].removesuffix("%") if len(words) > 1 else ""
    if not (figure.isascii() and figure.isdecimal() and len(figure) <= 3):
        return None
    return int(figure) if int(figure) <= 100 else None


def _is_figure(words: list[str]) -> bool:
    """Tell whether a part ends with a figure, be it more than there is: `160%` links alone."""
    return len(words) > 1 and words[-1].removesuffix("%").isdecimal() and words[-1][-1] == "%"


def _without_remarks(text: str) -> str:
    """Return a line without what stands in brackets."""
    kept, depth = [], 0
    for character in text:
        depth += character == "("
        kept.append(" " if depth else character)
        depth -= character == ")" and depth > 0
    return text if depth else "".join(kept)


def _is_mixed(name: str) -> bool:
    """Tell whether a word has letters and figures, as nearly every id and hardly a word has."""
    return not name.isdecimal() and not name.isalpha()


def _hex(text: str) -> str:
    """Return the id of a commit that a text begins with, or ""."""
    end = next((place for place, each in enumerate(text) if each not in _HEX), len(text))
    return text[:end] if 7 <= end <= 64 else ""
