"""A program for gevent that has timers and timeouts before there is any fiber."""

import gevent
from gevent import Timeout
from gevent_app import TESTS, application

#: It goes on waiting while requests are served.
refresh = gevent.spawn_later(3600, int)
with Timeout(3600):
    pass


def interrupted_from_a_thread():
    """A thread asks for what only fibers can do, while fibers come and go."""
    import threading
    import time

    from greenfinch import _greenfinch

    own, answers, is_over = _greenfinch.current_fiber(), set(), threading.Event()

    def ask():
        while True:
            answers.add(_greenfinch.interrupt(own))
            if is_over.is_set():
                return
            time.sleep(0.0001)

    thread = gevent.get_hub().threadpool.spawn(ask)
    for _ in range(10):
        gevent.joinall([gevent.spawn(gevent.sleep, 0.001) for _ in range(20)])
    is_over.set()
    thread.get()
    return sorted(answers)


TESTS["interrupted_from_a_thread"] = interrupted_from_a_thread
__all__ = ["application"]
