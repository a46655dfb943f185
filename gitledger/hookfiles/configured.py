"""Hooks in git's configuration, as git knows them from 2.54: beside all files, in nobody's way."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path

from gitledger.hookfiles.shims import HOOKS, content, is_ours, write
from gitledger.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def folder(repository: Repository) -> Path:
    """Return the directory with the shims that the configuration names."""
    return repository.location.common_dir / "gitledger" / "hooks"


def section(name: str) -> str:
    """Return the section of a hook."""
    return f"hook.gitledger-{name}"


def command(path: Path) -> str:
    """Return the command of a hook, to which git adds the arguments.

    A shim that is not there any more, as the repository was moved, must stop no commit.
    """
    shim = shlex.quote(str(path))
    return f"[ ! -x {shim} ] || {shim}"


def runs(repository: Repository, name: str) -> bool:
    """Tell whether the configuration names our shim of a hook, and it is there."""
    path = folder(repository) / name
    return is_named(repository, name) and is_ours(path, name)


def is_named(repository: Repository, name: str) -> bool:
    """Tell whether the repository's configuration names our shim of a hook."""
    values = {"event": name, "command": command(folder(repository) / name)}
    return all(_get(repository, f"{section(name)}.{key}") == values[key] for key in values)


def put(repository: Repository, name: str, text: Callable[[str], str]) -> None:
    """Write our shim and name it in the configuration.

    Raises:
        OSError: the directory cannot be written.
        GitFailed: the configuration cannot be written.
    """
    path = folder(repository) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shim = text(":")
    if content(path) != shim.encode():
        write(path, shim)
    if not is_named(repository, name):
        take_section(repository, name)
        for key, value in (("command", command(path)), ("event", name)):
            repository.git.run("config", "--local", f"{section(name)}.{key}", value)


def take(repository: Repository, name: str) -> None:
    """Remove our shim and its section.

    Raises:
        OSError: the directory cannot be written.
        GitFailed: the configuration cannot be written.
    """
    take_section(repository, name)
    path = folder(repository) / name
    if is_ours(path, name):
        path.unlink()
    with suppress(OSError):
        path.parent.rmdir()


def take_section(repository: Repository, name: str) -> None:
    """Remove a hook's section, where it is there."""
    keys = rf"^hook\.gitledger-{name}\."
    shown = repository.git.run("config", "--local", "--get-regexp", keys, check=False)
    if shown.code == 0:
        repository.git.run("config", "--local", "--remove-section", section(name))


def others(repository: Repository, name: str) -> list[str]:
    """Return the hooks of others that the configuration names for an event."""
    configuration = repository.configuration
    ours = {section(each) for each in HOOKS}
    return [
        configuration.get(f"{hook}.command") or hook
        for hook in (key.removesuffix(".event") for key in configuration.names("hook.*.event"))
        if hook not in ours
        and name in configuration.get_all(f"{hook}.event")
        and configuration.get_bool(f"{hook}.enabled", True)
    ]


def _get(repository: Repository, key: str) -> str | None:
    shown = repository.git.run("config", "--local", "--get", key, check=False)
    return shown.stdout.decode(errors="surrogateescape").rstrip("\n") if shown.code == 0 else None
