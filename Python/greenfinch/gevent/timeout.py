"""Timeouts that are raised wherever a greenlet waits."""

from ._timers import after
from ._waiting import party

__all__ = ["Timeout", "with_timeout"]


class Timeout(BaseException):
    """Raised in the greenlet that has started it, when its time is over and it has not been closed.

    ``seconds``: ``None`` for never. ``exception``: raised in its place; ``False``: the ``with`` statement ends silently.
    """

    def __init__(self, seconds=None, exception=None, ref=True, priority=-1, _one_shot=False):
        super().__init__()
        self.seconds = seconds
        self.exception = exception
        self._timer = None
        self._party = None
        self._thrown = None

    @classmethod
    def start_new(cls, timeout=None, exception=None, ref=True, _one_shot=False):
        """A timeout that runs: the one that is given, or a new one."""
        if isinstance(timeout, Timeout):
            if not timeout.pending:
                timeout.start()
            return timeout
        timeout = cls(timeout, exception)
        timeout.start()
        return timeout

    def start(self):
        """Begins to count."""
        if self.pending:
            raise AssertionError("%r is already started; to restart it, cancel it first" % self)
        self._thrown = None
        if self.seconds is not None:
            self._party = party()
            self._timer = after(self.seconds, self._expire)

    def _expire(self):
        exception = self.exception
        if exception is None or exception is False or isinstance(exception, str):
            exception = self
        elif isinstance(exception, type):
            exception = exception()
        self._thrown = exception
        self._party.throw(exception)

    @property
    def pending(self):
        """Whether it counts."""
        return self._timer is not None and not self._timer.is_over

    def cancel(self):
        """Counts no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._thrown is not None:
            self._party.take(self._thrown)

    close = cancel

    def __enter__(self):
        if not self.pending:
            self.start()
        return self

    def __exit__(self, kind, value, trace):
        # A call that was broken off raises its own error, which may have become another's.
        is_broken_off = self._thrown is not None and self._thrown in self._party.thrown
        self.cancel()
        if value is self:
            return self.exception is False
        if is_broken_off and isinstance(value, Exception) and value is not self._thrown:
            if self.exception is False:
                return True
            raise self._thrown from value
        return None

    def __str__(self):
        if self.seconds is None:
            return ""
        suffix = "" if self.seconds == 1 else "s"
        if self.exception is None:
            return "%s second%s" % (self.seconds, suffix)
        if self.exception is False:
            return "%s second%s (silent)" % (self.seconds, suffix)
        return "%s second%s: %s" % (self.seconds, suffix, self.exception)

    def __repr__(self):
        return "<%s at %#x seconds=%s exception=%s>" % (type(self).__name__, id(self), self.seconds, self.exception)


_NOTHING = object()


def with_timeout(seconds, function, *args, **kwargs):
    """Calls a function; returns ``timeout_value`` where it takes longer, if that is given."""
    value = kwargs.pop("timeout_value", _NOTHING)
    timeout = seconds if isinstance(seconds, Timeout) else Timeout(seconds)
    try:
        # The statement knows the errors of calls that were broken off.
        with timeout:
            return function(*args, **kwargs)
        # Only a silent one comes here.
        raise timeout
    except Timeout as error:
        if error is timeout and value is not _NOTHING:
            return value
        raise
