"""What an attack is: its name, what it does, which server it is for, and its bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MOST_CONNECTIONS = 10_000
"""Of one attack, all that it opens together."""
MOST_SECONDS = 60
CLASSES = ("green", "thread", "sync")


class NotApplicable(Exception):
    """The server does not do what the attack is against."""


@dataclass(frozen=True)
class Target:
    """A port of the loopback, and how much it may be given."""
    port: int
    seconds: float
    most: int = MOST_CONNECTIONS
    """How many connections may be opened, all together."""

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= MOST_SECONDS or not 0 < self.most <= MOST_CONNECTIONS:
            raise ValueError(f"an attack lasts up to {MOST_SECONDS} s and opens up to {MOST_CONNECTIONS} connections")


@dataclass(frozen=True)
class Attack:
    name: str
    about: str
    run: Callable[[Target], str]
    """Goes on for as long as the target says, and returns what it did and what the server made of it."""
    program: str = "hello"
    """`streams` where a route, or something else than HTTP/1.1, is wanted that `hello` does not have."""
    options: str = ""
    """Of the server, besides those of its worker class."""
    classes: tuple[str, ...] = CLASSES
    secure: bool = False
    """Whether the server speaks TLS."""
