"""A part of the page: what it measures in a round, how long that takes, and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

from figures import Figure


@dataclass(frozen=True)
class Effort:
    """How much is measured."""
    seconds: int
    """How long a load lasts."""
    rounds: int


class Part:
    """One part; what measures inherits from it."""
    name = ""
    title = ""
    about = ""
    """What a reader of its table has to know, a paragraph of Markdown."""
    most_rounds = 100
    is_timed = True
    """Whether a busy machine changes what it finds: memory and instructions are the same there."""

    def prepare(self) -> None:
        """Raises ``NotMeasured`` where it cannot be measured here."""

    def seconds_a_round(self, effort: Effort) -> float:
        raise NotImplementedError

    def run_round(self, number: int) -> None:
        raise NotImplementedError

    def figures(self) -> list[Figure]:
        raise NotImplementedError

    def forget(self) -> None:
        """All that was measured, before it is measured again."""
        raise NotImplementedError

    def problems(self) -> list[str]:
        return []


class NotMeasured(Exception):
    """Why a part is left out."""


@dataclass
class Run:
    """What was found in some rounds of a part."""
    figures: list[Figure] = field(default_factory=list)
    ceiling: list[float] = field(default_factory=list)
    """Requests a second of the ceiling, before and after the rounds: the judge of how quiet the machine was."""
    rounds: int = 0
    seconds: float = 0
    broken: str = ""
    """What ended its rounds."""
    problems: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """What became of a part."""
    part: Part
    kept: Run = field(default_factory=Run)
    """What is shown."""
    other: Run | None = None
    """What was measured besides, where a part was measured twice: its ceiling was less steady."""
    is_second: bool = False
    """Whether what is kept is the second run."""
    disturbed: str = ""
    """Why its times are not to be trusted; empty where they are."""
    missing: str = ""

    @property
    def figures(self) -> list[Figure]:
        return self.kept.figures

    @property
    def repeated(self) -> bool:
        return self.other is not None


Say = Callable[[str], None]
