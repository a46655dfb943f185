"""`stats`: how much gets done, how long it takes, and when the rest should be done."""

from __future__ import annotations

from gitledger.cli.charts import bars, chart_lines
from gitledger.cli.commands.list import read_query
from gitledger.cli.figures import HEAD, named, row, said
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.cli.style import pad
from gitledger.core.chart import KINDS, chart, chart_json
from gitledger.core.dates import describe_date, parse_moment, relative
from gitledger.core.stats import GROUPS, Cycle, Stats, amount
from gitledger.core.statsjson import stats_json
from gitledger.core.text import escape
from gitledger.errors import InvalidInput, LedgerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, Final

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style

_SHOWN: Final = 8
"""Groups, questions and running tasks that people are shown, of each kind."""
_SIGNS: Final = 26
"""Days and weeks that people are shown."""
_PICTURE: Final = 46
"""Columns of the line of such a picture, without its signs."""
_WEEK: Final = 7
"""Signs that there have to be in that line; else they have one for themselves."""


def stats(
    context: Context,
    *,
    query: list[str],
    since: str | None,
    chart: str | None,
    svg: str | None,
) -> Reply:
    """Show how much gets done, how long it takes, and when the rest should be done."""
    reader = context.reader
    if svg == "":
        raise InvalidInput("--svg names no file", hint="name one, or - to print the picture")
    if svg == "-" and context.options.get("json"):
        raise InvalidInput(
            "--json and --svg - cannot both have standard output", hint="name a file: --svg FILE"
        )
    begin = parse_moment(since, context.now) if since is not None else None
    wanted = read_query(context, query, []) if query else None
    found = reader.stats(wanted, since=begin)
    messages = [f"since {describe_date(begin, context.now)}"] if begin else []
    if not found.pasts:
        messages = ["no tasks match" if query else "no tasks"]
    if svg is not None:
        from gitledger.core.chartsvg import to_svg

        drawn = to_svg(_charts(found, chart), found)
        if svg == "-":
            return _reply(found, chart, lambda style: drawn, messages)
        _write(context, svg, drawn)
        messages.append(f"wrote {escape(svg)}")
    if svg is not None or not found.pasts:
        return _reply(found, chart, lambda style: iter(()), messages)
    return _reply(found, chart, lambda style: _lines(found, chart, context, style), messages)


def _reply(found: Stats, kind: str | None, lines: Any, messages: Sequence[str]) -> Reply:
    def data() -> dict[str, Any]:
        return {**stats_json(found), "chart": chart_json(chart(kind, found)) if kind else None}

    return Reply("stats", data, lines, messages=messages, warnings=_lost(found), paged=True)


def _lost(found: Stats) -> list[str]:
    files = "file of the history is" if found.lost == 1 else "files of the history are"
    return [f"{found.lost} {files} damaged and left out; see: git ledger doctor"] * bool(found.lost)


def _charts(found: Stats, kind: str | None) -> list[Any]:
    return [chart(each, found) for each in ((kind,) if kind else KINDS)]


def _write(context: Context, name: str, lines: Iterator[str]) -> None:
    """Write a file.

    Raises:
        LedgerError: it cannot be written.
    """
    text = "".join(f"{line}\n" for line in lines)
    try:
        (context.cwd / name).write_text(text, encoding="utf-8")
    except OSError as wrong:
        raise LedgerError(f"{name}: {(wrong.strerror or str(wrong)).lower()}") from None


# -- lines ----------------------------------------------------------------------------------------


def _lines(found: Stats, kind: str | None, context: Context, style: Style) -> Iterator[str]:
    if kind:
        yield from chart_lines(chart(kind, found), found, style)
        return
    for part in (_throughput, _cycle, _stays, _questions, _running, _forecast):
        yield from part(found, context, style)


def _throughput(found: Stats, context: Context, style: Style) -> Iterator[str]:
    done, days = len(found.completed), len(found.days)
    pace = f", {_number(done / days)}\xa0a\xa0day, {_number(done * 7 / days)}\xa0a\xa0week"
    yield from said("throughput", f"{done} done in {_days(days)}{pace if done else ''}", style)
    width = style.width or _SIGNS + _PICTURE
    two = width < _PICTURE + _WEEK
    room = min(width - (HEAD if two else _PICTURE), _SIGNS)
    for name, counts in (("by day", found.days), ("by week", found.weeks)):
        last = list(counts.values())[-room:]
        first = list(counts)[-len(last)]
        meant = f"{max(last)} at most, from {first.isoformat()}"
        if len(counts) > 1:
            shown = f"  {pad(name, HEAD - 2)}{bars(last, style)}"
            yield from (shown, f"    {meant}") if two else (f"{shown}  {meant}",)


def _cycle(found: Stats, context: Context, style: Style) -> Iterator[str]:
    if found.cycle is None:
        yield from said("cycle time", "no task was started and completed", style)
        return
    yield from row("cycle time", ("tasks", "median", "85 %"), style, "bold")
    yield from _cycle_row("all", found.cycle, style)
    for name in GROUPS:
        cycles = found.cycle_by(name)
        if len(cycles) > 1 or name == "label":
            for key in list(cycles)[:_SHOWN]:
                yield from _cycle_row(f"{name} {escape(key)}", cycles[key], style)
            if len(cycles) > _SHOWN:
                yield style.paint(f"  {len(cycles) - _SHOWN} more by {name}", "dim")


def _cycle_row(name: str, cycle: Cycle, style: Style) -> Iterator[str]:
    figures = str(cycle.tasks), amount(cycle.median), amount(cycle.percentile_85)
    return row(f"  {name}", figures, style)


def _stays(found: Stats, context: Context, style: Style) -> Iterator[str]:
    yield from row("time in status", ("tasks", "median", "now"), style, "bold")
    for stay in found.stays:
        if stay.tasks:
            figures = str(stay.tasks), amount(stay.median), str(stay.now)
            yield from row(f"  {stay.status}", figures, style)


def _questions(found: Stats, context: Context, style: Style) -> Iterator[str]:
    if not found.questions:
        yield from said("questions", "none is open", style)
        return
    waits = amount((found.now - found.questions[0].since).total_seconds())
    yield from said("questions", f"{len(found.questions)} open, the oldest for {waits}", style)
    shown = found.questions[:_SHOWN]
    names = found.names(question.task for question in shown)
    for question in shown:
        waits = f"for {amount((found.now - question.since).total_seconds())}"
        yield from named(names[question.task], [waits], style)
    yield from _more(len(found.questions), style)


def _running(found: Stats, context: Context, style: Style) -> Iterator[str]:
    if not found.running:
        yield from said("running", "nothing is in progress", style)
        return
    yield from said("running", f"{len(found.running)} in progress", style)
    shown = found.running[:_SHOWN]
    names = found.names(each.task for each in shown)
    for each in shown:
        parts = [f"@{escape(each.session)}"] if each.session else []
        parts += [f"{each.progress} %"] if each.progress is not None else []
        if each.expected_end is not None:
            parts.append(f"expected {relative(each.expected_end, found.now)}")
        yield from named(names[each.task], parts, style)
    yield from _more(len(found.running), style)


def _forecast(found: Stats, context: Context, style: Style) -> Iterator[str]:
    forecast = found.forecast
    if forecast.reason:
        yield from said("forecast", forecast.reason.replace("; ", "\n"), style)
        return
    tasks = "task" if forecast.remaining == 1 else "tasks"
    words = f"{forecast.remaining} {tasks} left; from {_days(forecast.days)} of throughput"
    yield from said("forecast", words, style)
    for percent, day in forecast.dates:
        by = f"by {describe_date(day, context.now)}" if day else "later than in ten years"
        yield f"  {pad(f'{percent} %', HEAD - 2)}{by}"


def _more(count: int, style: Style) -> Iterator[str]:
    if count > _SHOWN:
        yield style.paint(f"  {count - _SHOWN} more", "dim")


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")


COMMANDS: Final[Sequence[Command]] = [
    Command(
        "stats",
        stats,
        """Show how much gets done, how long it takes, and when the rest should be done.

        All is told by the history: throughput, time from start to completion, time in each status,
        open questions, when running tasks should end, and a forecast of the rest with its spread.
        Terms of `list` restrict the tasks. An SVG has all three pictures unless --chart names one.
        """,
        [
            Argument(
                "query",
                "Terms as in `list`: only these tasks; without any, all.",
                many=True,
                required=False,
                query=True,
            ),
            Option("--since", metavar="WHEN", help="Leave out what was earlier: '-4w', a date."),
            Option(
                "--chart",
                metavar="PICTURE",
                choices=KINDS,
                help="Draw burnup, cycle (how long tasks took) or gantt (who worked on what).",
            ),
            Option("--svg", metavar="FILE", help="Write the picture as SVG; - prints it."),
        ],
        panel="History and sharing",
        long=True,
    )
]
