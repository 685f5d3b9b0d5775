"""gevent's names on greenfinch's fibers.

A program that was written for gevent runs in a green worker unchanged: there ``import gevent`` finds this. Nothing is patched,
since what blocks waits by itself in a fiber; a greenlet is a fiber, which Python takes for a thread. Its own names are
``greenfinch.spawn``, ``Pool``, ``Timeout`` and so on, which are the same things.
"""

import threading
import time

from . import _fibers
from ._linkable import iwait, wait
from ._waiting import Waiter, party
from .exceptions import GreenletExit, NeedsHub
from .greenlet import Greenlet, joinall, killall
from .timeout import Timeout, with_timeout

#: That of the gevent whose names there are.
__version__ = "26.9.0"
version_info = (26, 9, 0)

__all__ = [
    "Greenlet",
    "GreenletExit",
    "Timeout",
    "config",
    "fork",
    "get_hub",
    "getcurrent",
    "getswitchinterval",
    "idle",
    "iwait",
    "joinall",
    "kill",
    "killall",
    "reinit",
    "setswitchinterval",
    "signal_handler",
    "sleep",
    "spawn",
    "spawn_later",
    "spawn_raw",
    "wait",
    "with_timeout",
]

spawn = Greenlet.spawn
spawn_later = Greenlet.spawn_later


def spawn_raw(function, *args, **kwargs):
    """As :func:`spawn`."""
    return Greenlet.spawn(function, *args, **kwargs)


def sleep(seconds=0, ref=True):
    """Lets the others run for so many seconds; with 0, once."""
    if seconds is None or seconds <= 0:
        party().check()
        if _fibers.in_fiber():
            _fibers.native.yield_()
        else:
            time.sleep(0)
        party().check()
    else:
        Waiter().wait(seconds)


def idle(priority=0):
    """Lets the others run."""
    sleep(0)


def getcurrent():
    """The greenlet that the caller runs in; for other threads and fibers something that stands for it."""
    own = party()
    return own.greenlet if own.greenlet is not None else own


def kill(greenlet, exception=GreenletExit):
    """Raises an exception in a greenlet, without waiting for its end."""
    greenlet.kill(exception, block=False)


def fork():
    """os.fork()."""
    import os

    return os.fork()


def reinit(hub=None):
    """Nothing: a forked process needs none of it."""


def signal_handler(signalnum, handler, *args, **kwargs):
    """Calls a function when a signal comes."""
    import signal

    if threading.current_thread() is not threading.main_thread():
        raise NeedsHub("signal_handler() of a worker", "signals are the server's; write hooks in gunicorn.conf.py")
    signal.signal(signalnum, lambda number, frame: handler(*args, **kwargs))


def get_hub(*args, **kwargs):
    """A hub that has a thread pool, and says of all else that it is not there."""
    from .hub import get_hub

    return get_hub()


def getswitchinterval():
    """sys.getswitchinterval()."""
    import sys

    return sys.getswitchinterval()


def setswitchinterval(interval):
    """sys.setswitchinterval()."""
    import sys

    sys.setswitchinterval(interval)


class _Config:
    """gevent's settings, which change nothing."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return None


config = _Config()
