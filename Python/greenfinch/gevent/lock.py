"""Locks and semaphores that greenlets wait for, in turn."""

from ._ends import Waiting
from ._linkable import Linkable
from ._waiting import Waiter, guard, moment, party, until

__all__ = ["Semaphore", "BoundedSemaphore", "DummySemaphore", "RLock"]


class Semaphore(Linkable):
    """So many may hold it at once."""

    def __init__(self, value=1, hub=None):
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        super().__init__()
        self.counter = value
        #: Apart from those who only want to know: a wake is for one who takes it.
        self._acquirers = Waiting()

    def locked(self):
        """Whether it cannot be had at once."""
        return self.counter <= 0

    def ready(self):
        return self.counter > 0

    def acquire(self, blocking=True, timeout=None):
        """Whether it was had in time."""
        deadline = moment(timeout)
        line_up = self._acquirers.append
        while True:
            left = until(deadline)
            with guard:
                if self.counter > 0:
                    self.counter -= 1
                    return True
                if not blocking or left is not None and left <= 0:
                    return False
                waiter = Waiter()
                line_up(waiter)
            if self._acquirers.has_woken(waiter, left):
                # Where somebody else has been quicker, it goes on waiting in its place.
                line_up = self._acquirers.appendleft

    def release(self):
        """Gives it back, and wakes one who waits."""
        with guard:
            self._give_back()
            self._acquirers.wake_one()
            counter = self.counter
        if self._links:
            self._notify()
        return counter

    def _give_back(self):
        self.counter += 1

    def _notify(self):
        """Calls those who want to know, as long as it can be had: each may take it, or ask again."""
        for _ in range(len(self._links)):
            with guard:
                if not self._links or self.counter <= 0:
                    return
                link = self._links.pop(0)
            self._call(link)

    def wait(self, timeout=None):
        """Waits until it could be had, without taking it."""
        self._wait_ready(timeout)
        return self.counter

    def __enter__(self):
        self.acquire()

    def __exit__(self, *_):
        self.release()


class BoundedSemaphore(Semaphore):
    """One that is not given back more often than it was taken."""

    def __init__(self, value=1, hub=None):
        super().__init__(value)
        self._most = value

    def _give_back(self):
        if self.counter >= self._most:
            raise ValueError("Semaphore released too many times")
        super()._give_back()


class DummySemaphore:
    """One that can always be had."""

    def __init__(self, value=None):
        self.counter = 1

    def locked(self):
        return False

    def ready(self):
        return True

    def acquire(self, blocking=True, timeout=None):
        return True

    def release(self):
        pass

    def rawlink(self, callback):
        pass

    def unlink(self, callback):
        pass

    def wait(self, timeout=None):
        return 1

    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass


class RLock:
    """A lock that its holder may take again."""

    def __init__(self, hub=None):
        self._block = Semaphore(1)
        self._owner = None
        self._count = 0

    def acquire(self, blocking=True, timeout=None):
        me = party()
        if self._owner is not me:
            if not self._block.acquire(blocking, timeout):
                return False
            self._owner = me
        self._count += 1
        return True

    def release(self):
        if self._owner is not party():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if self._count == 0:
            self._owner = None
            self._block.release()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()
