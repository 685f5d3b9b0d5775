"""How greenlets wait. All waiting of this package is one thing: a :class:`Waiter` that somebody wakes, or a time that passes,
or an exception that another greenlet throws."""

import _thread
import threading
import time

from . import _fibers
from ._timers import after

#: Held for the few lines that look at something and change it: another thread may take the interpreter's lock between any two.
#: Nobody waits while he holds it.
guard = _thread.allocate_lock()


class Party:
    """A thread or fiber as what can wait and be thrown at: one for each greenlet, and one for each other thread that waits."""

    __slots__ = ("ident", "fiber", "waiter", "pending", "thrown", "greenlet")

    #: How long code may deal with a call that was broken off, before what was thrown is raised between two of its lines.
    PATIENCE = 0.05

    def __init__(self, greenlet=None):
        self.ident = threading.get_ident()
        self.fiber = _fibers.fiber()
        self.waiter = None
        #: Exceptions that have been thrown and not raised yet.
        self.pending = []
        #: Exceptions for which a call was broken off, until somebody has taken them.
        self.thrown = []
        self.greenlet = greenlet

    def throw(self, exception):
        """Has the party raise an exception: where it waits, or between two lines. A call of C's that waits is broken off: it
        fails, and whoever has thrown recognises that."""
        if self.waiter is not None:
            self.pending.append(exception)
            self.waiter.wake()
        elif _fibers.interrupt(self.fiber):
            self.thrown.append(exception)
            after(self.PATIENCE, lambda: self._insist(exception))
        else:
            _fibers.raise_in(self.ident, exception)

    def _insist(self, exception):
        if exception in self.thrown:
            self.thrown.remove(exception)
            _fibers.raise_in(self.ident, exception)
            _fibers.interrupt(self.fiber)

    def put_off(self, exception):
        """What was raised by a wait that had already come to something is raised by the next one; where there is none soon, it
        is thrown again."""
        self.pending.insert(0, exception)
        after(self.PATIENCE, lambda: self._throw_again(exception))

    def _throw_again(self, exception):
        if exception in self.pending:
            self.take(exception)
            self.throw(exception)

    def take(self, exception):
        """What was thrown has been raised, or shall not be."""
        self.thrown = [one for one in self.thrown if one is not exception]
        self.pending = [one for one in self.pending if one is not exception]

    def check(self):
        """Raises what was thrown."""
        if self.pending:
            raise self.pending.pop(0)


_local = threading.local()


def party():
    """The caller's."""
    try:
        return _local.party
    except AttributeError:
        _local.party = Party()
        return _local.party


def be(greenlet):
    """The caller's thread or fiber works for a greenlet from now on."""
    _local.party = Party(greenlet)
    return _local.party


class Waiter:
    """One wait, for one wake. Whoever wakes may do so before the wait has begun, from any thread."""

    __slots__ = ("_lock", "value")

    def __init__(self):
        self._lock = _thread.allocate_lock()
        self._lock.acquire()
        self.value = None

    def wake(self, value=None):
        """Ends the wait. The first value counts."""
        if self.value is None:
            self.value = value
        try:
            self._lock.release()
        except RuntimeError:
            pass  # somebody else was first

    def wait(self, timeout=None):
        """Whether it was woken in time. Raises what was thrown meanwhile."""
        own = party()
        own.check()
        own.waiter, outer = self, own.waiter
        try:
            woken = self._lock.acquire(True, -1 if timeout is None else max(0, min(timeout, threading.TIMEOUT_MAX)))
        finally:
            own.waiter = outer
        own.check()
        return woken


def until(moment):
    """The seconds that are left until a moment of :func:`time.monotonic`; ``None`` stays ``None``."""
    return None if moment is None else max(0.0, moment - time.monotonic())


def moment(timeout):
    """When so many seconds have passed."""
    return None if timeout is None else time.monotonic() + timeout
