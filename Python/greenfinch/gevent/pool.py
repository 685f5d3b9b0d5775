"""Groups of greenlets, and pools, which are groups of a limited size."""

from ._linkable import iwait
from ._waiting import moment, until
from .event import Event
from .exceptions import GreenletExit
from .greenlet import Greenlet, joinall, killall
from .lock import DummySemaphore, Semaphore
from .queue import Queue

__all__ = ["Group", "Pool", "PoolFull"]


class _Mapping:
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
                self._started += 1
                self._spawn(self._function, *item).rawlink(lambda greenlet, number=number: self._results.put((number, greenlet)))
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


class Group:
    """Greenlets that are waited for and killed together."""

    greenlet_class = Greenlet

    def __init__(self, *args):
        if len(args) > 1:
            raise TypeError("expected at most one argument")
        self.greenlets = set()
        self._empty = Event()
        self._empty.set()
        for greenlet in args[0] if args else ():
            self.add(greenlet)

    def __len__(self):
        return len(self.greenlets)

    def __bool__(self):
        return True

    def __contains__(self, item):
        return item in self.greenlets

    def __iter__(self):
        return iter(list(self.greenlets))

    def add(self, greenlet):
        """Takes a greenlet in until it has ended."""
        self.greenlets.add(greenlet)
        self._empty.clear()
        greenlet.rawlink(self._discard)

    def discard(self, greenlet):
        self._discard(greenlet)

    def _discard(self, greenlet):
        self.greenlets.discard(greenlet)
        if not self.greenlets:
            self._empty.set()

    def start(self, greenlet):
        """Takes a greenlet in, and starts it."""
        self.add(greenlet)
        greenlet.start()

    def spawn(self, *args, **kwargs):
        """Starts a greenlet in the group."""
        greenlet = self.greenlet_class(*args, **kwargs)
        self.start(greenlet)
        return greenlet

    def full(self):
        return False

    def wait_available(self, timeout=None):
        pass

    def join(self, timeout=None, raise_error=False):
        """Waits until the group is empty. Whether it is in time."""
        greenlets = list(self.greenlets) if raise_error else ()
        result = self._empty.wait(timeout)
        for greenlet in greenlets:
            if greenlet.ready() and greenlet.exception is not None:
                greenlet.get()
        return result

    def kill(self, exception=GreenletExit, block=True, timeout=None):
        """Kills all that are in the group, and those that come in meanwhile."""
        deadline = moment(timeout)
        while self.greenlets:
            killall(list(self.greenlets), exception, block, until(deadline))
            if not block:
                return

    def killone(self, greenlet, exception=GreenletExit, block=True, timeout=None):
        if greenlet in self.greenlets:
            greenlet.kill(exception, block, timeout)

    def apply(self, func, args=None, kwds=None):
        """Calls a function in the group, and waits for its result."""
        return self.spawn(func, *(args or ()), **(kwds or {})).get()

    def apply_async(self, func, args=None, kwds=None, callback=None):
        """Starts a function in the group; a callback gets its result."""
        greenlet = self.spawn(func, *(args or ()), **(kwds or {}))
        if callback is not None:
            greenlet.link_value(lambda done: callback(done.value))
        return greenlet

    def apply_cb(self, func, args=None, kwds=None, callback=None):
        result = self.apply(func, args, kwds)
        if callback is not None:
            Greenlet.spawn(callback, result)
        return result

    def map(self, func, iterable):
        """Results of a function over items, all at once."""
        return list(self.imap(func, iterable))

    def map_async(self, func, iterable, callback=None):
        return self.apply_async(self.map, (func, iterable), callback=callback)

    def imap(self, func, *iterables, **kwargs):
        """The same as they come, in the order of the items."""
        return _Mapping(func, iterables, self.spawn, True, kwargs.pop("maxsize", None))

    def imap_unordered(self, func, *iterables, **kwargs):
        """The same in the order in which they are ready."""
        return _Mapping(func, iterables, self.spawn, False, kwargs.pop("maxsize", None))


class PoolFull(Exception):
    """There was no room in a pool in time."""


class Pool(Group):
    """A group of at most so many: whoever starts one more waits."""

    def __init__(self, size=None, greenlet_class=None):
        if size is not None and size < 0:
            raise ValueError("size must not be negative: %r" % size)
        super().__init__()
        self.size = size
        if greenlet_class is not None:
            self.greenlet_class = greenlet_class
        self._semaphore = DummySemaphore() if size is None else Semaphore(size)

    def wait_available(self, timeout=None):
        """Waits until there is room."""
        self._semaphore.wait(timeout)

    def free_count(self):
        return 1 if self.size is None else max(0, self.size - len(self))

    def full(self):
        return self.free_count() <= 0

    def start(self, greenlet, blocking=True, timeout=None):
        self.add(greenlet, blocking, timeout)
        greenlet.start()

    def add(self, greenlet, blocking=True, timeout=None):
        if not self._semaphore.acquire(blocking, timeout):
            raise PoolFull
        try:
            super().add(greenlet)
        except BaseException:
            self._semaphore.release()
            raise

    def _discard(self, greenlet):
        if greenlet in self.greenlets:
            super()._discard(greenlet)
            self._semaphore.release()

    def map(self, func, iterable):
        return list(self.imap(func, iterable))


__all__ += ["iwait", "joinall"]
