"""What is measured now and how long is left, on the terminal."""

from __future__ import annotations

import sys
import time

from effort import part_seconds, round_seconds, total_seconds
from part import Effort, Part


def clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02}"


class Progress:
    def __init__(self) -> None:
        self._start = time.monotonic()
        self._limit = 0.0
        self._total = self._done = 0.0
        self._effort = Effort(1, 1)
        self._where = ""

    def plan(self, parts: list[Part], effort: Effort, limit: float) -> None:
        """`limit` is the time for all, in seconds; 0 for any."""
        self._start = time.monotonic()
        self._effort, self._limit, self._total = effort, limit, total_seconds(parts, effort)
        if limit:
            self._total = limit
        self.say(f"{len(parts)} parts, loads of {effort.seconds} s, {effort.rounds} rounds{' or more' * bool(limit)}")
        for part in parts:
            self.say(f"    {part.name:14}{clock(part_seconds(part, effort)):>6}")

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    @property
    def left(self) -> float:
        """As the estimates go, and as they were right so far; no more than the limit allows."""
        if self._limit:
            return max(0, self._total - self.elapsed)
        pace = self.elapsed / self._done if self._done > 30 else 1
        return max(0, self._total - self._done) * max(0.5, min(pace, 4))

    @property
    def is_limited(self) -> bool:
        return bool(self._limit)

    def expect(self, part: Part, rounds: int) -> None:
        """So many rounds of it more than planned."""
        if not self._limit:
            self._total += rounds * round_seconds(part, self._effort)

    def has_time_for(self, part: Part, rounds: int = 1) -> bool:
        """Whether so many rounds of it end in time."""
        return not self._limit or self.elapsed + rounds * round_seconds(part, self._effort) < self._limit

    def begin_round(self, part: Part, number: int) -> None:
        self._where = f"{part.name} ({number + 1} of {min(self._effort.rounds, part.most_rounds)}): "

    def end_round(self, part: Part) -> None:
        self._done += round_seconds(part, self._effort)
        self._where = ""

    def say(self, line: str) -> None:
        left = f", about {clock(self.left)} left" if self._total else ""
        print(f"[{clock(self.elapsed):>5}{left}] {self._where}{line}", file=sys.stderr, flush=True)
