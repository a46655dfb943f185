"""Pictures as SVG: one file that needs no other, readable on light and on dark, without scripts."""

from __future__ import annotations

from unicodedata import east_asian_width

from gitledger.core.axes import Spread, Tick, count_ticks, time_ticks
from gitledger.core.chart import BurnUp, Chart, CycleTimes, Gantt, Placed
from gitledger.core.stats import Stats, amount
from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Final

WIDTH: Final = 860
_LEFT: Final = 130
_RIGHT: Final = 60
_PLOT: Final = WIDTH - _LEFT - _RIGHT
_HEIGHT: Final = 260
_HEAD: Final = 56
_FOOT: Final = 44
_LANE: Final = 18
_LETTER: Final = 6.5
"""Pixels that a letter takes, about: nobody measures text where an SVG is made."""

_STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.head { font-size: 15px; font-weight: 600; }
.faint { fill: #57606a; }
.paper { fill: #ffffff; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.mark { stroke: #57606a; stroke-width: 1.5; stroke-dasharray: 5 4; }
.done { fill: #2da44e; }
.scope { fill: #c8d1da; }
.in_progress { fill: #d4a72c; }
.waiting { fill: #a475f9; }
.in { fill: #1f2328; font-size: 11px; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .faint { fill: #9198a1; }
  .paper { fill: #0d1117; }
  .grid { stroke: #30363d; }
  .mark { stroke: #9198a1; }
  .scope { fill: #3d444d; }
  .in { fill: #0d1117; }
}
"""


def to_svg(charts: Sequence[Chart], stats: Stats) -> Iterator[str]:
    """Yield the lines of an SVG with pictures one below the other.

    Args:
        charts: what is drawn.
        stats: whose they are; names and titles are taken from it.
    """
    parts: list[str] = []
    top = 0
    for chart in charts:
        height, lines = _drawn(chart, stats)
        parts += [f'<g transform="translate(0 {top})">', *lines, "</g>"]
        top += height
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" '
        f'height="{top}" role="img">'
    )
    yield f"<title>{text('; '.join(_title(chart) for chart in charts))}</title>"
    yield f"<style>{_STYLE}</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{top}"/>'
    yield from parts
    yield "</svg>"


def text(line: str) -> str:
    """Return a text as it may stand in XML, between tags and in attributes.

    What is no character there, and what might turn the reading direction, is shown escaped.
    """
    shown = "".join(
        sign if ord(sign) & 0xFFFE != 0xFFFE else f"\\u{ord(sign):04x}" for sign in line
    )
    for sign, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        shown = shown.replace(sign, f"&{name};")
    return escape(shown)


def _title(chart: Chart) -> str:
    if isinstance(chart, BurnUp):
        return "Burn-up: done and scope"
    if isinstance(chart, CycleTimes):
        return "Cycle time: from start to completion"
    return "Who worked on what"


def _drawn(chart: Chart, stats: Stats) -> tuple[int, list[str]]:
    """Return the height of a picture and its lines."""
    if isinstance(chart, BurnUp):
        plot, height = list(_burn_up(chart)), _HEIGHT
    elif isinstance(chart, CycleTimes):
        plot, height = list(_cycle_times(chart, stats)), _HEIGHT
    else:
        height, plot = _gantt(chart, stats)
    ticks = time_ticks(stats.local, chart.begin, chart.end, 7)
    head = f'<text class="head" x="16" y="28">{text(_title(chart))}</text>'
    return _HEAD + height + _FOOT, [head, *_times(ticks, height), *plot]


def _times(ticks: Iterable[Tick], height: int) -> Iterator[str]:
    for tick in ticks:
        x = _LEFT + tick.place * _PLOT
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_HEAD}" y2="{_HEAD + height}"/>'
        yield (
            f'<text class="faint" x="{x:.1f}" y="{_HEAD + height + 18}" text-anchor="middle">'
            f"{text(tick.label)}</text>"
        )


def _levels(
    ticks: Iterable[Tick], name: Callable[[Tick], str] = lambda tick: tick.label
) -> Iterator[str]:
    for tick in ticks:
        y = _HEAD + _HEIGHT * (1 - tick.place)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + _PLOT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield (
            f'<text class="faint" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{text(name(tick))}</text>"
        )


def _burn_up(chart: BurnUp) -> Iterator[str]:
    yield from _levels(count_ticks(chart.highest, 6))
    levels = chart.sampled(_PLOT // 2)
    for name, heights in (
        ("scope", [level.scope for level in levels]),
        ("done", [level.done for level in levels]),
    ):
        points = [f"{_LEFT},{_HEAD + _HEIGHT}"]
        for number, count in enumerate(heights, 1):
            y = _HEAD + _HEIGHT * (1 - count / max(chart.highest, 1))
            points.append(f"{_LEFT + _PLOT * number / len(heights):.1f},{y:.1f}")
        points.append(f"{_LEFT + _PLOT},{_HEAD + _HEIGHT}")
        yield f'<polygon class="{name}" points="{" ".join(points)}"/>'
    yield from _legend(list(zip(("done", "scope"), levels[-1].words, strict=True)))


def _legend(items: Sequence[tuple[str, str]]) -> Iterator[str]:
    x = float(WIDTH - _RIGHT)
    for name, words in reversed(items):
        x -= len(words) * _LETTER + 32
        yield f'<rect class="{name}" x="{x:.1f}" y="19" width="11" height="11" rx="2"/>'
        yield f'<text x="{x + 16:.1f}" y="29">{text(words)}</text>'


def _cycle_times(chart: CycleTimes, stats: Stats) -> Iterator[str]:
    if chart.cycle is None:
        yield f'<text class="faint" x="{_LEFT + 12}" y="{_HEAD + 24}">nothing was completed</text>'
        return
    spread = Spread([point.took for point in chart.points])
    yield from _levels(spread.ticks())
    whole = max(chart.end - chart.begin, 1)
    names = stats.names(point.task for point in chart.points)
    for point in chart.points:
        x = _LEFT + _PLOT * (point.at - chart.begin) / whole
        y = _HEAD + _HEIGHT * (1 - spread.place(point.took))
        words = f"{names[point.task]}: {amount(point.took)}"
        yield (
            f'<circle class="done" cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill-opacity="0.7">'
            f"<title>{text(words)}</title></circle>"
        )
    below = float(_HEAD)
    for name, seconds in (("85 %", chart.cycle.percentile_85), ("median", chart.cycle.median)):
        y = _HEAD + _HEIGHT * (1 - spread.place(seconds))
        below = max(below + 13, y + 4)  # the one name under the other, where both are in one place
        yield f'<line class="mark" x1="{_LEFT}" x2="{_LEFT + _PLOT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT + _PLOT + 6}" y="{below:.1f}">{text(name)}</text>'
    took = f"median {amount(chart.cycle.median)}, 85 % {amount(chart.cycle.percentile_85)}"
    yield from _legend([("done", took)])


def _gantt(chart: Gantt, stats: Stats) -> tuple[int, list[str]]:
    lines: list[str] = []
    row = 0
    names = stats.names(bar.task for _, bars in chart.sessions for bar in bars)
    for name, bars in chart.sessions:
        y = _HEAD + row * _LANE
        lines.append(f'<line class="grid" x1="16" x2="{_LEFT + _PLOT}" y1="{y}" y2="{y}"/>')
        shown = text(_cut(name, (_LEFT - 24) / _LETTER))
        lines.append(f'<text x="16" y="{y + 13}">{shown}<title>{text(name)}</title></text>')
        for lane in chart.lanes(bars, _PLOT, least=3):
            for placed in lane:
                lines += _bar(placed, _HEAD + row * _LANE, names[placed.bar.task])
            row += 1
    if not chart.sessions:
        lines.append(f'<text class="faint" x="16" y="{_HEAD + 13}">nobody worked on a task</text>')
    lines += _legend([("in_progress", "in progress"), ("waiting", "waiting")])
    return max(row, 1) * _LANE, lines


def _bar(placed: Placed, y: int, name: str) -> Iterator[str]:
    left, right, bar = placed
    took = f"{amount(bar.end - bar.begin)}{' so far' if bar.open else ''}"
    yield (
        f'<rect class="{bar.status}" x="{_LEFT + left}" y="{y + 2}" width="{right - left}" '
        f'height="{_LANE - 4}" rx="2"><title>{text(f"{name}: {took}")}</title></rect>'
    )
    words = _cut(name, (right - left - 8) / _LETTER)
    if len(words) > 3:
        yield f'<text class="in" x="{_LEFT + left + 4}" y="{y + 13}">{text(words)}</text>'


def _cut(line: str, letters: float) -> str:
    """Return as much of a line as so many letters take; wide ones take two."""
    taken, cut = 0, list[str]()
    for sign in line:
        taken += 2 if east_asian_width(sign) in "WF" else 1
        if taken > letters:
            return "".join(cut[:-1]) + "…" if cut else ""
        cut.append(sign)
    return line
