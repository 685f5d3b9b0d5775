"""Two greenlets that yield in turn."""

import gevent
from figures import count, nanoseconds_each, show


def body() -> None:
    for _ in range(count() // 2):
        gevent.sleep(0)


show("ns", nanoseconds_each(count(), lambda: gevent.joinall([gevent.spawn(body), gevent.spawn(body)])))
