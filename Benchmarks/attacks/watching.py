"""What a worker holds: its memory and its descriptors."""

from __future__ import annotations

import os
from dataclasses import dataclass

import paths  # noqa: F401
import proc
from background import Background

MOST_GROWN = 1.2
"""How much of its memory a worker may have when an attack is over, beside what it had before."""
SPARE_DESCRIPTORS = 10
"""So many more it may have then: connections of honest clients that are about to end."""


@dataclass(frozen=True)
class Held:
    pss: float = 0.0
    """Megabytes (10^6 bytes)."""
    descriptors: int = 0

    def has_come_back_to(self, before: Held) -> bool:
        return self.has_memory_of(before) and self.descriptors <= before.descriptors + SPARE_DESCRIPTORS

    def has_memory_of(self, before: Held) -> bool:
        return self.pss <= MOST_GROWN * before.pss


def held(pid: int) -> Held:
    """Nothing where the process is gone."""
    return Held(proc.usage_of([pid]).pss, descriptors(pid))


def descriptors(pid: int) -> int:
    folder = f"/proc/{pid}/fd"
    try:
        # The size is their number since Linux 6.2, proc_pid_fd(5), and 0 before.
        return os.stat(folder).st_size or len(os.listdir(folder))
    except OSError:
        return 0


class Highest(Background):
    """The most that a worker held at any sample while a `with` block runs. A sample makes the worker wait where it asks
    the kernel for memory meanwhile, so that there are only some."""

    def __init__(self, worker: int, interval: float = 0.5):
        super().__init__()
        self.seen = held(worker)
        self._worker, self._interval = worker, interval

    def _run(self) -> None:
        while not self._done.wait(self._interval):
            now = held(self._worker)
            self.seen = Held(max(self.seen.pss, now.pss), max(self.seen.descriptors, now.descriptors))
