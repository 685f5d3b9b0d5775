"""Timers set and cancelled: each far in the future, at its own time, as many at once as asked for."""

import gevent
from figures import count, nanoseconds_each, show


def body() -> None:
    loop = gevent.get_hub().loop
    timers = []
    for number in range(count()):
        timer = loop.timer(60 + number * 7919 % 3600007 * 1e-3)
        timer.start(fired)
        timers.append(timer)
    for timer in timers:
        timer.stop()
        timer.close()


def fired() -> None:
    raise AssertionError("a timer fired")


show("ns", min(nanoseconds_each(count(), body) for _ in range(3)))
