"""The runtime's parts, and the redirect: the rows of micro/."""

from __future__ import annotations

import callgrind
import contenders
from figures import Figure
from part import Effort, NotMeasured, Part
from rows import ROWS, Options, Row
from suites import Bench

REDIRECT = {"redirect"}
SLOW = {"million", "names", "idle"}
"""What takes longer than all others together."""
SECONDS = {"echo": 15, "names": 6, "idle": 26, "redirect": 12, "sleepers": 8, "million": 40, "task-sleep": 3, "channel": 3,
           "switch": 2, "hop": 2, "await": 2,
           "hub-spawn": 3, "hub-channel": 6, "watched": 4, "cancel": 3}
UP = {"per_s", "answered", "woken"}
NEITHER = {"threads", "busy", "trips", "plain_ns", "vector_ns", "strangers", "started", "switches"}


class MicroPart(Part):
    def __init__(self, bench: Bench, name: str, title: str, about: str, rows: set[str], counts: bool):
        self.name, self.title, self.about = name, title, about
        self._bench, self._names, self._counts = bench, rows, counts
        self._settings = self._of_now()
        self._rows: list[Row] = []

    def _of_now(self) -> Options:
        """How long loads last is known when all parts are prepared."""
        seconds = self._bench.seconds
        return Options(quick=seconds < 2, echo_seconds=min(3, seconds), idle_seconds=min(10, 2 * seconds))

    def prepare(self) -> None:
        try:
            self.forget()
        except contenders.Failed as problem:
            raise NotMeasured(str(problem)) from None

    def forget(self) -> None:
        self._settings = self._of_now()
        self._rows = [make(self._settings) for name, make in ROWS.items() if name in self._names]

    def seconds_a_round(self, effort: Effort) -> float:
        return sum(SECONDS.get(name, 1.5) for name in self._names) + 20 * self._counts / effort.rounds

    def run_round(self, number: int) -> None:
        if number == 0 and self._settings != self._of_now():
            self.forget()
        for row in self._rows:
            row.run_round(number, self._settings, self._bench.say)
            if number == 0 and self._counts and row.counts_instructions and callgrind.are_countable():
                self._count(row)

    def _count(self, row: Row) -> None:
        for entry in row.entries:
            if entry.samples and entry.contender.countable:
                self._bench.say(f"{row.name}, instructions: {entry.contender.name}")
                entry.instructions = callgrind.count(entry.contender)

    def figures(self) -> list[Figure]:
        return [figure for row in self._rows for figure in self._of_row(row)]

    def _of_row(self, row: Row) -> list[Figure]:
        found = []
        for entry in row.entries:
            for column in row.columns:
                if samples := [sample[column.key] for sample in entry.samples if column.key in sample]:
                    better = 1 if column.key in UP else 0 if column.key in NEITHER else -1
                    # A ratio to C is one of round trips in some rows and of time in others: their goals tell.
                    if column.key == "ratio":
                        better = next((-1 if goal.at_most else 1 for goal in row.goals if goal.key == "ratio"), 0)
                    found.append(Figure(self.name, row.title, entry.contender.name, column.key, column.title, better, samples,
                                        column.digits, exact=column.key == "calls", own=entry.contender.own))
            if entry.instructions is not None:
                found.append(Figure(self.name, row.title, entry.contender.name, "instructions", "instructions", -1,
                                    [entry.instructions], 0, exact=True, own=entry.contender.own))
        return found

    def problems(self) -> list[str]:
        return [f"{row.name}, {entry.contender.name}: {entry.problem}" for row in self._rows for entry in row.entries
                if entry.problem and not entry.contender.missing]


def micro_parts(bench: Bench, is_whole: bool) -> list[Part]:
    rows = set(ROWS) - REDIRECT - (set() if is_whole else SLOW)
    return [
        MicroPart(bench, "micro", "The runtime's parts", "One core; see `Benchmarks/README.md` for what each row does.", rows,
                  counts=is_whole),
        MicroPart(bench, "redirect", "The redirect",
                  "A `read` of 8 bytes that are there: what the redirect adds to it in a fiber, and on a thread, where it is passed "
                  "through.", REDIRECT, counts=False),
    ]
