"""Functions over many items, in the greenlets of a group."""

from .greenlet import Greenlet
from .lock import DummySemaphore, Semaphore
from .queue import Queue


class Mapping:
    """Results of a function over items as they come: in order, or as they are ready."""

    def __init__(self, function, iterables, spawn, in_order, maxsize=None):
        self._function = function
        self._items = zip(*iterables)
        self._spawn = spawn
        self._in_order = in_order
        self._results = Queue()
        self._room = Semaphore(maxsize) if maxsize else DummySemaphore()
        self._started = 0
        self._taken = 0
        self._early = {}
        self._total = None
        Greenlet.spawn(self._begin_all)

    def _begin_all(self):
        try:
            for item in self._items:
                self._room.acquire()
                number = self._started
                greenlet = self._spawn(self._function, *item)
                self._started += 1
                greenlet.rawlink(lambda greenlet, number=number: self._results.put((number, greenlet)))
        except BaseException as error:
            self._results.put((self._started, _Failed(error)))
            self._started += 1
        finally:
            self._total = self._started
            self._results.put(None)

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            if self._in_order and self._taken in self._early:
                return self._out(self._early.pop(self._taken))
            if self._total is not None and self._taken >= self._total:
                raise StopIteration
            entry = self._results.get()
            if entry is None:
                continue
            number, greenlet = entry
            if not self._in_order:
                return self._out(greenlet)
            self._early[number] = greenlet

    next = __next__

    def _out(self, greenlet):
        self._taken += 1
        self._room.release()
        return greenlet.get()


class _Failed:
    def __init__(self, error):
        self._error = error

    def get(self):
        raise self._error
