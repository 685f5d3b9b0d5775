"""Names looked up at once. gevent asks its pool of ten threads, which block in getaddrinfo."""

import time

import gevent
from figures import count, show
from gevent import socket

answered = 0


def look_up(number: int) -> None:
    global answered
    socket.getaddrinfo(f"host{number}.bench.test", 80, type=socket.SOCK_STREAM)
    answered += 1


start = time.monotonic()
gevent.joinall([gevent.spawn(look_up, number) for number in range(count())])
show("ms", (time.monotonic() - start) * 1e3)
show("answered", answered)
