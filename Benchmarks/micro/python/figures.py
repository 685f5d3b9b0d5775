"""What the programs for gevent share: their argument, and how they print."""

import gc
import sys
import time


def count() -> int:
    return int(sys.argv[1])


def show(key: str, value: float) -> None:
    print(key, value, flush=True)


def nanoseconds_each(number: int, body) -> float:
    """How many nanoseconds each of `number` took. Garbage is not collected meanwhile, as in `timeit`."""
    gc.disable()
    start = time.perf_counter_ns()
    body()
    taken = time.perf_counter_ns() - start
    gc.enable()
    return taken / number
