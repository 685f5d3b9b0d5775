"""A greenlet spawned, run and joined, one after another."""

import gevent
from figures import count, nanoseconds_each, show


def body() -> None:
    for number in range(count()):
        gevent.spawn(lambda: number).get()


show("ns", nanoseconds_each(count(), body))
