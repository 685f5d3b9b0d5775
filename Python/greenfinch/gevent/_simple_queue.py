"""The queue that the others are kinds of."""

import collections
from queue import Empty, Full

from ._ends import Taken, Waiting
from ._waiting import Waiter, guard, moment, until

try:
    from queue import ShutDown
except ImportError:  # before 3.13

    class ShutDown(Exception):
        """The queue has been shut down."""


class SimpleQueue(Taken):
    """A queue of any length, or of at most ``maxsize`` items."""

    def __init__(self, maxsize=None, items=(), _warn_depth=2):
        self.maxsize = None if maxsize is not None and maxsize <= 0 else maxsize
        self._getters = Waiting()
        self._putters = Waiting()
        self._is_shut = False
        self._make(items)

    # ---- What kinds of queues differ in ----

    def _make(self, items):
        self.queue = collections.deque(items)

    def _get(self):
        return self.queue.popleft()

    def _put(self, item):
        self.queue.append(item)

    def _peek(self):
        return self.queue[0]

    def _dropped(self, count):
        """So many items have been taken out that nobody gets. With the guard held."""

    # ---- What is the same ----

    def qsize(self):
        return len(self.queue)

    def __len__(self):
        return self.qsize()

    def __bool__(self):
        return True

    def empty(self):
        return not self.qsize()

    def full(self):
        return self.maxsize is not None and self.qsize() >= self.maxsize

    def _attempt(self, operation, waiting, others, error, block, timeout):
        """Does something to the items once it can be done, and wakes one at the other end."""
        deadline = moment(timeout)
        line_up = waiting.append
        while True:
            left = until(deadline)
            with guard:
                done, value = operation()
                if done:
                    others.wake_one()
                    return value
                if self._is_shut:
                    raise ShutDown
                if not block or left is not None and left <= 0:
                    raise error
                waiter = Waiter()
                line_up(waiter)
            if waiting.has_woken(waiter, left):
                # Where somebody else has been quicker, it goes on waiting in its place.
                line_up = waiting.appendleft

    def put(self, item, block=True, timeout=None):
        """Puts an item in, when there is room."""

        def operation():
            if self.full() or self._is_shut:
                return False, None
            self._put(item)
            return True, None

        self._attempt(operation, self._putters, self._getters, Full, block, timeout)

    def put_nowait(self, item):
        self.put(item, False)

    def get(self, block=True, timeout=None):
        """Takes an item out, when there is one."""
        operation = lambda: (False, None) if self.empty() else (True, self._get())  # noqa: E731
        return self._attempt(operation, self._getters, self._putters, Empty, block, timeout)

    def get_nowait(self):
        return self.get(False)

    def peek(self, block=True, timeout=None):
        """The next item, which stays."""
        operation = lambda: (False, None) if self.empty() else (True, self._peek())  # noqa: E731
        # Whoever else waits for it may still have it.
        return self._attempt(operation, self._getters, self._getters, Empty, block, timeout)

    def peek_nowait(self):
        return self.peek(False)

    def shutdown(self, immediate=False):
        """No item goes in any more; those that are there can still be had, unless ``immediate``."""
        # Items are let go of when the guard is: what ends them may use a queue.
        items = []
        with guard:
            self._is_shut = True
            if immediate:
                while not self.empty():
                    items.append(self._get())
                self._dropped(len(items))
            self._getters.wake_all()
            self._putters.wake_all()

    def copy(self):
        return type(self)(self.maxsize, self.queue)
