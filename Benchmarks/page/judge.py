"""Whether the machine was quiet while something was measured.

The judge is the ceiling, a C program that does nothing but answer: it is asked for a second before each round and after the
last. Where its figures spread, or are below what it did elsewhere in the same run, so are all other times.
"""

from __future__ import annotations

from pathlib import Path

import load
import native
from running import DidNotStart, Running
from servers import epoll
from suites import Bench

TOLERANCE = 0.15
"""How far the ceiling may fall on a quiet machine: virtual machines differ by a tenth from second to second."""


def ask_ceiling(bench: Bench) -> float:
    """Requests a second; 0 where the machine is so busy that not even that can be told."""
    log = native.RESULTS / "logs" / "judge.log"
    try:
        with Running(epoll(Path(bench.epoll)), log, bench.server_core) as running:
            return load.run(load.wrk(f"{running.url}/plain", 1, 64), 20, bench.load_core).figures["rps"]
    except (DidNotStart, load.LoadFailed) as problem:
        bench.say(f"the ceiling: {problem}")
        return 0.0


def steadiness(ceiling: list[float], best: float) -> float:
    """The least that the ceiling made, as a share of the most: 1 is a quiet machine. `best` is the most in the whole run."""
    most = max([best, *ceiling])
    return min(ceiling) / most if ceiling and most else 0.0


def verdict(ceiling: list[float], best: float) -> str:
    """A sentence where the machine was not quiet; `best` is the most that the ceiling did in the whole run."""
    if not ceiling or steadiness(ceiling, best) >= 1 - TOLERANCE:
        return ""
    return (f"disturbed: the ceiling fell to {min(ceiling):,.0f} requests/s, {steadiness(ceiling, best):.0%} of the "
            f"{max([best, *ceiling]):,.0f} that it made elsewhere in this run")
