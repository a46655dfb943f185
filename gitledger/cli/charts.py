"""Pictures in the terminal: as wide as it is, in Unicode or ASCII. All text is escaped here."""

from __future__ import annotations

from gitledger.cli.style import Style, columns, pad
from gitledger.core.axes import Spread, Tick, count_ticks, time_ticks
from gitledger.core.chart import Bar, BurnUp, Chart, CycleTimes, Gantt, Placed
from gitledger.core.stats import Stats, amount
from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

_PIPE: Final = 80
"""Columns where nobody says how wide the terminal is."""
_NARROWEST: Final = 30
_WIDEST: Final = 160
_HEIGHT: Final = 14
_LANES: Final = 6
"""Lanes that a session has at most; what finds no place there is counted."""

_MARK: Final = len(" median")

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_LOOKS: Final = {"in_progress": "yellow", "waiting": "magenta"}


def chart_lines(chart: Chart, stats: Stats, style: Style) -> Iterator[str]:
    """Yield the lines of a picture.

    Args:
        chart: what is drawn.
        stats: whose it is.
        style: how: its width, signs and colours.
    """
    width = min(max(style.width or _PIPE, _NARROWEST), _WIDEST)
    if isinstance(chart, BurnUp):
        yield from _burn_up(chart, stats, style, width)
    elif isinstance(chart, CycleTimes):
        yield from _cycle_times(chart, stats, style, width)
    else:
        yield from _gantt(chart, stats, style, width)


def bars(values: Sequence[int], style: Style) -> str:
    """Return a small picture of some numbers, a sign each."""
    highest = max(*values, 1)
    signs = _EIGHTHS[1:] if style.unicode else "_.-=*#"
    return "".join(
        signs[-(-value * (len(signs) - 1) // highest)] if value else signs[0] for value in values
    )


def _headline(parts: Sequence[tuple[str, str]], style: Style, width: int) -> str:
    """Return parts, with their looks, as a line: as many of the first as fit."""
    line, taken = "", 0
    for words, look in parts:
        taken += columns(words) + 2
        if taken - 2 > width:
            break
        line += f"{'  ' if line else ''}{style.paint(words, look)}"
    return line


# -- burn-up --------------------------------------------------------------------------------------


def _burn_up(chart: BurnUp, stats: Stats, style: Style, width: int) -> Iterator[str]:
    ticks = count_ticks(chart.highest, 6)
    left = max(len(tick.label) for tick in ticks) + 1
    levels = chart.sampled(width - left - 1)
    full, empty = ("█", "░") if style.unicode else ("#", ".")
    done, scope = levels[-1].words
    legend = [(f"{full} {done}", "green"), (f"{empty} {scope}", "dim")]
    yield _headline([("burn-up", "bold"), *legend], style, width)
    for row in reversed(range(_HEIGHT)):
        line = _runs(
            [_area(level.done, level.scope, chart.highest, row, style) for level in levels], style
        )
        yield f"{style.paint(_label(ticks, row, left, style), 'dim')}{line}"
    yield from _time_axis(chart, stats, style, left, width)


def _area(done: int, scope: int, highest: int, row: int, style: Style) -> tuple[str, str]:
    """Return the sign of one place of a burn-up, and its look."""
    unit = _HEIGHT * 8 / max(highest, 1)
    filled, whole = done * unit - row * 8, scope * unit - row * 8
    if filled >= 7.5 or (not style.unicode and filled >= 4):
        return ("█" if style.unicode else "#"), "green"
    if style.unicode and filled >= 0.5:
        return _EIGHTHS[round(filled)], "green"
    return (("░" if style.unicode else "."), "dim") if whole >= 4 else (" ", "")


# -- cycle times ----------------------------------------------------------------------------------


def _cycle_times(chart: CycleTimes, stats: Stats, style: Style, width: int) -> Iterator[str]:
    if chart.cycle is None:
        yield "no task was started and completed"
        return
    cycle = chart.cycle
    parts = [("cycle time", "bold"), (f"median {amount(cycle.median)}", "")]
    parts += [(f"85 % {amount(cycle.percentile_85)}", ""), (f"{cycle.tasks} completed", "dim")]
    yield _headline(parts, style, width)
    spread = Spread([point.took for point in chart.points])
    ticks = spread.ticks()
    left = max(len(tick.label) for tick in ticks) + 1
    wide = width - left - 1 - _MARK
    counts = [[0] * wide for _ in range(_HEIGHT)]
    whole = chart.end - chart.begin
    for point in chart.points:
        column = min(int((point.at - chart.begin) / whole * wide), wide - 1) if whole else 0
        counts[_row(spread.place(point.took))][column] += 1
    marks: dict[int, list[str]] = {}
    for name, seconds in (("85 %", cycle.percentile_85), ("median", cycle.median)):
        marks.setdefault(_row(spread.place(seconds)), []).append(name)
    for row in reversed(range(_HEIGHT)):
        mark = " ".join(marks.get(row, ())[-1:])
        line = [_dots(count, number, mark, style) for number, count in enumerate(counts[row])]
        behind = style.paint(f" {mark}", "cyan") if mark else ""
        before = style.paint(_label(ticks, row, left, style), "dim")
        yield f"{before}{_runs(line, style)}{behind}"
    yield from _time_axis(chart, stats, style, left, width - _MARK)


def _row(place: float) -> int:
    return min(int(place * _HEIGHT), _HEIGHT - 1)


def _dots(count: int, column: int, mark: str, style: Style) -> tuple[str, str]:
    if count:
        signs = "·•●" if style.unicode else ".o@"
        return signs[0 if count == 1 else 1 if count < 4 else 2], "green"
    if mark and column % 2 == 0:
        return ("╌" if style.unicode else "-"), "cyan"
    return " ", ""


# -- Gantt ----------------------------------------------------------------------------------------


def _gantt(chart: Gantt, stats: Stats, style: Style, width: int) -> Iterator[str]:
    if not chart.sessions:
        yield "nobody worked on a task"
        return
    names = [escape(name) for name, _ in chart.sessions]
    left = min(max(map(columns, names)), width // 4) + 2
    wide = width - left
    plain = Style(width=width, unicode=style.unicode)
    called = stats.names(bar.task for _, of_session in chart.sessions for bar in of_session)
    kinds = []
    for kind, look in _LOOKS.items():
        sample = _drawn(Placed(0, 4, Bar("", kind, 0, 0, False)), "", plain)
        kinds.append((f"{sample} {kind.replace('_', ' ')}", look))
    yield _headline([("who worked on what", "bold"), *kinds], style, width)
    for name, (_, of_session) in zip(names, chart.sessions, strict=True):
        lanes = chart.lanes(of_session, wide)
        shown = style.paint(pad(plain.fit(name, left - 2), left), "bold")
        for lane in lanes[:_LANES]:
            yield shown + _lane(lane, called, style)
            shown = " " * left
        if more := sum(map(len, lanes[_LANES:])):
            yield f"{shown}{style.paint(f'and {more} more', 'dim')}"
    yield from _time_axis(chart, stats, style, left, width, line=False)


def _lane(lane: Sequence[Placed], called: dict[str, str], style: Style) -> str:
    found, at = "", 0
    for placed in lane:
        drawn = _drawn(placed, escape(called[placed.bar.task]), style)
        found += " " * (placed.left - at) + style.paint(drawn, _LOOKS[placed.bar.status])
        at = placed.right
    return found


def _drawn(placed: Placed, name: str, style: Style) -> str:
    """Return a bar with as much of its task's name as finds a place in it."""
    wide = placed.right - placed.left
    begin, stroke, pause, end, one = "┣━╌┫┃" if style.unicode else "[=-]|"
    going = "►" if style.unicode else ">"
    stroke = stroke if placed.bar.status == "in_progress" else pause
    last = going if placed.bar.open else end
    if wide < 2:
        return going if placed.bar.open else one
    words = _fitting(name, wide - 6, style)
    middle = f"{stroke} {words} " if words else ""
    return f"{begin}{middle}{stroke * (wide - 2 - columns(middle))}{last}"


def _fitting(name: str, wide: int, style: Style) -> str:
    """Return what of a name fits: nothing rather than a part of its id."""
    short = name.partition(" ")[0]
    if columns(name) <= wide:
        return name
    if wide < columns(short):
        return ""
    if wide < columns(short) + 5:
        return short
    return Style(width=wide, unicode=style.unicode).fit(name, wide)


# -- axes -----------------------------------------------------------------------------------------


def _label(ticks: Sequence[Tick], row: int, left: int, style: Style) -> str:
    """Return what stands before a row: the label of the tick that is there, and the axis."""
    here = [tick.label for tick in ticks if _row(tick.place) == row]
    axis = ("┤" if here else "│") if style.unicode else ("+" if here else "|")
    return f"{here[0] if here else '':>{left - 1}} {axis}"


def _time_axis(
    chart: Chart, stats: Stats, style: Style, left: int, width: int, *, line: bool = True
) -> Iterator[str]:
    wide = width - left - line
    if line:
        corner, stroke = "└─" if style.unicode else "+-"
        yield style.paint(f"{' ' * left}{corner}{stroke * wide}", "dim")
    signs = [" "] * wide
    for tick in time_ticks(stats.local, chart.begin, chart.end, max(wide // 14, 2)):
        length = len(tick.label)
        at = min(max(int(tick.place * wide - length / 2), 0), wide - length)
        free = signs[max(at - 1, 0) : at + length + 1]
        if at >= 0 and not "".join(free).strip():
            signs[at : at + length] = tick.label
    yield style.paint((" " * (left + line) + "".join(signs)).rstrip(), "dim")


def _runs(signs: Sequence[tuple[str, str]], style: Style) -> str:
    """Return signs with their looks as a line, each look painted as seldom as possible."""
    found, run, before = "", "", ""
    for sign, look in signs:
        if look != before:
            found += style.paint(run, before) if before else run
            run, before = "", look
        run += sign
    found += style.paint(run, before) if before else run
    return found if style.color else found.rstrip()
