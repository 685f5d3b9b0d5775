"""Events and results that greenlets wait for."""

from ._linkable import Linkable
from ._waiting import Waiter

__all__ = ["Event", "AsyncResult"]


class Event(Linkable):
    """A flag that is waited for; all who wait go on when it is set."""

    def __init__(self):
        super().__init__()
        self._flag = False

    def is_set(self):
        return self._flag

    isSet = ready = is_set

    def set(self):
        """Sets the flag, and wakes all who wait."""
        self._flag = True
        self._notify()

    def clear(self):
        """Takes the flag back."""
        self._flag = False

    def wait(self, timeout=None):
        """Whether the flag is set in time. Whoever was woken goes on, even where it was taken back meanwhile."""
        if self._flag:
            return True
        waiter = Waiter()
        self._links.append(waiter.wake)
        try:
            return self._flag or waiter.wait(timeout)
        finally:
            self.unlink(waiter.wake)

    _wait_ready = wait

    def __repr__(self):
        return "<%s at %#x %s>" % (type(self).__name__, id(self), "set" if self._flag else "clear")


_NOTHING = object()


class AsyncResult(Linkable):
    """A value or an exception that comes once; all who wait get it."""

    def __init__(self):
        super().__init__()
        self._value = _NOTHING
        self._exc_info = None

    def ready(self):
        return self._value is not _NOTHING or self._exc_info is not None

    def successful(self):
        return self._exc_info is None and self._value is not _NOTHING

    done = ready

    @property
    def value(self):
        return None if self._value is _NOTHING else self._value

    @property
    def exc_info(self):
        return self._exc_info or ()

    @property
    def exception(self):
        return self._exc_info[1] if self._exc_info else None

    def set(self, value=None):
        """Brings the value."""
        self._value = value
        self._exc_info = None
        self._notify()

    set_result = set

    def set_exception(self, exception, exc_info=None):
        """Brings an exception."""
        self._exc_info = exc_info or (type(exception), exception, getattr(exception, "__traceback__", None))
        self._notify()

    def get(self, block=True, timeout=None):
        """The value; raises the exception, or :class:`~gevent.timeout.Timeout`."""
        from .timeout import Timeout

        if not self.ready() and not (block and self._wait_ready(timeout)):
            raise Timeout(timeout)
        if self._exc_info is not None:
            raise self._exc_info[1].with_traceback(self._exc_info[2])
        return self._value

    result = get

    def get_nowait(self):
        return self.get(block=False)

    def wait(self, timeout=None):
        """The value, or ``None`` where there is none in time."""
        self._wait_ready(timeout)
        return self.value

    def cancelled(self):
        return False

    def cancel(self):
        return False

    def __call__(self, source):
        """Takes over what a greenlet comes to: ``greenlet.link(result)``."""
        if source.successful():
            self.set(source.value)
        else:
            self.set_exception(source.exception, getattr(source, "exc_info", None))
