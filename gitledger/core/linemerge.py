"""Three-way merge of texts by lines, after the manner of diff3 but without conflict markers."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

_ALIGNED_PAIRS: Final = 4_000_000
"""Pairs of lines that are compared at most: aligning two texts of 2,000 changed lines takes up to
two seconds when they are made to be hard, and some ten milliseconds when they are not."""


def merge_lines(base: str, published: str, mine: str) -> tuple[str, bool]:
    """Return both sides' changes of a text in one, and whether any of their lines clashed.

    Changes clash where both sides changed the same lines, or put different lines in the same
    place; published's lines stand there. What both sides changed alike is taken once.

    Args:
        base: the text that both sides started from; an empty one has no lines.
        published: the text of the side that wins.
        mine: the text of the other side.
    """
    if mine in (base, published):
        return published, False
    if published == base:
        return mine, False
    lines = text_lines(base)
    merged, clashed, done = list[str](), False, 0
    for region in _regions(*(line_hunks(lines, text_lines(side)) for side in (published, mine))):
        chosen = region.version(lines, region.published or region.mine)
        clashed |= bool(region.mine) and chosen != region.version(lines, region.mine)
        merged += lines[done : region.start] + chosen
        done = region.stop
    merged += lines[done:]
    end = "\n" if merged and _ended(base, published, mine) else ""
    return "\n".join(merged) + end, clashed


class Hunk(NamedTuple):
    """Lines `start` to `stop` of the base give way to other lines; an insertion takes none."""

    start: int
    stop: int
    lines: list[str]


class _Region(NamedTuple):
    """Lines of the base, and the hunks of each side that overlap there."""

    start: int
    stop: int
    published: list[Hunk]
    mine: list[Hunk]

    def version(self, base: list[str], hunks: list[Hunk]) -> list[str]:
        """Return the region's lines as these hunks change them."""
        lines, done = list[str](), self.start
        for hunk in hunks:
            lines += base[done : hunk.start] + hunk.lines
            done = hunk.stop
        return lines + base[done : self.stop]

    def overlaps(self, hunk: Hunk) -> bool:
        """Tell whether the hunk, which does not start before the region, takes part in it."""
        both_insert = self.start == self.stop == hunk.start == hunk.stop
        return both_insert or hunk.start < self.stop


def _regions(published: list[Hunk], mine: list[Hunk]) -> Iterator[_Region]:
    """Yield the changed regions of the base from top to bottom."""
    hunks = [(hunk, True) for hunk in published] + [(hunk, False) for hunk in mine]
    region = None
    for hunk, theirs in sorted(hunks, key=lambda item: item[0][:2]):
        if region and region.overlaps(hunk):
            region = region._replace(stop=max(region.stop, hunk.stop))
        else:
            if region:
                yield region
            region = _Region(hunk.start, hunk.stop, [], [])
        (region.published if theirs else region.mine).append(hunk)
    if region:
        yield region


def line_hunks(base: list[str], side: list[str]) -> list[Hunk]:
    """Return how a side differs from the base, from top to bottom."""
    top = _common(base, side)
    bottom = _common(base[top:][::-1], side[top:][::-1])
    stop, side_stop = len(base) - bottom, len(side) - bottom
    if top == stop and top == side_stop:
        return []
    if (stop - top) * (side_stop - top) > _ALIGNED_PAIRS:
        return [Hunk(top, stop, side[top:side_stop])]

    from difflib import SequenceMatcher

    # Its "autojunk" is wanted: blank lines, which abound in prose, align nothing and cost much.
    matcher = SequenceMatcher(None, base[top:stop], side[top:side_stop])
    return [
        Hunk(top + i, top + j, side[top + k : top + n])
        for tag, i, j, k, n in matcher.get_opcodes()
        if tag != "equal"
    ]


def _common(one: list[str], other: list[str]) -> int:
    """Return how many lines the two have in common from the first on."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def text_lines(text: str) -> list[str]:
    r"""Return the lines without their ends; only `\n` ends a line."""
    return text.removesuffix("\n").split("\n") if text else []


def _ended(base: str, published: str, mine: str) -> bool:
    """Tell whether the last line gets an end: as in the side that changed it."""
    was, theirs, ours = (not text or text.endswith("\n") for text in (base, published, mine))
    return theirs if ours == was else ours
