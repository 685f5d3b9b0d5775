"""What /proc tells about a server: its processes, their memory, threads and CPU time.

CPU time is utime + stime (and that of children already waited for), which the kernel reports in ticks of 10 ms: over
a process that used 5 s a tick is 0.2 %, over one that used 0.05 s it is 20 %. Compare long runs only.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import Iterable

TICK = 1 / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    except OSError:
        pass  # ended meanwhile
    return found


def tree(root: int) -> list[int]:
    """The process and all it has started, parents before children."""
    found = [root]
    for pid in found:
        found += children(pid)
    return found


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name, which may itself contain spaces and parentheses."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def session(leader: int) -> list[int]:
    """All processes of the session that one has begun: those too whose parent is another one by now. What has ended is not among
    them, also where nothing has waited for it yet."""
    pids = sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())
    found = ((pid, _stat(pid)) for pid in pids)
    return [pid for pid, fields in found if fields and int(fields[3]) == leader and fields[0] != "Z"]


def cpu_seconds_of(pids: Iterable[int]) -> float:
    """CPU time used so far by these processes, and by their children that have ended."""
    fields = (_stat(pid) for pid in pids)
    return sum(sum(map(int, field[11:15])) for field in fields if field) * TICK


def cpu_seconds(root: int) -> float:
    """CPU time used so far by the process and all it has started."""
    return cpu_seconds_of(tree(root))


def waited_for_processor(thread: int) -> float:
    """Seconds in which a thread was ready to run, and something else had its processor. Of a process, its first thread."""
    with open(f"/proc/{thread}/schedstat") as file:
        return int(file.read().split()[1]) / 1e9


@dataclass
class Usage:
    processes: int = 0
    threads: int = 0
    """Of the process that has the most."""
    rss: float = 0
    pss: float = 0
    """Megabytes (10^6 bytes), summed over the processes. PSS counts a page that n processes share as 1/n in each."""

    def raise_to(self, other: Usage) -> None:
        for name in vars(self):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))


def usage(root: int) -> Usage:
    """Of the process and all it has started."""
    return usage_of(tree(root))


def usage_of(pids: Iterable[int]) -> Usage:
    total = Usage()
    for pid in pids:
        fields = _stat(pid)
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                sizes = dict(line.split(None, 1) for line in file)
        except OSError:
            continue
        if not fields or "Pss:" not in sizes:
            continue
        total.processes += 1
        total.threads = max(total.threads, int(fields[17]))
        total.rss += int(sizes["Rss:"].split()[0]) * 1024 / 1e6
        total.pss += int(sizes["Pss:"].split()[0]) * 1024 / 1e6
    return total


class Sampler:
    """Samples a server's usage from a thread while a `with` block runs, and keeps the highest of each figure.

    A peak shorter than `interval` can be missed. One sample of three processes costs well under a millisecond.
    """

    def __init__(self, root: int, interval: float = 0.1):
        self.peak = Usage()
        self._root = root
        self._interval = interval
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while True:
            self.peak.raise_to(usage(self._root))
            if self._done.wait(self._interval):
                return

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._done.set()
        self._thread.join()


def machine_cpu_seconds() -> float:
    """CPU time that all programs of the machine have used since it started, without interrupts and idle time."""
    with open("/proc/stat") as file:
        user, nice, system = map(int, file.readline().split()[1:4])
    return (user + nice + system) * TICK


class Strangers:
    """Tells how much of a core programs other than ours used during a `with` block: the noise in a measurement."""

    def __init__(self, root: int):
        self.cores = 0.0
        self._root = root

    def _state(self) -> tuple[float, float]:
        # Of this process and what it has started, where that is the root, it is there already.
        ours = cpu_seconds(self._root) + (0 if self._root == os.getpid() else sum(os.times()[:4]))
        return time.monotonic(), machine_cpu_seconds() - ours

    def __enter__(self) -> Strangers:
        self._before = self._state()
        return self

    def __exit__(self, *_) -> None:
        after = self._state()
        self.cores = max(0.0, (after[1] - self._before[1]) / max(after[0] - self._before[0], 0.001))


def wait_for_quiet(patience: float) -> None:
    """Waits until all programs together use less than a tenth of a core, at most `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        time_before, cpu_before = time.monotonic(), machine_cpu_seconds()
        time.sleep(0.5)
        if machine_cpu_seconds() - cpu_before < 0.1 * (time.monotonic() - time_before):
            return
