"""Queues between greenlets."""

import collections
import heapq
from queue import Empty, Full

from ._waiting import Waiter, guard, moment, until

try:
    from queue import ShutDown
except ImportError:  # before 3.13

    class ShutDown(Exception):
        """The queue has been shut down."""


__all__ = [
    "Queue",
    "SimpleQueue",
    "PriorityQueue",
    "LifoQueue",
    "JoinableQueue",
    "UnboundQueue",
    "Channel",
    "Empty",
    "Full",
    "ShutDown",
]


class _Waiting(collections.deque):
    """Those who wait at one end of a queue, first come, first served. Changed with the guard held."""

    def wake_one(self):
        if self:
            self.popleft().wake()

    def wake_all(self):
        while self:
            self.popleft().wake()


class _Taken:
    """Iteration takes items until one of them is ``StopIteration``."""

    def __iter__(self):
        return self

    def __next__(self):
        item = self.get()
        if item is StopIteration:
            raise item
        return item


class SimpleQueue(_Taken):
    """A queue of any length, or of at most ``maxsize`` items."""

    def __init__(self, maxsize=None, items=(), _warn_depth=2):
        self.maxsize = None if maxsize is not None and maxsize <= 0 else maxsize
        self._getters = _Waiting()
        self._putters = _Waiting()
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
                waiting.append(waiter)
            try:
                waiter.wait(left)
            finally:
                self._leave(waiter, waiting)

    @staticmethod
    def _leave(waiter, waiting):
        """One who waits no longer. Where it was woken and raised something else, another goes in its place."""
        with guard:
            if waiter in waiting:
                waiting.remove(waiter)
            else:
                waiting.wake_one()

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
        with guard:
            self._is_shut = True
            if immediate:
                while not self.empty():
                    self._get()
            self._getters.wake_all()
            self._putters.wake_all()

    def copy(self):
        return type(self)(self.maxsize, self.queue)


class JoinableQueue(SimpleQueue):
    """One whose items are waited for until they have been dealt with."""

    def __init__(self, maxsize=None, items=(), unfinished_tasks=None):
        from .event import Event

        self._finished = Event()
        self._finished.set()
        super().__init__(maxsize, items)
        self.unfinished_tasks = unfinished_tasks or self.qsize()
        if self.unfinished_tasks:
            self._finished.clear()

    def _put(self, item):
        super()._put(item)
        self.unfinished_tasks += 1
        self._finished.clear()

    def task_done(self):
        """One item has been dealt with."""
        if self.unfinished_tasks <= 0:
            raise ValueError("task_done() called too many times")
        self.unfinished_tasks -= 1
        if not self.unfinished_tasks:
            self._finished.set()

    def join(self, timeout=None):
        """Waits until all items have been dealt with."""
        return self._finished.wait(timeout)


Queue = JoinableQueue


class UnboundQueue(Queue):
    """Kept for its name: a queue of any length."""

    def __init__(self, maxsize=None, items=()):
        if maxsize is not None:
            raise ValueError("UnboundQueue has no maxsize")
        super().__init__(maxsize, items)


class PriorityQueue(Queue):
    """The smallest item comes first."""

    def _make(self, items):
        self.queue = list(items)
        heapq.heapify(self.queue)

    def _put(self, item):
        heapq.heappush(self.queue, item)
        self.unfinished_tasks += 1
        self._finished.clear()

    def _get(self):
        return heapq.heappop(self.queue)


class LifoQueue(Queue):
    """The last item comes first."""

    def _make(self, items):
        self.queue = list(items)

    def _get(self):
        return self.queue.pop()

    def _peek(self):
        return self.queue[-1]


class Channel(_Taken):
    """Holds nothing: whoever puts waits for whoever takes."""

    def __init__(self, maxsize=1):
        if maxsize != 1:
            raise ValueError("Channels have a maxsize of 1")
        self._putters = collections.deque()
        self._getters = collections.deque()

    def qsize(self):
        return 0

    def empty(self):
        return True

    def full(self):
        return True

    @property
    def balance(self):
        return len(self._putters) - len(self._getters)

    def put(self, item, block=True, timeout=None):
        with guard:
            if self._getters:
                return self._getters.popleft().wake((item,))
            if not block:
                raise Full
            waiter = Waiter()
            entry = (item, waiter)
            self._putters.append(entry)
        try:
            waiter.wait(timeout)
        finally:
            with guard:
                is_left = entry in self._putters
                if is_left:
                    self._putters.remove(entry)
        if is_left:
            raise Full

    def put_nowait(self, item):
        self.put(item, False)

    def get(self, block=True, timeout=None):
        with guard:
            if self._putters:
                item, waiter = self._putters.popleft()
                waiter.wake()
                return item
            if not block:
                raise Empty
            waiter = Waiter()
            self._getters.append(waiter)
        try:
            waiter.wait(timeout)
        finally:
            with guard:
                if waiter in self._getters:
                    self._getters.remove(waiter)
        if waiter.value is None:
            raise Empty
        return waiter.value[0]

    def get_nowait(self):
        return self.get(False)
