"""Many greenlets asleep at once, until one common moment after the last has fallen asleep."""

import gc
import time

import gevent
from figures import count, show

asleep = woken = 0


def memory() -> tuple[int, int, int]:
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    tables, resident = (int(status[key].split()[0]) * 1024 for key in ("VmPTE", "VmRSS"))
    return resident, tables, sum(1 for _ in open("/proc/self/maps"))


def sleeper(waking: float) -> None:
    global asleep, woken
    asleep += 1
    gevent.sleep(waking - time.monotonic())
    woken += 1


gevent.spawn(lambda: None).get()
number = count()
gc.disable()
before = memory()
start = time.monotonic()
waking = start + max(2, number / 10_000)
sleepers = [gevent.spawn(sleeper, waking) for _ in range(number)]
while asleep < number:
    gevent.sleep(0)
created = time.monotonic() - start
assert woken == 0
now = memory()
show("resident_bytes", (now[0] - before[0]) / number)
show("table_bytes", (now[1] - before[1]) / number)
show("mappings", now[2] - before[2])
show("total_gb", (now[0] + now[1]) / 1e9)
show("create_s", created)
gevent.joinall(sleepers)
show("wake_s", time.monotonic() - waking)
show("woken", woken)
