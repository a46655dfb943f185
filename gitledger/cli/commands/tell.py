"""`tell`: a message to sessions."""

from __future__ import annotations

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.sharing import share
from gitledger.cli.spec import Argument, Command
from gitledger.core.message import EVERYBODY, Message
from gitledger.core.text import escape
from gitledger.core.view import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def tell(context: Context, *, to: str, text: list[str]) -> Reply:
    """Tell a session, all of a role, or everybody something."""
    message = context.ledger.tell(to, context.words(text))
    share(context)
    whom = "everybody" if message.to == EVERYBODY else escape(message.to)
    return Reply("message", lambda: {"message": as_json(message)}, lambda style: [f"told {whom}"])


def as_json(message: Message) -> dict[str, Any]:
    """Return a message as JSON has it."""
    return {
        "id": message.id,
        "at": plain(message.at),
        "by": message.by,
        "to": message.to,
        "text": message.text,
        "read": list(message.read),
    }


COMMANDS = [
    Command(
        "tell",
        tell,
        """Tell a session, all of a role, or everybody something.

        It stands in their inbox until they have read it.
        """,
        [
            Argument("to", "A session, role:ROLE, or all.", metavar="WHOM"),
            Argument("text", "The message; - reads standard input.", many=True),
        ],
        panel="Sessions",
    )
]
