"""Who acts: the name and e-mail address under which commits are made, as git finds them.

A missing identity never stops a write (contract, section 2), and nothing machine-bound goes into
the ref: where git would ask the host for its name, `localhost` stands.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitledger.configuration import Configuration

_CRUD = " .,:;<>\"\\'"
"""What git cuts off at both ends of a name."""


def author(configuration: Configuration, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the author's name and e-mail address, neither of them empty."""
    return _person("author", configuration, environ)


def committer(configuration: Configuration, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the committer's name and e-mail address, neither of them empty."""
    return _person("committer", configuration, environ)


def login(environ: Mapping[str, str]) -> str:
    """Return the login name, `unknown` where there is none (a container's bare user number)."""
    return _first(environ.get("LOGNAME"), environ.get("USER"), _passwd_name())


def _person(role: str, configuration: Configuration, environ: Mapping[str, str]) -> tuple[str, str]:
    name = _first(
        environ.get(f"GIT_{role.upper()}_NAME"),
        configuration.get(f"{role}.name"),
        configuration.get("user.name"),
        login(environ),
    )
    email = _first(
        environ.get(f"GIT_{role.upper()}_EMAIL"),
        configuration.get(f"{role}.email"),
        configuration.get("user.email"),
        environ.get("EMAIL"),
        f"{login(environ)}@localhost",
    )
    return name, email


def _first(*candidates: str | None) -> str:
    """Return the first candidate of which something is left once it is clean."""
    clean = (_clean(candidate) for candidate in candidates if candidate)
    return next(filter(None, clean), "unknown")


def _clean(text: str) -> str:
    return "".join(sign for sign in text if not _is_unfit(sign)).strip(_CRUD)


def _is_unfit(sign: str) -> bool:
    """Tell whether a sign is no part of a name: brackets, controls, lone surrogates.

    These are bytes of a configuration that is not UTF-8.
    """
    return (
        sign in "<>\x7f\u2028\u2029"
        or sign < " "
        or "\x80" <= sign <= "\x9f"
        or "\ud800" <= sign <= "\udfff"
    )


def _passwd_name() -> str | None:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None
