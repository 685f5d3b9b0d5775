"""Queues between greenlets."""

import heapq
from queue import Empty, Full

from ._channel import Channel
from ._simple_queue import ShutDown, SimpleQueue
from ._waiting import guard

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
        with guard:
            if self.unfinished_tasks <= 0:
                raise ValueError("task_done() called too many times")
            self._dropped(1)

    def _dropped(self, count):
        self.unfinished_tasks = max(0, self.unfinished_tasks - count)
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
