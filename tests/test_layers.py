"""Who may import whom: only downwards, by the layers of the architecture."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import gitledger

PACKAGE = Path(gitledger.__file__).parent

LAYERS = (
    {"errors"},
    {"core"},
    # The repository's parts: what git keeps, and the program that is run for it.
    {
        "binding",
        "configuration",
        "current",
        "diagnosis",
        "git",
        "heartbeat",
        "identity",
        "lists",
        "remote",
        "remotes",
        "settings",
        "spawn",
        "store",
        "tree",
        "upkeep",
        "waiting",
        "worktrees",
    },
    {"archive", "entries", "repository", "session", "snapshot"},
    {
        "blame",
        "carried",
        "completing",
        "differences",
        "doctor",
        "downstream",
        "effects",
        "exchange",
        "following",
        "history",
        "hookfiles",
        "index",
        "listing",
        "published",
        "reapply",
        "replay",
        "replayed",
        "shelf",
        "signs",
        "sync",
        "told",
        "updates",
        "upstream",
        "views",
    },
    {
        "awaiting",
        "beginning",
        "begun",
        "ending",
        "hindsight",
        "ledger",
        "leftovers",
        "liveness",
        "measuring",
        "moment",
        "newest",
        "opening",
        "past",
        "places",
        "reader",
        "roster",
        "sessions",
        "sharing",
        "syncing",
        "transaction",
        "undoing",
        "verbs",
        "watching",
    },
    {"hook"},
    {"cli"},
    {"__main__"},
)
"""From the bottom to the top; what stands on one line may know each other, but in no circle."""

INTERFACES = {"cli", "mcp", "tui", "web"}
"""Where people and programs come in; each is one by itself."""

ONLY_IN = {
    "pygit2": ("gitledger.store.libgit2",),
    "sqlite3": ("gitledger.index",),
    "subprocess": ("gitledger.git", "gitledger.cli.terminal", "gitledger.cli.commands.demo"),
    "rtoml": ("gitledger.core.codec", "gitledger.core.plan", "gitledger.core.records"),
    "tomlkit": ("gitledger.core.layout",),
    "typer": ("gitledger.cli",),
}
"""Libraries that one concern has to itself: the modules, with what is below them."""

NOT_IN_CORE = {"os", "subprocess", "time", "random", "secrets", "socket", "pathlib", "io"}
"""What core would reach the world with. Time and randomness are arguments."""


class Import(NamedTuple):
    """One import statement's target, as a dotted name.

    `late` stands inside a function, `typing` under `if TYPE_CHECKING`.
    """

    target: str
    line: int
    late: bool
    typing: bool


@cache
def modules() -> dict[str, Path]:
    """Return the files of all modules by their dotted names."""
    files = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        files[".".join(parts).removesuffix(".__init__")] = path
    return files


@cache
def imports(module: str) -> tuple[Import, ...]:
    """Return all that a module imports."""
    return tuple(_walk(ast.parse(modules()[module].read_text()), late=False, typing=False))


def _walk(node: ast.AST, *, late: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(name.name, child.lineno, late, typing) for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            for name in child.names:
                dotted = f"{child.module}.{name.name}"
                target = dotted if dotted in modules() else child.module or ""
                yield Import(target, child.lineno, late, typing)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from _walk(child, late=late, typing=True)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _walk(child, late=late or inside, typing=typing)


def part(module: str) -> str:
    """Return what a module of ours belongs to: the first name below the package.

    Of the package itself, and of what is not ours, it is "".
    """
    top, _, below = module.partition(".")
    return below.partition(".")[0] if top == "gitledger" else ""


def root(found: Import) -> str:
    """Return the library that an import is of."""
    return found.target.partition(".")[0]


def layer(name: str) -> int:
    """Return how high a part stands."""
    return next(height for height, parts in enumerate(LAYERS) if name in parts)


def offences(wrong: Callable[[str, Import], bool]) -> list[str]:
    """Return the imports of any module that are wrong."""
    return [
        f"{module}:{found.line} imports {found.target}"
        for module in sorted(modules())
        for found in imports(module)
        if wrong(module, found)
    ]


def test_every_part_has_its_layer() -> None:
    assert {part(module) for module in modules()} - {""} <= set().union(*LAYERS)


def test_imports_go_downwards_in_functions_and_types_too() -> None:
    def upwards(module: str, found: Import) -> bool:
        ours = part(module) and part(found.target)
        return bool(ours) and layer(part(found.target)) > layer(part(module))

    assert offences(upwards) == []


def test_interfaces_do_not_know_each_other() -> None:
    def another(module: str, found: Import) -> bool:
        both = {part(module), part(found.target)}
        return both <= INTERFACES and len(both) == 2

    assert offences(another) == []


def test_the_package_itself_promises_names_and_imports_errors_alone() -> None:
    at_once = {i.target for i in imports("gitledger") if not i.late and not i.typing}
    assert {target for target in at_once if part(target)} == {"gitledger.errors"}


def test_core_knows_nothing_of_the_world() -> None:
    def world(module: str, found: Import) -> bool:
        return part(module) in ("core", "errors") and root(found) in NOT_IN_CORE

    assert offences(world) == []


def test_a_library_stays_where_it_belongs() -> None:
    def astray(module: str, found: Import) -> bool:
        homes = ONLY_IN.get(root(found), ("",))
        return not any(f"{module}.".startswith(f"{home}." if home else "") for home in homes)

    assert offences(astray) == []


def test_nothing_is_imported_that_is_not_a_dependency() -> None:
    declared = {"pygit2", "dateutil", "rtoml", "tomlkit", "typer", "gitledger"}

    def foreign(module: str, found: Import) -> bool:
        return root(found) not in declared and root(found) not in sys.stdlib_module_names

    assert offences(foreign) == []


@pytest.mark.parametrize("late", [False, True], ids=["when imported", "in functions too"])
def test_no_module_imports_itself_in_a_circle(late: bool) -> None:
    graph = {
        module: sorted(
            found.target
            for found in imports(module)
            if part(found.target) and not found.typing and (late or not found.late)
        )
        for module in modules()
    }
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " imports ".join((*way[way.index(module) :], module))
        if module not in done:
            for target in graph[module]:
                visit(target, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())
