"""Figures as all parts give them: who, what, and every sample. Charts, tables and comparisons are made from these alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from statistics import median

UNITS = {
    # figure: what it is, its digits, and whether less (-1) or more (+1) is better, or neither (0)
    "ab_s": ("ab, s", 2, -1),
    "hey_s": ("hey, s", 2, -1),
    "floor_ratio": ("× the floor", 2, -1),
    "rps": ("requests/s", 0, +1),
    "rps_ratio": ("requests/s ÷ ceiling", 2, +1),
    "cpu_us": ("CPU µs a request", 2, -1),
    "cpu_ratio": ("CPU ÷ ceiling", 2, -1),
    "p50_ms": ("p50, ms", 2, -1),
    "p99_ms": ("p99, ms", 2, -1),
    "p999_ms": ("p99.9, ms", 2, -1),
    "mean_ms": ("mean, ms", 2, -1),
    "failures": ("failures", 0, -1),
    "peak_pss": ("memory, MB", 1, -1),
    "threads": ("threads", 0, 0),
    "idle_bytes": ("an idle connection, bytes", 0, -1),
    "rush_bytes": ("after a rush, bytes", 0, -1),
    "busy_bytes": ("a request that sleeps, bytes", 0, -1),
    "handshakes": ("handshakes/s", 0, +1),
    "messages": ("messages/s", 0, +1),
    "instructions": ("instructions", 0, -1),
}


@dataclass
class Figure:
    part: str
    row: str
    """What was done, such as `64 connections`."""
    server: str
    """Who did it."""
    name: str
    title: str
    better: int
    """-1 where less is better, +1 where more is, 0 where neither."""
    samples: list[float]
    digits: int = 2
    exact: bool = False
    """Whether it is the same on a busy machine: instructions, system calls."""
    own: bool = False
    """Whether it is ours though its name does not say so: `socket` and `pipe` of the redirect."""

    @property
    def is_own(self) -> bool:
        return self.own or is_own(self.server)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.part, self.row, self.server, self.name

    @property
    def median(self) -> float:
        return median(self.samples)

    def best(self) -> Figure:
        """The same with its best round alone: what other programs disturbed least."""
        return replace(self, samples=[(max if self.better > 0 else min)(self.samples)])

    def shown(self) -> str:
        """The median, with (lowest to highest) where the runs differed."""
        texts = [f"{value:,.{self.digits}f}" for value in (self.median, min(self.samples), max(self.samples))]
        return texts[0] if texts[1] == texts[2] else f"{texts[0]} ({texts[1]} to {texts[2]})"


def known(part: str, row: str, server: str, name: str, samples: list[float]) -> Figure:
    """A figure of ``UNITS``."""
    title, digits, better = UNITS[name]
    return Figure(part, row, server, name, title, better, samples, digits, exact=name == "instructions")


def is_own(server: str) -> bool:
    """Whether it is ours: `Greenfinch green`, `Green` of the micro benchmarks, `greenfinch uvloop` of Python."""
    return server.lower().startswith("green")


def is_ceiling(server: str) -> bool:
    """Whether it only answers, or is the least that there can be: programs of ours in C."""
    return server.startswith("epoll") or server == "C" or server.startswith("C, libev") or server == "C, c-ares"


def as_json(figures: list[Figure]) -> list[dict]:
    return [asdict(figure) | {"median": figure.median} for figure in figures]


def from_json(listed: list[dict]) -> list[Figure]:
    return [Figure(**{key: value for key, value in each.items() if key != "median"}) for each in listed]
