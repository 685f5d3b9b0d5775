"""gevent's hub, of which there is a thread pool and a name server. The loop is the worker's own."""

from ._waiting import Waiter
from .exceptions import NeedsHub
from .threadpool import ThreadPool

__all__ = ["Hub", "Waiter", "get_hub", "getcurrent", "GreenletExit", "sleep", "signal", "iwait", "wait", "reinit"]


class _Resolver:
    """The C library's names, which wait in a fiber by themselves."""

    def __getattr__(self, name):
        import socket

        return getattr(socket, name)


class Hub:
    """See the module."""

    SYSTEM_ERROR = (KeyboardInterrupt, SystemExit, SystemError)
    NOT_ERROR = (SystemExit,)
    name = "greenfinch"

    def __init__(self):
        self._threadpool = None
        self.resolver = _Resolver()

    @property
    def threadpool(self):
        if self._threadpool is None:
            self._threadpool = ThreadPool(10)
        return self._threadpool

    def join(self, timeout=None):
        raise NeedsHub("Hub.join()", "wait for greenlets by joinall()")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise NeedsHub("Hub.%s" % name, "time is had by spawn_later(), descriptors by select, functions by spawn()")


_hub = Hub()


def get_hub(*args, **kwargs):
    """The one for all threads."""
    return _hub


def __getattr__(name):
    if name in ("getcurrent", "GreenletExit", "sleep", "iwait", "wait", "reinit"):
        from .. import gevent

        return getattr(gevent, name)
    if name == "signal":
        from . import signal_handler

        return signal_handler
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
