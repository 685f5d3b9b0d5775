"""A part whose rounds give samples directly, by row, server and figure."""

from __future__ import annotations

from figures import Figure, known
from part import Part
from suites import Bench


class SampledPart(Part):
    def __init__(self, bench: Bench):
        self._bench = bench
        self.forget()

    def forget(self) -> None:
        self._samples: dict[tuple[str, str, str], list[float]] = {}
        self._problems: dict[str, str] = {}

    def keep(self, row: str, server: str, **figures: float) -> None:
        for name, value in figures.items():
            self._samples.setdefault((row, server, name), []).append(value)

    def fail(self, server: str, problem: object) -> None:
        """It is said once, and not tried again in this run."""
        self._problems[server] = str(problem)
        self._bench.say(f"{server}: {problem}")

    def failed(self, server: str) -> bool:
        return server in self._problems

    def figures(self) -> list[Figure]:
        return [known(self.name, *key, samples) for key, samples in self._samples.items()]

    def problems(self) -> list[str]:
        failed = [f"{row}, {server}: {sum(samples):.0f} requests failed" for (row, server, name), samples in self._samples.items()
                  if name == "failures" and any(samples)]
        return [f"{server}: {problem}" for server, problem in self._problems.items()] + failed
