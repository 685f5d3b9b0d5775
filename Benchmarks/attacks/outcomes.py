"""What came of an attack, and whether that is good."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from honest import Latency
from watching import MOST_GROWN, Held

MOST_MS = 1_000.0
"""How long an honest client of a green worker may wait for an answer."""
PHASES = ("before", "during", "after")


@dataclass
class Outcome:
    attack: str
    worker_class: str
    about: str
    command: str
    said: str = ""
    """What the attack did, and what the server made of it."""
    not_applicable: str = ""
    latency: dict[str, Latency] = field(default_factory=dict)
    """By phase."""
    longest: dict[str, str] = field(default_factory=dict)
    """The longest answer of each phase, and what its time was."""
    failures: dict[str, str] = field(default_factory=dict)
    """The first failure of each phase that has one."""
    held: dict[str, Held] = field(default_factory=dict)
    """When it had started (`fresh`), before, the most during, and after."""
    back_after: float | None = None
    """Seconds from the end of the attack until memory and descriptors were as before."""
    cores: float = 0.0
    """Processor time of the server for each second of the attack."""
    survived: bool = True
    problems: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.problems

    def judge(self) -> None:
        """Adds what is wrong with what was measured. A green worker's honest clients must notice little; of the other
        classes that is shown only, since a client can hold a thread of theirs."""
        if not self.survived:
            self.problems.append("the worker has died")
        if self.worker_class == "green":
            for phase, latency in self.latency.items():
                self.problems += self._judged(phase, latency)
        if self.survived and "after" in self.held:
            self.problems += self._kept(self.held["before"], self.held["after"])

    def _judged(self, phase: str, latency: Latency) -> list[str]:
        found = []
        if latency.failures:
            first = self.failures.get(phase, "?")
            found.append(f"{phase}: {latency.failures:,} honest requests failed, the first with: {first}")
        if not latency.answers:
            found.append(f"{phase}: no honest request was answered")
        elif latency.most_ms > MOST_MS:
            found.append(f"{phase}: an honest request took {self.longest.get(phase, '')}")
        return found

    @staticmethod
    def _kept(before: Held, after: Held) -> list[str]:
        if after.has_come_back_to(before):
            return []
        if not after.has_memory_of(before):
            return [f"the worker kept {after.pss:.1f} MB, and had {before.pss:.1f} before: more than "
                    f"{MOST_GROWN:g} times as much"]
        return [f"the worker kept {after.descriptors:,} descriptors, and had {before.descriptors:,} before"]

    def as_json(self) -> dict:
        return {**asdict(self), "good": self.is_good}
